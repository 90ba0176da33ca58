"""Curves of a classifier, by hand."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import draw_evaluation
from dnalm.figures import curves
from dnalm.metrics import bootstrap


@pytest.fixture
def axes() -> Axes:
    return Figure().subplots()


def legend(axes: Axes) -> list[str]:
    return axes.get_legend_handles_labels()[1]


def test_roc_and_precision_recall_by_hand(axes):
    # scores 4 > 3 > 2 > 1, labels + - + -: after each, true 1 1 2 2 and false 0 1 1 2
    table = pd.DataFrame({"label": [1, 0, 1, 0], "model": [4.0, 3, 2, 1], "pwm": np.nan})
    curves.roc(axes, table, {"model": {"auroc": {"value": 0.75, "low": 0.5, "high": 1.0}}}, draw_evaluation.LOOKS)
    assert list(axes.lines[1].get_xdata()) == [0, 0, 0.5, 0.5, 1]
    assert list(axes.lines[1].get_ydata()) == [0, 0.5, 0.5, 1, 1]
    assert legend(axes) == ["chance, AUROC 0.500", "model, AUROC 0.750 (0.500–1.000)"]  # no scores, no PWM curve
    axes = Figure().subplots()
    curves.precision_recall(axes, table, {"model": {"auprc": {"value": None, "reason": "why"}}}, draw_evaluation.LOOKS)
    assert list(axes.lines[1].get_ydata()) == [1, 1, 0.5, pytest.approx(2 / 3), 0.5]
    assert legend(axes) == ["chance (prevalence), 0.500", "model, AUPRC not defined: why"]


def test_reliability_has_a_bar_for_each_tenth(axes):
    table = pd.DataFrame({"label": [1, 0, 1, 0], "model": [0.95, 0.05, 0.85, 1.0]})
    curves.reliability(axes, table, {})
    assert [bar.get_height() for bar in axes.patches] == [0.25, 0, 0, 0, 0, 0, 0, 0, 0.25, 0.5]
    assert axes.lines[1].get_ydata()[[0, 8, 9]].tolist() == [0, 1, 0.5]


def test_one_class_is_said_not_drawn(axes):
    curves.roc(axes, pd.DataFrame({"label": [0, 0], "model": [0.1, 0.2]}), {}, draw_evaluation.LOOKS)
    assert not axes.lines
    assert [text.get_text() for text in axes.texts] == ["not defined: 2 windows\nof one class only"]


def test_a_baseline_that_was_not_fitted_has_no_row_among_the_bins(axes):
    score, none = {"value": 0.5, "low": 0.4, "high": 0.6}, bootstrap.undefined(bootstrap.NO_SCORE)
    other = bootstrap.undefined(bootstrap.ONE_CLASS)
    values = {"model": none, "pwm": score, "kmer": other, "cnn": none, "cnn_ensemble": score}
    report = {"bins": {name: {"auroc": one, "auprc": one} for name, one in values.items()}}
    curves.bins(axes, report, draw_evaluation.LOOKS)
    said = [label.get_text() for label in axes.get_yticklabels()]
    short = ["cnn ensemble", "k-mer", "pwm", "model"]  # from below
    assert said == [f"{metric} {name}" for metric in ("AUROC", "AUPRC") for name in short]


def test_reliability_of_bins_has_both_prevalences_and_says_what_is_missing(axes):
    rows = [{"given": 0.01, "observed": 0.0, "n": 900}, {"given": 0.8, "observed": 0.4, "n": 10}]
    shifted = {"ece": 0.02, "reliability": [{"given": 0.4, "observed": 0.4, "n": 10}]}
    seen = {"ece": {"value": 0.01}, "reliability": [{"given": 0.3, "observed": 0.3, "n": 20}]}
    report = {"bins": {"model": {"ece": {"value": 0.3}}, "reliability": rows, "shifted": shifted, "seen": seen}}
    curves.reliability_of_bins(axes, report)
    _, ours, theirs, those = axes.lines
    assert ours.get_ydata().tolist() == [1e-4, 0.4]  # nothing bound: at the foot of a logarithmic axis
    assert theirs.get_xdata().tolist() == [0.4]
    assert [line.get_label() for line in (ours, theirs, those)] == [
        "as calibrated on windows, ECE 0.300",
        "shifted to the prevalence of bins, ECE 0.020",
        "as seen on the validation places, ECE 0.010",
    ]
    axes.clear()
    curves.reliability_of_bins(axes, {"bins": {"reliability": [], "shifted": {"reliability": []}}})
    assert "not defined" in axes.texts[0].get_text()
