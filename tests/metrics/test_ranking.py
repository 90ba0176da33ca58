"""Metrics by hand on toys, and against scikit-learn on random ties."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from dnalm.metrics import ranking

LABELS = np.array([1, 0, 1, 0], bool)
SCORES = np.array([0.9, 0.8, 0.7, 0.1])


def test_areas_by_hand():
    # positives at ranks 1 and 3: of 4 pairs 3 are in order; precision 1 and 2/3 at the two hits
    assert ranking.auroc(LABELS, SCORES) == pytest.approx(0.75)
    assert ranking.auprc(LABELS, SCORES) == pytest.approx((1 + 2 / 3) / 2)
    assert ranking.auroc(LABELS, np.zeros(4)) == 0.5
    assert ranking.auprc(LABELS, np.zeros(4)) == 0.5


def test_areas_agree_with_scikit_learn_under_ties():
    rng = np.random.default_rng(1)
    labels = rng.random(500) < 0.3
    scores = np.round(rng.random(500) + 0.3 * labels, 1)
    assert ranking.auroc(labels, scores) == pytest.approx(roc_auc_score(labels, scores))
    assert ranking.auprc(labels, scores) == pytest.approx(average_precision_score(labels, scores))


def test_weights_equal_repeated_rows():
    weights = np.array([2, 0, 1, 3])
    counted = ranking.counter(LABELS, SCORES)[0](weights)
    repeated = ranking.counter(np.repeat(LABELS, weights), np.repeat(SCORES, weights))[0](None)
    for area in (ranking.area_under_roc, ranking.average_precision):
        assert area(*counted) == pytest.approx(area(*repeated))


def test_threshold_of_an_fdr_by_hand():
    labels = np.array([1] * 9 + [0] + [1] + [0] * 5, bool)  # 10 hits among the first 11, FDR 1/11
    assert ranking.fdr_threshold(labels, -np.arange(16.0)) == -10
    assert ranking.fdr_threshold(labels, -np.arange(16.0), fdr=0.05) == -8
    assert ranking.fdr_threshold(~labels, -np.arange(16.0)) == np.inf  # the best score is false: nothing may be called
    assert ranking.fdr_threshold(np.ones(2, bool), np.arange(2.0)) is None


def test_best_threshold_separates():
    assert ranking.best_threshold(np.array([0, 0, 1, 1], bool), np.array([0.1, 0.2, 0.6, 0.9])) == 0.6
    assert ranking.best_threshold(np.array([True]), np.array([0.1])) is None
    assert ranking.best_threshold(np.zeros(0, bool), np.zeros(0)) is None


def test_matthews_by_hand():
    assert ranking.matthews(5, 0, 5, 5) == 1
    assert ranking.matthews(0, 5, 5, 5) == -1
    assert ranking.matthews(5, 5, 5, 5) == 0
    assert np.isnan(ranking.matthews(0, 5, 0, 5))


def test_f1_by_hand():
    assert ranking.f_one(3, 1, 5) == pytest.approx(2 * 0.75 * 0.6 / (0.75 + 0.6))  # precision 3/4, recall 3/5
    assert ranking.f_one(0, 0, 5) == 0
    assert np.isnan(ranking.f_one(0, 2, 0))


def test_wilson_by_hand():
    low, high = ranking.wilson(0, 100)
    assert low == 0
    assert high == pytest.approx(1.96**2 / (100 + 1.96**2))
    low, high = ranking.wilson(50, 100)
    assert (low + high) / 2 == pytest.approx(0.5)
    assert high - 0.5 == pytest.approx(0.0962, abs=2e-4)
