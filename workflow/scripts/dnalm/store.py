"""The token store: a corpus tokenised once, written as flat arrays, read by memory map.

A folder with tokens.bin (uint16, one a token), repeats.bin (uint8, 1 where most of the token is soft-masked) and
index.tsv: one row per stretch without N, with genome, contig, start, end (bases, 0-based half-open), offset and tokens
(its place in the arrays) and split. Rows, not files, per contig: an assembly may have a million.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from dnalm import seq

COLUMNS = ("genome", "contig", "start", "end", "offset", "tokens", "split")


def stretches(letters: bytes, shortest: int = 100) -> Iterator[tuple[int, int]]:
    """Intervals without N (or any letter but A, C, G, T) of at least `shortest` bases, in order."""
    known = np.concatenate([[False], seq.encode(letters) < seq.N, [False]])
    edges = np.flatnonzero(known[1:] != known[:-1])
    for start, end in edges.reshape(-1, 2):
        if end - start >= shortest:
            yield int(start), int(end)


def soft_masked(letters: bytes) -> np.ndarray:
    """Which bases are lower case (boolean): repeats, as RepeatMasker and UCSC mark them."""
    return np.frombuffer(letters, np.uint8) >= ord("a")


def token_repeats(masked: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """1 for each token of which at least half the bases are soft-masked (uint8, one a token)."""
    ends = np.cumsum(lengths)
    total = np.concatenate([[0], np.cumsum(masked)])
    inside = total[ends] - total[ends - lengths]
    return (2 * inside >= lengths).astype(np.uint8)


def open_store(folder: Path) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """(tokens uint16 memmap, repeats uint8 memmap, index) of a store folder."""
    folder = Path(folder)
    tokens = np.memmap(folder / "tokens.bin", np.uint16, "r")
    repeats = np.memmap(folder / "repeats.bin", np.uint8, "r")
    return tokens, repeats, pd.read_csv(folder / "index.tsv", sep="\t", dtype={"genome": str, "contig": str})
