"""Call peaks on a scan's signal at a false discovery rate, against scores of shuffled windows."""

from pathlib import Path

import numpy as np
import pandas as pd

from dnalm import cli, peaks, signal
from dnalm.cli import Input, Output
from dnalm.logs import log


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
    p = peaks.p_values(scores, peaks.read_null(null))
    q = peaks.q_values(p)
    cutoff = peaks.score_cutoff(scores, q, fdr, min_score)
    if cutoff is None:
        log.info(f"no peak: none of {len(scores):,} local maxima has q <= {fdr} and a score of {min_score} or more")
    found = collect(signal, np.inf if cutoff is None else cutoff, merge_distance)
    peaks.write(out, peaks.narrow_peaks(found, scores, p, q))
    log.info(f"{len(found):,} peaks of {len(scores):,} local maxima")


def candidates(path: Path, distance: int) -> np.ndarray:
    """Scores of all local maxima, contig by contig."""
    with signal.reading(path) as bigwig:
        step = signal.step_of(bigwig)
        tracks = (signal.read(bigwig, contig, step) for contig in bigwig.chroms())
        return np.concatenate([track[peaks.local_maxima(track, distance // step)] for track in tracks])


def collect(path: Path, cutoff: float, distance: int) -> pd.DataFrame:
    """Peaks at or above the cutoff, contig by contig."""
    with signal.reading(path) as bigwig:
        step = signal.step_of(bigwig)
        found = [
            peaks.regions(signal.read(bigwig, contig, step), cutoff, step, length, distance).assign(chrom=contig)
            for contig, length in bigwig.chroms().items()
        ]
    return pd.concat(found, ignore_index=True)


if __name__ == "__main__":
    cli.run(main)
