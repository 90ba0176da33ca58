"""Intervals: coordinates known by hand, and an error with a line number for what cannot be read."""

import gzip

import numpy as np
import pandas as pd
import pytest

from dnalm.dna import intervals
from dnalm.errors import InputError

SIZES = {"chr1": 1_000, "chr2": 500}


def peaks(tmp_path, text, sizes=None):
    path = tmp_path / "peaks.bed"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return intervals.read_peaks(path, sizes)


def table(*rows):
    return pd.DataFrame(rows, columns=["chrom", "start", "end"])


def test_reads_narrow_peak_and_bed(tmp_path):
    text = (
        "track name=x\n#c\nchr1\t10\t20\tp\t0\t.\t7.5\t-1\t-1\t3\r\nchr2\t0\t11\n\nchr1\t5\t9\tq\t0\t.\t1\t-1\t-1\t-1\n"
    )
    read = peaks(tmp_path, text)
    assert read.chrom.tolist() == ["chr1", "chr2", "chr1"]
    assert read.summit.tolist() == [13, 5, 7]  # offset from start; midpoint where it is missing or -1
    assert read.score.tolist() == [7.5, 0, 1]
    pd.testing.assert_frame_equal(peaks(tmp_path, gzip.compress(text.encode())), read)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no interval"),
        ("chr1\t1\t5\nchr1 1 5\n", r"peaks.bed:2: got 1 tab-separated column"),
        ("chr1\t5\t1\n", r"peaks.bed:1: got 5-1, wanted 0 <= start <= end"),
        ("chr1\t-5\t1\n", r"got -5-1"),
        ("chr1\t1e3\t2000\n", r"peaks.bed:1: .*whole numbers"),
        ("chr1\t10\t20\tp\t0\t.\t7\t-1\t-1\t10\n", "summit offset 10 lies outside the peak"),
        (gzip.compress(b"chr1\t1\t2\n" * 1_000)[:-9], "cut short"),
    ],
)
def test_refuses_malformed(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        peaks(tmp_path, text)


def test_another_assembly_is_noticed(tmp_path):
    assert len(peaks(tmp_path, "chr1\t1\t2\nchrUn\t1\t2\n", SIZES)) == 1
    with pytest.raises(InputError, match="none of its contigs"):
        peaks(tmp_path, "1\t1\t2\n", SIZES)
    with pytest.raises(InputError, match=r"chr2:1-501 does .chr2 has 500 bp"):
        peaks(tmp_path, "chr1\t1\t2\nchr2\t1\t501\n", SIZES)


def test_overlaps_by_hand():
    left = table(("chr1", 0, 10), ("chr1", 10, 20), ("chr2", 5, 6), ("chr1", 30, 40))
    right = table(("chr1", 10, 11), ("chr1", 39, 50), ("chr2", 6, 9))
    assert intervals.overlaps(left, right).tolist() == [False, True, False, True]
    assert intervals.overlaps(left, right.iloc[:0]).tolist() == [False] * 4
    backwards = left.iloc[::-1]
    assert intervals.overlaps(backwards, right).tolist() == [True, False, True, False]


def test_overlaps_agree_with_every_pair():
    rng = np.random.default_rng(0)
    left, right = (
        table(*[("chr1", start, start + 1 + start % 30) for start in rng.integers(0, 900, 60)]) for _ in "lr"
    )
    begins, ends = left.start.to_numpy()[:, None], left.end.to_numpy()[:, None]
    pairs = (begins < right.end.to_numpy()) & (right.start.to_numpy() < ends)
    np.testing.assert_array_equal(intervals.overlaps(left, right), pairs.any(1))
    bedtools = intervals.to_bed(left).intersect(intervals.to_bed(right), u=True)
    assert len(bedtools) == pairs.any(1).sum()


def test_split_of():
    splits = {"validation": ["b"], "test": ["c"], "exclude": ["d"]}
    assert intervals.split_of(pd.Series(list("bcda")), splits).tolist() == ["validation", "test", "exclude", "train"]


def test_splits_by_contig():
    splits = {"validation": ["chr2"], "test": ["chr3"], "exclude": []}
    assert intervals.by_contig(splits) == {"chr2": "validation", "chr3": "test"}
    assert intervals.split_of(pd.Series(["chr3", "chr1"]), splits).tolist() == ["test", "train"]
