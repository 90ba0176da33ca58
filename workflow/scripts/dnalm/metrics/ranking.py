"""How well scores tell positives from negatives: areas, recall, correlations of calls, and thresholds for them.

Labels are boolean [n], scores float [n] (greater means more likely positive), weights counts [n]. Whatever is
undefined (one class only, no threshold) is NaN here, and None with a reason in reports (`metrics.bootstrap`), never a
chance value that could be taken for a result.
"""

import math
from collections.abc import Callable

import numpy as np

Counts = tuple[np.ndarray, np.ndarray]


def counter(labels: np.ndarray, scores: np.ndarray) -> tuple[Callable[[np.ndarray | None], Counts], np.ndarray]:
    """Sort rows once; give `count(weights)` and the distinct scores, highest first.

    `count` returns true and false positives when every row at or above each distinct score is called, so that each
    resample (weights: how often a row was drawn) is one pass of cumulative sums, ties handled exactly.
    """
    order = np.argsort(-scores, kind="stable")
    ranked, positive = scores[order], labels[order].astype(bool)
    last_of_tie = np.flatnonzero(np.r_[ranked[1:] != ranked[:-1], True])

    def count(weights: np.ndarray | None = None) -> Counts:
        weight = np.ones(len(order)) if weights is None else weights[order]
        true = np.cumsum(np.where(positive, weight, 0))[last_of_tie]
        return true, np.cumsum(weight)[last_of_tie] - true

    return count, ranked[last_of_tie]


def area_under_roc(true: np.ndarray, false: np.ndarray) -> float:
    """AUROC: the chance that a random positive scores above a random negative, ties counting half."""
    if not true[-1] or not false[-1]:
        return np.nan
    steps = np.diff(false, prepend=0)
    return float((steps * (true + np.r_[0, true[:-1]])).sum() / 2 / true[-1] / false[-1])


def average_precision(true: np.ndarray, false: np.ndarray) -> float:
    """AUPRC as average precision (no interpolation); a random score gets the prevalence."""
    if not true[-1] or not false[-1]:
        return np.nan
    precision = true / np.maximum(true + false, 1e-12)
    return float((np.diff(true, prepend=0) * precision).sum() / true[-1])


def matthews(true: np.ndarray, false: np.ndarray, positives: np.ndarray, negatives: np.ndarray) -> np.ndarray:
    """Matthews correlation from counts (any shape); 0 where nothing or everything is called, NaN for one class."""
    true, false = np.asarray(true, float), np.asarray(false, float)
    missed, rejected = positives - true, negatives - false
    root = np.sqrt((true + false) * (true + missed) * (rejected + false) * (rejected + missed))
    value = np.divide(true * rejected - false * missed, root, out=np.zeros_like(root), where=root > 0)
    return np.where((positives > 0) & (negatives > 0), value, np.nan)


def f_one(true: float, false: float, positives: float) -> float:
    """F1 of calls from counts: the harmonic mean of precision and recall; 0 where nothing is found."""
    return float(2 * true / (true + false + positives)) if positives else np.nan


def auroc(labels: np.ndarray, scores: np.ndarray) -> float:
    """Area under the ROC curve of labels (0/1) and scores; NaN where only one class is there."""
    return area_under_roc(*counter(labels, scores)[0](None)) if len(labels) else np.nan


def auprc(labels: np.ndarray, scores: np.ndarray) -> float:
    """Average precision of labels (0/1) and scores; NaN where only one class is there. Chance is the prevalence."""
    return average_precision(*counter(labels, scores)[0](None)) if len(labels) else np.nan


def best_threshold(labels: np.ndarray, scores: np.ndarray) -> float | None:
    """The score at or above which calling gives the best Matthews correlation; to be chosen on validation only."""
    if labels.all() or not labels.any() or np.isnan(scores).any():
        return None
    count, thresholds = counter(labels, scores)
    true, false = count(None)
    return float(thresholds[np.argmax(matthews(true, false, true[-1], false[-1]))])


def fdr_threshold(labels: np.ndarray, scores: np.ndarray, fdr: float = 0.1) -> float | None:
    """The score at or above which most positives are called with at most `fdr` of the calls false; infinite if none is.

    To be chosen on validation only: on the windows that are measured, it would fit their noise. None for one class.
    """
    if labels.all() or not labels.any() or np.isnan(scores).any():
        return None
    count, thresholds = counter(labels, scores)
    true, false = count(None)
    found = np.where(false <= fdr * (true + false), true, 0)
    return float(thresholds[np.argmax(found)]) if found.any() else math.inf


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Interval of a share, good for small ones too (Wilson 1927)."""
    centre, spread = hits + z * z / 2, z * math.sqrt(hits * (n - hits) / n + z * z / 4)
    return max((centre - spread) / (n + z * z), 0.0), min((centre + spread) / (n + z * z), 1.0)
