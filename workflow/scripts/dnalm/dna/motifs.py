"""Position weight matrices: turned into log odds, slid over sequences on both strands.

A matrix is [width, 4] in A, C, G, T order. Its score is what a plain motif scan knows about a factor, and so the
baseline every model has to beat.
"""

import numpy as np

from dnalm.dna.seq import N

_BLOCK = 1 << 16  # positions scored at once: small enough for the cache


def log_odds(matrix: np.ndarray, pseudocount: float = 0.01, background: np.ndarray | None = None) -> np.ndarray:
    """Log2 odds [width, 4] of a probability matrix against a background (A, C, G, T; default a quarter each).

    The pseudocount is shared out by the background, so that a base never seen in the motif costs much but not all.
    """
    background = np.full(4, 0.25) if background is None else np.asarray(background, float)
    smoothed = (matrix + pseudocount * background) / (1 + pseudocount)
    return np.log2(smoothed / background)


def reverse(matrix: np.ndarray) -> np.ndarray:
    """The matrix (probabilities or log odds) of the same motif read on the other strand."""
    return matrix[::-1, ::-1]


def score_of_chance(log_odds: np.ndarray, chance: float) -> float:
    """The lowest score [bits] that a place on one strand reaches with a probability of `chance` at most.

    Bases are a quarter each; the scores of all sequences by convolution, to a hundredth of a bit (Staden, CABIOS 1989).
    inf where even the best match is likelier than that.
    """
    rows = np.floor((log_odds - log_odds.min(1, keepdims=True)) * 100).astype(int)
    counts = np.ones(1)
    for row in rows:
        longer = np.zeros(len(counts) + row.max())
        for more in row:
            longer[more : more + len(counts)] += counts / 4
        counts = longer
    above = counts[::-1].cumsum()[::-1]
    reached = np.flatnonzero((above <= chance) & (counts > 0))
    return float(log_odds.min(1).sum() + reached[0] / 100) if len(reached) else np.inf


def hit_scores(codes: np.ndarray, log_odds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Score of the motif starting at each position of [L] codes: (scores [L] float32, strand [L] int8).

    `scores[i]` is for [i, i + width), the better of both strands, -inf where the motif leaves the sequence or meets an
    N; `strand[i]` is 1 or -1 (ties 1), and 0 where there is no score.
    """
    scores, strand = np.full(len(codes), -np.inf, np.float32), np.zeros(len(codes), np.int8)
    width = len(log_odds)
    forward, backward = _table(log_odds), _table(reverse(log_odds))
    for start in range(0, len(codes) - width + 1, _BLOCK):
        block = codes[start : start + _BLOCK + width - 1]
        plus, minus = _slide(block, forward), _slide(block, backward)
        best = np.maximum(plus, minus)
        scores[start : start + len(best)] = best
        strand[start : start + len(best)] = np.where(best == -np.inf, 0, np.where(plus >= minus, 1, -1))
    return scores, strand


def best_hits(codes: np.ndarray, log_odds: np.ndarray) -> np.ndarray:
    """Best motif score of each window [n, W] over positions and both strands: float32 [n], -inf where none fits."""
    number, width = codes.shape
    best = np.full(number, -np.inf, np.float32)
    if width < len(log_odds):
        return best
    forward, backward = _table(log_odds), _table(reverse(log_odds))
    step = max(_BLOCK // width, 1)
    for start in range(0, number, step):
        block = codes[start : start + step]
        best[start : start + step] = np.maximum(_slide(block, forward), _slide(block, backward)).max(-1)
    return best


def _table(log_odds: np.ndarray) -> np.ndarray:
    """Log odds with a fifth column for N: a motif cannot be said to lie on unknown bases."""
    table = np.full((len(log_odds), N + 1), -np.inf, np.float32)
    table[:, :N] = log_odds
    return table


def _slide(codes: np.ndarray, table: np.ndarray) -> np.ndarray:
    places = codes.shape[-1] - len(table) + 1
    total = np.zeros((*codes.shape[:-1], places), np.float32)
    for offset, row in enumerate(table):
        total += row[codes[..., offset : offset + places]]
    return total


def least_score(log_odds: np.ndarray) -> np.float32:
    """The score of the worst match a motif can have: stands in for no match at all, so that scores stay finite."""
    return np.float32(log_odds.min(1).sum())
