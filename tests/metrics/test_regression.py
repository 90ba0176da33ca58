"""Metrics of measured values, by hand and beside SciPy's."""

import numpy as np
import pytest
from scipy import stats

from dnalm.metrics import bootstrap, regression

MEASURED = np.array([1.0, 2.0, 3.0, 4.0, 7.0])


def test_a_rising_line_of_what_was_measured_has_r_of_one():
    assert regression.pearson(MEASURED, 3 * MEASURED - 40) == pytest.approx(1)
    assert regression.pearson(MEASURED, -MEASURED) == pytest.approx(-1)
    assert regression.spearman(MEASURED, np.exp(MEASURED)) == pytest.approx(1)
    assert regression.pearson(MEASURED, np.exp(MEASURED)) < 0.9


def test_the_variance_explained_asks_for_the_values_themselves():
    assert regression.r_squared(MEASURED, MEASURED) == 1
    assert regression.r_squared(MEASURED, np.full(5, MEASURED.mean())) == pytest.approx(0)
    assert regression.r_squared(MEASURED, MEASURED + 1) == pytest.approx(1 - 5 / ((MEASURED - 3.4) ** 2).sum())
    assert regression.r_squared(MEASURED, 3 * MEASURED) < 0


def test_correlations_are_those_of_scipy_ties_and_all():
    rng = np.random.default_rng(0)
    one, other = rng.integers(0, 6, 80).astype(float), rng.normal(size=80)
    assert regression.pearson(one, other) == pytest.approx(stats.pearsonr(one, other)[0])
    assert regression.spearman(one, other) == pytest.approx(stats.spearmanr(one, other)[0])


def test_a_weight_is_a_row_as_often():
    rng = np.random.default_rng(1)
    measured, predicted, weights = rng.normal(size=(50, 2)), rng.normal(size=(50, 2)), rng.integers(0, 4, 50)
    drawn = np.repeat(np.arange(50), weights)
    assert regression.measurer(measured, predicted)(weights.astype(float)) == pytest.approx(
        regression.measure(measured[drawn], predicted[drawn])
    )


def test_several_outputs_are_averaged_and_told_apart():
    measured = np.stack([MEASURED, MEASURED], 1)
    predicted = np.stack([MEASURED, -MEASURED], 1)
    found = bootstrap.summary(regression.sample(measured, predicted, np.arange(5), ["a", "b"], resamples=0))
    assert (found["pearson"]["value"], found["pearson:a"]["value"], found["spearman:b"]["value"]) == pytest.approx(
        (0, 1, -1)
    )
    alone = bootstrap.summary(regression.sample(measured[:, :1], predicted[:, :1], np.arange(5), ["a"], resamples=0))
    assert list(alone) == list(regression.METRICS)


def test_values_that_do_not_vary_are_undefined():
    assert np.isnan(regression.pearson(MEASURED, np.full(5, 0.1)))
    assert np.isnan(regression.r_squared(np.full(5, 1e9), MEASURED))
    assert regression.pearson(MEASURED * 1e-9, MEASURED * 1e-9) == pytest.approx(1)  # small, and all the same they vary
    flat = regression.sample(MEASURED[:, None], np.ones((5, 1)), np.arange(5), ["a"], resamples=0)
    assert bootstrap.summary(flat)["pearson"] == bootstrap.undefined(regression.NO_SPREAD)
