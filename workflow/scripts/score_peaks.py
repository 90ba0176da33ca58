"""Score a scan and its peaks on held-out places, at the prevalence of a genome, beside the baselines that can scan."""

import dnalm.startup

from pathlib import Path

import numpy as np
import pandas as pd

from dnalm import cli, files, texts
from dnalm.cli import Input, Output
from dnalm.dna import assembly, intervals
from dnalm.logs import log
from dnalm.scan import held, matched, peaks, places, rates, scorecard
from dnalm.targets import replicates

ESTIMATES = {"model": "q_validation", "model, by shuffled sequence": "q_null", "model, by decoys": "q_decoys"}
NO_CALL = "no candidate has so low a rate, or none could be measured; calling.json says which"


def main(
    *,
    signal: Input,
    called: Input,
    genome: Input,
    out: Output,
    out_bins: Output | None = None,
    candidates: Input | None = None,
    truth: list[Input] | None = None,
    bound_in: str = "any",
    baselines: Input | None = None,
    blacklist: Input | None = None,
    split: Input | None = None,
    regions: list[str] | None = None,
    config: Input | None = None,
    window: int = 256,
    tolerance: int = 100,
    max_outside: float = assembly.MOST_OUTSIDE,
    seed: int = 0,
) -> None:
    """Write a scorecard (JSON): areas over all bins, precision and recall of peaks, number of peaks against q.

    Only `regions` count (contigs, or contig:start-end), by default the test places of `split`, the split.json of the
    model that scanned; on a genome that it says nothing of, the genome's own, or all that was scanned. Peaks are
    matched one to one with truth summits at most `tolerance` bp away. Of several files of `truth` those peaks count
    that are `bound_in` any, all or a number of them, one of summits less than `tolerance` apart; what is in too few is
    left out as is what is blacklisted, and so is a call on a true peak that is left out. At most a share of
    `max_outside` of truth and blacklist may lie on contigs that the genome lacks. Without `truth` what needs one is
    null, with the reason.
    `candidates` are those of `call_peaks`: with them and a truth, what false discovery rates were asked and how true
    they are, the baselines beside, with rates from the validation places of `split`.
    `out_bins` is a table of the bins scored: place, whether a true peak covers half of it (label) or less (ambiguous),
    and what the model and the baselines say of it.
    `baselines` is the folder of `scan_baselines`, of these places or more. `config`, the model's config.json, states
    the prevalence at which its probability is calibrated; it is also measured when shifted to that of the bins of the
    validation places, and when it is what was seen at that height on these bins, where they were scanned.
    """
    sizes = intervals.read_sizes(genome / "chrom.sizes")
    about = {} if split is None else texts.read_json(split)
    regions = held.held_out(genome, sizes, regions, about)
    sites, known, listed = replicates.known(truth, blacklist, bound_in, sizes, max(tolerance, 1), max_outside)
    elsewhere = held.of_split(genome, about, "validation") if truth and candidates else []
    bins, left_out, resolution, maxima, contigs = places.gather(
        signal, genome, regions, elsewhere, known, listed, baselines, window
    )
    stated = None if config is None else texts.read_json(config).get("prevalence")
    validation = places.at_validation(signal, genome, about, known, listed, resolution)
    natural = float(validation.label.mean()) if len(validation) else None
    calls = matched.keep(peaks.read_called(called), listed, regions)
    there = None if sites is None else matched.counting(sites, listed, regions)
    no_truth = matched.NO_TRUTH if known is None else None
    clear = bins[~bins.ambiguous]
    found = matched.assess(calls, sites, tolerance, there)
    report = {
        "bins": scorecard.assess_bins(clear, left_out, no_truth, seed)
        | {"shifted": scorecard.assess_shifted(clear, stated, natural)}
        | {"seen": scorecard.assess_seen(clear, validation, seed)}
        | {"any_overlap": scorecard.assess_touched(bins, no_truth, seed)},
        "peaks": found["peaks"],
        "curve": found["curve"],
        "contigs": scorecard.by_contig(clear, no_truth, contigs, found["contigs"]),
        "fdr": score_rates(candidates, maxima, sites, listed, {"test": regions, "validation": elsewhere}, tolerance),
        "regions": regions,
        "pretraining_saw_test": about.get("saw_test", "unknown"),
        "resolution": resolution,
        "window": window,
    }
    files.write_json(out, report)
    if out_bins is not None:
        write_bins(out_bins, bins, resolution, sizes, contigs, labelled=known is not None)
    tell(report)


def score_rates(
    candidates: Path | None,
    maxima: dict[str, pd.DataFrame],
    sites: pd.DataFrame | None,
    listed: pd.DataFrame | None,
    splits: dict[str, list[str]],
    tolerance: int,
) -> dict:
    """The part `fdr`: what was asked and what was false, of the model by either estimate and of the baselines.

    `recall` is the share of the true sites that count, on the test places, that is found at each rate.
    """
    if candidates is None or sites is None:
        return {}
    truth = int(matched.counting(sites, listed, splits["test"]).sum())
    own = pd.read_csv(candidates, sep="\t", dtype={"chrom": str})
    own = own[held.split_at(own, {"test": splits["test"]}) == "test"].reset_index(drop=True)
    report = {}
    for name, column in ESTIMATES.items():
        if column not in own:
            continue
        rows = rates.judged(own, own[column].to_numpy(), sites, listed, tolerance, regions=splits["test"])
        nothing = not any(row["called"] for row in rows)
        report[name] = {"rows": rows, "reason": NO_CALL if nothing else ""}
    for name, found in maxima.items():
        found = found.assign(split=held.split_at(found, splits))
        report[name] = rates.of_signal(found, sites, listed, tolerance, regions=splits["test"])
    for row in (row for one in report.values() for row in one["rows"]):
        row["recall"] = row["true"] / truth if truth else None
    return report


def write_bins(
    path: Path, bins: pd.DataFrame, step: int, sizes: dict[str, int], contigs: list[str], *, labelled: bool
) -> None:
    """Write the bins that were scored, in the order of the genome, and those that are ambiguous."""
    chrom = pd.Series(contigs)[bins.contig].to_numpy()
    end = np.minimum(bins.start + step, [sizes[name] for name in chrom])
    table = bins.drop(columns="contig").assign(chrom=chrom, end=end, label=bins.label.astype(int))
    told = ["label", "ambiguous"] if labelled else []
    said = [name for name in ("model", *scorecard.scanners()) if table[name].notna().any()]
    files.write_table(
        path, table.assign(ambiguous=table.ambiguous.astype(int))[["chrom", "start", "end", *told, *said]]
    )


def tell(report: dict) -> None:
    """Log the headline figures."""
    bins, found = report["bins"], report["peaks"]
    areas = {name: bins[name]["auprc"]["value"] for name in ("model", *scorecard.scanners())}
    areas = ", ".join(f"{name} {value:.3f}" for name, value in areas.items() if value is not None)
    log.info(f"bins: AUPRC {areas or 'undefined'} (prevalence {bins['prevalence']}, {bins['n']:,} bins)")
    log.info(f"peaks: {found['called']:,} called, {found['matched']} of {found['truth']} true ones found")


if __name__ == "__main__":
    cli.run(main)
