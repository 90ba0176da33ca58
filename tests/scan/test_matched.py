"""Called peaks against true ones by hand: distances, shared bases, contig by contig."""

import numpy as np
import pandas as pd
import pytest

from dnalm.dna import intervals
from dnalm.scan import matched, peaks

CALLED = pd.DataFrame(
    {
        "chrom": ["a", "a", "b", "b"],
        "start": [100, 400, 10, 300],
        "end": [150, 450, 60, 350],
        "summit": [125, 425, 35, 325],
        "signal": [0.9, 0.8, 0.7, 0.6],
        "q": [0.01, 0.02, 0.03, 0.04],
    }
)
TRUTH = pd.DataFrame(
    {"chrom": ["a", "b", "c"], "start": [110, 20, 5], "end": [170, 60, 25], "summit": [135, 32, 15]},
)


def test_distances_are_signed_and_only_of_what_is_found():
    apart = peaks.distances(CALLED, TRUTH, 20)
    assert apart.tolist()[0::2] == [-10, 3]
    assert pd.isna(apart[[1, 3]]).all()
    assert peaks.match(CALLED, TRUTH, 20).tolist() == [True, False, True, False]


def test_jaccard_by_hand():
    """Shared 40 + 40 bases; the calls have 200, the truth 120."""
    assert intervals.jaccard(CALLED, TRUTH) == pytest.approx(80 / (200 + 120 - 80))
    assert intervals.jaccard(CALLED, CALLED) == 1
    twice = pd.concat([CALLED, CALLED.assign(start=CALLED.start + 10)])  # overlapping ones count once
    assert intervals.jaccard(twice, CALLED) == 1
    assert intervals.jaccard(CALLED.iloc[:0], TRUTH) is None
    assert intervals.jaccard(CALLED.iloc[:1], TRUTH.iloc[1:]) == 0


def test_the_parts_of_a_scorecard():
    found = matched.assess(CALLED, TRUTH, 20)
    assert found["peaks"]["distance"] == 6.5
    assert found["peaks"]["jaccard"] == pytest.approx(1 / 3)
    assert (found["peaks"]["precision"], found["peaks"]["recall"]) == (0.5, pytest.approx(2 / 3))
    assert {name: (one["called"], one["truth"], one["matched"]) for name, one in found["contigs"].items()} == {
        "a": (2, 1, 1),
        "b": (2, 1, 1),
        "c": (0, 1, 0),
    }
    assert found["contigs"]["c"]["precision"] is None
    assert found["contigs"]["c"]["recall"] == 0


def test_without_a_truth_it_says_so():
    found = matched.assess(CALLED, None, 20)
    assert found["peaks"]["reason"] == "no truth was given"
    assert found["peaks"]["called"] == 4
    assert {found["peaks"][name] for name in matched.OF_TRUTH} == {None}
    assert found["contigs"] == {}


def test_a_call_on_a_true_peak_that_does_not_count_is_neither_true_nor_false():
    """The best call is on a's peak, which does not count; the other three are judged against b's and c's."""
    found = matched.assess(CALLED, TRUTH, 20, TRUTH.chrom.to_numpy() != "a")
    assert found["peaks"].items() >= {"called": 3, "truth": 2, "matched": 1, "bases": 150, "distance": 3}.items()
    assert (found["peaks"]["precision"], found["peaks"]["recall"]) == (pytest.approx(1 / 3), 0.5)
    assert found["peaks"]["jaccard"] == pytest.approx(40 / (150 + 60 - 40))
    assert [found["contigs"][name]["called"] for name in "abc"] == [1, 2, 0]
    assert [row["q"] for row in found["curve"]] == [0.02, 0.03, 0.04]
    nothing = matched.assess(CALLED.iloc[:1], TRUTH.iloc[:1], 20, np.array([False]))["peaks"]
    assert (nothing["called"], nothing["truth"], nothing["precision"], nothing["recall"]) == (0, 0, None, None)


def test_true_peaks_count_by_summit_and_blacklist():
    listed = pd.DataFrame({"chrom": ["b"], "start": [59], "end": [100]})  # a base of b's
    assert matched.counting(TRUTH, listed, None).tolist() == [True, False, True]
    assert matched.counting(TRUTH, None, ["a:135-140", "c:16-25"]).tolist() == [True, False, False]
    assert matched.keep(TRUTH, listed, ["a", "b"]).chrom.tolist() == ["a"]
