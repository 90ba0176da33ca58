"""Comparisons within strata alone: areas and odds that no difference between the strata can make, or hide.

Mutation makes some classes of variants frequent whatever selection does, so scores are compared among variants of one
class; and a rate that is learnt elsewhere is low where positives are many (they are missing where it was learnt), so
it is compared within its fold alone. Labels are boolean [n], scores float [n] (greater means more likely positive),
weights counts [n], strata int [n]; rows of a stratum below 0 are left out. Whatever is undefined is NaN.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import scipy

from dnalm.metrics import bootstrap, exact

METRICS = ("auroc", "auprc")
NO_PAIRS = "no stratum holds both classes"
HALF = 0.5  # what is added to each cell of a table of counts, so that none is empty (Haldane 1956)


class Ties(NamedTuple):
    """Rows with one score in one stratum: the tie of each row [n]; the stratum of each tie and where strata begin.

    Ties are numbered by stratum and, within, from the highest score down.
    """

    row: np.ndarray
    stratum: np.ndarray
    first: np.ndarray

    def total(self, weights: np.ndarray) -> np.ndarray:
        """Weight of each tie, of weights [n]."""
        return np.bincount(self.row, weights, len(self.stratum))

    def summed(self, values: np.ndarray) -> np.ndarray:
        """Sum over each stratum of a value of each tie."""
        return np.bincount(self.stratum, values, len(self.first))

    def reached(self, values: np.ndarray) -> np.ndarray:
        """Sum of a value of each tie over those at or above it in its stratum."""
        running = np.zeros(len(values) + 1)
        np.cumsum(values, out=running[1:])
        return running[1:] - running[self.first][self.stratum]


def ties(scores: np.ndarray, strata: np.ndarray) -> Ties:
    """Sort rows once, for all resamples."""
    stratum = np.unique(strata, return_inverse=True)[1].reshape(-1)
    order = np.lexsort((-scores, stratum))
    new = np.ones(len(order), bool)
    new[1:] = (np.diff(stratum[order]) != 0) | (np.diff(scores[order]) != 0)
    row = np.empty(len(order), np.int64)
    row[order] = np.cumsum(new) - 1
    at = stratum[order][new]
    return Ties(row, at, np.flatnonzero(np.diff(at, prepend=-1)))


def measurer(labels: np.ndarray, scores: np.ndarray, strata: np.ndarray) -> Callable[[np.ndarray], list[float]]:
    """From weights of the rows to METRICS, each a mean over the strata that hold both classes.

    An AUROC weighs as it does in van Elteren's test, P N / (P + N + 1) for P positives and N negatives, which lets it
    vary least. An average precision weighs by P, and is what it were if the stratum had the prevalence of all rows:
    chance is then that prevalence, as of one stratum. (Of few positives chance is somewhat higher: the first of them
    may stand first by luck.) With one stratum both are those of `ranking`.
    """
    labels, sorted_ = labels.astype(bool), ties(scores, strata)

    def measure(weights: np.ndarray) -> list[float]:
        true, false = (sorted_.total(np.where(side, weights, 0)) for side in (labels, ~labels))
        positives, negatives = sorted_.summed(true), sorted_.summed(false)
        both = (positives > 0) & (negatives > 0)
        if not both.any():
            return [np.nan] * len(METRICS)
        above, wrong = sorted_.reached(true), sorted_.reached(false)
        pairs = np.where(both, positives * negatives, 1)
        area = sorted_.summed(false * (above - true / 2)) / pairs
        scale = np.where(both, positives, 0) / np.maximum(negatives, 1e-12) * (negatives.sum() / positives.sum())
        called = above + wrong * scale[sorted_.stratum]
        precision = sorted_.summed(true * above / np.maximum(called, 1e-12)) / np.maximum(positives, 1e-12)
        by_test = np.where(both, pairs / (positives + negatives + 1), 0)
        by_positives = np.where(both, positives, 0)
        return [float(by_test @ area / by_test.sum()), float(by_positives @ precision / by_positives.sum())]

    return measure


def sample(
    labels: np.ndarray,
    scores: np.ndarray,
    blocks: np.ndarray,
    strata: np.ndarray | None = None,
    missing: str = bootstrap.NO_SCORE,
    **options: Any,
) -> bootstrap.Sample:
    """Measure a score within strata, or in all rows, and in their resamples (`options` of `bootstrap.resampled`).

    `missing` is the reason to give where it is NaN.
    """
    strata = np.zeros(len(labels), np.int64) if strata is None else strata
    kept = strata >= 0
    if len(labels) and (not kept.any() or np.isnan(scores[kept]).any()):
        return bootstrap.resampled(None, METRICS, missing, blocks, **options)
    if len(np.unique(labels[kept])) < 2:
        return bootstrap.resampled(None, METRICS, bootstrap.ONE_CLASS, blocks, **options)
    within = measurer(labels[kept], scores[kept], strata[kept])
    found = bootstrap.resampled(lambda weights: within(weights[kept]), METRICS, NO_PAIRS, blocks, **options)
    sides = (np.bincount(strata[kept & side], minlength=strata.max() + 1) for side in (labels == 1, labels != 1))
    limits = exact.area(found.values[0, 0], np.minimum(*sides).sum())
    return found._replace(limits={"auroc": limits} if limits else {})


def shared(labels: np.ndarray, strata: np.ndarray) -> tuple[int, int]:
    """How many rows lie in strata that hold both classes, which alone say anything, and in how many of these."""
    positives, rows = (np.bincount(strata[strata >= 0], one) for one in (labels[strata >= 0], None))
    both = (positives > 0) & (positives < rows)
    return int(rows[both].sum()), int(both.sum())


def p_of_blocks(found: bootstrap.Sample, blocks: np.ndarray, chance: float = 0.5) -> float | None:
    """Two-sided p of a sample's AUROC against `chance`, by its spread over resampled blocks (Student's t).

    None where there is no spread to go by. It counts blocks, not rows: a million variants in ten loci are ten.
    """
    value, drawn = found.values[0, 0], found.values[1:, 0]
    spread = np.nanstd(drawn, ddof=1) if (~np.isnan(drawn)).sum() > 1 else 0
    if np.isnan(value) or not spread > 0:
        return None
    return float(2 * scipy.stats.t.sf(abs(value - chance) / spread, blocks.max() - blocks.min()))


def p_of_rows(labels: np.ndarray, scores: np.ndarray, strata: np.ndarray) -> float | None:
    """Two-sided p of Mann and Whitney's test, or with several strata of van Elteren's (1960), ties accounted for.

    It takes rows for independent, which variants of one locus are not: for comparison with what others report.
    None where a class or a score is missing, or where all scores of a stratum are one.
    """
    kept = strata >= 0
    if not kept.any() or np.isnan(scores[kept]).any():
        return None
    sorted_, ones = ties(scores[kept], strata[kept]), np.ones(kept.sum())
    true, size = sorted_.total(labels[kept].astype(float)), sorted_.total(ones)
    positives, rows = sorted_.summed(true), sorted_.summed(size)
    negatives = rows - positives
    above = sorted_.reached(true) - true / 2
    wins = sorted_.summed((size - true) * above) - positives * negatives / 2
    tied = sorted_.summed(size**3 - size) / np.maximum(rows * (rows - 1), 1)
    variance = positives * negatives / 12 * (rows + 1 - tied)
    spread = np.sqrt((variance / (rows + 1) ** 2).sum())
    return float(2 * scipy.stats.norm.sf(abs((wins / (rows + 1)).sum()) / spread)) if spread > 0 else None


def tails(scores: np.ndarray, strata: np.ndarray) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """From weights and shares to how far each row is among that share of its stratum that scores highest: [shares, n].

    0 to 1: rows that tie at the edge are in it in part, so that the tail is as large as was asked for. A score of two
    values can then be held against one that never ties; it gets what breaking its ties by lot would on average.
    """
    sorted_ = ties(scores, strata)

    def inside(weights: np.ndarray, shares: np.ndarray) -> np.ndarray:
        total = sorted_.total(weights)
        size, before = sorted_.summed(total)[sorted_.stratum], sorted_.reached(total) - total
        room = shares[:, None] * size - before
        return np.clip(room / np.maximum(total, 1e-12), 0, 1)[:, sorted_.row]

    return inside


def odds_ratio(labels: np.ndarray, inside: np.ndarray, weights: np.ndarray, strata: np.ndarray) -> float:
    """Odds of being positive inside (0 to 1, [n]) against those outside, pooled over strata (Mantel and Haenszel 1959).

    Haldane's half is shared by the strata as they share the rows, so that one stratum gets all of it, and many small
    ones do not draw the ratio to 1. NaN where no stratum has both classes, and rows inside and outside.
    """
    parts = [[weights * part * side for side in (labels, 1 - labels)] for part in (inside, 1 - inside)]
    cells = np.array([[np.bincount(strata, one) for one in pair] for pair in parts])  # [inside or not, class, strata]
    told = (cells.sum(0) > 0).all(0) & (cells.sum(1) > 0).all(0)
    if not told.any():
        return np.nan
    size = cells.sum((0, 1))[told]
    (a, b), (c, d) = cells[:, :, told] + HALF * size / size.sum()
    size = size + 4 * HALF * size / size.sum()
    return float((a * d / size).sum() / (b * c / size).sum())
