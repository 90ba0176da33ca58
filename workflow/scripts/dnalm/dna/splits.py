"""Which part of a genome is for training, for validation, for test or for nothing: said once, asked everywhere.

Splits name places under validation, test and exclude: whole contigs, or regions `contig:start-end` (0-based,
half-open), so that a bacterium of one contig can hold something out. All that is named nowhere is for training. Windows
next to each other share their neighbourhood, so one that comes too near to a border between splits is in neither.
"""

import numpy as np
import pandas as pd

from dnalm.dna.place import BEYOND, HELD, Place, place

TRAIN, BORDER = "train", "border"

Splits = dict[str, list[str]]
Borders = tuple[np.ndarray, list[str]]  # where the stretches of a contig begin, and the split of each
WHOLE: Borders = (np.zeros(1, np.int64), [TRAIN])  # a contig that no split names


def stripes(sizes: dict[str, int], bases: int, of: int) -> Splits:
    """Of every `of` stretches of `bases` the last is for test and the one before it for validation, as regions.

    Contigs are cut from their starts; a stretch that its contig's end cuts short is held out all the same.
    """
    found: Splits = {"validation": [], "test": []}
    for contig, size in sizes.items():
        for split, first in (("validation", of - 2), ("test", of - 1)):
            starts = range(first * bases, size, of * bases)
            found[split] += [str(Place(contig, start, min(start + bases, size))) for start in starts]
    return found


def borders(splits: Splits) -> dict[str, Borders]:
    """For each contig that is named: where its stretches begin (the first at 0) and the split of each, in order."""
    held: dict[str, list[tuple[int, int, str]]] = {}
    for split in HELD:
        for one in map(place, splits.get(split, [])):
            held.setdefault(one.contig, []).append((one.start, one.end, split))
    found = {}
    for contig, pieces in held.items():
        begins, names = [0], [TRAIN]
        for start, end, split in sorted(pieces):
            begins, names = [*begins, start, end], [*names, split, TRAIN]
        ends = [*begins[1:], BEYOND]
        rows = [row for row in range(len(begins)) if begins[row] < ends[row]]
        rows = [row for at, row in enumerate(rows) if not at or names[row] != names[rows[at - 1]]]
        found[contig] = np.array([begins[row] for row in rows], np.int64), [names[row] for row in rows]
    return found


def stretches(borders: Borders, end: int) -> list[tuple[int, int, str]]:
    """The stretches of a contig that ends at `end`: (start, end, split) of each, in order."""
    begins, names = borders
    return list(zip(begins.tolist(), [*begins[1:].tolist(), end], names, strict=True))


def split_of(chrom: pd.Series, start: pd.Series, end: pd.Series, splits: Splits, margin: int = 0) -> np.ndarray:
    """The split of each interval: `border` for one that is nearer than `margin` bases to another split, or in two."""
    found = np.full(len(chrom), TRAIN, object)
    named = borders(splits)
    first = start.to_numpy(np.int64) - margin
    last = np.maximum(end.to_numpy(np.int64) - 1 + margin, first)
    for contig, rows in pd.Series(np.arange(len(chrom))).groupby(chrom.to_numpy()).indices.items():
        if contig in named:
            begins, names = named[contig]
            left, right = (np.searchsorted(begins, at[rows], "right").clip(1) - 1 for at in (first, last))
            found[rows] = np.where(left == right, np.array(names, object)[left], BORDER)
    return found
