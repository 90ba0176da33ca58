"""Scanning a chromosome with a window scorer: which windows, and how their scores become one value a bin."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pysam

from dnalm import files, predict, seq, signal

Score = Callable[[np.ndarray], np.ndarray]
MOST_N = 0.1


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
    fasta: pysam.FastaFile, sizes: dict[str, int], score: Score, window: int, count: int, seed: int
) -> np.ndarray:
    """Probabilities of `count` dinucleotide-shuffled windows drawn over the contigs by length (float64)."""
    rng = np.random.default_rng(seed)
    long = {name: size for name, size in sizes.items() if size >= window}
    if not long or count == 0:
        return np.empty(0)
    share = np.array(list(long.values())) / sum(long.values())
    shuffled = []
    for name, number in zip(long, rng.multinomial(count, share), strict=True):
        codes = seq.encode(seq.fetch(fasta, name, 0, long[name]))
        for start in rng.integers(0, long[name] - window + 1, number):
            piece = codes[start : start + window]
            if (piece == seq.N).mean() <= MOST_N:
                shuffled.append(seq.shuffle_dinucleotides(piece, rng))
    return predict.sigmoid(score(np.array(shuffled))) if shuffled else np.empty(0)


def write_null(path: Path, scores: np.ndarray) -> None:
    """One column, `score`, highest first."""
    files.write_table(path, pd.DataFrame({"score": np.sort(scores)[::-1]}))
