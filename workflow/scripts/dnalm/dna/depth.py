"""How deep intervals that may overlap cover a genome, and the same in wide bins, as a browser shows it zoomed out.

Places are rows (contig's number, start, end), 0-based, half-open.
"""

from collections.abc import Iterator

import numpy as np

from dnalm.dna import bbi

LEVELS, COARSER = 10, 4  # levels at most, and how much wider the bins of the next are
FIRST = 10  # times the mean width of an interval: bins of the finest level, as UCSC's writer has it
WIDE = 32  # bits of a position, in a number that orders places along the whole genome


def of(number: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Where the genome is covered and how deep: rows (contig's number, start, end, depth), in order, none of depth 0.

    Intervals [n] may overlap; int64 [stretches, 4].
    """
    edges, where = np.unique(np.r_[number << WIDE | start, number << WIDE | end], return_inverse=True)
    steps = np.bincount(where, np.repeat([1.0, -1.0], len(start)), len(edges))
    depth = np.cumsum(steps).round().astype(np.int64)[:-1]
    left, right = edges[:-1][depth > 0], edges[1:][depth > 0]
    low = (1 << WIDE) - 1
    return np.stack([left >> WIDE, left & low, right & low, depth[depth > 0]], axis=1)


def zoomed(covered: np.ndarray, width: int) -> np.ndarray:
    """Bins of `width` bases with anything in them, a ZOOM_RECORD each, of stretches as `of` has them.

    A record has the bases covered, and of the depth there the least, the greatest, the sum and the sum of squares.
    """
    number, start, end, depth = covered.T
    pieces = (end - 1) // width - start // width + 1
    row = np.repeat(np.arange(len(start)), pieces)
    bins = start[row] // width + np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    left, right = np.maximum(start[row], bins * width), np.minimum(end[row], (bins + 1) * width)
    first = np.flatnonzero(np.r_[True, (bins[1:] != bins[:-1]) | (number[row][1:] != number[row][:-1])])
    found, bases, deep = np.zeros(len(first), bbi.ZOOM_RECORD), right - left, depth[row].astype(float)
    found["contig"], found["start"] = number[row][first], left[first]
    found["end"] = right[np.r_[first[1:] - 1, len(row) - 1]]
    found["valid"] = np.add.reduceat(bases, first)
    found["values"] = np.stack(
        [np.minimum.reduceat(deep, first), np.maximum.reduceat(deep, first),
         np.add.reduceat(bases * deep, first), np.add.reduceat(bases * deep**2, first)], axis=1,
    )  # fmt: skip
    return found


def levels(covered: np.ndarray, mean: float) -> Iterator[tuple[int, np.ndarray]]:
    """(width, bins) of the zoom levels: finest first, until each contig is one bin."""
    width, contigs = max(1, int(FIRST * mean)), len(np.unique(covered[:, 0]))
    for _ in range(LEVELS):
        bins = zoomed(covered, width)
        yield width, bins
        width *= COARSER
        if len(bins) == contigs or width >= 1 << 31:
            return


def totals(covered: np.ndarray) -> tuple[int, float, float, float, float]:
    """Of the whole file: bases covered, and of the depth there least, greatest, sum and sum of squares."""
    if not len(covered):
        return 0, 0.0, 0.0, 0.0, 0.0
    bases, depth = covered[:, 2] - covered[:, 1], covered[:, 3].astype(float)
    return int(bases.sum()), depth.min(), depth.max(), float(bases @ depth), float(bases @ depth**2)
