"""Score a scan and its peaks on held-out contigs, at the prevalence of a genome, beside the baselines that can scan."""

import dnalm.startup

from pathlib import Path

import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.dna import assembly, bed, intervals
from dnalm.dna import bigwig as dna_bigwig
from dnalm.errors import InputError, UsageError
from dnalm.genome import corpus
from dnalm.genome import fasta as genome_fasta
from dnalm.logs import log
from dnalm.scan import peaks, scorecard
from dnalm.targets import baselines as targets_baselines

NO_TRUTH = "no truth was given"


def main(
    *,
    signal: Input,
    called: Input,
    genome: Input,
    out: Output,
    truth: Input | None = None,
    baselines: Input | None = None,
    blacklist: Input | None = None,
    regions: list[str] | None = None,
    window: int = 256,
    tolerance: int = 100,
    max_outside: float = assembly.MOST_OUTSIDE,
    seed: int = 0,
) -> None:
    """Write a scorecard (JSON): areas over all bins, precision and recall of peaks, number of peaks against q.

    Only the contigs of `regions` count, by default the genome's test split. Peaks are matched one to one with truth
    summits at most `tolerance` bp away. At most a share of `max_outside` of truth and blacklist may lie on contigs that
    the genome lacks. Without `truth` what needs one is null, with the reason. `baselines` is
    the fitted.npz of `train_baselines`.
    """
    sizes = intervals.read_sizes(genome / "chrom.sizes")
    regions = held_out(genome, sizes, regions)
    known = truth and bed.read_peaks(truth, sizes, most_outside=max_outside)
    listed = blacklist and bed.read_intervals(blacklist, sizes, most_outside=max_outside)
    bins, left_out, resolution = gather(signal, genome, regions, known, listed, baselines, window)
    report = {
        "bins": scorecard.assess_bins(bins, left_out, NO_TRUTH if known is None else None, seed),
        **score_calls(peaks.read_called(called), known, listed, regions, tolerance),
        "regions": regions,
        "resolution": resolution,
        "window": window,
    }
    files.write_json(out, report)
    tell(report)


def held_out(genome: Path, sizes: dict[str, int], regions: list[str] | None) -> list[str]:
    """The contigs to score on."""
    regions = regions or corpus.describe(genome)["splits"].get("test", [])
    if not regions:
        raise UsageError("no contig to score on: give --regions, or a test split in the genome's preset")
    if missing := [name for name in regions if name not in sizes]:
        raise InputError(
            f"--regions: no contig {', '.join(missing)} in {genome}, which has {', '.join(list(sizes)[:8])} …"
        )
    return regions


def gather(
    path: Path,
    genome: Path,
    regions: list[str],
    truth: pd.DataFrame | None,
    blacklist: pd.DataFrame | None,
    fitted: Path | None,
    window: int,
) -> tuple[pd.DataFrame, dict[str, int], int]:
    """All bins of the regions that count, how many do not and why, and their width."""
    arrays = {} if fitted is None else targets_baselines.load(fitted)
    tables, left_out = [], {}
    with dna_bigwig.reading(path) as bigwig, genome_fasta.open_fasta(genome / "genome.fa.gz") as fasta:
        step = dna_bigwig.step_of(bigwig)
        for number, contig in enumerate(regions):
            codes = genome_fasta.codes(fasta, contig, 0, fasta.get_reference_length(contig))
            if bigwig.chroms(contig) != len(codes):
                raise InputError(
                    f"{path}: {contig} has {bigwig.chroms(contig)} bp, in {genome} {len(codes)}; scan again"
                )
            here = [None if table is None else table[table.chrom == contig] for table in (truth, blacklist)]
            table, lost = scorecard.contig_bins(
                dna_bigwig.read(bigwig, contig, step), codes, *here, arrays, window, step
            )
            tables.append(table.assign(contig=number))
            left_out = {reason: left_out.get(reason, 0) + lost.get(reason, 0) for reason in {**left_out, **lost}}
    return pd.concat(tables, ignore_index=True), left_out, step


def score_calls(
    called: pd.DataFrame,
    truth: pd.DataFrame | None,
    blacklist: pd.DataFrame | None,
    regions: list[str],
    tolerance: int,
) -> dict:
    """The parts `peaks` and `curve` of the scorecard: counts, one-to-one matches, and the same by q-value."""
    called, truth = (None if table is None else keep(table, blacklist, regions) for table in (called, truth))
    facts = {"called": len(called), "bases": int((called.end - called.start).sum()), "tolerance": tolerance}
    if truth is None:
        nothing = dict.fromkeys(("truth", "matched", "precision", "recall", "f1")) | {"reason": NO_TRUTH}
        return {"peaks": facts | nothing, "curve": peaks.curve(called, None, None)}
    hit = peaks.match(called, truth, tolerance)
    matched = int(hit.sum())
    facts |= {
        "truth": len(truth),
        "matched": matched,
        "precision": matched / len(called) if len(called) else None,
        "recall": matched / len(truth) if len(truth) else None,
        "f1": 2 * matched / (len(called) + len(truth)) if len(called) + len(truth) else None,
    }
    return {"peaks": facts, "curve": peaks.curve(called, hit, len(truth))}


def keep(table: pd.DataFrame, blacklist: pd.DataFrame | None, regions: list[str]) -> pd.DataFrame:
    """The peaks of the regions that do not touch the blacklist; nothing there is scored either way."""
    table = table[table.chrom.isin(regions)].reset_index(drop=True)
    return table if blacklist is None else table[~intervals.overlaps(table, blacklist)].reset_index(drop=True)


def tell(report: dict) -> None:
    """Log the headline figures."""
    bins, found = report["bins"], report["peaks"]
    areas = {name: bins[name]["auprc"]["value"] for name in ("model", *scorecard.scanners())}
    areas = ", ".join(f"{name} {value:.3f}" for name, value in areas.items() if value is not None)
    log.info(f"bins: AUPRC {areas or 'undefined'} (prevalence {bins['prevalence']}, {bins['n']:,} bins)")
    log.info(f"peaks: {found['called']:,} called, {found['matched']} of {found['truth']} true ones found")


if __name__ == "__main__":
    cli.run(main)
