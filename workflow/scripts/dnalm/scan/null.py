"""What a scan finds where there is nothing to see: its peaks on dinucleotide-shuffled pieces of the same genome."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pysam

from dnalm import files
from dnalm.dna import seq
from dnalm.dna.place import Place
from dnalm.errors import InputError
from dnalm.genome import fasta as genome_fasta
from dnalm.logs import progress
from dnalm.scan import peaks, tracks

PIECE = 20  # windows' length of a shuffled piece


def read_null(path: Path) -> np.ndarray:
    """Null scores (column `score`); at least one is needed, for without a null nothing can be called."""
    table = pd.read_csv(path, sep="\t")
    if "score" not in table or table.empty or table.score.isna().any():
        raise InputError(f"{path}: got no null scores, wanted a column `score`; scan with --null-windows 1000 or more")
    return table.score.to_numpy(np.float32)


def null_scores(
    fasta: pysam.FastaFile, places: list[Place], read: tracks.Read, window: int, stride: int, count: int, seed: int
) -> np.ndarray:
    """Heights of the local maxima on dinucleotide-shuffled pieces of the places, scanned with about `count` windows.

    The null must be the same statistic as a candidate peak, so pieces of `PIECE` windows' length are shuffled, each
    window's length of them by itself, and go through the same averaging over covering windows, and their maxima are
    taken a window apart. Shuffled as a whole a piece would be as rich in GC everywhere, which a genome is not.
    """
    rng = np.random.default_rng(seed)
    length = PIECE * window
    long = [one for one in places if one.end - one.start >= length]
    if not long:
        return np.empty(0)
    pieces = -(-count * stride // (length - window + stride))
    share = np.array([one.end - one.start for one in long])
    heights = []
    with progress("null", pieces, "shuffled pieces") as advance:
        for one, number in zip(long, rng.multinomial(pieces, share / share.sum()), strict=True):
            codes = genome_fasta.codes(fasta, *one)
            for piece in _pieces(codes, length, number, rng):
                values = tracks.track(shuffled(piece, window, rng), read, window, stride)
                heights.append(values[peaks.local_maxima(values, window // stride)])
                advance(1)
    return np.concatenate(heights) if heights else np.empty(0)


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


def write_null(path: Path, scores: np.ndarray) -> None:
    """One column, `score`, highest first."""
    files.write_table(path, pd.DataFrame({"score": np.sort(scores)[::-1]}))
