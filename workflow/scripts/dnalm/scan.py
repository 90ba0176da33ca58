"""Scanning a chromosome with a window scorer: which windows, and how their scores become one value a bin."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pysam

from dnalm import files, peaks, predict, seq, signal
from dnalm.logs import progress

Score = Callable[[np.ndarray], np.ndarray]
MOST_N = 0.1
PIECE = 20  # windows' length of a shuffled piece


def track(codes: np.ndarray, score: Score, window: int, stride: int) -> np.ndarray:
    """Mean probability of the windows that cover each bin; float32, one a bin, NaN where no window does.

    Windows start at 0, stride, 2 stride, … and bin i is [i stride, (i + 1) stride), the last one cut at the contig's
    end. Averaging over the windows that cover a bin whole turns a box as wide as a window into a peak over the site.
    """
    if len(codes) < window:
        return np.full(signal.bins_of(len(codes), stride), np.nan, np.float32)
    views = np.lib.stride_tricks.sliding_window_view(codes, window)[::stride]
    usable = np.flatnonzero(_share_of_n(codes, window, stride) <= MOST_N)
    values = np.full(len(views), np.nan)
    values[usable] = predict.sigmoid(score(_Picked(views, usable)))
    return signal.mean_of_windows(values, window, stride, len(codes))


def _share_of_n(codes: np.ndarray, window: int, stride: int) -> np.ndarray:
    unknown = np.concatenate([[0], np.cumsum(codes == seq.N)])
    starts = np.arange(0, len(codes) - window + 1, stride)
    return (unknown[starts + window] - unknown[starts]) / window


class _Picked:
    """Some rows of a large strided view, read a slice at a time: a chromosome's windows do not fit in memory."""

    def __init__(self, views: np.ndarray, rows: np.ndarray) -> None:
        self.views, self.rows = views, rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, part: slice) -> np.ndarray:
        return self.views[self.rows[part]]


def null_scores(
    fasta: pysam.FastaFile, sizes: dict[str, int], score: Score, window: int, stride: int, count: int, seed: int
) -> np.ndarray:
    """Heights of the local maxima on dinucleotide-shuffled pieces of the genome, scanned with about `count` windows.

    The null must be the same statistic as a candidate peak, so pieces of `PIECE` windows' length are shuffled and go
    through the same averaging over covering windows, and their maxima are taken a window apart.
    """
    rng = np.random.default_rng(seed)
    length = PIECE * window
    long = {name: size for name, size in sizes.items() if size >= length}
    if not long:
        return np.empty(0)
    pieces = -(-count * stride // (length - window + stride))
    share = np.array(list(long.values())) / sum(long.values())
    heights = []
    with progress("null", pieces, "shuffled pieces") as advance:
        for name, number in zip(long, rng.multinomial(pieces, share), strict=True):
            codes = seq.encode(seq.fetch(fasta, name, 0, long[name]))
            for piece in _pieces(codes, length, number, rng):
                values = track(seq.shuffle_dinucleotides(piece, rng), score, window, stride)
                heights.append(values[peaks.local_maxima(values, window // stride)])
                advance(1)
    return np.concatenate(heights) if heights else np.empty(0)


def _pieces(codes: np.ndarray, length: int, number: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Random stretches of a contig with little N; places in gaps are drawn again, a thousand times at most."""
    for _ in range(number):
        for _ in range(1000):
            start = int(rng.integers(0, len(codes) - length + 1))
            piece = codes[start : start + length]
            if (piece == seq.N).mean() <= MOST_N:
                yield piece
                break


def write_null(path: Path, scores: np.ndarray) -> None:
    """One column, `score`, highest first."""
    files.write_table(path, pd.DataFrame({"score": np.sort(scores)[::-1]}))
