"""Intervals on a genome: which of them overlap, and whether they lie on it. 0-based, half-open.

A table of intervals is a DataFrame with columns chrom, start, end (int64), as bioframe has it; peaks add `summit`, an
absolute position, and `score`.
"""

import shutil
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dnalm import texts
from dnalm.dna import assembly
from dnalm.errors import InputError

if TYPE_CHECKING:
    import pybedtools

SPLITS = ("train", "validation", "test")

Taken = dict[tuple[str, int], int]  # the start that is claimed in each cell of a contig


def read_sizes(path: Path) -> dict[str, int]:
    """Contig lengths from chrom.sizes, in file order."""
    return {name: int(length) for name, length in (line.split("\t") for line in texts.read_lines(path) if line)}


def on_genome(
    table: pd.DataFrame, sizes: dict[str, int], path: Path, most_outside: float = assembly.MOST_OUTSIDE
) -> pd.DataFrame:
    """Keep the intervals that lie in the genome; refuse a file of another genome, with other names or assembly."""
    return table[assembly.places(table.chrom, table.end, sizes, path, most_outside=most_outside) == ""].reset_index(
        drop=True
    )


def bedtools() -> ModuleType:
    """The package pybedtools, imported once something is asked of it.

    It starts bedtools sixty times to learn what that can do. A process counts twice while it starts another one, and
    beside torch that is more than a job of Slurm has asked for: now and then one was stopped.
    """
    if shutil.which("bedtools") is None:
        raise InputError("bedtools is not installed; get it from your system or `conda install -c bioconda bedtools`")
    import pybedtools

    return pybedtools


def to_bed(table: pd.DataFrame) -> "pybedtools.BedTool":
    """A BedTool of a table's intervals, each named after its row number; what leaves the contig on the left is cut."""
    rows = table[["chrom", "start", "end"]].assign(start=table.start.clip(lower=0), name=np.arange(len(table)))
    return bedtools().BedTool.from_dataframe(rows)


def overlaps(table: pd.DataFrame, other: pd.DataFrame) -> np.ndarray:
    """Whether each interval of `table` shares at least one base with any of `other` (boolean, table's order)."""
    hit = np.zeros(len(table), bool)
    if len(table) and len(other):
        shared = to_bed(table).intersect(to_bed(other), u=True)
        hit[[int(line.rsplit("\t", 1)[1]) for line in texts.read(shared.fn).splitlines()]] = True
        bedtools().cleanup()
    return hit


def jaccard(table: pd.DataFrame, other: pd.DataFrame) -> float | None:
    """Bases that both have over bases that either has (as bedtools jaccard), strands aside; None where one is empty."""
    if not len(table) or not len(other):
        return None
    one, two = (to_bed(part).sort().merge() for part in (table, other))
    shared, *each = (_bases(part) for part in (one.intersect(two), one, two))
    bedtools().cleanup()
    return shared / (sum(each) - shared) if sum(each) else None


def _bases(intervals: "pybedtools.BedTool") -> int:
    """Bases of intervals that do not overlap. Read here: pybedtools' own readers leave files open."""
    rows = (line.split("\t") for line in texts.read(intervals.fn).splitlines())
    return sum(int(end) - int(start) for _, start, end, *_ in rows)


def claim(taken: Taken, chrom: str, start: int, width: int) -> bool:
    """Claim [start, start + width) unless it overlaps an earlier claim; at most one starts in each `width` bases."""
    cell = start // width
    for near in (cell - 1, cell, cell + 1):
        other = taken.get((chrom, near))
        if other is not None and abs(other - start) < width:
            return False
    taken[chrom, cell] = start
    return True
