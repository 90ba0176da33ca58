"""Calibration and the choice of rows, by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dnalm.metrics import calibration
from dnalm.training import finetuning


def answer(logit, label):
    return pd.DataFrame({"id": "x", "split": "validation", "label": label, "kind": "given", "logit": logit})


def test_calibration_gives_back_the_prevalence():
    rng = np.random.default_rng(0)
    label = (rng.random(4000) < 0.1).astype(int)
    table = answer(rng.normal(2 * label, 1) + 5, label)  # far from calibrated
    network = SimpleNamespace(config=SimpleNamespace(scale=1.0, shift=0.0))
    finetuning.calibrate(network, table)
    probability = calibration.sigmoid(network.config.scale * table.logit + network.config.shift)
    assert probability.mean() == pytest.approx(label.mean(), abs=0.005)
    assert network.config.scale == pytest.approx(2, abs=0.3)  # the log odds of two unit Gaussians two apart


def test_some_rows_are_spread_and_never_more_than_there_are():
    assert finetuning.some(np.arange(10, 20), 3).tolist() == [10, 14, 19]
    assert finetuning.some(np.arange(4), 9).tolist() == [0, 1, 2, 3]
