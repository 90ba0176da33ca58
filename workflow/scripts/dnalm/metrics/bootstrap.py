"""How sure: intervals and paired differences that know that genomes are autocorrelated and that training is a draw.

Neighbouring windows are alike, so stretches of the genome are resampled, not rows; and what another seed would give is
resampled beside them. Scores that are compared are measured on the same resamples, so that what is hard for both is
not taken for a difference, or hides one (two intervals that overlap say little). Resamples of what is all right, or all
wrong, can only say so again: there an AUROC and a share have at least the limits that so few rows allow (`exact`).
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from dnalm.metrics import calibration, exact, ranking

ONE_CLASS = "only one class among these windows"
NO_SCORE = "no score for these windows"
NO_PROBABILITY = "the score is not a probability"
NO_THRESHOLD = "no threshold could be chosen on validation"
NO_CALL = "nothing is called at the threshold"
FEW_BLOCKS = "too few blocks to resample"
METRICS = ("auroc", "auprc", "mcc", "f1", "recall_at_fdr10", "observed_fdr", "ece")
COMPARED = ("auroc", "auprc", "mcc")
ENDS = (("", "value"), ("_low", "low"), ("_high", "high"))  # of a metric's columns in a table
_BLOCK_SIZES = (1_000_000, 100_000, 10_000, 1_000)
_ENOUGH_BLOCKS = 20
_ENOUGH_DRAWS = 20


class Thresholds(NamedTuple):
    """Where a score is called: best by Matthews' correlation, and at most 10 % false. From validation; or None."""

    best: float | None = None
    fdr10: float | None = None


NOWHERE = Thresholds()


class Sample(NamedTuple):
    """Metrics of one score [1 + resamples, names]: of the rows as they are, then of each resample. NaN has a reason.

    `limits` are the least (low, high) of the metrics that resamples cannot tell the interval of.
    """

    values: np.ndarray
    reasons: dict[str, str]
    names: tuple[str, ...] = METRICS
    limits: Mapping[str, tuple[float, float]] = MappingProxyType({})


def blocks_of(ids: pd.Series) -> tuple[np.ndarray, int | None]:
    """Resampling blocks from window ids: (block index [n], block size in bases or None).

    1 Mb, or the next tenth of it that gives at least 20 blocks where the windows span less. An id without coordinates
    is a block of its own.
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


def thresholds(labels: np.ndarray, scores: np.ndarray) -> Thresholds:
    """Both thresholds of validation's labels and scores."""
    return Thresholds(ranking.best_threshold(labels, scores), ranking.fdr_threshold(labels, scores))


def sample(
    labels: np.ndarray,
    scores: np.ndarray,
    blocks: np.ndarray,
    *,
    at: Thresholds = NOWHERE,
    probability: bool = False,
    resamples: int = 200,
    seed: int = 0,
) -> Sample:
    """Measure a score on rows and on their resamples, the same ones for every score of the same blocks and seed.

    MCC, F1, recall and the FDR observed call what is at or above the thresholds, which must come from other rows; the
    calibration error is given only where the score is a `probability`.
    """
    labels = labels.astype(bool)
    why = NO_SCORE if len(labels) and np.isnan(scores).any() else ONE_CLASS
    if not len(labels) or labels.all() or not labels.any() or np.isnan(scores).any():
        return resampled(None, METRICS, why, blocks, resamples=resamples, seed=seed)
    measure = _measurer(labels, np.asarray(scores, np.float64), at, probability)
    found = resampled(measure, METRICS, why, blocks, resamples=resamples, seed=seed)
    found.reasons.update({name: NO_THRESHOLD for name in ("mcc", "f1") if at.best is None})
    called = ("recall_at_fdr10", "observed_fdr")
    found.reasons.update({name: NO_THRESHOLD if at.fdr10 is None else NO_CALL for name in called})
    found.reasons["ece"] = NO_PROBABILITY
    return found._replace(limits=_limits(labels, scores, blocks, found.values[0, 0], at.fdr10))


def resampled(
    measure: Callable[[np.ndarray], list[float]] | None,
    names: tuple[str, ...],
    reason: str,
    blocks: np.ndarray,
    *,
    resamples: int = 200,
    seed: int = 0,
) -> Sample:
    """What `measure` makes of the rows and of their resamples, given the weight of each row [n].

    Without it all `names` are undefined, for the `reason` given.
    """
    drawn = draws(blocks, resamples, seed)
    if measure is None:
        return Sample(np.full((1 + len(drawn), len(names)), np.nan), dict.fromkeys(names, reason), names)
    rows = [measure(np.ones(len(blocks))), *(measure(draw[blocks].astype(np.float64)) for draw in drawn)]
    return Sample(np.array(rows), dict.fromkeys(names, reason), names)


def minus(one: Sample, other: Sample) -> Sample:
    """The paired difference of two scores on the same rows and resamples."""
    return Sample(one.values - other.values, {**one.reasons, **_undefined_of(other), **_undefined_of(one)}, one.names)


def over_seeds(samples: Sequence[Sample], seed: int = 0) -> Sample:
    """The mean over models that differ in their seed; each resample draws seeds beside its blocks.

    With one seed that is the seed's own sample, whose intervals know nothing of what another seed would give; with
    few, a bootstrap makes intervals somewhat too narrow. Of limits that all seeds have the mean is kept.
    """
    number = len(samples)
    values = np.stack([one.values for one in samples])  # [seeds, 1 + resamples, metrics]
    shares = np.random.default_rng(seed).multinomial(number, np.full(number, 1 / number), values.shape[1]) / number
    shares[0] = 1 / number
    mean = np.einsum("rs,srm->rm", shares, values) if number > 1 else values[0]
    why = {**samples[0].reasons, **{k: v for one in samples for k, v in _undefined_of(one).items()}}
    shared = set.intersection(*(set(one.limits) for one in samples))
    limits = {name: tuple(np.mean([one.limits[name] for one in samples], axis=0).tolist()) for name in shared}
    return Sample(mean, why, samples[0].names, limits)


def summary(found: Sample, names: Sequence[str] | None = None) -> dict[str, dict[str, Any]]:
    """Each metric, or those named, as {value, low, high} with its 95 % interval, or None and a reason."""
    columns = {name: found.names.index(name) for name in (found.names if names is None else names)}
    return {
        name: _summary(found.values[:, column], found.reasons[name], found.limits.get(name))
        for name, column in columns.items()
    }


def cells(found: dict[str, dict[str, Any]], suffix: str = "") -> dict[str, float | None]:
    """A `summary` as columns of a table: each metric's value, with `suffix` after its name, and its ends."""
    return {f"{name}{suffix}{end}": one[key] for name, one in found.items() for end, key in ENDS}


def assess(labels: np.ndarray, scores: np.ndarray, blocks: np.ndarray, **options: Any) -> dict[str, dict[str, Any]]:
    """The `summary` of one score's `sample`, for what is compared with nothing."""
    return summary(sample(labels, scores, blocks, **options))


def undefined(reason: str) -> dict[str, Any]:
    """A metric that has no value, and why."""
    return {"value": None, "low": None, "high": None, "reason": reason}


def draws(blocks: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """How often each block is drawn, [resamples, blocks]; empty where there are fewer than two blocks."""
    number = int(blocks.max(initial=-1)) + 1
    if number < 2:
        return np.zeros((0, max(number, 0)), np.int64)
    return np.random.default_rng(seed).multinomial(number, np.full(number, 1 / number), size=resamples)


def _limits(
    labels: np.ndarray, scores: np.ndarray, blocks: np.ndarray, area: float, edge: float | None
) -> dict[str, tuple[float, float]]:
    """Exact limits of the AUROC, and of recall and the share of false calls from `edge` upward, where they are due."""
    limits = {"auroc": exact.area(area, min(labels.sum(), (~labels).sum()))}
    if edge is not None:
        called = scores >= edge
        for name, rows, seen in (("recall_at_fdr10", labels, called), ("observed_fdr", called, ~labels)):
            limits[name] = exact.least(int((rows & seen).sum()), int(rows.sum()), len(np.unique(blocks[rows])))
    return {name: ends for name, ends in limits.items() if ends}


def _measurer(
    labels: np.ndarray, scores: np.ndarray, at: Thresholds, probability: bool
) -> Callable[[np.ndarray], list[float]]:
    """From weights of the rows to METRICS, in their order, NaN where one is undefined."""
    count, _ = ranking.counter(labels, scores)
    called = [None if edge is None else (labels & (scores >= edge), ~labels & (scores >= edge)) for edge in at]

    def calls(rows: tuple[np.ndarray, np.ndarray] | None, weights: np.ndarray) -> tuple[float, float]:
        return (np.nan, np.nan) if rows is None else (weights[rows[0]].sum(), weights[rows[1]].sum())

    def measure(weights: np.ndarray) -> list[float]:
        counts = count(weights)
        positives, negatives = counts[0][-1], counts[1][-1]
        if not positives or not negatives:
            return [np.nan] * len(METRICS)
        true, false = calls(called[0], weights)
        found, wrong = calls(called[1], weights)
        return [
            ranking.area_under_roc(*counts),
            ranking.average_precision(*counts),
            np.nan if called[0] is None else float(ranking.matthews(true, false, positives, negatives)),
            ranking.f_one(true, false, positives),
            found / positives,
            wrong / (found + wrong) if found + wrong > 0 else np.nan,
            calibration.calibration_error(labels, scores, weights) if probability else np.nan,
        ]

    return measure


def _undefined_of(found: Sample) -> dict[str, str]:
    return {name: found.reasons[name] for column, name in enumerate(found.names) if np.isnan(found.values[0, column])}


def _summary(values: np.ndarray, reason: str, limits: tuple[float, float] | None = None) -> dict[str, Any]:
    value, drawn = float(values[0]), values[1:][~np.isnan(values[1:])]
    if np.isnan(value):
        return undefined(reason)
    if len(drawn) < _ENOUGH_DRAWS:
        return {"value": value, "low": None, "high": None, "reason": FEW_BLOCKS}
    low, high = exact.widened(drawn, limits)
    return {"value": value, "low": low, "high": high}
