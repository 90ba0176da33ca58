"""From logits to probabilities."""

import numpy as np
import pytest

from dnalm.metrics import calibration


def test_sigmoid_does_not_overflow():
    assert calibration.sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist() == [0.0, 0.5, 1.0]


def test_sigmoid_by_hand_and_without_overflow():
    assert calibration.sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist() == [0.0, 0.5, 1.0]
    assert calibration.sigmoid(np.float32([np.log(3)])) == pytest.approx([0.75])
    assert calibration.sigmoid(np.float32([1])).dtype == np.float64


def test_single_precision_agrees_and_ends_at_fifty():
    logits = np.linspace(-49, 49, 99)
    for given in (logits, logits.astype(np.float32)):
        found = calibration.sigmoid_single(given)
        assert found.dtype == np.float32
        assert found == pytest.approx(calibration.sigmoid(given), rel=1e-6)
    assert calibration.sigmoid_single(np.float32([-1000, 1000])).tolist() == pytest.approx([np.exp(-50), 1])


def test_targets_are_smoothed_by_hand():
    found = calibration.smoothed_targets([1, 1, 1, 0, 0])
    assert found == pytest.approx([4 / 5] * 3 + [1 / 4] * 2)


def test_platt_by_hand():
    """Two logits, so that both targets are met: logit(4/5) = ln 4 at 2, logit(1/4) = -ln 3 at -1."""
    scale, shift = calibration.platt(np.array([2.0, 2, 2, -1, -1]), np.array([1, 1, 1, 0, 0]))
    assert scale == pytest.approx((np.log(4) + np.log(3)) / 3, rel=1e-4)
    assert shift == pytest.approx(np.log(4) - 2 * scale, rel=1e-4)


def test_labels_that_the_scores_separate_give_no_certainty():
    """Without smoothing the scale grows without end, and nearly every positive is at exactly 1."""
    label = np.arange(1000) % 4 == 0
    logit = np.random.default_rng(0).normal(8 * label, 1)
    scale, shift = calibration.platt(logit, label)
    found = calibration.sigmoid(scale * logit + shift)
    assert scale < 5
    assert found[label].max() < 0.99999
    assert np.median(found[label]) == pytest.approx(251 / 252, abs=0.005)


@pytest.mark.parametrize("unit", [1e-4, 1.0, 1e4])
def test_platt_is_the_least_loss_whatever_the_unit_of_the_logits(unit):
    rng = np.random.default_rng(0)
    label = rng.random(2000) < 0.1
    logit = rng.normal(2 * label, 1)
    scale, shift = calibration.platt(unit * logit + 5 * unit, label)
    found = calibration.sigmoid(scale * unit * (logit + 5) + shift)
    target = calibration.smoothed_targets(label)
    assert (found - target).mean() == pytest.approx(0, abs=1e-5)  # both derivatives are zero
    assert ((found - target) * logit).mean() == pytest.approx(0, abs=1e-5)
    assert scale * unit == pytest.approx(2, abs=0.3)  # the log odds of two unit Gaussians two apart


def test_a_model_that_ranks_backwards_is_not_turned():
    scale, shift = calibration.platt(np.array([-1.0, -1, 1, 1]), np.array([1, 1, 0, 0]))
    assert scale == pytest.approx(1e-3)
    assert calibration.sigmoid(shift) == pytest.approx(0.5, abs=1e-3)  # it says the prevalence and no more


def test_shift_by_hand():
    """Odds 4 where half are bound are odds 4/99 where one in a hundred is; back again they are what they were."""
    found = calibration.shift(np.log([4.0]), 0.5, 0.01)
    assert calibration.sigmoid(found) == pytest.approx([4 / 103])
    assert calibration.shift(found, 0.01, 0.5) == pytest.approx(np.log([4.0]))
    assert calibration.logit(calibration.sigmoid(np.array([-3.0, 0, 5]))) == pytest.approx([-3, 0, 5])


def test_shifted_probabilities_are_true_where_negatives_are_many():
    rng = np.random.default_rng(0)
    label = np.arange(60_000) % 60 == 0
    logit = 2 * rng.normal(2 * label, 1) - 2  # log odds of two unit Gaussians two apart, at a prevalence of one half
    as_it_is, shifted = (calibration.sigmoid(x) for x in (logit, calibration.shift(logit, 0.5, 1 / 60)))
    assert calibration.calibration_error(label, as_it_is) > 0.1
    assert calibration.calibration_error(label, shifted) < 0.005


def test_calibration_by_hand():
    labels, scores = np.array([1, 0, 1, 1], bool), np.array([0.55, 0.55, 0.95, 1.0])
    given, seen, count = calibration.reliability(labels, scores)
    assert count.tolist() == [0] * 5 + [2] + [0] * 3 + [2]
    assert (given[5], seen[5]) == (pytest.approx(0.55), 0.5)
    assert calibration.calibration_error(labels, scores) == pytest.approx((0.05 * 2 + 0.025 * 2) / 4)
    assert calibration.calibration_error(labels, scores, np.array([2, 0, 0, 1])) == pytest.approx(0.45 * 2 / 3)
    rows = calibration.reliability_rows(labels, scores)
    assert [(row["observed"], row["n"]) for row in rows] == [(0.5, 2), (1, 2)]


def test_classes_are_calibrated_as_bound_and_unbound_are():
    """Of two classes the softmax is Platt's sigmoid of the difference of their logits."""
    rng = np.random.default_rng(0)
    labels = (rng.random(400) < 0.3).astype(int)
    logits = np.stack([np.zeros(400), rng.normal(3 * labels - 1, 1)], 1)
    scale, shift = calibration.platt_classes(logits, labels)
    found = calibration.sigmoid(scale * (logits[:, 1] - logits[:, 0]) + shift[1] - shift[0])
    slope, offset = calibration.platt(logits[:, 1], labels)
    assert found == pytest.approx(calibration.sigmoid(slope * logits[:, 1] + offset), abs=2e-3)


def test_classes_come_out_as_frequent_as_they_are_and_never_certain():
    rng = np.random.default_rng(1)
    labels = rng.choice(3, 3000, p=[0.6, 0.3, 0.1])
    logits = 20 * np.eye(3)[labels] + rng.normal(size=(3000, 3)) + [5, 0, -5]
    scale, shift = calibration.platt_classes(logits, labels)
    scaled = scale * logits + np.array(shift)
    shares = np.exp(scaled - np.logaddexp.reduce(scaled, axis=1, keepdims=True))
    assert shares.mean(0) == pytest.approx(np.bincount(labels) / 3000, abs=0.01)
    assert shares.max() < 1 - 1e-5


def test_beta_by_hand_two_heights_are_fitted_as_they_are():
    """Nine of ten at .9 and half of ten at .5: 14 of 20 true, so that one counts 15 / 16 true and 1 / 8 where not."""
    given = np.repeat([0.9, 0.5], 10)
    labels = np.arange(20) % 10 < np.repeat([9, 5], 10)
    found = calibration.by_beta(calibration.beta(given, labels), np.array([0.9, 0.5]))
    assert found == pytest.approx([(9 * 15 / 16 + 1 / 8) / 10, (5 * 15 / 16 + 5 / 8) / 10], abs=1e-4)


def test_beta_finds_the_map_that_was_drawn_from_and_leaves_what_is_calibrated():
    rng = np.random.default_rng(0)
    given = rng.beta(1, 2, 200_000)
    at = np.array([0.05, 0.3, 0.6, 0.9])
    for true in (calibration.Beta(1.0, 1.0, 0.0), calibration.Beta(2.0, 0.5, -1.0)):
        labels = rng.random(len(given)) < calibration.by_beta(true, given)
        assert calibration.by_beta(calibration.beta(given, labels), at) == pytest.approx(
            calibration.by_beta(true, at), abs=0.01
        )


def test_beta_never_turns_the_order():
    """Labels that fall with the height: all that may be said is how many are true."""
    rng = np.random.default_rng(1)
    given = rng.random(5000)
    labels = rng.random(5000) < 0.5 * (1 - given)
    found = calibration.beta(given, labels)
    assert (found.low, found.high) == (0, 0)
    assert calibration.by_beta(found, np.array([0.0, 1.0])) == pytest.approx(labels.mean(), abs=1e-3)


def test_beta_of_equal_heights_is_their_share():
    """Their standard deviation need not be 0 to the last bit."""
    found = calibration.beta(np.full(100, 0.3), np.arange(100) < 30)
    assert calibration.by_beta(found, np.array([0.3])) == pytest.approx(0.3 * 31 / 32 + 0.7 / 72, abs=1e-4)
    assert max(found.low, found.high) < 10
