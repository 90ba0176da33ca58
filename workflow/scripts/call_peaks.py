"""Call peaks on a scan's signal at a false discovery rate, against scores of shuffled windows."""

import dnalm.startup

from pathlib import Path

import numpy as np
import pandas as pd

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.dna import bigwig as dna_bigwig
from dnalm.logs import log
from dnalm.metrics import fdr as metrics_fdr
from dnalm.scan import null as scan_null
from dnalm.scan import peaks


def main(
    *,
    signal: Input,
    null: Input,
    out: Output,
    fdr: float = 0.05,
    min_score: float = 0.0,
    merge_distance: int = 256,
) -> None:
    """Write narrowPeak: name, score (1000 x probability), highest probability, -log10 p, -log10 q, summit offset.

    Candidates are the local maxima at least `merge_distance` bp apart; the lowest with q <= `fdr` and a probability of
    `min_score` or more sets the cutoff, and every candidate at or above it is a peak as wide as half its height.
    The null holds the same kind of maxima on shuffled sequence. With a null of n maxima and m candidates no peak can be
    had at an FDR f unless m / (f n) candidates beat the whole null: scan with more --null-windows where that is many.
    """
    scores = candidates(signal, merge_distance)
    p = metrics_fdr.p_values(scores, scan_null.read_null(null))
    q = metrics_fdr.q_values(p)
    cutoff = metrics_fdr.score_cutoff(scores, q, fdr, min_score)
    if cutoff is None:
        log.info(f"no peak: none of {len(scores):,} local maxima has q <= {fdr} and a score of {min_score} or more")
    found = collect(signal, np.inf if cutoff is None else cutoff, merge_distance)
    peaks.write(out, peaks.narrow_peaks(found, scores, p, q))
    log.info(f"{len(found):,} peaks of {len(scores):,} local maxima")


def candidates(path: Path, distance: int) -> np.ndarray:
    """Scores of all local maxima, contig by contig."""
    with dna_bigwig.reading(path) as bigwig:
        step = dna_bigwig.step_of(bigwig)
        tracks = (dna_bigwig.read(bigwig, contig, step) for contig in bigwig.chroms())
        return np.concatenate([track[peaks.local_maxima(track, distance // step)] for track in tracks])


def collect(path: Path, cutoff: float, distance: int) -> pd.DataFrame:
    """Peaks at or above the cutoff, contig by contig."""
    with dna_bigwig.reading(path) as bigwig:
        step = dna_bigwig.step_of(bigwig)
        found = [
            peaks.regions(dna_bigwig.read(bigwig, contig, step), cutoff, step, length, distance).assign(chrom=contig)
            for contig, length in bigwig.chroms().items()
        ]
    return pd.concat(found, ignore_index=True)


if __name__ == "__main__":
    cli.run(main)
