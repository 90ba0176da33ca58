"""Bases read back from an indexed genome: exactly as many as asked for, or a refusal."""

import numpy as np
import pysam
import pytest

from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.genome import fasta


@pytest.fixture
def opened(tmp_path):
    path = tmp_path / "toy.fa"
    path.write_text(">one\nACgtN\n>two\nTTTT\n")
    pysam.faidx(str(path))
    with fasta.open_genome(path) as handle:
        yield handle


def test_codes_of_an_interval(opened):
    assert fasta.codes(opened, "one", 1, 5).tolist() == [1, 2, 3, seq.N]
    assert fasta.codes(opened, "two", -2, 6, pad=True).tolist() == [seq.N] * 2 + [3] * 4 + [seq.N] * 2
    assert fasta.codes(opened, "two", 2, 2).tolist() == []
    with pytest.raises(InputError, match="two:1-6 leaves the contig, which ends at 4"):
        fasta.codes(opened, "two", 1, 6)
    with pytest.raises(InputError, match="contig 'three' is not in"):
        fasta.codes(opened, "three", 0, 1)


def test_windows_come_in_the_order_asked_for(opened):
    chrom = np.array(["two", "one", "one"], object)
    windows = fasta.cut_windows(opened, chrom, np.array([3, 2, -1]), 3)
    assert [seq.decode(row) for row in windows] == ["TNN", "GTN", "NAC"]
    assert fasta.cut_windows(opened, chrom[:0], np.array([], int), 3).shape == (0, 3)
