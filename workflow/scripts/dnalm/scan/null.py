"""What a scan finds where there is nothing to see: its peaks on pieces of the same genome that hold no site.

Two ways to make such pieces: all of their bases shuffled, or only what looks like the factor's motif (decoys). The one
has lost repeats and everything else that a genome is made of, the other holds all of it but the motif.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pysam

from dnalm import files
from dnalm.dna import motifs, seq
from dnalm.dna.place import Place
from dnalm.errors import InputError
from dnalm.genome import fasta as genome_fasta
from dnalm.logs import progress
from dnalm.scan import peaks, tracks

PIECE = 20  # windows' length of a piece
SHUFFLED, DECOYS = "shuffled", "decoys"  # how pieces were made
CHANCE = 1e-4  # a place that matches the motif this well looks like a site, as FIMO has it
TRIES = 100  # orders of a match's bases

Make = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def read_null(path: Path) -> dict[str, np.ndarray]:
    """Null scores by how their pieces were made; shuffled ones are needed, without them nothing can be called.

    A table without the column `kind` is of shuffled pieces.
    """
    table = pd.read_csv(path, sep="\t")
    if "score" not in table or table.score.isna().any():
        raise InputError(f"{path}: got no null scores, wanted a column `score`; scan with --null-windows 1000 or more")
    kinds = table.kind if "kind" in table else pd.Series(SHUFFLED, table.index)
    found = {kind: table.score[kinds == kind].to_numpy(np.float32) for kind in (SHUFFLED, DECOYS)}
    if not len(found[SHUFFLED]):
        raise InputError(
            f"{path}: got no null scores, wanted some of shuffled pieces; scan with --null-windows 1000 "
            "or more, and places that have fewer N"
        )
    return found


def null_scores(
    fasta: pysam.FastaFile,
    places: list[Place],
    read: tracks.Read,
    window: int,
    stride: int,
    count: int,
    seed: int,
    make: Make | None = None,
    what: str = "null",
) -> np.ndarray:
    """Heights of the local maxima on pieces of the places as `make` makes them, scanned with about `count` windows.

    The null must be the same statistic as a candidate peak, so pieces of `PIECE` windows' length are made, go through
    the same averaging over covering windows, and their maxima are taken a window apart. Without a `make` each window's
    length of them is shuffled by itself: as a whole a piece would be as rich in GC everywhere, which a genome is not.
    Where no place is that long, as on the contigs of a draft assembly, each that holds a window is a piece as it is;
    where none holds one, nothing was scanned and there is no null.
    """
    rng = np.random.default_rng(seed)
    made = make or (lambda piece, rng: shuffled(piece, window, rng))
    longest = max((one.end - one.start for one in places), default=0)
    least = PIECE * window if longest >= PIECE * window else window
    long = [one for one in places if one.end - one.start >= least]
    if not long:
        return np.empty(0)
    share = np.array([one.end - one.start for one in long])
    lengths = np.minimum(share, PIECE * window)
    scanned = int(share @ (lengths - window + stride))  # the stretch of windows' starts in a piece, times all bases
    pieces = -(-count * stride * int(share.sum()) // scanned)
    heights = []
    with progress(what, pieces, "pieces") as advance:
        for one, length, number in zip(long, lengths, rng.multinomial(pieces, share / share.sum()), strict=True):
            codes = genome_fasta.codes(fasta, *one)
            for piece in _pieces(codes, int(length), number, rng):
                values = tracks.track(made(piece, rng), read, window, stride)
                heights.append(values[peaks.local_maxima(values, window // stride)])
                advance(1)
    return np.concatenate(heights) if heights else np.empty(0)


def decoys(log_odds: np.ndarray) -> Make:
    """Pieces as they are, but where the motif [width, 4] matches: there the bases are in an order that does not.

    What is found on them is no site of this factor, whatever else it is; sites that are there and not bound are gone,
    too, so the estimate is of a genome that tempts less. Of a motif too short for so small a chance the best go.
    """
    least, width = motifs.score_of_chance(log_odds, CHANCE), len(log_odds)
    least = min(least, log_odds.max(1).sum() - 0.01)

    def destroyed(piece: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        piece = piece.copy()
        scores = motifs.hit_scores(piece, log_odds)[0]
        for at in np.flatnonzero(scores >= least):
            around = slice(max(at - width + 1, 0), at + 2 * width - 1)
            for _ in range(TRIES):
                if motifs.hit_scores(piece[around], log_odds)[0].max() < least:
                    break
                piece[at : at + width] = rng.permutation(piece[at : at + width])
        return piece

    return destroyed


def shuffled(piece: np.ndarray, width: int, rng: np.random.Generator) -> np.ndarray:
    """A piece of which each stretch of `width` bases keeps its dinucleotides, in another order."""
    stretches = np.split(piece, range(width, len(piece), width))
    return np.concatenate([seq.shuffle_dinucleotides(stretch, rng) for stretch in stretches])


def _pieces(codes: np.ndarray, length: int, number: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Random stretches of a contig with little N; places in gaps are drawn again, a thousand times at most."""
    for _ in range(number):
        for _ in range(1000):
            start = int(rng.integers(0, len(codes) - length + 1))
            piece = codes[start : start + length]
            if (piece == seq.N).mean() <= seq.MOST_N:
                yield piece
                break


def write_null(path: Path, scores: dict[str, np.ndarray]) -> None:
    """`score`, highest first, and `kind`: how the pieces were made."""
    parts = [pd.DataFrame({"score": np.sort(values)[::-1], "kind": kind}) for kind, values in scores.items()]
    files.write_table(path, pd.concat(parts, ignore_index=True))
