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

from dnalm.dna import intervals, motifs, seq
from dnalm.dna import splits as dna_splits
from dnalm.targets import mining, shuffles

_MOST_HITS = 200_000  # motif candidates kept a contig
_ROWS, _CHUNK = 1 << 14, 1 << 20
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


def motif_places(positives: pd.DataFrame, log_odds: np.ndarray) -> tuple[float | None, dict[str, np.ndarray]]:
    """The lower quartile of the positives' best motif scores, and by split the offsets of the hits that reach it."""
    codes = np.stack([seq.encode(text) for text in positives.sequence])
    gap = np.full((len(codes), 1), seq.N, np.uint8)  # no motif may span two windows
    hits = motifs.hit_scores(np.hstack([codes, gap]).ravel(), log_odds)[0].reshape(len(codes), -1)
    best, offsets = hits.max(1), hits.argmax(1)
    if not np.isfinite(best).any():
        return None, {}
    threshold = float(np.quantile(best[np.isfinite(best)], 0.25))
    reached, split = best >= threshold, positives.split.to_numpy()
    return threshold, {one: offsets[reached & (split == one)] for one in np.unique(split[reached])}


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
    offsets: dict[str, np.ndarray],
    splits: dna_splits.Splits,
    banned: pd.DataFrame,
    window: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Windows round motif hits that score at least `threshold`: bound by the look of it, unbound in fact.

    A hit starts at an offset in its window that is drawn from `offsets`, those of the best hits of the positives of its
    own split, so that its place gives nothing away: positives are shifted in training only. Columns as
    `draw_candidates`.
    """
    found = [np.zeros(0, np.int64)]
    for first in range(0, len(letters), _CHUNK):
        codes = seq.encode(letters[first : first + _CHUNK + len(log_odds) - 1])
        hits = motifs.hit_scores(codes, log_odds)[0][:_CHUNK]
        found.append(first + np.flatnonzero(hits >= threshold))
    hit = np.concatenate(found)
    if len(hit) > _MOST_HITS:
        hit = np.sort(rng.choice(hit, _MOST_HITS, replace=False))
    split = dna_splits.split_of(pd.Series(contig, np.arange(len(hit))), pd.Series(hit), pd.Series(hit + 1), splits)
    starts = [hit[split == one] - rng.choice(theirs, np.count_nonzero(split == one)) for one, theirs in offsets.items()]
    start = np.concatenate([np.zeros(0, np.int64), *starts])
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


class Search(NamedTuple):
    """What a source of candidates may ask: the positives (with sequence), the motif, the windows wanted, the dice.

    `density` is candidates for each known base, `splits` the places held out; what a source has to tell goes into
    `report`. `signal` is the bigWig of a first model.
    """

    positives: pd.DataFrame
    log_odds: np.ndarray | None
    window: int
    density: float
    splits: dna_splits.Splits
    rng: np.random.Generator
    report: dict[str, Any]
    signal: Path | None = None


Source = Callable[[str, bytes, pd.DataFrame], pd.DataFrame]  # contig, its letters, what is banned there


def anywhere(search: Search) -> Source:
    """Candidates at random places."""
    return lambda contig, letters, banned: draw_candidates(
        contig, letters, search.density, banned, search.window, search.rng
    )


def at_motifs(search: Search) -> Source | None:
    """Candidates at motif hits as good as the positives'; None where no positive has one."""
    threshold, offsets = motif_places(search.positives, search.log_odds)
    search.report["motif_threshold"] = threshold
    if threshold is None:
        return None
    return lambda contig, letters, banned: draw_motif_candidates(
        contig, letters, search.log_odds, threshold, offsets, search.splits, banned, search.window, search.rng
    )


def at_maxima(search: Search) -> Source:
    """Candidates at the local maxima of a first model's track, with their `height`: the highest are chosen."""
    trained_on = search.positives.chrom[search.positives.split == "train"].unique()
    found = mining.windows(search.signal, trained_on, search.window)

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
