"""Intervals, paired differences and seeds on toys, and null where there is nothing to measure."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, matthews_corrcoef

from dnalm.metrics import bootstrap, calibration, ranking
from dnalm.metrics.bootstrap import Thresholds

LABELS = np.array([1, 0, 1, 0], bool)
SCORES = np.array([0.9, 0.8, 0.7, 0.1])


def test_calls_by_hand_and_as_scikit_learn_has_them():
    rng = np.random.default_rng(1)
    labels = rng.random(500) < 0.3
    scores = np.round(rng.random(500) + 0.3 * labels, 1) / 2
    found = bootstrap.assess(labels, scores, np.arange(500) // 10, at=Thresholds(0.3, 0.55), probability=True)
    assert found["mcc"]["value"] == pytest.approx(matthews_corrcoef(labels, scores >= 0.3))
    assert found["f1"]["value"] == pytest.approx(f1_score(labels, scores >= 0.3))
    assert found["recall_at_fdr10"]["value"] == pytest.approx((scores[labels] >= 0.55).mean())
    assert found["observed_fdr"]["value"] == pytest.approx((~labels)[scores >= 0.55].mean())
    assert found["ece"]["value"] == pytest.approx(calibration.calibration_error(labels, scores))


def test_recall_is_at_the_threshold_of_validation():
    """What validation chose is kept on the rows that are measured, and the FDR that it has there is said."""
    at = bootstrap.thresholds(np.array([1, 0], bool), np.array([0.85, 0.2]))
    assert at == (0.85, 0.85)
    found = bootstrap.assess(LABELS, SCORES, np.zeros(4, int), at=at)
    assert (found["recall_at_fdr10"]["value"], found["observed_fdr"]["value"]) == (0.5, 0)
    found = bootstrap.assess(LABELS, SCORES, np.zeros(4, int), at=Thresholds(0.5, 0.8))
    assert (found["recall_at_fdr10"]["value"], found["observed_fdr"]["value"]) == (0.5, 0.5)
    nothing = bootstrap.assess(LABELS, SCORES, np.zeros(4, int), at=Thresholds(0.5, np.inf))
    assert (nothing["recall_at_fdr10"]["value"], nothing["observed_fdr"]["reason"]) == (0, bootstrap.NO_CALL)


def test_one_class_is_null_with_a_reason():
    found = bootstrap.assess(np.ones(5, bool), np.arange(5.0), np.arange(5))
    assert all(one["value"] is None and one["reason"] == bootstrap.ONE_CLASS for one in found.values())
    assert bootstrap.assess(np.zeros(0, bool), np.zeros(0), np.zeros(0, int))["auroc"]["value"] is None
    missing = bootstrap.assess(LABELS, np.full(4, np.nan), np.arange(4))
    assert missing["auprc"]["reason"] == bootstrap.NO_SCORE
    assert np.isnan(ranking.auroc(np.ones(3), np.arange(3.0)))


def test_one_block_gives_a_value_and_no_interval():
    found = bootstrap.assess(LABELS, SCORES, np.zeros(4, int))
    assert (found["auroc"]["value"], found["auroc"]["low"], found["auroc"]["reason"]) == (
        0.75,
        None,
        bootstrap.FEW_BLOCKS,
    )
    assert [found[name]["reason"] for name in ("mcc", "f1", "recall_at_fdr10")] == [bootstrap.NO_THRESHOLD] * 3
    assert found["ece"]["reason"] == bootstrap.NO_PROBABILITY


def test_interval_holds_the_value_and_widens_with_correlation():
    rng = np.random.default_rng(0)
    site = np.repeat(rng.random(60), 20)  # twenty near-copies of sixty sites
    labels = site + 0.02 * rng.random(1200) > 0.6
    scores = np.repeat(rng.random(60), 20) + site
    blocked = bootstrap.assess(labels, scores, np.arange(1200) // 20)["auroc"]
    naive = bootstrap.assess(labels, scores, np.arange(1200))["auroc"]
    assert blocked["low"] < blocked["value"] < blocked["high"]
    assert blocked["high"] - blocked["low"] > 2 * (naive["high"] - naive["low"])
    assert blocked == bootstrap.assess(labels, scores, np.arange(1200) // 20)["auroc"]


def test_shuffled_labels_give_a_coin():
    rng = np.random.default_rng(0)
    labels, scores = rng.permutation(np.arange(4000) % 4 == 0), rng.normal(size=4000)
    found = bootstrap.assess(
        labels, scores, np.arange(4000) // 40, at=bootstrap.thresholds(labels[:2000], scores[:2000])
    )
    assert found["auroc"]["value"] == pytest.approx(0.5, abs=0.05)
    assert found["auroc"]["low"] < 0.5 < found["auroc"]["high"]
    assert found["auprc"]["value"] == pytest.approx(0.25, abs=0.05)


def toy():
    """Thirty blocks of a positive and three negatives: `good` errs in none, `bad` in each, by one negative of three."""
    labels = np.tile([1, 0, 0, 0], 30).astype(bool)
    return labels, np.tile([4.0, 3, 2, 1], 30), np.tile([3.0, 4, 2, 1], 30), np.arange(120) // 4


def test_a_score_differs_from_itself_by_nothing():
    labels, _, bad, blocks = toy()
    one, other = (bootstrap.sample(labels, bad, blocks, at=Thresholds(3.0, 3.0)) for _ in range(2))
    for found in bootstrap.summary(bootstrap.minus(one, other), bootstrap.COMPARED).values():
        assert (found["value"], found["low"], found["high"]) == (0, 0, 0)


def test_a_score_that_is_better_in_every_block_is_better_for_sure():
    labels, good, bad, blocks = toy()
    one, other = (bootstrap.sample(labels, scores, blocks, at=Thresholds(4.0, 4.0)) for scores in (good, bad))
    found = bootstrap.summary(bootstrap.minus(one, other))
    # of each positive's 90 pairs bad loses those with 30 negatives in every resample: no width at all
    assert [found["auroc"][key] for key in ("value", "low", "high")] == pytest.approx([1 / 3] * 3)
    assert [found["auprc"][key] for key in ("value", "low", "high")] == pytest.approx([1 / 2] * 3)
    assert found["ece"]["reason"] == bootstrap.NO_PROBABILITY


def test_pairs_see_a_difference_that_bars_hide():
    """Blocks differ far more than scores do: the intervals overlap, and their difference is above zero."""
    rng = np.random.default_rng(0)
    labels, blocks = np.arange(4000) % 4 == 0, np.arange(4000) // 100
    hardness = rng.normal(size=40)[blocks]
    base = rng.normal(size=4000) + (labels - 0.25) * (1 + hardness)
    one, other = (bootstrap.sample(labels, base + add * labels, blocks) for add in (0.1, 0))
    best, worst = (bootstrap.summary(found)["auroc"] for found in (one, other))
    assert best["low"] < worst["high"]
    assert bootstrap.summary(bootstrap.minus(one, other))["auroc"]["low"] > 0


def test_seeds_are_pooled_and_drawn():
    labels, good, bad, blocks = toy()
    samples = [bootstrap.sample(labels, scores, blocks) for scores in (good, bad)]
    found = bootstrap.summary(bootstrap.over_seeds(samples))["auroc"]
    # each seed's AUROC is the same in every resample of blocks: 1 and 2/3; what is left are seeds, drawn two of two
    assert (found["value"], found["low"], found["high"]) == pytest.approx((5 / 6, 2 / 3, 1))
    drawn = bootstrap.over_seeds(samples).values[1:, 0]
    assert sorted(set(np.round(drawn, 6))) == pytest.approx([2 / 3, 5 / 6, 1], abs=1e-6)
    single = bootstrap.summary(bootstrap.over_seeds(samples[1:]))["auroc"]
    assert (single["low"], single["high"]) == pytest.approx((2 / 3, 2 / 3))


def test_blocks_from_ids():
    wide = pd.Series([f"chr{number % 2}:{number * 1_000_000}-{number * 1_000_000 + 9}" for number in range(40)])
    assert bootstrap.blocks_of(wide)[1] == 1_000_000
    near = pd.Series([f"chr1:{number * 20_000}-{number * 20_000 + 256}" for number in range(25)])
    blocks, size = bootstrap.blocks_of(near)
    assert (size, blocks.max() + 1) == (10_000, 25)
    blocks, size = bootstrap.blocks_of(pd.Series(["given:1", "given:2", "given:3"]))
    assert (blocks.tolist(), size) == ([0, 1, 2], None)
    mixed, _ = bootstrap.blocks_of(pd.Series(["a:0-5", "given:1", "a:2-7", "given:2"]))
    assert mixed[0] == mixed[2]
    assert len(set(mixed.tolist())) == 3
