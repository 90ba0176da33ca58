"""Alleles trimmed and moved to the left, by hand, and as bcftools norm does it."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pysam
import pytest
from pysam import bcftools

from dnalm.dna import seq
from dnalm.variants import normalise

GENOME = "GGGCACACACAGGATTTT"


def fetch(chrom: str, start: int, end: int) -> str:
    return GENOME[start:end].lower()


@pytest.mark.parametrize(
    ("pos", "ref", "alt", "edit"),
    [
        (4, "C", "T", (3, "C", "T")),
        (3, "GCAC", "GCTC", (4, "A", "T")),
        (3, "GCACA", "GCTGA", (4, "AC", "TG")),
        (10, "CAG", "C", (10, "AG", "")),
        (9, "ACA", "A", (3, "CA", "")),
        (5, "ACACA", "ACA", (3, "CA", "")),
        (11, "A", "ACA", (3, "", "CA")),
        (18, "T", "TT", (14, "", "T")),
        (1, "G", "GG", (0, "", "G")),
        (2, "GG", "G", (0, "G", "")),
        (13, "GAT", "GCGT", (13, "A", "CG")),
        (12, "GGA", "GGATA", (13, "", "AT")),
    ],
)
def test_by_hand(pos, ref, alt, edit):
    table = pd.DataFrame({"chrom": ["c"], "pos": [pos], "ref": [ref], "alt": [alt]}, index=[7])
    found = normalise.minimal(table, fetch)
    assert found.loc[7, ["start", "ref", "alt"]].tolist() == list(edit)


def test_an_edit_is_spelt_as_vcf_has_it():
    assert normalise.spelt(("c", 3, "CA", ""), fetch) == ("c", 3, "GCA", "G")
    assert normalise.spelt(("c", 3, "", "CA"), fetch) == ("c", 3, "G", "GCA")
    assert normalise.spelt(("c", 0, "", "T"), fetch) == ("c", 1, "G", "TG")
    assert normalise.spelt(("c", 0, "GG", ""), fetch) == ("c", 1, "GGG", "G")
    assert normalise.spelt(("c", 4, "A", "T"), fetch) == ("c", 5, "A", "T")


def test_as_bcftools_norm_does(tmp_path: Path):
    """Random indels and substitutions in a genome of few letters, where many can be moved."""
    rng = np.random.default_rng(0)
    text = seq.decode(rng.choice(2, 600).astype(np.uint8)).replace("C", "AC")
    (tmp_path / "g.fa").write_text(f">c\n{text}\n")
    pysam.faidx(str(tmp_path / "g.fa"))
    rows = []
    for _ in range(400):
        start, lost = int(rng.integers(0, len(text) - 12)), int(rng.integers(1, 7))
        gained = seq.decode(rng.choice(2, int(rng.integers(0, 6))).astype(np.uint8))
        ref = text[start : start + lost]
        rows.append(("c", start + 1, ref, ref[0] + gained))
    rows = [row for row in rows if row[2] != row[3]]
    head = f"##fileformat=VCFv4.3\n##contig=<ID=c,length={len(text)}>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    lines = [f"{chrom}\t{pos}\t{number}\t{ref}\t{alt}\t.\t.\t.\n" for number, (chrom, pos, ref, alt) in enumerate(rows)]
    (tmp_path / "in.vcf").write_text(head + "".join(lines))
    said = bcftools.norm("-f", str(tmp_path / "g.fa"), str(tmp_path / "in.vcf"))
    names = ["chrom", "pos", "id", "ref", "alt"]
    theirs = pd.read_csv(io.StringIO(said), sep="\t", comment="#", header=None).iloc[:, :5].set_axis(names, axis=1)
    theirs = theirs.sort_values("id")
    table = pd.DataFrame(rows, columns=["chrom", "pos", "ref", "alt"])
    edits = normalise.minimal(table, lambda chrom, start, end: text[start:end])
    ours = [normalise.spelt(tuple(row), lambda chrom, start, end: text[start:end]) for row in edits.to_numpy()]
    assert ours == list(zip(theirs.chrom, theirs.pos, theirs.ref, theirs.alt, strict=True))
    assert (edits.start != table.pos - 1 + 1).sum() > 50, "few were moved, so little was tested"


def test_moving_an_indel_changes_nothing():
    text = "CACACAGT" + "AC" * 100 + "GT"

    def leftmost(start: int, bases: str) -> tuple[int, str]:
        return normalise.leftmost("a", start, bases, lambda chrom, low, high: text[low:high])

    assert leftmost(4, "CA") == (0, "CA")
    assert leftmost(5, "AC") == (0, "CA")
    assert leftmost(3, "GG") == (3, "GG")
    assert leftmost(0, "GG") == (0, "GG")
    for start, bases in ((190, "AC"), (191, "CA"), (203, "CAC"), (208, "G"), (6, "G")):
        first, changed = leftmost(start, bases)
        assert text[:first] + changed + text[first:] == text[:start] + bases + text[start:]
    assert leftmost(190, "AC") == (8, "AC"), "further than is read at a time"
