"""Call peaks on a scan's signal at a false discovery rate that was measured where peaks are known."""

import dnalm.startup

from pathlib import Path

import numpy as np
import pandas as pd

from dnalm import cli, files, texts
from dnalm.cli import Input, Output
from dnalm.dna import assembly, bed, bigwig, intervals
from dnalm.logs import log
from dnalm.metrics import fdr as metrics_fdr
from dnalm.scan import calling, held, peaks
from dnalm.scan import null as scan_null
from dnalm.targets import replicates

NO_TRUTH = "no peaks are known on this genome"


def main(
    *,
    signal: Input,
    null: Input,
    genome: Input,
    out: Output,
    out_calling: Output,
    out_candidates: Output,
    truth: list[Input] | None = None,
    bound_in: str = "any",
    blacklist: Input | None = None,
    split: Input | None = None,
    fdr: float = 0.05,
    min_score: float = 0.0,
    merge_distance: int = 256,
    tolerance: int = 100,
    max_outside: float = assembly.MOST_OUTSIDE,
    seed: int = 0,
) -> None:
    """Write narrowPeak: name, score (1000 x probability), highest probability, -log10 p, -log10 q, summit offset.

    Candidates are the local maxima at least `merge_distance` bp apart; the lowest with q <= `fdr` and a probability of
    `min_score` or more sets the cutoff, and every candidate at or above it is a peak as wide as half its height.
    Where 20 or more true peaks are among the maxima of the validation places of `split` (the split.json of the model
    that scanned), q is the share of false ones that was seen there (isotonic in height; a hit is a summit within
    `tolerance` of one of `truth`, one to one). Elsewhere it is Benjamini-Hochberg's, of p from the maxima on shuffled
    sequence. Rates are over the test places; over all that was scanned where none was, and on a genome that the model
    was not taught on. calling.json holds both estimates and what they rest on, and the table of
    candidates all with a q of one half or less by one of them.
    """
    sizes = intervals.read_sizes(genome / "chrom.sizes")
    about = {} if split is None else texts.read_json(split)
    found = calling.maxima(signal, merge_distance)
    found["split"] = held.split_of(found, genome, about)
    counted, over = counting(found, not about or held.of_its_target(genome, about))
    p, shuffled = calling.by_null(found, counted, scan_null.read_null(null))
    seen = calling.Estimate(np.ones(len(found)), {}, NO_TRUTH)
    if truth:
        sites, _, unsure = replicates.truth(truth, bound_in, sizes, max(tolerance, 1), max_outside)
        listed = (
            unsure
            if blacklist is None
            else pd.concat([unsure, bed.read_intervals(blacklist, sizes, most_outside=max_outside)])
        )
        known = found[found.split == "validation"].reset_index(drop=True)
        hit, clear = calling.judged(known, sites, listed, tolerance)
        seen = calling.by_truth(found, counted, known.assign(hit=hit)[clear], fdr, seed)
    used = shuffled if seen.reason else seen
    scores = found.signal.to_numpy()
    cutoff = metrics_fdr.score_cutoff(scores[counted], used.q[counted], fdr, min_score)
    if cutoff is None:
        log.info(f"no peak: none of {counted.sum():,} maxima has q <= {fdr} and a score of {min_score} or more")
    regions = collect(signal, np.inf if cutoff is None else cutoff, merge_distance)
    peaks.write(out, peaks.narrow_peaks(regions, scores.astype(np.float32), p, used.q))
    ways = {"validation": (seen, seen.q), "null": (shuffled, shuffled.q)}
    report = {"asked": fdr, "min_score": min_score, "by": "null" if seen.reason else "validation", "cutoff": cutoff}
    report |= {"over": over, "candidates": int(counted.sum()), "called": int((scores[counted] >= (cutoff or 2)).sum())}
    for name, (estimate, q) in ways.items():
        at = metrics_fdr.score_cutoff(scores[counted], q[counted], fdr, min_score)
        called = 0 if at is None else int((scores[counted] >= at).sum())
        report[name] = {"cutoff": at, "called": called} | estimate.facts | {"reason": estimate.reason}
    files.write_json(out_calling, report)
    write_candidates(out_candidates, found.assign(p=p, q_validation=seen.q, q_null=shuffled.q))
    tell(report, len(regions))


def counting(found: pd.DataFrame, same: bool) -> tuple[np.ndarray, str]:
    """Which candidates the rate is over, and what these are called: of the genome it was taught on, test places."""
    test = (found.split == "test").to_numpy()
    return (test, "the test places") if same and test.any() else (np.ones(len(found), bool), "all that was scanned")


def collect(path: Path, cutoff: float, distance: int) -> pd.DataFrame:
    """Peaks at or above the cutoff, contig by contig."""
    with bigwig.reading(path) as signal:
        step = bigwig.step_of(signal)
        found = [
            peaks.regions(bigwig.read(signal, contig, step), cutoff, step, length, distance).assign(chrom=contig)
            for contig, length in signal.chroms().items()
        ]
    return pd.concat(found, ignore_index=True)


def write_candidates(path: Path, table: pd.DataFrame) -> None:
    """The candidates with a q of `calling.KEPT` or less by one of the two estimates, as they lie along the genome."""
    kept = table[["q_validation", "q_null"]].min(axis=1) <= calling.KEPT
    files.write_table(path, table[kept])


def tell(report: dict, called: int) -> None:
    """Log what was called, by which estimate, and what the other would have called."""
    by, other = (report["validation"], "null") if report["by"] == "validation" else (report["null"], "validation")
    log.info(f"{called:,} peaks; over {report['over']}: {report['called']:,} of {report['candidates']:,} maxima")
    if report["by"] == "validation":
        low, high = by["interval"] or (0, 0)
        log.info(
            f"rate from {by['true']:,} true ones of {by['maxima']:,} maxima of validation, {low:.3f} to {high:.3f}"
        )
    else:
        log.info(f"rate from {by['maxima']:,} maxima of shuffled sequence: {report['validation']['reason']}")
    log.info(f"by {other} it would be {report[other]['called']:,}")


if __name__ == "__main__":
    cli.run(main)
