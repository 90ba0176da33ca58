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
