"""Cut a genome into long windows and give each bin of them the mean height of some tracks."""

import dnalm.startup

from pathlib import Path

import numpy as np
import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.dna import assembly, intervals
from dnalm.errors import InputError
from dnalm.genome import corpus, holdout
from dnalm.genome import fasta as genome_fasta
from dnalm.logs import log
from dnalm.targets import coverage


def main(
    *,
    genome: Input,
    names: list[str],
    tracks: list[Input],
    out: Output,
    rate_names: list[str] | None = None,
    rates: list[Input] | None = None,
    bin: int = 128,
    window: int = 16_384,
    splits: dict | None = None,
    most_n: float = 0.1,
    max_outside: float = assembly.MOST_OUTSIDE,
) -> None:
    """Write windows.tsv.gz (id, chrom, start, end, split), values.npz and coverage.json into the folder --out.

    values.npz holds `values`, float32 [windows, bins, tracks] in the order of --names, and, where the truth behind some
    of them is known, their --rates under `rates` (by --rate-names). A track is a bigWig, or BED or narrowPeak whose
    signalValue is the height. Windows with more than a share of --most-n unknown sequence are left out.
    """
    coverage.check_widths(bin, window)
    sizes = intervals.read_sizes(genome / "chrom.sizes")
    about = corpus.describe(genome)
    splits = holdout.resolve(about["splits"] if splits is None else splits, sizes, genome / "chrom.sizes")
    read = {name: coverage.read(path, sizes, bin, max_outside) for name, path in zip(names, tracks, strict=True)}
    with genome_fasta.open_fasta(genome / "genome.fa.gz") as fasta:
        table, skipped = coverage.tiles(sizes, splits, bin, window, fasta, most_n)
    check(table, window, genome)
    arrays = {"values": coverage.values(table, read, bin)}
    if rates:
        known = {
            name: coverage.read(path, sizes, bin, max_outside) for name, path in zip(rate_names, rates, strict=True)
        }
        arrays["rates"] = coverage.values(table, known, bin)
    out.mkdir(parents=True, exist_ok=True)
    files.write_table(out / "windows.tsv.gz", table)
    with files.whole(out / "values.npz") as beside:
        np.savez_compressed(beside, **arrays)
    summary = {"task": "coverage", "genome": about.get("name"), "splits": splits, "bin": bin, "window": window}
    summary |= {"tracks": list(names), "rates": list(rate_names or []), "skipped": skipped}
    summary["windows"] = {split: int((table.split == split).sum()) for split in intervals.SPLITS}
    summary["sources"] = {
        name: {"kind": one.source, "bases_without_value": one.unknown, "intervals_outside": one.outside}
        for name, one in read.items()
    }
    summary["means"] = means(table, arrays["values"], names)
    files.write_json(out / "coverage.json", summary)
    log.info(f"{len(table):,} windows of {window:,} bases, {len(names)} tracks; left out: {skipped}")


def check(table: pd.DataFrame, window: int, genome: Path) -> None:
    """Every split needs a window, or there is nothing to learn from, to choose by or to measure on."""
    for split in intervals.SPLITS:
        if not (table.split == split).any():
            raise InputError(
                f"{genome}: no window of {window:,} bases lies in the {split} split; name longer places for it "
                "(splits: in the genome or target preset) or make the window shorter"
            )


def means(table: pd.DataFrame, values: np.ndarray, names: list[str]) -> dict[str, dict[str, float]]:
    """Mean height and share of bins above nought of each track, by split."""
    found = {}
    for column, name in enumerate(names):
        found[name] = {}
        for split in intervals.SPLITS:
            rows = values[(table.split == split).to_numpy(), :, column]
            found[name][split] = {"mean": float(rows.mean()), "above_zero": float((rows > 0).mean())}
    return found


if __name__ == "__main__":
    cli.run(main)
