"""False discovery rates from an empirical null: p-values, q-values, and the score at which a rate is kept.

A probability of one half means nothing at the prevalence of a genome; what a scan finds where there is nothing to see
does.
"""

import numpy as np


def p_values(scores: np.ndarray, null: np.ndarray) -> np.ndarray:
    """(1 + number of null scores at least as high) / (1 + their number): never zero (Phipson and Smyth 2010)."""
    ordered = np.sort(null)
    above = len(ordered) - np.searchsorted(ordered, scores, "left")
    return (1 + above) / (1 + len(ordered))


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
