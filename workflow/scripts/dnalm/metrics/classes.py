"""How well windows are told apart where there are more than two classes: calls, their correlation, areas.

Labels are numbers of classes int [n], logits float [n, K], weights counts [n]. A window is called what its greatest
logit says. Whatever is undefined (one class only) is NaN, as in `metrics.ranking`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from dnalm.metrics import bootstrap, ranking

METRICS = ("mcc", "accuracy", "macro_f1", "macro_auroc")


def confusion(labels: np.ndarray, called: np.ndarray, number: int, weights: np.ndarray | None = None) -> np.ndarray:
    """How often class i (row) was called class j (column), [K, K] for `number` classes."""
    return np.bincount(labels * number + called, weights, minlength=number**2).reshape(number, number)


def matthews(table: np.ndarray) -> float:
    """Matthews correlation of a confusion [K, K] of any number of classes (Gorodkin 2004); for two it is the usual one.

    0 where everything is called one class, NaN where only one class is there.
    """
    true, called, rows = table.sum(1), table.sum(0), table.sum()
    if (true > 0).sum() < 2:
        return np.nan
    spread = (rows**2 - (true**2).sum()) * (rows**2 - (called**2).sum())
    return float((np.trace(table) * rows - true @ called) / np.sqrt(spread)) if spread > 0 else 0.0


def macro_f1(table: np.ndarray) -> float:
    """Mean over the classes that are there or are called of F1: a rare class counts as much as a frequent one."""
    both = table.sum(1) + table.sum(0)
    return float((2 * np.diag(table) / np.maximum(both, 1e-12))[both > 0].mean()) if both.any() else np.nan


def measure(labels: np.ndarray, logits: np.ndarray) -> list[float]:
    """METRICS of rows, each once."""
    return measurer(labels, logits)(np.ones(len(labels)))


def measurer(labels: np.ndarray, logits: np.ndarray) -> Callable[[np.ndarray], list[float]]:
    """From weights of the rows to METRICS, in their order.

    The macro AUROC is the mean over classes of how well a class's probability tells it from all others.
    """
    number, called = logits.shape[1], logits.argmax(1)
    shares = special.softmax(np.asarray(logits, np.float64), axis=1)
    counts = [ranking.counter(labels == one, shares[:, one])[0] for one in range(number)]

    def measured(weights: np.ndarray) -> list[float]:
        table = confusion(labels, called, number, weights)
        if (table.sum(1) > 0).sum() < 2:
            return [np.nan] * len(METRICS)
        areas = [ranking.area_under_roc(*count(weights)) for count in counts]
        return [matthews(table), float(np.trace(table) / table.sum()), macro_f1(table), float(np.nanmean(areas))]

    return measured


def sample(labels: np.ndarray, logits: np.ndarray, blocks: np.ndarray, **options: Any) -> bootstrap.Sample:
    """Measure logits [n, K] on rows and on their resamples; `options` are those of `bootstrap.resampled`."""
    if len(labels) and np.isnan(logits).any():
        return bootstrap.resampled(None, METRICS, bootstrap.NO_SCORE, blocks, **options)
    made = measurer(labels, logits) if len(np.unique(labels)) > 1 else None
    return bootstrap.resampled(made, METRICS, bootstrap.ONE_CLASS, blocks, **options)
