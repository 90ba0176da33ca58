"""Intervals: coordinates known by hand, and an error with a line number for what cannot be read."""

import numpy as np
import pandas as pd

from dnalm.dna import intervals

SIZES = {"chr1": 1_000, "chr2": 500}


def table(*rows):
    return pd.DataFrame(rows, columns=["chrom", "start", "end"])


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


def test_claims_exclude_overlaps():
    taken = {}
    assert intervals.claim(taken, "a", 100, 40)
    assert not intervals.claim(taken, "a", 139, 40)
    assert not intervals.claim(taken, "a", 61, 40)
    assert intervals.claim(taken, "a", 140, 40)
    assert intervals.claim(taken, "a", 60, 40)
    assert intervals.claim(taken, "b", 100, 40)
