"""Negative windows that are hard to tell from positives by anything but the biology.

A set of negatives that differs in GC or repeats makes every model look good, so candidates are drawn at random places
that hold no peak, no blacklisted base and no N, and chosen to match the positives' GC and repeat shares. A second class
carries the motif but no peak, placed in its window as the positives' motifs are placed in theirs. 0-based, half-open.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import pysam

from dnalm.dna import intervals, motifs, seq
from dnalm.genome import fasta as genome_fasta

GC_BIN, REPEAT_BIN = 0.02, 0.1
POOL = (100, 200_000, 5_000_000)  # candidates: a hundred for each wanted, at least and at most so many
DENSEST = 0.05  # candidates a base at most: more would be the same windows shifted
_MOST_HITS = 200_000  # motif candidates kept a contig
_ROWS, _CHUNK = 1 << 14, 1 << 20
_LETTER = np.zeros(256, np.uint8)  # bit 1: G or C, bit 2: soft-masked, bit 4: unknown
_LETTER[list(b"GCgc")] |= 1
_LETTER[ord("a") : ord("z") + 1] |= 2
_LETTER |= np.where(seq.encode(bytes(range(256))) == seq.N, 4, 0).astype(np.uint8)

Taken = dict[tuple[str, int], int]


def shares(windows: np.ndarray) -> pd.DataFrame:
    """GC (of the known bases), repeat (soft-masked) and unknown shares of windows of letters, uint8 [n, W]."""
    kinds = _LETTER[windows]
    width = windows.shape[1]
    gc, repeats, unknown = (np.count_nonzero(kinds & bit, axis=1) for bit in (1, 2, 4))
    return pd.DataFrame(
        {"gc": gc / np.maximum(width - unknown, 1), "repeats": repeats / width, "unknown": unknown / width}
    )


def cells(table: pd.DataFrame) -> np.ndarray:
    """One number for each cell of GC (0.02 wide) and repeat share (0.1 wide): what negatives are matched on."""
    nudge = 1e-9  # a share such as 0.3 / 0.1 comes out a hair below 3
    gc, repeats = (table.gc / GC_BIN + nudge).astype(int), (table.repeats / REPEAT_BIN + nudge).astype(int)
    return (gc * 100 + repeats).to_numpy()


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
    window: int,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Negatives for the positives of each split: (table with chrom start end kind split gc repeats, report).

    `ratios` are negatives a positive for gc_matched, motif and random; `positives` has chrom, split, sequence, gc and
    repeats. Candidates come only from contigs that carry positives: elsewhere, no peak may mean nobody looked. The
    report holds `short` (how many of each kind could not be found) and `motif_threshold`.
    """
    contigs = [contig for contig in fasta.references if (positives.chrom == contig).any()]
    number = np.clip(POOL[0] * len(positives) * sum(ratios.values()), *POOL[1:])
    density = min(number / sum(fasta.get_reference_length(contig) for contig in contigs), DENSEST)
    threshold, offsets = motif_places(positives, log_odds) if log_odds is not None and ratios["motif"] else (None, [])
    pools, hits = [], []
    for contig in contigs:
        letters = genome_fasta.fetch(fasta, contig, 0, fasta.get_reference_length(contig))
        here = banned[banned.chrom == contig]
        pools.append(draw_candidates(contig, letters, density, here, window, rng))
        if threshold is not None:
            hits.append(draw_motif_candidates(contig, letters, log_odds, threshold, offsets, here, window, rng))
    pool, chosen = pd.concat(pools, ignore_index=True), []
    hit = pd.concat(hits, ignore_index=True) if hits else pool.iloc[:0]
    short = {}
    for kind, source in (("gc_matched", pool), ("motif", hit), ("random", pool)):
        found, missing = _per_split(source, positives, kind, ratios[kind], window, rng)
        chosen += found
        short |= {kind: missing} if missing else {}
    return pd.concat(chosen, ignore_index=True), {"short": short, "motif_threshold": threshold}


def _per_split(
    pool: pd.DataFrame, positives: pd.DataFrame, kind: str, ratio: float, window: int, rng: Any
) -> tuple[list[pd.DataFrame], int]:
    """Negatives of one kind, none overlapping another; kinds may overlap, or the last would get what is left over."""
    found, missing, taken = [], 0, {}
    for split in intervals.SPLITS:
        mine = positives[positives.split == split]
        source = pool[pool.chrom.isin(mine.chrom.unique())].reset_index(drop=True)
        matched = kind == "gc_matched"
        theirs = cells(mine) if matched else np.zeros(len(mine), int)
        wanted = per_cell(theirs, ratio, rng)
        rows = choose(source, cells(source) if matched else np.zeros(len(source), int), wanted, taken, window, rng)
        found.append(rows.assign(kind=kind, split=split))
        missing += sum(wanted.values()) - len(rows)
    return found, missing


def motif_places(positives: pd.DataFrame, log_odds: np.ndarray) -> tuple[float | None, np.ndarray]:
    """The lower quartile of the positives' best motif scores, and the offsets of the hits that reach it."""
    codes = np.stack([seq.encode(text) for text in positives.sequence])
    gap = np.full((len(codes), 1), seq.N, np.uint8)  # no motif may span two windows
    hits = motifs.hit_scores(np.hstack([codes, gap]).ravel(), log_odds)[0].reshape(len(codes), -1)
    best, offsets = hits.max(1), hits.argmax(1)
    if not np.isfinite(best).any():
        return None, offsets
    threshold = float(np.quantile(best[np.isfinite(best)], 0.25))
    return threshold, offsets[best >= threshold]


def draw_candidates(
    contig: str, letters: bytes, density: float, banned: pd.DataFrame, window: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Random windows (chrom, start, end, gc, repeats) without N, free of `banned`, `density` for each known base.

    Windows may overlap one another; `choose` sees to that.
    """
    stretches = np.array(list(seq.stretches(seq.encode(letters), window)), np.int64).reshape(-1, 2)
    room = np.r_[0, np.cumsum(stretches[:, 1] - stretches[:, 0] - window + 1)]
    drawn = np.unique(rng.integers(room[-1], size=int(density * room[-1]))) if room[-1] else np.zeros(0, np.int64)
    stretch = np.searchsorted(room, drawn, "right") - 1
    return _free(
        contig, drawn - room[stretch] + stretches[stretch, 0] if len(drawn) else drawn, letters, banned, window
    )


def draw_motif_candidates(
    contig: str,
    letters: bytes,
    log_odds: np.ndarray,
    threshold: float,
    offsets: np.ndarray,
    banned: pd.DataFrame,
    window: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Windows round motif hits that score at least `threshold`: bound by the look of it, unbound in fact.

    A hit starts at an offset in its window that is drawn from `offsets`, those of the positives' own best hits, so
    that its place gives nothing away. Columns as `draw_candidates`.
    """
    found = [np.zeros(0, np.int64)]
    for first in range(0, len(letters), _CHUNK):
        codes = seq.encode(letters[first : first + _CHUNK + len(log_odds) - 1])
        hits = motifs.hit_scores(codes, log_odds)[0][:_CHUNK]
        found.append(first + np.flatnonzero(hits >= threshold))
    hit = np.concatenate(found)
    if len(hit) > _MOST_HITS:
        hit = np.sort(rng.choice(hit, _MOST_HITS, replace=False))
    start = hit - rng.choice(offsets, len(hit))
    start = np.unique(start[(start >= 0) & (start + window <= len(letters))])
    return _free(contig, start, letters, banned, window)


def _free(contig: str, starts: np.ndarray, letters: bytes, banned: pd.DataFrame, window: int) -> pd.DataFrame:
    """The windows at `starts` that touch nothing banned and hold no N, with their shares."""
    table = pd.DataFrame({"chrom": contig, "start": starts, "end": starts + window})
    table = table[~intervals.overlaps(table, banned)].reset_index(drop=True)
    if table.empty:
        return table.assign(gc=np.zeros(0), repeats=np.zeros(0))
    views = np.lib.stride_tricks.sliding_window_view(np.frombuffer(letters, np.uint8), window)
    places = table.start.to_numpy()
    found = [shares(views[places[first : first + _ROWS]]) for first in range(0, len(places), _ROWS)]
    table = pd.concat([table, pd.concat(found, ignore_index=True)], axis=1)
    return table[table.unknown == 0].drop(columns="unknown").reset_index(drop=True)


def choose(
    pool: pd.DataFrame, pool_cells: np.ndarray, wanted: dict[int, int], taken: Taken, window: int, rng: Any
) -> pd.DataFrame:
    """Pick `wanted[cell]` random rows of each cell from the pool, none overlapping another or a window `taken`.

    `taken` is filled in place. A cell the pool cannot fill stays short rather than being filled with windows that do
    not match.
    """
    order = rng.permutation(len(pool))
    order = order[np.isin(pool_cells[order], list(wanted))]
    chroms, starts = pool.chrom.to_numpy()[order].tolist(), pool.start.to_numpy()[order].tolist()
    left, picked, missing = dict(wanted), [], sum(wanted.values())
    for row, cell, chrom, start in zip(order.tolist(), pool_cells[order].tolist(), chroms, starts, strict=True):
        if not missing:
            break
        if left[cell] and claim(taken, chrom, start, window):
            left[cell] -= 1
            missing -= 1
            picked.append(row)
    return pool.iloc[np.sort(picked).astype(int)].reset_index(drop=True)


def claim(taken: Taken, chrom: str, start: int, width: int) -> bool:
    """Claim [start, start + width) unless it overlaps an earlier claim; at most one starts in each `width` bases."""
    cell = start // width
    for near in (cell - 1, cell, cell + 1):
        other = taken.get((chrom, near))
        if other is not None and abs(other - start) < width:
            return False
    taken[chrom, cell] = start
    return True


def per_cell(positive_cells: Iterable[int], ratio: float, rng: np.random.Generator) -> dict[int, int]:
    """How many negatives each cell should get: `ratio` for every positive, the odd fraction rounded at random."""
    found, counts = np.unique(np.asarray(positive_cells, int), return_counts=True)
    exact = counts * ratio
    numbers = np.floor(exact).astype(int) + (rng.random(len(exact)) < exact % 1)
    return {int(cell): int(number) for cell, number in zip(found, numbers, strict=True) if number}
