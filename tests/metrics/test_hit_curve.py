"""How often what is this high is true: the steps where the smooth curve is wrong, the curve where it is right."""

import json

import numpy as np
import pytest

from dnalm.metrics import calibration, fdr, hit_curve


def drawn(seed, true=100, false=4000):
    """Maxima in the order of a genome, those on sites higher on the whole, and which are on one."""
    rng = np.random.default_rng(seed)
    hits = rng.permutation(np.arange(true + false) < true)
    return np.where(hits, rng.beta(4, 2, len(hits)), rng.beta(1, 6, len(hits))), hits


def blocks(heights):
    return np.arange(len(heights)) // 100


def test_a_hundred_true_peaks_tell_more_by_a_curve_than_by_steps():
    """Forty genomes: the share of false ones above the height that is said to promise .1 is nearer to .1."""
    rates = {"steps": [], "curve": []}
    beyond, truth = drawn(99, 5_000, 200_000)
    for seed in range(40):
        heights, hits = drawn(seed)
        curve = hit_curve.measured(heights, hits, blocks(heights))
        for name, given in (("steps", curve._replace(weight=0.0)), ("curve", curve)):
            q = fdr.expected(hit_curve.probability(given, beyond), beyond)
            called = truth[q <= 0.1]
            rates[name].append(1 - called.mean() if len(called) else 0.0)
    off = {name: np.sqrt(np.mean((np.array(one) - 0.1) ** 2)) for name, one in rates.items()}
    assert off["curve"] < 0.9 * off["steps"], off
    assert np.mean(rates["curve"]) == pytest.approx(0.1, abs=0.02)


def test_a_decoy_as_high_as_a_site_is_not_smoothed_over():
    """The highest 41 are all false: a rising curve says that most of them are true, and only the steps may speak."""
    heights, hits = drawn(0)
    high = np.arange(len(heights)) % 100 == 0
    heights, hits = np.where(high, 0.999, heights), hits & ~high
    curve = hit_curve.measured(heights, hits, blocks(heights))
    smooth = calibration.by_beta(curve.beta, np.array([0.999]))
    assert curve.weight == 0
    assert hit_curve.probability(curve, np.array([0.999])) == pytest.approx(9 / 16)  # of 97 sites and 76 others, pooled
    assert smooth > 0.6


def test_few_true_peaks_promise_no_more_than_their_number():
    """Of 25 true ones the best that can be promised is one false in 26, however high a peak is."""
    promised = []
    for seed in range(20):
        heights, hits = drawn(seed, 25, 750)
        curve = hit_curve.measured(heights, hits, blocks(heights) * 4)
        promised.append(hit_curve.probability(curve, np.ones(1)).item())
    assert max(promised) <= 25 / 26
    assert np.mean(promised) > 0.9


def test_few_stretches_of_a_genome_cannot_weigh():
    heights, hits = drawn(0)
    curve = hit_curve.measured(heights, hits, np.arange(len(heights)) * 4 // len(heights))
    assert curve.weight == 0
    at = np.linspace(0, 1, 50)
    assert np.array_equal(hit_curve.probability(curve, at), fdr.probability(fdr.measured(heights, hits), at))
    assert hit_curve.measured(heights, hits, np.arange(len(heights)) * 5 // len(heights)).weight > 0


def test_weights_by_hand():
    """Steps say .2 and .8, a curve says p of p: a half of each; what is higher than all that was seen is worth that."""
    steps = fdr.Steps(np.array([0.0, 0.5]), np.array([0.2, 0.8]))
    curve = hit_curve.Curve(steps, calibration.Beta(1.0, 1.0, 0.0), 0.9, 0.95, 0.5)
    assert hit_curve.probability(curve, np.array([0.1, 0.5, 0.9, 1.0])) == pytest.approx([0.15, 0.65, 0.85, 0.85])
    assert hit_curve.probability(curve._replace(most=0.6), np.array([0.5, 0.9])) == pytest.approx([0.65, 0.7])


def test_what_is_told_says_the_same_and_a_resample_is_weighed_alike():
    heights, hits = drawn(1)
    curve = hit_curve.measured(heights, hits, blocks(heights))
    at = np.linspace(0, 1, 101)
    read = hit_curve.as_told(json.loads(json.dumps(hit_curve.told(curve))))
    assert hit_curve.probability(read, at) == pytest.approx(hit_curve.probability(curve, at))
    assert (np.diff(hit_curve.probability(curve, at)) >= 0).all()
    again = hit_curve.again(curve._replace(weight=0.25), *drawn(2))
    assert again.weight == 0.25
    assert again.beta == calibration.beta(*drawn(2))
