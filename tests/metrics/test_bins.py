"""Coverage bin by bin: by hand, like numpy's, and undefined where nothing varies."""

import numpy as np
import pytest

from dnalm.metrics import bins, bootstrap

RNG = np.random.default_rng(0)
MEASURED = RNG.poisson(2.0, 600).astype(float)
PREDICTED = 0.5 * MEASURED + RNG.gamma(2.0, 1.0, 600)
BLOCKS = np.repeat(np.arange(30), 20)


def value(found, name):
    return bootstrap.summary(found, bins.METRICS)[name]


def test_correlations_are_those_of_numpy_and_lie_within_their_interval():
    found = bins.sample(MEASURED, PREDICTED, BLOCKS, 2.0)
    for name, change in (("pearson", lambda one: one), ("pearson_log1p", np.log1p)):
        one = value(found, name)
        assert one["value"] == pytest.approx(np.corrcoef(change(MEASURED), change(PREDICTED))[0, 1])
        assert one["low"] < one["value"] < one["high"]


def test_a_resample_is_the_rows_of_the_blocks_that_were_drawn():
    """As if the rows themselves had been repeated: the second row of the sample, drawn by the same generator."""
    found = bins.sample(MEASURED, PREDICTED, BLOCKS, 2.0, resamples=1, seed=5)
    drawn = np.random.default_rng(5).multinomial(30, np.full(30, 1 / 30))
    rows = np.concatenate([np.tile(np.flatnonzero(block == BLOCKS), times) for block, times in enumerate(drawn)])
    assert found.values[1, 0] == pytest.approx(np.corrcoef(MEASURED[rows], PREDICTED[rows])[0, 1])


def test_deviance_by_hand():
    """Counts 0 and 2, predicted 1: half deviances 1 and 2 log 2 - 1; round a mean of 4: 4 and 2 log 1/2 + 2."""
    found = bins.sample(np.array([0.0, 2.0]), np.array([1.0, 1.0]), np.array([0, 1]), 4.0)
    explained = 1 - (1 + 2 * np.log(2) - 1) / (4 + 2 * np.log(0.5) + 2)
    assert value(found, "deviance_explained")["value"] == pytest.approx(explained)


def test_the_mean_explains_nothing_and_the_truth_everything():
    flat = bins.sample(MEASURED, np.full(600, 2.0), BLOCKS, 2.0)
    assert value(flat, "deviance_explained")["value"] == pytest.approx(0)
    assert value(flat, "pearson")["value"] is None
    assert value(flat, "pearson")["reason"] == bins.FLAT
    whole = bins.sample(MEASURED, MEASURED, BLOCKS, 2.0)
    assert value(whole, "pearson")["value"] == pytest.approx(1)
    assert value(whole, "deviance_explained")["value"] > 0.99


def test_differences_are_paired_and_seeds_are_pooled():
    one, other = (
        bins.sample(MEASURED, given, BLOCKS, 2.0) for given in (PREDICTED, PREDICTED + 0.01 * RNG.random(600))
    )
    less = value(bootstrap.minus(one, other), "pearson")
    apart = value(one, "pearson")
    assert less["high"] - less["low"] < 0.1 * (apart["high"] - apart["low"])
    pooled = bootstrap.over_seeds([one, other])
    assert value(pooled, "pearson")["value"] == pytest.approx((one.values[0, 0] + other.values[0, 0]) / 2)
