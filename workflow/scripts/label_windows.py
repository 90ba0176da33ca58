"""Cut labelled windows for one target: positives at peaks, matched negatives, sequences a user labelled."""

import dnalm.startup

from collections import Counter
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.dna import intervals, motifs
from dnalm.errors import InputError, UsageError
from dnalm.genome import corpus, holdout
from dnalm.genome import fasta as genome_fasta
from dnalm.logs import log
from dnalm.targets import labels, matching
from dnalm.targets.negatives import NEGATIVES


def main(
    *,
    genome: Input,
    out_windows: Output,
    out_summary: Output,
    peaks: Input | None = None,
    sequences: Input | None = None,
    window: int = 256,
    blacklist: Input | None = None,
    motif: Input | None = None,
    splits: dict | None = None,
    negatives: Annotated[dict[str, float] | None, NEGATIVES] = None,
    seed: int = 0,
) -> None:
    """Write windows of `window` bp with label, kind and split (by contig), and a summary that accounts for every row.

    `negatives` says how many of each kind there are for each positive, such as {"random": 1}, where not as many as
    usual. `sequences` (CSV: sequence,label[,chrom,start,end]) come as they are, kind given. `splits` is JSON such as
    {"validation": ["chr2"], "test": ["chr3"], "exclude": []}; default: the genome's.
    """
    if peaks is None and sequences is None:
        raise UsageError("nothing to label: give --peaks, --sequences or both")
    sizes = intervals.read_sizes(genome / "chrom.sizes")
    splits = holdout.complete(splits if splits is not None else corpus.describe(genome)["splits"])
    tables, skipped, rows, report = [], {}, {}, {"short": {}, "motif_threshold": None}
    if sequences is not None:
        given, skipped["sequences"], rows["sequences"] = labels.read_sequences(sequences, splits, window)
        tables.append(given)
    holdout.find(splits, dict.fromkeys([*sizes, *(tables[0].chrom if tables else [])]), genome / "chrom.sizes")
    if peaks is not None:
        found, skipped["peaks"], rows["peaks"], report = from_genome(
            genome, sizes, splits, peaks, blacklist, motif, ratios(negatives or {}), window, seed, tables
        )
        tables.append(found)
    table, removed = labels.without_duplicates(pd.concat(tables, ignore_index=True))
    write(out_windows, table)
    for source, kind in (("peaks", "positive"), ("sequences", "given")):
        if source in rows:
            skipped[source]["duplicate"] += int((removed == kind).sum())
    summary = summarise(table, rows, skipped) | report | {"window": window, "seed": seed}
    summary["duplicate_negatives"] = int((~removed.isin(["positive", "given"])).sum())
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
    matrix: Path | None,
    wanted: dict[str, float],
    window: int,
    seed: int,
    others: list[pd.DataFrame],
) -> tuple[pd.DataFrame, Counter, int, dict]:
    """Positives and their negatives: (table, peaks left out by reason, peaks read, report of the negatives)."""
    rng = np.random.default_rng(seed)
    read = intervals.read_peaks(peaks)
    intervals.on_genome(read, sizes, peaks)  # refuses another assembly; what is left out is counted below
    banned = None if blacklist is None else intervals.read_peaks(blacklist)
    with genome_fasta.open_fasta(genome / "genome.fa.gz") as fasta:
        positives, skipped = labels.from_peaks(read, fasta, sizes, splits, banned, window, rng)
        if positives.empty:
            raise InputError(f"{peaks}: none of its {len(read)} peaks is usable ({dict(skipped)})")
        bound = pd.concat([read, *(other[other.label == 1] for other in others)], ignore_index=True)
        log_odds = None if matrix is None else motifs.log_odds(motifs.read_meme(matrix))
        area = matching.forbidden(bound, banned, window)
        drawn, report = matching.draw(fasta, positives, area, log_odds, wanted, window, rng)
        drawn = labels.with_sequence(drawn.drop(columns=["gc", "repeats"]), fasta).assign(label=0)
    table = pd.concat([positives, drawn], ignore_index=True)
    ids = [f"{chrom}:{start}-{end}" for chrom, start, end in zip(table.chrom, table.start, table.end, strict=True)]
    return table.assign(id=ids), skipped, len(read), report


def write(path: Path, table: pd.DataFrame) -> None:
    """Write the windows in the order of contig, place and kind."""
    files.write_table(path, table.sort_values(["chrom", "start", "kind", "id"], kind="stable")[labels.COLUMNS])


def summarise(table: pd.DataFrame, rows: dict[str, int], skipped: dict[str, Counter]) -> dict:
    """Counts by split and kind, prevalence, what was left out and why, and how well the negatives match."""
    counts = table.groupby(["split", "kind"]).size()
    for (split, kind), number in counts.items():
        log.info(f"{split}: {number:,} {kind}")
    for source, reasons in skipped.items():
        reasons = {reason: number for reason, number in sorted(reasons.items()) if number}
        skipped[source] = reasons
        for reason, number in reasons.items():
            log.info(f"{number:,} of {rows[source]:,} {source} left out: {reason.replace('_', ' ')}")
    return {
        "rows": rows,
        "skipped": skipped,
        "counts": {
            split: {kind: int(number) for (_, kind), number in part.items()} for split, part in counts.groupby(level=0)
        },
        "prevalence": {split: float(part.mean()) for split, part in table.groupby("split").label},
        "ks": labels.compare(table),
    }


if __name__ == "__main__":
    cli.run(main)
