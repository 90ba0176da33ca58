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
