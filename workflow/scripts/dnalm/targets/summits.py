"""Where in a peak its site is: the summit that the peak came with, or the factor's motif. 0-based, half-open."""

import numpy as np
import pandas as pd
import pysam

from dnalm.dna import motifs, seq
from dnalm.genome import fasta as genome_fasta
from dnalm.targets import motif_sites


def at_motif(peaks: pd.DataFrame, fasta: pysam.FastaFile, log_odds: np.ndarray) -> tuple[pd.DataFrame, float | None]:
    """Put the summit of each peak on the middle base of its best hit: (peaks, the score that hits have to reach).

    That is the lower quartile of the peaks' best; what has no such hit is no site (`no_motif`), for an unbound site has
    one. Peaks with a `reason` already stay as they are. A hit of an even width has its middle right of the middle.
    """
    sites = np.flatnonzero(peaks.reason == "")
    best, place = np.full(len(peaks), -np.inf), np.zeros(len(peaks), np.int64)
    for row in sites.tolist():
        letters = genome_fasta.fetch(fasta, peaks.chrom[row], int(peaks.start[row]), int(peaks.end[row]))
        scores = motifs.hit_scores(seq.encode(letters), log_odds)[0]
        place[row], best[row] = scores.argmax(), scores.max()
    threshold = motif_sites.least(best[sites])
    found = np.isfinite(best) & (best >= (np.inf if threshold is None else threshold))
    summit = np.where(found, peaks.start + place + len(log_odds) // 2, peaks.summit)
    reason = np.where((peaks.reason == "") & ~found, "no_motif", peaks.reason)
    return peaks.assign(summit=summit, reason=reason), threshold
