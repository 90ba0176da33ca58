"""Random stretches of genomes, all of one length and without N: what designed or generated DNA is compared with."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd

from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.genome import corpus

HELD_OUT = ("validation", "test")


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
    tiles = []
    for order, (genome, chrom, split, letters) in enumerate(corpus.contigs(genomes)):
        if split in splits:
            tiles += [(order, genome, chrom, split, start) for start in _grid(letters, length, rng)]
    picked = rng.permutation(len(tiles))[:number]
    wanted: dict[int, list[tuple[int, int]]] = {}
    for row, tile in enumerate(picked):
        wanted.setdefault(tiles[tile][0], []).append((row, tiles[tile][4]))
    codes, repeats = np.empty((len(picked), length), np.uint8), np.empty(len(picked))
    for order, (_, _, _, letters) in enumerate(corpus.contigs(genomes) if wanted else []):
        for row, start in wanted.get(order, []):
            piece = letters[start : start + length]
            codes[row], repeats[row] = seq.encode(piece), seq.soft_masked(piece).mean()
    table = pd.DataFrame([tiles[tile][1:] for tile in picked], columns=["genome", "chrom", "split", "start"])
    table["end"], table["repeats"] = table.start + length, repeats
    return table[["genome", "chrom", "start", "end", "split", "repeats"]], codes


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


def _grid(letters: bytes, length: int, rng: np.random.Generator) -> list[int]:
    starts = []
    for start, end in seq.stretches(seq.encode(letters), length):
        phase = int(rng.integers(min(length, end - start - length + 1)))
        starts += range(start + phase, end - length + 1, length)
    return starts
