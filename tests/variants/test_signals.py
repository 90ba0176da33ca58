"""What is known along the genome where a variant lies, by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dnalm.dna import bigwig
from dnalm.errors import InputError
from dnalm.variants import signals
from dnalm.variants.alleles import EDIT

NAN = float("nan")
SIZES = {"a": 6, "b": 3}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Base by base: -1, nothing, 3, 2, 5, 0 on a; nothing of b."""
    values = np.array([-1, NAN, 3, 2, 5, 0], np.float32)
    bigwig.write(tmp_path / "s.bw", {"a": 6}, {"a": values}, 1)
    return tmp_path / "s.bw"


EDITS = [  # (contig, start, ref, alt, value)
    ("a", 0, "A", "C", -1.0),
    ("a", 1, "A", "C", NAN),
    ("a", 2, "AA", "C", 3.0),
    ("a", 1, "AAA", "", 3.0),
    ("a", 3, "", "A", 3.0),  # between 3 and 2
    ("a", 2, "", "T", 3.0),  # between nothing and 3
    ("a", 0, "", "T", -1.0),  # before the contig's first base
    ("a", 6, "", "T", 0.0),  # behind its last
    ("b", 1, "A", "C", NAN),
]


TEXTS = {"a": "ACGTCA", "b": "ACG"}


def fetch(contig: str, start: int, end: int) -> str:
    return TEXTS[contig][start:end]


def test_the_highest_value_of_the_bases_that_change(path: Path):
    edits = pd.DataFrame([row[:4] for row in EDITS], columns=["chrom", "start", "ref", "alt"])
    found = signals.of_edits(edits, path, SIZES, fetch, part=False)
    assert found == pytest.approx([row[4] for row in EDITS], nan_ok=True)
    assert signals.of_edits(edits.iloc[:0], path, SIZES, fetch, part=False).shape == (0,)


def test_an_indel_in_a_repeat_is_at_every_copy(path: Path):
    """CACACA: what is lost from its first copy is known as high as the highest of all, and so is what is put in."""
    edits = pd.DataFrame([("a", 0, "CA", ""), ("a", 0, "", "CA"), ("a", 0, "C", "T")], columns=EDIT)

    def repeated(contig: str, start: int, end: int) -> str:
        return "CACACA"[start:end]

    assert signals.of_edits(edits, path, SIZES, repeated, part=False).tolist() == [5, 5, -1]


def test_a_signal_of_another_genome_is_refused(path: Path):
    edits = pd.DataFrame([("a", 0, "A", "C")], columns=EDIT)

    def read(sizes: dict[str, int], *, part: bool) -> list[float]:
        return signals.of_edits(edits, path, sizes, fetch, part=part).tolist()

    with pytest.raises(InputError, match=r"s.bw: none of its 1 contigs is one of the genome: got a, the genome has b"):
        read({"b": 3}, part=True)
    for size, part in ((7, True), (5, False)):
        with pytest.raises(InputError, match=f"a has 6 bp, in the genome {size}: this is another assembly"):
            read({"a": size}, part=part)
    assert read({"a": 5}, part=True) == [-1]
    (path.parent / "no.bw").write_text("no bigWig")
    with pytest.raises(InputError, match="not a whole bigWig"):
        signals.of_edits(edits, path.parent / "no.bw", SIZES, fetch, part=False)
