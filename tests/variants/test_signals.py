"""What is known along the genome where a variant lies, by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dnalm.dna import bigwig
from dnalm.errors import InputError
from dnalm.variants import signals

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
    ("a", 3, "", "T", 3.0),  # between 3 and 2
    ("a", 2, "", "T", 3.0),  # between nothing and 3
    ("a", 0, "", "T", -1.0),  # before the contig's first base
    ("a", 6, "", "T", 0.0),  # behind its last
    ("b", 1, "A", "C", NAN),
]


def test_the_highest_value_of_the_bases_that_change(path: Path):
    edits = pd.DataFrame([row[:4] for row in EDITS], columns=["chrom", "start", "ref", "alt"])
    found = signals.of_edits(edits, path, SIZES)
    assert found == pytest.approx([row[4] for row in EDITS], nan_ok=True)
    assert signals.of_edits(edits.iloc[:0], path, SIZES).shape == (0,)


def test_a_signal_of_another_genome_is_refused(path: Path):
    edits = pd.DataFrame([("b", 1, "A", "C")], columns=["chrom", "start", "ref", "alt"])
    with pytest.raises(InputError, match=r"s.bw: has none of the contigs of the variants \(b\), but a; give a bigWig"):
        signals.of_edits(edits, path, SIZES)
    edits = pd.DataFrame([("a", 1, "A", "C")], columns=["chrom", "start", "ref", "alt"])
    with pytest.raises(InputError, match="a has 6 bases, and the genome's has 7; is it of another assembly"):
        signals.of_edits(edits, path, {"a": 7})
    assert np.isnan(signals.of_edits(edits, path, {"a": 5})).all()  # a part of a contig may be the genome
    (path.parent / "no.bw").write_text("no bigWig")
    with pytest.raises(InputError, match="not a whole bigWig"):
        signals.of_edits(edits, path.parent / "no.bw", {"a": 5})
