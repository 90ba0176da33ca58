"""Windows round a factor's motif: hits as good as those of its peaks, lying in their windows as those do.

Most hits of a motif are not bound, and telling them from bound ones is the hard part of finding a factor's sites. The
place of the motif must not give it away. 0-based, half-open; a hit lies where it starts on the forward strand.
"""

import numpy as np
import pandas as pd

from dnalm.dna import motifs, seq
from dnalm.dna import splits as dna_splits

_MOST_HITS = 200_000  # kept a contig
_CHUNK = 1 << 20

Offsets = dict[tuple[str, int], np.ndarray]  # of hits in their windows, by split and strand


def least(best: np.ndarray) -> float | None:
    """The lower quartile of best motif scores; None where no motif fits."""
    known = best[np.isfinite(best)]
    return float(np.quantile(known, 0.25)) if len(known) else None


def of_positives(
    positives: pd.DataFrame, log_odds: np.ndarray, threshold: float | None = None
) -> tuple[float | None, Offsets]:
    """The score that hits have to reach, and where in the positives' windows their best ones that reach it start.

    The score is the lower quartile of the positives' best, or the `threshold` by which they were chosen. A factor may
    sit to one side of its motif (CTCF's summits do, by some 4 bp), so strands are kept apart.
    """
    codes = np.stack([seq.encode(text) for text in positives.sequence])
    gap = np.full((len(codes), 1), seq.N, np.uint8)  # no motif may span two windows
    flat = motifs.hit_scores(np.hstack([codes, gap]).ravel(), log_odds)
    scores, strands = (found.reshape(len(codes), -1) for found in flat)
    best, offset = scores.max(1), scores.argmax(1)
    threshold = least(best) if threshold is None else threshold
    if threshold is None:
        return None, {}
    strand = strands[np.arange(len(best)), offset]
    places = pd.DataFrame({"split": positives.split.to_numpy(), "strand": strand, "offset": offset})
    groups = places[best >= threshold].groupby(["split", "strand"]).offset
    return threshold, {key: rows.to_numpy() for key, rows in groups}


def hits(letters: bytes, log_odds: np.ndarray, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Hits of a contig that score at least `threshold`: (starts [n] in order, strands [n], 1 or -1)."""
    found, strands = [np.zeros(0, np.int64)], [np.zeros(0, np.int8)]
    for first in range(0, len(letters), _CHUNK):
        codes = seq.encode(letters[first : first + _CHUNK + len(log_odds) - 1])
        scores, strand = (one[:_CHUNK] for one in motifs.hit_scores(codes, log_odds))
        found.append(first + np.flatnonzero(scores >= threshold))
        strands.append(strand[scores >= threshold])
    return np.concatenate(found), np.concatenate(strands)


def windows(
    contig: str,
    letters: bytes,
    log_odds: np.ndarray,
    threshold: float,
    offsets: Offsets,
    splits: dna_splits.Splits,
    window: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Starts [n] of windows round hits of a contig: bound by the look of it.

    A hit starts at an offset in its window that is drawn from `offsets`, those of the positives' hits of its own strand
    in its own split (they are shifted in training only), so that its place gives nothing away.
    """
    hit, strand = hits(letters, log_odds, threshold)
    if len(hit) > _MOST_HITS:
        kept = np.sort(rng.choice(len(hit), _MOST_HITS, replace=False))
        hit, strand = hit[kept], strand[kept]
    split = dna_splits.split_of(pd.Series(contig, np.arange(len(hit))), pd.Series(hit), pd.Series(hit + 1), splits)
    found = [np.zeros(0, np.int64)]
    for key, theirs in offsets.items():
        mine = hit[(split == key[0]) & (strand == key[1])]
        found.append(mine - rng.choice(theirs, len(mine)))
    start = np.concatenate(found)
    return np.unique(start[(start >= 0) & (start + window <= len(letters))])
