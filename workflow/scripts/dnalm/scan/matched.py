"""Called peaks against true ones on the places held out: one to one, how far apart, how much they share.

A match is a summit within a tolerance of a true one that no better call has taken. All true peaks can be found, also
those that do not count (blacklisted, or with a summit just outside); a call that finds such a one is neither true nor
false. Jaccard is of the bases, which also asks whether peaks are as wide as they are in truth. 0-based, half-open.
"""

from typing import Any

import numpy as np
import pandas as pd

from dnalm.dna import intervals
from dnalm.scan import held, peaks

NO_TRUTH = "no truth was given"
OF_TRUTH = ("truth", "matched", "precision", "recall", "f1", "distance", "jaccard")


def counting(table: pd.DataFrame, blacklist: pd.DataFrame | None, regions: list[str] | None) -> np.ndarray:
    """Whether peaks count: the summit in the regions (anywhere without them), no base in the blacklist."""
    summits = pd.DataFrame({"chrom": table.chrom, "start": table.summit, "end": table.summit + 1})
    counts = np.ones(len(table), bool) if regions is None else held.inside(summits, regions)
    return counts if blacklist is None else counts & ~intervals.overlaps(table, blacklist)


def keep(table: pd.DataFrame, blacklist: pd.DataFrame | None, regions: list[str]) -> pd.DataFrame:
    """The peaks that count; what does not is scored neither way."""
    return table[counting(table, blacklist, regions)].reset_index(drop=True)


def settle(
    called: pd.DataFrame, truth: pd.DataFrame, counts: np.ndarray, tolerance: int
) -> tuple[np.ndarray, np.ndarray]:
    """(distances, stays) of calls: how far from the true peak that each finds, and whether that one `counts`.

    Calls are matched to all true peaks first: one on a true peak that does not count is not false for that. A call that
    finds none (NaN) stays.
    """
    apart = peaks.distances(called, truth, tolerance)
    others = set(zip(truth.chrom[~counts], truth.summit[~counts], strict=True))
    found = zip(called.chrom, called.summit - apart, strict=True)
    return apart, np.array([place not in others for place in found], bool)


def assess(
    called: pd.DataFrame, truth: pd.DataFrame | None, tolerance: int, counts: np.ndarray | None = None
) -> dict[str, Any]:
    """The parts `peaks`, `curve` and `contigs` of a scorecard, of calls that count and of all true peaks.

    `counts` says which of these count (`counting`), all where left out. A call that finds another leaves both sides, so
    recall is of the true peaks that count, and never above 1. `distance` is the median number of bases between the
    summits of a match, `contigs` the counts of each contig that has a call or a true peak. Without a truth what needs
    one is None, with the reason.
    """
    if truth is None:
        nothing = dict.fromkeys(OF_TRUTH) | {"reason": NO_TRUTH}
        return {"peaks": _size(called, tolerance) | nothing, "curve": peaks.curve(called, None, None), "contigs": {}}
    counts = np.ones(len(truth), bool) if counts is None else counts
    apart, stays = settle(called, truth, counts, tolerance)
    called, truth, apart = called[stays].reset_index(drop=True), truth[counts].reset_index(drop=True), apart[stays]
    hit = ~np.isnan(apart)
    shared = rates(len(called), len(truth), int(hit.sum()))
    facts = _size(called, tolerance) | shared
    facts |= {
        "distance": float(np.median(np.abs(apart[hit]))) if hit.any() else None,
        "jaccard": intervals.jaccard(called, truth),
    }
    contigs = {}
    for contig in sorted({*called.chrom, *truth.chrom}):
        here = (called.chrom == contig).to_numpy()
        contigs[contig] = rates(int(here.sum()), int((truth.chrom == contig).sum()), int(hit[here].sum()))
    return {"peaks": facts, "curve": peaks.curve(called, hit, len(truth)), "contigs": contigs}


def _size(called: pd.DataFrame, tolerance: int) -> dict[str, Any]:
    return {"called": len(called), "bases": int((called.end - called.start).sum()), "tolerance": tolerance}


def rates(called: int, truth: int, matched: int) -> dict[str, Any]:
    """Counts, and precision, recall and F1 by them; None where there is nothing to divide by."""
    return {
        "called": called,
        "truth": truth,
        "matched": matched,
        "precision": matched / called if called else None,
        "recall": matched / truth if truth else None,
        "f1": 2 * matched / (called + truth) if called + truth else None,
    }
