"""p-values, q-values and cutoffs, by hand."""

import numpy as np
import pytest

from dnalm.metrics import fdr


def test_p_values_are_never_zero():
    null = np.array([0.1, 0.2, 0.3])
    assert fdr.p_values(np.array([0.4, 0.3, 0.0]), null).tolist() == [0.25, 0.5, 1.0]


def test_q_values_by_hand():
    p = np.array([0.01, 0.04, 0.03, 0.5])
    assert fdr.q_values(p) == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5])
    assert fdr.q_values(np.zeros(0)).tolist() == []


def test_cutoff_obeys_both_limits():
    scores, q = np.array([0.9, 0.5, 0.2]), np.array([0.01, 0.04, 0.6])
    assert fdr.score_cutoff(scores, q, 0.05, 0.0) == 0.5
    assert fdr.score_cutoff(scores, q, 0.05, 0.6) == 0.9
    assert fdr.score_cutoff(scores, q, 0.001, 0.0) is None


def test_rate_by_height_by_hand():
    """Hits at 4 and 5, misses at 1 and 3, one of each at 2; and the miss above all."""
    steps = fdr.measured(np.array([3, 1, 2, 2, 4, 5.0]), np.array([0, 0, 1, 0, 1, 1]))
    assert steps.heights.tolist() == [1, 2, 3, 4, 5]
    assert steps.probability == pytest.approx([0, 1 / 3, 1 / 3, 2 / 3, 2 / 3])
    assert fdr.probability(steps, np.array([0.5, 1, 2.5, 9])) == pytest.approx([0, 0, 1 / 3, 2 / 3])
    assert fdr.probability(fdr.Steps(np.zeros(0), np.zeros(0)), np.array([1.0])).tolist() == [0]


def test_hits_in_a_row_promise_no_more_than_their_number():
    heights = np.arange(20.0)
    assert fdr.probability(fdr.measured(heights, np.ones(20)), np.array([19.0])) == pytest.approx([20 / 21])


def test_expected_rate_by_hand_equal_heights_together():
    q = fdr.expected(np.array([0.9, 0.5, 0.5, 0.1]), np.array([4, 3, 3, 1]))
    assert q == pytest.approx([0.1, 1.1 / 3, 1.1 / 3, 0.5])
    assert fdr.expected(np.array([0.1, 0.9]), np.array([1, 2])) == pytest.approx([0.5, 0.1])
    assert fdr.elsewhere(np.array([5, 3.5, 0.5]), np.array([4, 3, 1]), np.array([0.1, 0.3, 0.5])).tolist() == [
        0.1,
        0.3,
        1,
    ]
    assert fdr.elsewhere(np.ones(2), np.zeros(0), np.zeros(0)).tolist() == [1, 1]


def test_the_tail_of_a_null_is_carried_on():
    """Exponential: what lies beyond 2,000 values has its own small p, and what lies within keeps it."""
    null = np.random.default_rng(0).exponential(size=2000)
    scores = np.array([0.5, 1.0, 5.0, 10.0, 15.0])
    p, plain = fdr.tail_p_values(scores, null), fdr.p_values(scores, null)
    assert p[:2] == pytest.approx(plain[:2])
    assert np.log(p[2:]) == pytest.approx([-5, -10, -15], rel=0.3)
    assert p[4] < p[3] < plain[3] == plain[4]
    assert fdr.tail_p_values(scores, null[:300]) == pytest.approx(fdr.p_values(scores, null[:300]))
    ends = np.random.default_rng(0).uniform(size=2000)  # a tail that ends makes nothing impossible
    assert (fdr.tail_p_values(np.array([1.5, 3.0]), ends) > 0).all()
    assert fdr.tail_p_values(np.array([2.0]), np.ones(2000)) == pytest.approx(
        fdr.p_values(np.array([2.0]), np.ones(2000))
    )


def test_what_lies_far_above_a_null_has_a_p_value_that_floats_hold():
    """Uniform: a tail that ends, so an exponential one of mean .05, of which exp(-1980) is left at 100."""
    null = np.arange(2000) / 2000
    p = fdr.tail_p_values(np.array([0.5, 100.0, 200.0]), null)
    assert p[0] == pytest.approx(1001 / 2001)
    assert p[1:].tolist() == [np.finfo(float).tiny] * 2
    q = fdr.q_values(p)
    assert q == pytest.approx([1001 / 2001, 0, 0])
    assert (q[1:] > 0).all()
    assert np.isfinite(-np.log10(np.r_[p, q])).all()
