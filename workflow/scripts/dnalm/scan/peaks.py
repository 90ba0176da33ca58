"""Peaks of a signal: local maxima, how wide they are, and which of them match a truth. 0-based, half-open."""

from pathlib import Path

import numpy as np
import pandas as pd
import scipy  # its parts when they are used: a figure looks for no maxima

from dnalm import texts
from dnalm.dna import bed
from dnalm.errors import InputError

# narrowPeak (ENCODE BED6+4); p and q as -log10, peak as the summit's offset from start
COLUMNS = ["chrom", "start", "end", "name", "score", "strand", "signal", "p", "q", "peak"]
_LOST = 1e-9


def local_maxima(values: np.ndarray, distance: int) -> np.ndarray:
    """Indices of the maxima of [bins] that are `distance` bins or more apart, higher ones first served.

    Of a plateau the middle; NaN counts as lower than anything, so that an edge or a gap may border a peak.
    """
    level = np.where(np.isnan(values), -np.inf, values)
    padded = np.r_[-np.inf, level, -np.inf]
    return scipy.signal.find_peaks(padded, distance=max(distance, 1))[0] - 1


def regions(values: np.ndarray, cutoff: float, step: int, length: int, distance: int) -> pd.DataFrame:
    """A peak for each local maximum at or above `cutoff`: start, end, signal (maximum), peak (summit's offset).

    Maxima are `distance` bp or more apart. A peak reaches from its summit, the centre of the highest bin, as far as the
    signal stays above the cutoff and above half its height, and not past the lowest bin between two summits; so that
    neighbouring sites stay apart and a peak is as wide as it looks.
    """
    tops = np.array([top for top in local_maxima(values, distance // step) if values[top] >= cutoff], int)
    rows = []
    for number, top in enumerate(tops.tolist()):
        left = 0 if number == 0 else _valley(values, int(tops[number - 1]), top)
        right = len(values) if number + 1 == len(tops) else _valley(values, top, int(tops[number + 1]))
        low = ~(values[left:right] >= max(cutoff, values[top] / 2))  # NaN is low: a gap ends a peak
        before, after = np.flatnonzero(low[: top - left]), np.flatnonzero(low[top - left :])
        first = left + int(before[-1]) + 1 if len(before) else left
        stop = top + int(after[0]) if len(after) else right
        middle = (top * step + min((top + 1) * step, length)) // 2
        rows.append((first * step, min(stop * step, length), float(values[top]), middle - first * step))
    table = pd.DataFrame(rows, columns=["start", "end", "signal", "peak"])
    return table.astype({"start": int, "end": int, "signal": float, "peak": int})


def _valley(values: np.ndarray, left: int, right: int) -> int:
    """The lowest bin between two summits, which belongs to the right one."""
    return left + 1 + int(np.nanargmin(np.nan_to_num(values[left + 1 : right + 1], nan=-np.inf)))


def read_rows(path: Path) -> pd.DataFrame:
    """The rows that `narrow.write` wrote (empty: no peak), as they stand there."""
    if not texts.read(path).strip():
        return pd.DataFrame(columns=COLUMNS).astype(
            dict.fromkeys(("start", "end", "score", "peak"), int) | dict.fromkeys(("signal", "p", "q"), float)
        )
    bed.read_peaks(path)  # names file and line of whatever is malformed
    table = pd.read_csv(path, sep="\t", names=COLUMNS, dtype={"chrom": str})
    if table[["signal", "q", "peak"]].isna().any(axis=None):
        raise InputError(f"{path}: got fewer than 10 columns, wanted narrowPeak as call_peaks writes it")
    return table


def read_called(path: Path) -> pd.DataFrame:
    """The called peaks of a file (`read_rows`), with q as a rate and `summit` as an absolute position."""
    table = read_rows(path)
    return table.assign(q=10.0**-table.q, summit=table.start + table.peak)


def match(called: pd.DataFrame, truth: pd.DataFrame, tolerance: int) -> np.ndarray:
    """Which called peaks (table's order) find a truth summit within `tolerance` bp that no better one has taken."""
    return ~np.isnan(distances(called, truth, tolerance))


def distances(called: pd.DataFrame, truth: pd.DataFrame, tolerance: int) -> np.ndarray:
    """How far (bp, positive: to the right) each called summit lies from the true one that it finds; NaN: finds none.

    One to one, the highest signal first, each taking the nearest free summit: two calls on one site are one hit.
    """
    apart = np.full(len(called), np.nan)
    places = {chrom: np.sort(group.summit.to_numpy()) for chrom, group in truth.groupby("chrom")}
    free = {chrom: np.ones(len(summits), bool) for chrom, summits in places.items()}
    chroms, summits = called.chrom.to_numpy(), called.summit.to_numpy()
    for row in np.argsort(-called.signal.to_numpy(), kind="stable"):
        there = places.get(chroms[row], np.zeros(0, int))
        first, stop = np.searchsorted(there, [summits[row] - tolerance, summits[row] + tolerance + 1])
        near = [place for place in range(first, stop) if free[chroms[row]][place]]
        if near:
            nearest = min(near, key=lambda place: abs(there[place] - summits[row]))
            free[chroms[row]][nearest], apart[row] = False, summits[row] - there[nearest]
    return apart


def curve(called: pd.DataFrame, hit: np.ndarray | None, truth: int | None, points: int = 50) -> list[dict]:
    """Number of peaks, precision and recall at each q-value threshold (at most `points` of them, least first).

    Precision and recall are None without a truth (`hit` and `truth` None).
    """
    q = called.q.to_numpy()
    levels = np.unique(q)
    levels = levels[np.unique(np.linspace(0, len(levels) - 1, points).round().astype(int))] if len(levels) else levels
    rows = []
    for level in levels:
        passed = q <= level * (1 + _LOST)
        found = None if hit is None else int(hit[passed].sum())
        rows.append(
            {
                "q": float(level),
                "called": int(passed.sum()),
                "precision": None if found is None else found / int(passed.sum()),
                "recall": found / truth if found is not None and truth else None,
            }
        )
    return rows
