"""How well scores tell positives from negatives, with confidence intervals that know genomes are autocorrelated.

Labels are boolean [n], scores float [n] (greater means more likely positive), weights counts [n]. Whatever is
undefined (one class only, no threshold) is None with a reason, never a chance value that could be taken for a result.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

ONE_CLASS = "only one class among these windows"
NO_SCORE = "no score for these windows"
NO_PROBABILITY = "the score is not a probability"
NO_THRESHOLD = "no threshold could be chosen on validation"
FEW_BLOCKS = "too few blocks to resample"
_BLOCK_SIZES = (1_000_000, 100_000, 10_000, 1_000)
_ENOUGH_BLOCKS = 20


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


def recall_at_fdr(true: np.ndarray, false: np.ndarray, fdr: float = 0.1) -> float:
    """Greatest share of positives found by a threshold whose calls are at most `fdr` false."""
    if not true[-1] or not false[-1]:
        return np.nan
    allowed = false <= fdr * (true + false)
    return float(true[allowed].max(initial=0) / true[-1])


def matthews(true: np.ndarray, false: np.ndarray, positives: np.ndarray, negatives: np.ndarray) -> np.ndarray:
    """Matthews correlation from counts (any shape); 0 where nothing or everything is called, NaN for one class."""
    true, false = np.asarray(true, float), np.asarray(false, float)
    missed, rejected = positives - true, negatives - false
    root = np.sqrt((true + false) * (true + missed) * (rejected + false) * (rejected + missed))
    value = np.divide(true * rejected - false * missed, root, out=np.zeros_like(root), where=root > 0)
    return np.where((positives > 0) & (negatives > 0), value, np.nan)


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


def reliability(labels: np.ndarray, scores: np.ndarray, bins: int = 10) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each tenth of [0, 1]: mean probability given, share observed positive (NaN where empty), rows."""
    place = np.minimum((scores * bins).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    given, seen = (np.bincount(place, weights=values, minlength=bins) for values in (scores, labels.astype(float)))
    full = np.maximum(count, 1)
    return np.where(count, given / full, np.nan), np.where(count, seen / full, np.nan), count


def calibration_error(labels: np.ndarray, scores: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error: |probability given - share observed|, averaged over rows by tenths."""
    given, seen, count = reliability(labels, scores, bins)
    return float(np.nansum(np.abs(given - seen) * count) / count.sum())


def blocks_of(ids: pd.Series) -> tuple[np.ndarray, int | None]:
    """Resampling blocks from window ids: (block index [n], block size in bases or None).

    Neighbouring windows are alike, so stretches of the genome are resampled, not rows: 1 Mb, or the next tenth of it
    that gives at least 20 blocks where the windows span less. An id without coordinates is a block of its own.
    """
    parts = ids.str.extract(r"^(?P<chrom>.+):(?P<start>\d+)-\d+$")
    placed = parts.start.notna().to_numpy()
    if not placed.any():
        return np.arange(len(ids)), None
    starts = parts.start.fillna("0").astype("int64").to_numpy()
    contigs = pd.factorize(parts.chrom.where(placed, ids))[0]
    return place_blocks(contigs, starts)


def place_blocks(contigs: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, int]:
    """Block index of rows at `starts` (bases) on numbered contigs, and the block size chosen (see `blocks_of`)."""
    for size in _BLOCK_SIZES:
        blocks = pd.factorize(contigs * (1 << 32) + starts // size)[0]
        if blocks.max(initial=-1) + 1 >= _ENOUGH_BLOCKS:
            break
    return blocks, size


def assess(
    labels: np.ndarray,
    scores: np.ndarray,
    blocks: np.ndarray,
    *,
    threshold: float | None = None,
    probability: bool = False,
    resamples: int = 200,
    seed: int = 0,
) -> dict[str, Any]:
    """All metrics of one score, each {value, low, high} with a 95 % block-bootstrap interval, or None and a reason.

    MCC uses `threshold` (scores at or above it are called), which must come from other rows; the calibration error is
    given only where the score is a `probability`.
    """
    names = ("auroc", "auprc", "mcc", "recall_at_fdr10", "ece")
    labels = labels.astype(bool)
    if not len(labels) or labels.all() or not labels.any() or np.isnan(scores).any():
        reason = NO_SCORE if len(labels) and np.isnan(scores).any() else ONE_CLASS
        return {name: undefined(reason) for name in names}
    count, _ = counter(labels, scores)

    def ranked(weights: np.ndarray | None) -> list[float]:
        counts = count(weights)
        return [area_under_roc(*counts), average_precision(*counts), recall_at_fdr(*counts)]

    draws = _resamples(blocks, resamples, seed)
    found = dict(zip(("auroc", "auprc", "recall_at_fdr10"), _intervals(ranked, draws, blocks), strict=True))
    found["mcc"] = (
        undefined(NO_THRESHOLD) if threshold is None else _matthews_interval(labels, scores >= threshold, blocks, draws)
    )
    found["ece"] = _calibration_interval(labels, scores, blocks, draws) if probability else undefined(NO_PROBABILITY)
    return {name: found[name] for name in names}


def undefined(reason: str) -> dict[str, Any]:
    """A metric that has no value, and why."""
    return {"value": None, "low": None, "high": None, "reason": reason}


def _resamples(blocks: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """How often each block is drawn, [resamples, blocks]; empty where there are fewer than two blocks."""
    number = int(blocks.max()) + 1
    if number < 2:
        return np.zeros((0, number), np.int64)
    return np.random.default_rng(seed).multinomial(number, np.full(number, 1 / number), size=resamples)


def _intervals(
    statistic: Callable[[np.ndarray | None], list[float]], draws: np.ndarray, blocks: np.ndarray
) -> list[dict[str, Any]]:
    drawn = np.array([statistic(draw[blocks].astype(np.float64)) for draw in draws])
    return [
        _summary(value, drawn[:, column] if len(drawn) else np.array([]))
        for column, value in enumerate(statistic(None))
    ]


def _matthews_interval(labels: np.ndarray, called: np.ndarray, blocks: np.ndarray, draws: np.ndarray) -> dict[str, Any]:
    true, false, positives, negatives = (
        np.bincount(blocks, weights=rows, minlength=draws.shape[1])
        for rows in (labels & called, ~labels & called, labels, ~labels)
    )
    value = matthews(true.sum(), false.sum(), positives.sum(), negatives.sum())
    return _summary(float(value), matthews(draws @ true, draws @ false, draws @ positives, draws @ negatives))


def _calibration_interval(
    labels: np.ndarray, scores: np.ndarray, blocks: np.ndarray, draws: np.ndarray, bins: int = 10
) -> dict[str, Any]:
    cell = blocks * bins + np.minimum((scores * bins).astype(int), bins - 1)
    shape = (draws.shape[1], bins)
    excess = np.bincount(cell, weights=scores - labels, minlength=shape[0] * bins).reshape(shape)
    rows = np.bincount(blocks, minlength=shape[0])
    drawn = np.abs(draws @ excess).sum(1) / np.maximum(draws @ rows, 1)
    return _summary(calibration_error(labels, scores, bins), drawn)


def _summary(value: float, drawn: np.ndarray) -> dict[str, Any]:
    drawn = drawn[~np.isnan(drawn)]
    if len(drawn) < 20:
        return {"value": float(value), "low": None, "high": None, "reason": FEW_BLOCKS}
    low, high = np.quantile(drawn, [0.025, 0.975])
    return {"value": float(value), "low": float(low), "high": float(high)}


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Interval of a share, good for small ones too (Wilson 1927)."""
    centre, spread = hits + z * z / 2, z * math.sqrt(hits * (n - hits) / n + z * z / 4)
    return max((centre - spread) / (n + z * z), 0.0), min((centre + spread) / (n + z * z), 1.0)
