"""Call peaks on a scan's signal at a false discovery rate that was measured where peaks are known."""

import dnalm.startup

from pathlib import Path

import numpy as np
import pandas as pd

from dnalm import cli, files, texts
from dnalm.cli import Input, Output
from dnalm.dna import assembly, bigwig, intervals
from dnalm.logs import log
from dnalm.metrics import fdr as metrics_fdr
from dnalm.scan import calling, held, narrow, peaks
from dnalm.scan import null as scan_null
from dnalm.targets import replicates

NO_TRUTH = "no peaks are known on this genome"
NULLS = {"null": scan_null.SHUFFLED, "decoys": scan_null.DECOYS}
ESTIMATES = ("validation", "home", "nulls", *NULLS)  # the first that there is is used


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
    home: Input | None = None,
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
    that scanned), q is the share of false ones that was seen there (`metrics/hit_curve`; a hit is a summit within
    `tolerance` of one of `truth`, one to one). On a genome without known peaks it is the share that was seen at that
    height on the genome that the model was taught on, where `home` is calling.json of its scan; else it is
    Benjamini-Hochberg's, of p from the maxima on shuffled sequence, or what decoys (the genome without its motif) say
    where the scan has these and they are more careful: the one tempts too little on one genome, the other on another.
    Rates are over the test places; over all that was scanned where none was, and on a genome that the model was not
    taught on. calling.json holds all estimates and what they rest on, and the table of candidates all with a q of one
    half or less by one of them.
    """
    sizes = intervals.read_sizes(genome / "chrom.sizes")
    about = {} if split is None else texts.read_json(split)
    found = calling.maxima(signal, merge_distance)
    found["split"] = pd.Categorical(held.split_of(found, genome, about))
    counted, over = counting(found, not about or held.of_its_target(genome, about))
    nulls = scan_null.read_null(null)
    by_null = {name: calling.by_null(found, counted, nulls[kind]) for name, kind in NULLS.items() if len(nulls[kind])}
    seen = calling.Estimate(np.ones(len(found)), {}, NO_TRUTH)
    if truth:
        sites, _, listed = replicates.known(truth, blacklist, bound_in, sizes, max(tolerance, 1), max_outside)
        seen = calling.by_validation(found, counted, sites, listed, tolerance, fdr, seed)
    estimates = {"validation": seen}
    if home is not None:
        estimates["home"] = calling.by_home(found, counted, texts.read_json(home))
    p = np.max([p for p, _ in by_null.values()], axis=0)
    if len(by_null) > 1:
        estimates["nulls"] = calling.most_careful([estimate for _, estimate in by_null.values()])
    estimates |= {name: estimate for name, (_, estimate) in by_null.items()}
    by = next(name for name in ESTIMATES if name in estimates and not estimates[name].reason)
    report = {"asked": fdr, "min_score": min_score, "by": by, "over": over, "candidates": int(counted.sum())}
    for name, estimate in estimates.items():
        report[name] = at_rate(found.signal.to_numpy()[counted], estimate.q[counted], fdr, min_score)
        report[name] |= estimate.facts | {"reason": estimate.reason}
    cutoff = report[by]["cutoff"]
    regions = collect(signal, np.inf if cutoff is None else cutoff, merge_distance)
    narrow.write(out, narrow.narrow_peaks(regions, found.signal.to_numpy(np.float32), p, estimates[by].q))
    files.write_json(out_calling, report)
    write_candidates(out_candidates, found, p, {name: estimate.q for name, estimate in estimates.items()})
    tell(report, len(regions))


def at_rate(heights: np.ndarray, q: np.ndarray, fdr: float, min_score: float) -> dict:
    """The lowest height that keeps a rate, and how many of the candidates reach it."""
    cutoff = metrics_fdr.score_cutoff(heights, q, fdr, min_score)
    return {"cutoff": cutoff, "called": 0 if cutoff is None else int((heights >= cutoff).sum())}


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


def write_candidates(path: Path, found: pd.DataFrame, p: np.ndarray, q: dict[str, np.ndarray]) -> None:
    """The candidates with a q of `calling.KEPT` or less by one of the estimates, as they lie along the genome."""
    kept = np.min(list(q.values()), axis=0) <= calling.KEPT
    rates = {f"q_{name}": values[kept] for name, values in q.items()}
    files.write_table(path, found[kept].assign(p=p[kept], **rates))


def tell(report: dict, called: int) -> None:
    """Log what was called, by which estimate, and what the other would have called."""
    used, seen = report[report["by"]], report["validation"]
    log.info(f"{called:,} peaks; over {report['over']} {used['called']:,} of {report['candidates']:,} local maxima")
    if used["cutoff"] is None:
        log.info(f"no peak: no maximum has q <= {report['asked']} and a score of {report['min_score']} or more")
    if report["by"] == "validation":
        sure = "" if used["interval"] is None else " (another draw of them: {:.3f} to {:.3f})".format(*used["interval"])
        log.info(f"the rate is that of {seen['maxima']:,} maxima of validation, {seen['true']:,} of them true{sure}")
    elif report["by"] == "home":
        log.info(
            f"the rate is that of {used['maxima']:,} maxima of validation on the genome that the model was taught on, "
            f"{used['true']:,} of them true: {seen['reason']}"
        )
    else:
        why = seen["reason"]
        if "home" in report:
            why += f", and on the model's own genome {report['home']['reason']}"
        what = "shuffled sequence and of decoys" if report["by"] == "nulls" else "shuffled sequence"
        log.info(f"the rate is by {used['maxima']:,} maxima of {what}: {why}")
    for other in [name for name in ESTIMATES if name in report and name != report["by"]]:
        log.info(f"by {other} it would be {report[other]['called']:,}")


if __name__ == "__main__":
    cli.run(main)
