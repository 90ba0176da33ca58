"""Byte-pair merges by linear passes over an array that shortens as it goes: one byte a token, for genomes of gigabases.

A pass reads every token, so a merge costs the array's length, whatever the pair's count. It suits the first merges of a
large genome: frequent pairs, and lists of their places would be four times as large as the array.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numba
import numpy as np

BREAK, STOP = 255, 65535  # between stretches, where tokens have 8 and 16 bits; the largest of their type


@dataclass
class Passes:
    """The array in parts that end at breaks, shortened in place by each merge; pair counts; the words' lengths."""

    parts: list[np.ndarray]
    counts: np.ndarray  # int64 [ids, ids]
    lengths: np.ndarray  # int64 [ids], bases
    used: int  # ids in use
    pool: ThreadPoolExecutor

    def size(self) -> int:
        """Cells left."""
        return sum(map(len, self.parts))

    def top(self) -> tuple[int, int, int]:
        """The largest count and its pair; of equal ones the smallest ids."""
        counts = self.counts[: self.used, : self.used]
        left, right = divmod(int(counts.argmax()), self.used)
        return int(counts[left, right]), left, right

    def merge(self, left: int, right: int, new: int, longest: int) -> None:
        """Replace the pair everywhere by `new`, the next id; too long pairs do not count from now on."""
        if new == BREAK:  # a byte holds no more ids
            self.parts = [widened(self.parts.pop(0)) for _ in range(len(self.parts))]
        size = len(self.counts)
        if new >= size:
            self.counts = np.pad(self.counts, (0, size))
            self.lengths = np.pad(self.lengths, (0, size))
        self.used = new + 1
        self.lengths[new] = self.lengths[left] + self.lengths[right]

        def one(part: np.ndarray) -> tuple[int, np.ndarray, np.ndarray]:
            before, after = np.zeros(len(self.counts), np.int64), np.zeros(len(self.counts), np.int64)
            return replace(part, left, right, new, np.iinfo(part.dtype).max, before, after), before, after

        found = list(self.pool.map(one, self.parts))
        self.parts = [part[:kept] for part, (kept, _, _) in zip(self.parts, found, strict=True)]
        before, after = sum(one[1] for one in found), sum(one[2] for one in found)
        short = self.lengths + self.lengths[new] <= longest
        self.counts[:, left] -= before
        self.counts[:, new] += before * short
        self.counts[right, :] -= after
        self.counts[new, :] += after * short
        self.counts[left, right] = 0


def start(bases: np.ndarray, threads: int) -> Passes:
    """Count the pairs of an array of bases 0 to 3 with breaks."""
    pool = ThreadPoolExecutor(max(threads, 1))
    parts = cut(bases, max(threads, 1))
    counts = np.zeros((1024, 1024), np.int64)
    counts[:4, :4] = sum(pool.map(count_pairs, parts))
    lengths = np.zeros(1024, np.int64)
    lengths[:4] = 1
    return Passes(parts, counts, lengths, 4, pool)


def cut(bases: np.ndarray, parts: int) -> list[np.ndarray]:
    """At most `parts` views of about equal length, each but the last ending with a break."""
    places = [0]
    for number in range(1, parts):
        at = max(len(bases) * number // parts, places[-1])
        here = next_break(bases, at)
        if here < len(bases):
            places.append(here + 1)
    places.append(len(bases))
    return [bases[low:high] for low, high in pairwise(places)]


def join(state: Passes) -> np.ndarray:
    """The parts as one array of 16-bit tokens; the parts are given up one by one, and widened a piece at a time."""
    cells, end = np.empty(state.size(), np.uint16), 0
    while state.parts:
        part = state.parts.pop(0)
        for low in range(0, len(part), 1 << 24):
            piece = part[low : low + (1 << 24)]
            cells[end : end + len(piece)] = widened(piece)
            end += len(piece)
    return cells


def widened(part: np.ndarray) -> np.ndarray:
    """Tokens as uint16, with `STOP` for breaks."""
    if part.dtype == np.uint16:
        return part
    return np.where(part == BREAK, np.uint16(STOP), part.astype(np.uint16))


@numba.njit(cache=True, nogil=True)
def next_break(bases, start):
    """Index of the first break from `start` on, or the length."""
    while start < len(bases) and bases[start] != BREAK:
        start += 1
    return start


@numba.njit(cache=True, nogil=True)
def count_pairs(bases):
    """Overlapping counts of the 16 pairs of bases; int64 [4, 4]."""
    counts = np.zeros((256, 256), np.int64)  # pairs with a break are counted as well and cut off: no test a base
    for at in range(len(bases) - 1):
        counts[bases[at], bases[at + 1]] += 1
    return counts[:4, :4].copy()


@numba.njit(cache=True, nogil=True)
def replace(cells, left, right, new, stop, before, after):
    """Shorten `cells` in place; add to `before` and `after` the neighbours of each replacement; the new length."""
    written, read, size = 0, 0, len(cells)
    while read < size:
        token = cells[read]
        if token == left and read + 1 < size and cells[read + 1] == right:
            if written > 0 and cells[written - 1] != stop:
                before[cells[written - 1]] += 1
            # not merged yet: where it will be, its own replacement sets the count right
            if read + 2 < size and cells[read + 2] != stop:
                after[cells[read + 2]] += 1
            cells[written] = new
            read += 2
        else:
            cells[written] = token
            read += 1
        written += 1
    return written
