"""Metrics by hand on toys, against scikit-learn on random ties, and null where there is nothing to measure."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, matthews_corrcoef, roc_auc_score

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
    found = ranking.assess(labels, scores, np.arange(500) // 10, threshold=0.6)
    assert found["mcc"]["value"] == pytest.approx(matthews_corrcoef(labels, scores >= 0.6))


def test_weights_equal_repeated_rows():
    weights = np.array([2, 0, 1, 3])
    counted = ranking.counter(LABELS, SCORES)[0](weights)
    repeated = ranking.counter(np.repeat(LABELS, weights), np.repeat(SCORES, weights))[0](None)
    for area in (ranking.area_under_roc, ranking.average_precision):
        assert area(*counted) == pytest.approx(area(*repeated))


def test_recall_at_fdr_by_hand():
    labels = np.array([1] * 9 + [0] + [1] + [0] * 5, bool)  # 10 hits among the first 11, FDR 1/11
    count, _ = ranking.counter(labels, -np.arange(16.0))
    assert ranking.recall_at_fdr(*count(None)) == 1
    assert ranking.recall_at_fdr(*ranking.counter(~labels, -np.arange(16.0))[0](None)) == 0


def test_best_threshold_separates():
    assert ranking.best_threshold(np.array([0, 0, 1, 1], bool), np.array([0.1, 0.2, 0.6, 0.9])) == 0.6
    assert ranking.best_threshold(np.array([True]), np.array([0.1])) is None
    assert ranking.best_threshold(np.zeros(0, bool), np.zeros(0)) is None


def test_matthews_by_hand():
    assert ranking.matthews(5, 0, 5, 5) == 1
    assert ranking.matthews(0, 5, 5, 5) == -1
    assert ranking.matthews(5, 5, 5, 5) == 0
    assert np.isnan(ranking.matthews(0, 5, 0, 5))


def test_calibration_by_hand():
    labels, scores = np.array([1, 0, 1, 1], bool), np.array([0.55, 0.55, 0.95, 1.0])
    given, seen, count = ranking.reliability(labels, scores)
    assert count.tolist() == [0] * 5 + [2] + [0] * 3 + [2]
    assert (given[5], seen[5]) == (pytest.approx(0.55), 0.5)
    assert ranking.calibration_error(labels, scores) == pytest.approx((0.05 * 2 + 0.025 * 2) / 4)
    found = ranking.assess(labels, scores, np.arange(4), probability=True)["ece"]
    assert found["value"] == pytest.approx(0.0375)


def test_one_class_is_null_with_a_reason():
    found = ranking.assess(np.ones(5, bool), np.arange(5.0), np.arange(5))
    assert all(one["value"] is None and one["reason"] == ranking.ONE_CLASS for one in found.values())
    assert ranking.assess(np.zeros(0, bool), np.zeros(0), np.zeros(0, int))["auroc"]["value"] is None
    missing = ranking.assess(LABELS, np.full(4, np.nan), np.arange(4))
    assert missing["auprc"]["reason"] == ranking.NO_SCORE
    assert np.isnan(ranking.auroc(np.ones(3), np.arange(3.0)))


def test_one_block_gives_a_value_and_no_interval():
    found = ranking.assess(LABELS, SCORES, np.zeros(4, int))["auroc"]
    assert (found["value"], found["low"], found["reason"]) == (0.75, None, ranking.FEW_BLOCKS)


def test_interval_holds_the_value_and_widens_with_correlation():
    rng = np.random.default_rng(0)
    site = np.repeat(rng.random(60), 20)  # twenty near-copies of sixty sites
    labels = site + 0.02 * rng.random(1200) > 0.6
    scores = np.repeat(rng.random(60), 20) + site
    blocked = ranking.assess(labels, scores, np.arange(1200) // 20)["auroc"]
    naive = ranking.assess(labels, scores, np.arange(1200))["auroc"]
    assert blocked["low"] < blocked["value"] < blocked["high"]
    assert blocked["high"] - blocked["low"] > 2 * (naive["high"] - naive["low"])
    assert blocked == ranking.assess(labels, scores, np.arange(1200) // 20)["auroc"]


def test_blocks_from_ids():
    wide = pd.Series([f"chr{number % 2}:{number * 1_000_000}-{number * 1_000_000 + 9}" for number in range(40)])
    assert ranking.blocks_of(wide)[1] == 1_000_000
    near = pd.Series([f"chr1:{number * 20_000}-{number * 20_000 + 256}" for number in range(25)])
    blocks, size = ranking.blocks_of(near)
    assert (size, blocks.max() + 1) == (10_000, 25)
    blocks, size = ranking.blocks_of(pd.Series(["given:1", "given:2", "given:3"]))
    assert (blocks.tolist(), size) == ([0, 1, 2], None)
    mixed, _ = ranking.blocks_of(pd.Series(["a:0-5", "given:1", "a:2-7", "given:2"]))
    assert mixed[0] == mixed[2]
    assert len(set(mixed.tolist())) == 3


def test_wilson_by_hand():
    low, high = ranking.wilson(0, 100)
    assert low == 0
    assert high == pytest.approx(1.96**2 / (100 + 1.96**2))
    low, high = ranking.wilson(50, 100)
    assert (low + high) / 2 == pytest.approx(0.5)
    assert high - 0.5 == pytest.approx(0.0962, abs=2e-4)
