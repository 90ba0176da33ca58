"""Cut labelled windows for one target: positives at peaks, matched negatives, sequences a user labelled."""

import dnalm.startup

from collections import Counter
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.dna import assembly, bed, intervals, meme, motifs
from dnalm.errors import InputError, UsageError
from dnalm.genome import corpus, holdout
from dnalm.genome import fasta as genome_fasta
from dnalm.targets import accounts, classes, labels, matching
from dnalm.targets import given as targets_given
from dnalm.targets import tables as labelled_tables
from dnalm.targets.negatives import NEGATIVES


def main(
    *,
    out_windows: Output,
    out_summary: Output,
    genome: Input | None = None,
    peaks: Input | None = None,
    sequences: Input | None = None,
    sequences_train: Input | None = None,
    sequences_validation: Input | None = None,
    sequences_test: Input | None = None,
    columns: dict[str, str] | None = None,
    values: list[str] | None = None,
    positive: str | None = None,
    window: int = 256,
    blacklist: Input | None = None,
    mine: Input | None = None,
    motif: Input | None = None,
    motif_name: str | None = None,
    splits: dict | None = None,
    negatives: Annotated[dict[str, float] | None, NEGATIVES] = None,
    max_outside: float = assembly.MOST_OUTSIDE,
    seed: int = 0,
) -> None:
    """Write windows of `window` bp with label, kind and split (by place), and a summary that accounts for every row.

    `negatives` says how many of each kind there are for each positive, such as {"random": 1}, where not as many as
    usual; those of the kind mined come from the highest places of `mine`, the bigWig of a first model. `sequences`
    (CSV: sequence,label[,chrom,start,end][,split]; other names by `columns`), or those of a file for each split, come
    as they are, kind given, and need no `genome`. Labels are 0 and 1, two names of which one is `positive`, or several
    classes; with `values`, columns of numbers, there are none. `splits` is JSON such as
    {"validation": ["chr2"], "test": ["chr3:0-5000000"]} or {"stripes": {"bases": 1000000, "of": 10}}; default: the
    genome's. The summary holds them as all other steps are given them. At most a share of `max_outside`
    of a file may lie on contigs that the genome lacks (and no split names).
    """
    files_given = (sequences, sequences_train, sequences_validation, sequences_test)
    read = labelled_tables.read(dict(zip(("", *intervals.SPLITS), files_given, strict=True)), columns, values)
    if peaks is None and read is None:
        raise UsageError("nothing to label: give --peaks, --sequences (or those of each split) or both")
    if peaks is not None and genome is None:
        raise UsageError("--peaks: got no genome that they lie on; give --genome")
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
    if peaks is not None:
        targets_given.check_beside_peaks(task, read and read.path)
        matrix = motif and meme.read_meme(motif, motif_name)
        found, skipped["peaks"], rows["peaks"], report = from_genome(
            genome,
            sizes,
            splits,
            peaks,
            blacklist,
            matrix,
            ratios(negatives or {}),
            window,
            seed,
            tables,
            max_outside,
            mine,
        )
        tables.append(found)
    table, removed = labels.without_duplicates(pd.concat(tables, ignore_index=True))
    accounts.check_splits(table, splits, rows, skipped, source)
    if peaks is None:
        classes.check(table, task, read.path)
    write(out_windows, table)
    for source, kind in (("peaks", "positive"), ("sequences", targets_given.KIND)):
        if source in rows:
            skipped[source]["duplicate"] += int((removed.kind == kind).sum())
    summary = accounts.summarise(table, rows, skipped, task) | report | {"window": window, "seed": seed}
    summary |= {"genome": about.get("name"), "splits": splits} | accounts.duplicates(removed)
    summary["duplicate_negatives"] = int((~removed.kind.isin(["positive", targets_given.KIND])).sum())
    files.write_json(out_summary, summary)


def ratios(given: dict[str, float]) -> dict[str, float]:
    """Negatives a positive of each kind: as given, or as is usual. Raises UsageError for a kind that there is not."""
    if strange := [kind for kind in given if kind not in NEGATIVES]:
        raise UsageError(f"--negatives: got {strange[0]!r}, wanted any of {', '.join(NEGATIVES)}")
    return {kind: given.get(kind, row.ratio) for kind, row in NEGATIVES.items()}


def from_genome(
    genome: Path,
    sizes: dict[str, int],
    splits: dict[str, list[str]],
    peaks: Path,
    blacklist: Path | None,
    matrix: np.ndarray | None,
    wanted: dict[str, float],
    window: int,
    seed: int,
    others: list[pd.DataFrame],
    max_outside: float,
    mine: Path | None,
) -> tuple[pd.DataFrame, Counter, int, dict]:
    """Positives and their negatives: (table, peaks left out by reason, peaks read, report of the negatives)."""
    rng = np.random.default_rng(seed)
    read = bed.read_peaks(peaks)
    assembly.places(read.chrom, read.end, sizes, peaks, most_outside=max_outside)  # what is outside is counted below
    banned = blacklist and bed.read_intervals(blacklist, sizes, most_outside=max_outside)
    with genome_fasta.open_fasta(genome / "genome.fa.gz") as fasta:
        positives, skipped = labels.from_peaks(read, fasta, sizes, splits, banned, window, rng)
        if positives.empty:
            raise InputError(f"{peaks}: none of its {len(read):,} peaks is usable: {accounts.told(skipped)}")
        bound = pd.concat([read, *(other[other.label == 1] for other in others)], ignore_index=True)
        log_odds = None if matrix is None else motifs.log_odds(matrix)
        area = matching.forbidden(bound, banned, window)
        drawn, report = matching.draw(fasta, positives, area, log_odds, wanted, splits, window, rng, mine)
        drawn = labels.with_sequence(drawn.drop(columns=["gc", "repeats"]), fasta).assign(label=0)
    table = pd.concat([positives, drawn], ignore_index=True)
    ids = [f"{chrom}:{start}-{end}" for chrom, start, end in zip(table.chrom, table.start, table.end, strict=True)]
    table = pd.concat([table.assign(id=ids), *matching.made(positives, wanted, rng)], ignore_index=True)
    return table, skipped, len(read), report


def write(path: Path, table: pd.DataFrame) -> None:
    """Write the windows in the order of contig, place and kind."""
    files.write_table(path, table.sort_values(["chrom", "start", "kind", "id"], kind="stable")[labels.columns(table)])


if __name__ == "__main__":
    cli.run(main)
