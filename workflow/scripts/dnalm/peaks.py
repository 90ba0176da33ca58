"""Peaks of a signal: local maxima that a shuffled genome would not give, merged, and matched with a truth.

The threshold comes from an empirical null (the model on dinucleotide-shuffled windows) by way of Benjamini-Hochberg
q-values, not from a probability of one half, which means nothing at the prevalence of a genome. 0-based, half-open.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy import signal as scipy_signal

from dnalm import files, intervals
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
    return scipy_signal.find_peaks(padded, distance=max(distance, 1))[0] - 1


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


def regions(values: np.ndarray, cutoff: float, step: int, length: int, distance: int) -> pd.DataFrame:
    """Bins at or above `cutoff`, those at most `distance` bp apart merged: start, end, signal (maximum), peak (offset).

    The summit is the centre of the highest bin; of a plateau (the first, where there are several) the middle.
    """
    high = np.flatnonzero(values >= cutoff)
    if not len(high):
        return pd.DataFrame({"start": [], "end": [], "signal": [], "peak": []}).astype({"start": int, "end": int})
    breaks = np.flatnonzero((np.diff(high) - 1) * step > distance) + 1
    firsts, lasts = high[np.r_[0, breaks]], high[np.r_[breaks - 1, len(high) - 1]]
    rows = []
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        inside = values[first : last + 1]
        top = int(np.nanargmax(inside))
        stop = top
        while stop + 1 < len(inside) and inside[stop + 1] == inside[top]:
            stop += 1
        start, end = first * step, min((last + 1) * step, length)
        middle = ((first + top) * step + min((first + stop + 1) * step, length)) // 2
        rows.append((start, end, float(inside[top]), middle - start))
    return pd.DataFrame(rows, columns=["start", "end", "signal", "peak"])


def narrow_peaks(found: pd.DataFrame, candidates: np.ndarray, p: np.ndarray, q: np.ndarray) -> pd.DataFrame:
    """NarrowPeak rows, sorted, of regions (chrom, start, end, signal, peak), with p and q of the region's maximum."""
    order = np.argsort(candidates, kind="stable")
    place = order[np.searchsorted(candidates[order], found.signal.to_numpy(np.float32)).clip(max=len(order) - 1)]
    table = found.assign(p=-np.log10(p[place]), q=-np.log10(q[place]), strand=".")
    table = table.sort_values(["chrom", "start"], kind="stable").reset_index(drop=True)
    table["name"] = [f"peak_{number}" for number in range(1, len(table) + 1)]
    table["score"] = (table.signal * 1000).round().clip(0, 1000).astype(int)
    return table[COLUMNS]


def write(path: Path, table: pd.DataFrame) -> None:
    """Write narrowPeak, gzipped where the name says so; no peak gives an empty file."""
    files.write_table(path, table, header=False)


def read_called(path: Path) -> pd.DataFrame:
    """Read what `write` wrote (an empty file is no peak), with q as a rate and `summit` as an absolute position."""
    if not any(line.strip() for line in intervals.read_text(path)):
        table = pd.DataFrame(columns=COLUMNS).astype(
            {"start": int, "end": int, "peak": int, "signal": float, "q": float}
        )
    else:
        intervals.read_peaks(path)  # names file and line of whatever is malformed
        table = pd.read_csv(path, sep="\t", names=COLUMNS, dtype={"chrom": str})
        if table[["signal", "q", "peak"]].isna().any(axis=None):
            raise InputError(f"{path}: got fewer than 10 columns, wanted narrowPeak as call_peaks writes it")
    return table.assign(q=10.0**-table.q, summit=table.start + table.peak)


def read_null(path: Path) -> np.ndarray:
    """Null scores (column `score`); at least one is needed, for without a null nothing can be called."""
    table = pd.read_csv(path, sep="\t")
    if "score" not in table or table.empty or table.score.isna().any():
        raise InputError(f"{path}: got no null scores, wanted a column `score`; scan with --null-windows 1000 or more")
    return table.score.to_numpy(np.float32)


def match(called: pd.DataFrame, truth: pd.DataFrame, tolerance: int) -> np.ndarray:
    """Which called peaks (table's order) find a truth summit within `tolerance` bp that no better one has taken.

    One to one, the highest signal first, each taking the nearest free summit: two calls on one site are one hit.
    """
    hit = np.zeros(len(called), bool)
    places = {chrom: np.sort(group.summit.to_numpy()) for chrom, group in truth.groupby("chrom")}
    free = {chrom: np.ones(len(summits), bool) for chrom, summits in places.items()}
    chroms, summits = called.chrom.to_numpy(), called.summit.to_numpy()
    for row in np.argsort(-called.signal.to_numpy(), kind="stable"):
        there = places.get(chroms[row], np.zeros(0, int))
        first, stop = np.searchsorted(there, [summits[row] - tolerance, summits[row] + tolerance + 1])
        near = [place for place in range(first, stop) if free[chroms[row]][place]]
        if near:
            nearest = min(near, key=lambda place: abs(there[place] - summits[row]))
            free[chroms[row]][nearest], hit[row] = False, True
    return hit


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
