"""Stretches of genomes, all of one length and without N: where they may lie, and what is written there.

`draw` takes random ones, with which designed or generated DNA is compared; `training.next_bases` takes others.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.genome import corpus

HELD_OUT = ("validation", "test")


class Known(NamedTuple):
    """A piece of a contig without N; `order` numbers the corpus's contigs, excluded ones aside, as they are read."""

    order: int
    genome: str
    chrom: str
    split: str
    start: int
    end: int


def places(
    pieces: list[Known], first: np.ndarray, counts: np.ndarray, step: int, chosen: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(piece, start) of the chosen places, which are numbered through all pieces.

    Piece i has `counts[i]` of them, `step` apart, from `first[i]` bases behind its own start on.
    """
    ends = np.cumsum(counts)
    piece = np.searchsorted(ends, chosen, side="right")
    begins = np.array([one.start for one in pieces], np.int64) + first
    return piece, begins[piece] + (chosen - (ends - counts)[piece]) * step


def known(genomes: list[Path], splits: Collection[str], length: int) -> Iterator[Known]:
    """The pieces without N of at least `length` bases on contigs of these splits, in order (0-based, half-open)."""
    for order, (genome, chrom, split, letters) in enumerate(corpus.contigs(genomes)):
        if split in splits:
            for start, end in seq.stretches(seq.encode(letters), length):
                yield Known(order, genome, chrom, split, start, end)


def cut(genomes: list[Path], orders: np.ndarray, starts: np.ndarray, length: int) -> np.ndarray:
    """Letters (ASCII, case kept) uint8 [n, length] from each place: number of its contig as in `known`, and start.

    The genomes are read once more, a contig at a time, so that no more is held than what was asked for.
    """
    letters = np.empty((len(orders), length), np.uint8)
    rows = np.argsort(orders, kind="stable")
    groups = np.split(rows, np.flatnonzero(np.diff(orders[rows])) + 1) if len(rows) else []
    wanted = {int(orders[group[0]]): group for group in groups}
    for order, (_, _, _, text) in enumerate(corpus.contigs(genomes) if wanted else []):
        if order in wanted:
            here = wanted[order]
            letters[here] = sliding_window_view(np.frombuffer(text, np.uint8), length)[starts[here]]
    return letters


def draw(
    genomes: list[Path],
    length: int,
    number: int,
    rng: np.random.Generator,
    *,
    splits: Collection[str] = ("train", *HELD_OUT),
) -> tuple[pd.DataFrame, np.ndarray]:
    """Up to `number` stretches that do not overlap, in random order: (table, codes uint8 [n, length]).

    The table has genome, chrom, start, end (0-based, half-open), split and `repeats`, the soft-masked share. Stretches
    lie on a grid of `length` bases that starts at a random phase in each piece of sequence, so that every place is as
    likely as any other. Fewer rows than asked for come back where the genome holds no more.
    """
    pieces = list(known(genomes, splits, length))
    spare = np.array([one.end - one.start - length for one in pieces], np.int64)
    phase = np.array([int(rng.integers(min(length, one + 1))) for one in spare], np.int64)
    counts = (spare - phase) // length + 1
    piece, starts = places(pieces, phase, counts, length, rng.permutation(counts.sum())[:number])
    letters = cut(genomes, np.array([one.order for one in pieces], np.int64)[piece], starts, length)
    table = pd.DataFrame([pieces[one] for one in piece], columns=Known._fields)
    table = table.assign(start=starts, end=starts + length, repeats=seq.soft_masked(letters).mean(1))
    return table[["genome", "chrom", "start", "end", "split", "repeats"]], seq.encode(letters)


def held_out(
    genomes: list[Path], length: int, number: int, rng: np.random.Generator
) -> tuple[pd.DataFrame, np.ndarray]:
    """`draw` from validation and test contigs, or from all where those cannot give `number` stretches."""
    table, codes = draw(genomes, length, number, rng, splits=HELD_OUT)
    if len(table) < number:
        table, codes = draw(genomes, length, number, rng)
    if table.empty:
        raise InputError(
            f"{', '.join(map(str, genomes))}: no stretch of {length} bp without N; ask for shorter sequences"
        )
    return table, codes
