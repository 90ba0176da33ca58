"""Called peaks against true ones on the places held out: one to one, how far apart, how much they share.

A match is a summit within a tolerance of a true one that no better call has taken; Jaccard is of the bases, which also
asks whether peaks are as wide as they are in truth. 0-based, half-open.
"""

from typing import Any

import numpy as np
import pandas as pd

from dnalm.dna import intervals
from dnalm.scan import held, peaks

NO_TRUTH = "no truth was given"
OF_TRUTH = ("truth", "matched", "precision", "recall", "f1", "distance", "jaccard")


def keep(table: pd.DataFrame, blacklist: pd.DataFrame | None, regions: list[str]) -> pd.DataFrame:
    """The peaks with a summit in the regions that do not touch the blacklist; nothing there is scored either way."""
    summits = pd.DataFrame({"chrom": table.chrom, "start": table.summit, "end": table.summit + 1})
    table = table[held.inside(summits, regions)].reset_index(drop=True)
    return table if blacklist is None else table[~intervals.overlaps(table, blacklist)].reset_index(drop=True)


def assess(called: pd.DataFrame, truth: pd.DataFrame | None, tolerance: int) -> dict[str, Any]:
    """The parts `peaks`, `curve` and `contigs` of a scorecard, of peaks that count (`keep`).

    `distance` is the median number of bases between the summits of a match, `contigs` the counts of each contig that
    has a call or a true peak. Without a truth what needs one is None, with the reason.
    """
    facts: dict[str, Any] = {
        "called": len(called),
        "bases": int((called.end - called.start).sum()),
        "tolerance": tolerance,
    }
    if truth is None:
        nothing = dict.fromkeys(OF_TRUTH) | {"reason": NO_TRUTH}
        return {"peaks": facts | nothing, "curve": peaks.curve(called, None, None), "contigs": {}}
    apart = peaks.distances(called, truth, tolerance)
    hit = ~np.isnan(apart)
    shared = rates(len(called), len(truth), int(hit.sum()))
    facts |= shared | {
        "distance": float(np.median(np.abs(apart[hit]))) if hit.any() else None,
        "jaccard": intervals.jaccard(called, truth),
    }
    contigs = {}
    for contig in sorted({*called.chrom, *truth.chrom}):
        here = (called.chrom == contig).to_numpy()
        contigs[contig] = rates(int(here.sum()), int((truth.chrom == contig).sum()), int(hit[here].sum()))
    return {"peaks": facts, "curve": peaks.curve(called, hit, len(truth)), "contigs": contigs}


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
