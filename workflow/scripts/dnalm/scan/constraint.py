"""A track of what a language model expects along a genome, base by base: where it is sure, selection may have been.

No label is needed, so any genome has one, also the many for which nobody aligned relatives (phyloP wants dozens). What
a small model is sure of is above all composition and repeats: see the scorecard's chains. 0-based, half-open.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from dnalm.dna import seq

Chances = Callable[[np.ndarray], np.ndarray]  # windows [n, W] to log-probabilities of the four bases [n, W, 4]
TOGETHER = 128  # windows read at a time


class Track(NamedTuple):
    """One of the values that a base has: what it is, and the sign that makes high what is constrained."""

    label: str
    meaning: str
    values: Callable[[np.ndarray, np.ndarray], np.ndarray]
    sign: int


def log_probability(chances: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Log p of the base that is there, nats; NaN for N: [...] of chances [..., 4] and codes [...]."""
    there = np.where(codes < seq.N, codes, 0).astype(np.int64)
    return np.where(codes < seq.N, np.take_along_axis(chances, there[..., None], -1)[..., 0], np.nan)


def entropy(chances: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Entropy of the four chances, nats: 0 where one base is sure, log 4 where the model knows nothing."""
    return -(np.exp(chances) * chances).sum(-1)


def others(chances: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Mean log-likelihood ratio of the three other bases to the one that is there, nats; low: each change is odd."""
    there = log_probability(chances, codes)
    return (chances.sum(-1) - there) / 3 - there


TRACKS = {
    "log_probability": Track("log p of the base", "log-probability of the reference base, nats", log_probability, 1),
    "entropy": Track("entropy", "entropy of the four bases, nats", entropy, -1),
    "llr": Track("mean LLR of the others", "mean log-likelihood ratio of the other three bases, nats", others, -1),
}


def tiles(length: int, window: int, margin: int) -> list[tuple[int, int, int]]:
    """(start, first, stop) of the windows over a contig: each says [first, stop), and each base is said once.

    A base has at least `margin` bases of its window on either side, or all that the contig has.
    """
    if length <= window:
        return [(0, 0, length)]
    step, found, first = window - 2 * margin, [], 0
    for start in range(0, length - window + step, step):
        start = min(start, length - window)
        stop = length if start == length - window else start + window - margin
        found.append((start, first, stop))
        first = stop
    return found


def along(codes: np.ndarray, chances: Chances, window: int, margin: int, out: dict[str, np.ndarray]) -> Iterator[int]:
    """Fill `out`, an array [length] for each of TRACKS, along one contig; yields the windows read at each step.

    Windows that would say nothing, of N alone, are not read: their bases stay as they are in `out`.
    """
    cut = tiles(len(codes), window, margin)
    width = min(window, len(codes))
    for number in range(0, len(cut), TOGETHER):
        part = cut[number : number + TOGETHER]
        asked = [one for one in part if (codes[one[1] : one[2]] < seq.N).any()]
        if asked:
            windows = np.stack([codes[start : start + width] for start, _, _ in asked])
            said = chances(windows)
            for name, track in TRACKS.items():
                values = track.values(said, windows)
                for (start, first, stop), row in zip(asked, values, strict=True):
                    out[name][first:stop] = row[first - start : stop - start]
        yield len(part)
