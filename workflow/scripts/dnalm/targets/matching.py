"""Negatives chosen to match the positives, split by split, from the candidates of each kind's source.

Candidates are many; those are taken that fill the positives' cells of GC, repeat share and mappability, where a track
of it is given, and none overlaps another of its kind. A cell that cannot be filled stays short, and is reported.
0-based, half-open.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pysam

from dnalm.dna import intervals
from dnalm.dna import splits as dna_splits
from dnalm.genome import fasta as genome_fasta
from dnalm.targets import mappability
from dnalm.targets.negatives import NEGATIVES, Search, Source

GC_BIN, REPEAT_BIN, MAPPABILITY_BIN = 0.02, 0.1, 0.1
POOL = (100, 4, 200_000, 5_000_000)  # candidates for each that must match, for each other; least and most in all
DENSEST = 0.05  # candidates a base at most: more would be the same windows shifted
NONE = pd.DataFrame(
    {
        "chrom": np.zeros(0, str),
        "start": np.zeros(0, int),
        "end": np.zeros(0, int),
        "gc": np.zeros(0),
        "repeats": np.zeros(0),
        "split": np.zeros(0, str),
    }
)


def cells(table: pd.DataFrame) -> np.ndarray:
    """One number for each cell of GC (0.02 wide), of repeat share and, where it is known, of mappability (0.1 wide)."""
    nudge = 1e-9  # a share such as 0.3 / 0.1 comes out a hair below 3
    gc, repeats = (table.gc / GC_BIN + nudge).astype(int), (table.repeats / REPEAT_BIN + nudge).astype(int)
    found = gc * 100 + repeats
    if "mappability" in table:
        found = found * 100 + (table.mappability / MAPPABILITY_BIN + nudge).astype(int)
    return found.to_numpy()


def forbidden(peaks: pd.DataFrame, blacklist: pd.DataFrame | None, window: int) -> pd.DataFrame:
    """Where no negative may lie: every peak known, extended by half a window on both sides, and the blacklist."""
    half = window // 2
    wide = pd.DataFrame({"chrom": peaks.chrom, "start": peaks.start - half, "end": peaks.end + half})
    return wide if blacklist is None else pd.concat([wide, blacklist[["chrom", "start", "end"]]], ignore_index=True)


def draw(
    fasta: pysam.FastaFile,
    positives: pd.DataFrame,
    banned: pd.DataFrame,
    log_odds: np.ndarray | None,
    ratios: dict[str, float],
    splits: dict[str, list[str]],
    window: int,
    rng: np.random.Generator,
    signal: Path | None = None,
    threshold: float | None = None,
    track: Path | None = None,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Negatives for the positives of each split: (table with chrom start end kind split gc repeats, report).

    `ratios` are negatives a positive by kind; `positives` has chrom, split, sequence, gc and repeats, and `mappability`
    where a `track` of it is given. Candidates come only from contigs that carry positives: elsewhere, no peak may mean
    nobody looked. `signal` is a first model's bigWig, for the kind that is mined from it, and `threshold` the score of
    the motif by which the positives were chosen. The report holds `short` (how many of each kind could not be found)
    and `motif_threshold`.
    """
    contigs = [contig for contig in fasta.references if (positives.chrom == contig).any()]
    each = sum(POOL[0 if NEGATIVES[kind].matched else 1] * ratio for kind, ratio in ratios.items())
    number = np.clip(len(positives) * each, *POOL[2:])
    density = min(number / sum(fasta.get_reference_length(contig) for contig in contigs), DENSEST)
    report: dict[str, Any] = {"short": {}, "motif_threshold": None}
    sources = find_sources(Search(positives, log_odds, window, density, splits, rng, report, signal, threshold), ratios)
    pools: dict[Callable, list[pd.DataFrame]] = {place: [] for place in sources}
    for contig in contigs:
        letters = genome_fasta.fetch(fasta, contig, 0, fasta.get_reference_length(contig))
        here = banned[banned.chrom == contig]
        for place, candidates in sources.items():
            found = mappability.measured(candidates(contig, letters, here), track)
            pools[place].append(
                found.assign(split=dna_splits.split_of(found.chrom, found.start, found.end, splits, margin=window))
            )
    chosen = []
    for kind, row in NEGATIVES.items():
        if row.made:
            continue
        pool = pd.concat(pools.get(row.source) or [NONE], ignore_index=True)
        found, missing = _per_split(pool, positives, kind, ratios.get(kind, 0.0), window, rng)
        chosen += found
        report["short"] |= {kind: missing} if missing else {}
    return pd.concat(chosen, ignore_index=True), report


def find_sources(search: Search, ratios: dict[str, float]) -> dict[Callable, Source]:
    """The sources that are needed, each once: those that need nothing, and others where they have it and are wanted."""
    there = {name for name, one in (("motif", search.log_odds), ("signal", search.signal)) if one is not None}
    found: dict[Callable, Source] = {}
    for kind, row in NEGATIVES.items():
        usable = row.source and set(row.needs) <= there and (ratios.get(kind) or not row.needs)
        if usable and row.source not in found and (candidates := row.source(search)) is not None:
            found[row.source] = candidates
    return found


def _per_split(
    pool: pd.DataFrame, positives: pd.DataFrame, kind: str, ratio: float, window: int, rng: Any
) -> tuple[list[pd.DataFrame], int]:
    """Negatives of one kind, none overlapping another; kinds may overlap, or the last would get what is left over."""
    found, missing, taken = [], 0, {}
    for split in NEGATIVES[kind].splits:
        mine = positives[positives.split == split]
        source = pool[(pool.split == split) & pool.chrom.isin(mine.chrom.unique())].reset_index(drop=True)
        matched = NEGATIVES[kind].matched
        theirs = cells(mine) if matched else np.zeros(len(mine), int)
        wanted = per_cell(theirs, ratio, rng)
        rows = choose(source, cells(source) if matched else np.zeros(len(source), int), wanted, taken, window, rng)
        found.append(rows.drop(columns="height", errors="ignore").assign(kind=kind, split=split))
        missing += sum(wanted.values()) - len(rows)
    return found, missing


def choose(
    pool: pd.DataFrame, pool_cells: np.ndarray, wanted: dict[int, int], taken: intervals.Taken, window: int, rng: Any
) -> pd.DataFrame:
    """Pick `wanted[cell]` random rows of each cell from the pool, none overlapping another or a window `taken`.

    Where the pool has a column `height` the highest are picked. `taken` is filled in place. A cell the pool cannot fill
    stays short rather than being filled with windows that do not match.
    """
    order = rng.permutation(len(pool))
    if "height" in pool:
        order = order[np.argsort(-pool.height.to_numpy()[order], kind="stable")]
    order = order[np.isin(pool_cells[order], list(wanted))]
    chroms, starts = pool.chrom.to_numpy()[order].tolist(), pool.start.to_numpy()[order].tolist()
    left, picked, missing = dict(wanted), [], sum(wanted.values())
    for row, cell, chrom, start in zip(order.tolist(), pool_cells[order].tolist(), chroms, starts, strict=True):
        if not missing:
            break
        if left[cell] and intervals.claim(taken, chrom, start, window):
            left[cell] -= 1
            missing -= 1
            picked.append(row)
    return pool.iloc[np.sort(picked).astype(int)].reset_index(drop=True)


def per_cell(positive_cells: Iterable[int], ratio: float, rng: np.random.Generator) -> dict[int, int]:
    """How many negatives each cell should get: `ratio` for every positive, the odd fraction rounded at random."""
    found, counts = np.unique(np.asarray(positive_cells, int), return_counts=True)
    exact = counts * ratio
    numbers = np.floor(exact).astype(int) + (rng.random(len(exact)) < exact % 1)
    return {int(cell): int(number) for cell, number in zip(found, numbers, strict=True) if number}


def made(positives: pd.DataFrame, ratios: dict[str, float], rng: np.random.Generator) -> list[pd.DataFrame]:
    """Negatives without a place on the genome, a table a kind, with the id and sequence that others get from there."""
    return [row.made(positives, ratios.get(kind, 0.0), rng) for kind, row in NEGATIVES.items() if row.made]
