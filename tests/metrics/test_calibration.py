"""From logits to probabilities."""

import numpy as np

from dnalm.metrics import calibration


def test_sigmoid_does_not_overflow():
    assert calibration.sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist() == [0.0, 0.5, 1.0]
