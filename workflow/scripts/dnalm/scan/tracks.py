"""Scanning a chromosome with a window scorer: which windows, and how their scores become one value a bin."""

from collections.abc import Callable

import numpy as np

from dnalm.dna import bigwig, seq
from dnalm.metrics import calibration

Score = Callable[[np.ndarray], np.ndarray]
MOST_N = 0.1


def track(codes: np.ndarray, score: Score, window: int, stride: int) -> np.ndarray:
    """Mean probability of the windows that cover each bin; float32, one a bin, NaN where no window does.

    Windows start at 0, stride, 2 stride, … and bin i is [i stride, (i + 1) stride), the last one cut at the contig's
    end. Averaging over the windows that cover a bin whole turns a box as wide as a window into a peak over the site.
    """
    if len(codes) < window:
        return np.full(bigwig.bins_of(len(codes), stride), np.nan, np.float32)
    views = np.lib.stride_tricks.sliding_window_view(codes, window)[::stride]
    usable = np.flatnonzero(_share_of_n(codes, window, stride) <= MOST_N)
    values = np.full(len(views), np.nan)
    values[usable] = calibration.sigmoid(score(_Picked(views, usable)))
    return bigwig.mean_of_windows(values, window, stride, len(codes))


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
