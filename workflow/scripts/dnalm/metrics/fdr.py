"""False discovery rates: measured where the truth is known, or from a null that stands for nothing being there.

A probability of one half means nothing at the prevalence of a genome. How often a peak of some height was true where
the true ones are known says what to expect of others; where none is known, what is found where there is nothing to see.
"""

from typing import NamedTuple

import numpy as np
import scipy  # its parts when they are used

TAIL = 0.1  # share of the null that its tail is fitted to
LEAST_TAIL = 50  # values that a tail has to have


class Steps(NamedTuple):
    """Probability that what is this high is true: `probability` [k], from each of `heights` [k] (ascending) upward."""

    heights: np.ndarray
    probability: np.ndarray


def measured(heights: np.ndarray, hits: np.ndarray) -> Steps:
    """Isotonic regression of hit (true or not) on height, with one miss added above them all.

    The miss is what keeps n hits in a row from promising that the next cannot fail: they say n / (n + 1).
    """
    levels, place = np.unique(np.asarray(heights, np.float64), return_inverse=True)
    count = np.bincount(place, minlength=len(levels))
    share = np.bincount(place, weights=np.asarray(hits, float), minlength=len(levels)) / np.maximum(count, 1)
    fit = scipy.optimize.isotonic_regression(np.r_[share, 0.0], weights=np.r_[count, 1].astype(float)).x[:-1]
    return Steps(levels, fit)


def told(steps: Steps) -> list[dict[str, float]]:
    """Steps for JSON: height and probability of those where the probability changes."""
    rows = zip(*steps, np.r_[-1, steps.probability[:-1]], strict=True)
    return [{"height": float(height), "probability": float(true)} for height, true, before in rows if true != before]


def as_told(rows: list[dict[str, float]]) -> Steps:
    """Steps from what `told` made of them."""
    return Steps(*(np.array([row[key] for row in rows], float) for key in ("height", "probability")))


def probability(steps: Steps, heights: np.ndarray) -> np.ndarray:
    """What `steps` say of each height; below the lowest 0, between two what the lower says."""
    place = np.searchsorted(steps.heights, heights, "right") - 1
    return np.where(place >= 0, steps.probability[place.clip(0)], 0.0) if len(steps.heights) else np.zeros(len(heights))


def expected(true: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """q-values [n] by the probability [n] that each is true: mean of 1 - P over all that are at least as high."""
    order = np.argsort(-np.asarray(heights), kind="stable")
    false = np.cumsum(1 - true[order]) / np.arange(1, len(order) + 1)
    ordered = -np.asarray(heights)[order]
    last = np.searchsorted(ordered, ordered, "right") - 1  # of equal heights all are called or none
    q = np.empty(len(order))
    q[order] = np.minimum.accumulate(false[last][::-1])[::-1]
    return q


def elsewhere(heights: np.ndarray, known: np.ndarray, q: np.ndarray) -> np.ndarray:
    """q-values of heights that were not counted: that of the highest counted one that is no higher; 1 where none is."""
    order = np.argsort(known, kind="stable")
    place = np.searchsorted(known[order], heights, "right") - 1
    return np.where(place >= 0, q[order][place.clip(0)], 1.0) if len(order) else np.ones(len(heights))


def p_values(scores: np.ndarray, null: np.ndarray) -> np.ndarray:
    """(1 + number of null scores at least as high) / (1 + their number): never zero (Phipson and Smyth 2010)."""
    ordered = np.sort(null)
    above = len(ordered) - np.searchsorted(ordered, scores, "left")
    return (1 + above) / (1 + len(ordered))


def tail_p_values(scores: np.ndarray, null: np.ndarray) -> np.ndarray:
    """As `p_values`, but beyond the null's highest tenth by a generalised Pareto tail fitted to it.

    So a null of thousands can rank what lies above all of it (Knijnenburg et al., Bioinformatics 2009). A tail that
    would end is taken as an exponential one: nothing is impossible under a null, so what is too small for a float is
    the least that one holds. A null of fewer than ten times LEAST_TAIL values is taken as it is. Scores should be on a
    scale without an end, such as logits.
    """
    p = p_values(scores, null)
    if len(null) * TAIL < LEAST_TAIL:
        return p
    edge = np.quantile(null, 1 - TAIL)
    over = null[null > edge] - edge
    if not len(over) or over.max() <= 0:
        return p
    shape, _, scale = scipy.stats.genpareto.fit(over, floc=0)
    if shape < 0:
        shape, scale = 0.0, over.mean()
    beyond = scores > edge
    p[beyond] = len(over) / len(null) * scipy.stats.genpareto.sf(scores[beyond] - edge, shape, scale=scale)
    return np.maximum(p, np.finfo(float).tiny)


def q_values(p: np.ndarray) -> np.ndarray:
    """Benjamini-Hochberg: the least false discovery rate at which each would be called (JRSS B 1995)."""
    order = np.argsort(p, kind="stable")
    adjusted = p[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(adjusted[::-1])[::-1], 1)
    return q


def score_cutoff(scores: np.ndarray, q: np.ndarray, fdr: float, least: float) -> float | None:
    """The lowest candidate score that has q <= fdr and is at least `least`; None where there is none."""
    called = scores[(q <= fdr) & (scores >= least)]
    return float(called.min()) if len(called) else None
