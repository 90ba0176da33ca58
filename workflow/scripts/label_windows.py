"""Cut labelled windows for one target: positives at peaks, matched negatives, sequences a user labelled."""

import dnalm.startup

from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.dna import assembly, bed, bigwig, intervals, meme, motifs
from dnalm.errors import InputError, UsageError
from dnalm.genome import corpus, holdout
from dnalm.genome import fasta as genome_fasta
from dnalm.targets import accounts, classes, labels, matching, replicates, summits
from dnalm.targets import given as targets_given
from dnalm.targets import mappability as targets_mappability
from dnalm.targets import tables as labelled_tables
from dnalm.targets.negatives import NEGATIVES


def main(
    *,
    out_windows: Output,
    out_summary: Output,
    genome: Input | None = None,
    peaks: list[Input] | None = None,
    bound_in: str = "any",
    not_negative: list[Input] | None = None,
    centre: Literal["summit", "motif"] = "summit",
    sequences: Input | None = None,
    sequences_train: Input | None = None,
    sequences_validation: Input | None = None,
    sequences_test: Input | None = None,
    columns: dict[str, str] | None = None,
    values: list[str] | None = None,
    positive: str | None = None,
    window: int = 256,
    blacklist: Input | None = None,
    mappability: Input | None = None,
    mine: Input | None = None,
    motif: Input | None = None,
    motif_name: str | None = None,
    splits: dict | None = None,
    negatives: Annotated[dict[str, float] | None, NEGATIVES] = None,
    max_outside: float = assembly.MOST_OUTSIDE,
    seed: int = 0,
) -> None:
    """Write windows of `window` bp with label, kind and split (by place), and a summary that accounts for every row.

    Of several files of `peaks`, sites are positives that are `bound_in` any, all or a number of them; in fewer they are
    neither. Windows lie round the summit or, where `centre` says so, round the best hit of the motif in the peak.

    `negatives` says how many of each kind there are for each positive, such as {"random": 1}, where not as many as
    usual; those of the kind mined come from the highest places of `mine`, the bigWig of a first model. None of any kind
    touches a peak, nor one of the files `not_negative`; matched ones have the positives' `mappability` (a bigWig), too.

    `sequences` (CSV: sequence,label[,chrom,start,end][,split]; other names by `columns`), or those of a file for each
    split, come as they are, kind given, and need no `genome`. Labels are 0 and 1, two names of which one is `positive`,
    or several classes; with `values`, columns of numbers, there are none. `splits` is JSON such as
    {"validation": ["chr2"], "test": ["chr3:0-5000000"]} or {"stripes": {"bases": 1000000, "of": 10}}; default: the
    genome's. The summary holds them as all other steps are given them. At most a share of `max_outside`
    of a file may lie on contigs that the genome lacks (and no split names).
    """
    files_given = (sequences, sequences_train, sequences_validation, sequences_test)
    read = labelled_tables.read(dict(zip(("", *intervals.SPLITS), files_given, strict=True)), columns, values)
    check(genome, peaks, read, centre, motif)
    sizes = intervals.read_sizes(genome / "chrom.sizes") if genome else {}
    about = corpus.describe(genome) if genome else {}
    known, source = (read.contigs() if read else {}) | sizes, genome / "chrom.sizes" if genome else read.path
    splits = holdout.resolve(about.get("splits", {}) if splits is None else splits, known, source)
    tables, skipped, rows, report = [], {}, {}, {"short": {}, "motif_threshold": None}
    task = {"task": classes.BINARY, "split_by": targets_given.CONTIGS}
    if read is not None:
        found, skipped["sequences"], task = targets_given.windows(read, splits, window, sizes, max_outside, positive)
        rows["sequences"] = read.rows
        tables.append(found)
    others = [replicates.read(not_negative, "any", sizes, max_outside)] if not_negative else []
    if peaks:
        targets_given.check_beside_peaks(task, read and read.path)
        if mappability is not None:
            bigwig.check_assembly(mappability, sizes, part=max_outside == 1)
        listed = replicates.read(peaks, bound_in, sizes, max_outside)
        found, skipped["peaks"], report = from_genome(
            genome,
            sizes,
            splits,
            listed,
            others + [given[given.label == 1] for given in tables],
            blacklist and bed.read_intervals(blacklist, sizes, most_outside=max_outside),
            motif and motifs.log_odds(meme.read_meme(motif, motif_name)),
            ratios(negatives or {}),
            window,
            seed,
            mine,
            mappability,
            centre == "motif",
        )
        rows["peaks"] = len(listed)
        if found.empty:
            gone = accounts.told(skipped["peaks"])
            raise InputError(f"{', '.join(map(str, peaks))}: none of its {len(listed):,} peaks is usable: {gone}")
        tables.append(found)
    table, removed = labels.without_duplicates(pd.concat(tables, ignore_index=True))
    accounts.check_splits(table, splits, rows, skipped, source)
    if not peaks:
        classes.check(table, task, read.path)
    write(out_windows, table)
    for other in others:
        rows["not_negative"], skipped["not_negative"] = len(other), Counter(other.reason[other.reason != ""])
    for source, kind in (("peaks", "positive"), ("sequences", targets_given.KIND)):
        if source in rows:
            skipped[source]["duplicate"] += int((removed.kind == kind).sum())
    summary = accounts.summarise(table, rows, skipped, task) | report | {"window": window, "seed": seed}
    summary |= {"genome": about.get("name"), "splits": splits} | accounts.duplicates(removed)
    summary["duplicate_negatives"] = int((~removed.kind.isin(["positive", targets_given.KIND])).sum())
    files.write_json(out_summary, summary)


def check(
    genome: Path | None,
    peaks: list[Path] | None,
    read: labelled_tables.Rows | None,
    centre: str,
    motif: Path | None,
) -> None:
    """Raise UsageError where it is not clear what is to be labelled, or round what."""
    if not peaks and read is None:
        raise UsageError("nothing to label: give --peaks, --sequences (or those of each split) or both")
    if peaks and genome is None:
        raise UsageError("--peaks: got no genome that they lie on; give --genome")
    if centre == "motif" and motif is None:
        raise UsageError("--centre motif: got no --motif, wanted the one that lies in the middle of windows")


def ratios(given: dict[str, float]) -> dict[str, float]:
    """Negatives a positive of each kind: as given, or as is usual. Raises UsageError for a kind that there is not."""
    if strange := [kind for kind in given if kind not in NEGATIVES]:
        raise UsageError(f"--negatives: got {strange[0]!r}, wanted any of {', '.join(NEGATIVES)}")
    return {kind: given.get(kind, row.ratio) for kind, row in NEGATIVES.items()}


def from_genome(
    genome: Path,
    sizes: dict[str, int],
    splits: dict[str, list[str]],
    read: pd.DataFrame,
    elsewhere: list[pd.DataFrame],
    banned: pd.DataFrame | None,
    log_odds: np.ndarray | None,
    wanted: dict[str, float],
    window: int,
    seed: int,
    mine: Path | None,
    track: Path | None,
    at_motif: bool,
) -> tuple[pd.DataFrame, Counter, dict]:
    """Positives round the peaks `read` and their negatives: (table, peaks left out by reason, report of the negatives).

    Where `at_motif`, positives lie round the best motif of each peak. No negative touches a peak that was read, bound
    or in too few, nor the places `elsewhere`.
    """
    rng = np.random.default_rng(seed)
    with genome_fasta.open_fasta(genome / "genome.fa.gz") as fasta:
        read, least = summits.at_motif(read, fasta, log_odds) if at_motif else (read, None)
        positives, skipped = labels.from_peaks(read, fasta, sizes, splits, banned, window, rng)
        if positives.empty:
            return positives, skipped, {}
        positives = targets_mappability.measured(positives, track)
        area = matching.forbidden(pd.concat([read, *elsewhere], ignore_index=True), banned, window)
        drawn, report = matching.draw(fasta, positives, area, log_odds, wanted, splits, window, rng, mine, least, track)
        drawn = labels.with_sequence(drawn.drop(columns=["gc", "repeats"]), fasta).assign(label=0)
    table = pd.concat([positives, drawn], ignore_index=True)
    ids = [f"{chrom}:{start}-{end}" for chrom, start, end in zip(table.chrom, table.start, table.end, strict=True)]
    table = pd.concat([table.assign(id=ids), *matching.made(positives, wanted, rng)], ignore_index=True)
    return table, skipped, report


def write(path: Path, table: pd.DataFrame) -> None:
    """Write the windows in the order of contig, place and kind."""
    order = table.sort_values(["chrom", "start", "kind", "id"], kind="stable")
    files.write_table(path, order[labels.columns(table)])


if __name__ == "__main__":
    cli.run(main)
