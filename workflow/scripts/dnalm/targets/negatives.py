"""Kinds of negative windows, hard to tell from positives by anything but the biology, and where candidates lie.

A set of negatives that differs in GC or repeats makes every model look good, so one kind is matched in both (by
`matching`). Another carries the motif but no peak, placed in its window as the positives' motifs are placed in theirs.
No candidate holds a peak, a blacklisted base or an N. A scan meets hundreds of random windows for each site, so there
should be many. NEGATIVES is the only list. 0-based, half-open.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from dnalm.dna import intervals, seq
from dnalm.dna import splits as dna_splits
from dnalm.targets import mining, motif_sites, shuffles

_ROWS = 1 << 14
_LETTER = np.zeros(256, np.uint8)  # bit 1: G or C, bit 2: soft-masked, bit 4: unknown
_LETTER[list(b"GCgc")] |= 1
_LETTER[ord("a") : ord("z") + 1] |= 2
_LETTER |= np.where(seq.encode(bytes(range(256))) == seq.N, 4, 0).astype(np.uint8)


def shares(windows: np.ndarray) -> pd.DataFrame:
    """GC (of the known bases), repeat (soft-masked) and unknown shares of windows of letters, uint8 [n, W]."""
    kinds = _LETTER[windows]
    width = windows.shape[1]
    gc, repeats, unknown = (np.count_nonzero(kinds & bit, axis=1) for bit in (1, 2, 4))
    return pd.DataFrame(
        {"gc": gc / np.maximum(width - unknown, 1), "repeats": repeats / width, "unknown": unknown / width}
    )


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


class Search(NamedTuple):
    """What a source of candidates may ask: the positives (with sequence), the motif, the windows wanted, the dice.

    `density` is candidates for each known base, `splits` the places held out; what a source has to tell goes into
    `report`. `signal` is the bigWig of a first model. `threshold` is the score of the motif by which the positives were
    chosen, None where they were not.
    """

    positives: pd.DataFrame
    log_odds: np.ndarray | None
    window: int
    density: float
    splits: dna_splits.Splits
    rng: np.random.Generator
    report: dict[str, Any]
    signal: Path | None = None
    threshold: float | None = None


Source = Callable[[str, bytes, pd.DataFrame], pd.DataFrame]  # contig, its letters, what is banned there


def anywhere(search: Search) -> Source:
    """Candidates at random places."""
    return lambda contig, letters, banned: draw_candidates(
        contig, letters, search.density, banned, search.window, search.rng
    )


def at_motifs(search: Search) -> Source | None:
    """Candidates at motif hits as good as the positives'; None where no positive has one."""
    threshold, offsets = motif_sites.of_positives(search.positives, search.log_odds, search.threshold)
    search.report["motif_threshold"] = threshold
    if threshold is None:
        return None

    def candidates(contig: str, letters: bytes, banned: pd.DataFrame) -> pd.DataFrame:
        motif = search.log_odds, threshold, offsets
        starts = motif_sites.windows(contig, letters, *motif, search.splits, search.window, search.rng)
        return _free(contig, starts, letters, banned, search.window)

    return candidates


def at_maxima(search: Search) -> Source:
    """Candidates at the local maxima of a first model's track, with their `height`: the highest are chosen."""
    trained_on = search.positives.chrom[search.positives.split == "train"].unique()
    found = mining.windows(search.signal, trained_on, search.window, search.rng)

    def candidates(contig: str, letters: bytes, banned: pd.DataFrame) -> pd.DataFrame:
        starts, heights = found.get(contig, (np.zeros(0, np.int64), np.zeros(0)))
        table = _free(contig, starts, letters, banned, search.window)
        return table.assign(height=heights[np.searchsorted(starts, table.start)])

    return candidates


class Negative(NamedTuple):
    """A kind of negative: where its candidates come from, and whether they are matched in GC and repeats.

    `option` is its key in a target preset, `ratio` how many there are for each positive where that is left out, and
    `description` what the schema says of it. `needs`: what of the target must be given. `splits` are those that get
    some. A kind without a place on the genome has no source; it is made of the positives: (positives, ratio, dice).
    """

    source: Callable[[Search], Source | None] | None
    option: str
    ratio: float
    description: str
    label: str
    colour: str
    matched: bool = False
    needs: tuple[str, ...] = ()
    splits: tuple[str, ...] = ("train", "validation", "test")
    made: Callable[[pd.DataFrame, float, np.random.Generator], pd.DataFrame] | None = None


NEGATIVES: dict[str, Negative] = {
    "gc_matched": Negative(
        anywhere,
        option="gc_matched",
        ratio=3.0,
        description="negatives a positive with the same GC and repeats",
        label="gc-matched",
        colour="orange",
        matched=True,
    ),
    "motif": Negative(
        at_motifs,
        option="motif_matched",
        ratio=1.0,
        description="negatives a positive that hold the motif but no peak",
        label="motif",
        colour="vermilion",
        needs=("motif",),
    ),
    "random": Negative(
        anywhere,
        option="random",
        ratio=10.0,
        description="negatives a positive drawn from anywhere; a scan meets hundreds",
        label="random",
        colour="grey",
    ),
    "mined": Negative(
        at_maxima,
        option="mined",
        ratio=0.0,
        description="negatives a positive where `mine` is highest and no peak is; in training only",
        label="mined",
        colour="purple",
        needs=("signal",),
        splits=("train",),
    ),
    "shuffled": Negative(
        None,
        option="shuffled",
        ratio=0.0,
        description="negatives a positive that are its sequence with dinucleotides shuffled; easy, good as an extra",
        label="shuffled",
        colour="sky",
        made=shuffles.draw,
    ),
}
