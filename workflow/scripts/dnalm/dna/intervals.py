"""Intervals on a genome: BED and narrowPeak in, windows and chromosome splits out. 0-based, half-open.

A table of intervals is a DataFrame with columns chrom, start, end (int64), as bioframe has it; peaks add `summit`, an
absolute position, and `score`.
"""

import gzip
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pybedtools

from dnalm import files
from dnalm.errors import InputError

SPLITS = ("train", "validation", "test")


def read_text(path: Path) -> list[str]:
    """Lines of a text file, gzipped or not (by its first bytes, not by its name)."""
    try:
        with files.open_plain(path, "rt") as handle:
            return handle.read().splitlines()
    except (EOFError, gzip.BadGzipFile, UnicodeDecodeError) as error:
        raise InputError(
            f"{path}: cannot be read to its end ({error}); it is cut short or not text, fetch it again"
        ) from None


def read_sizes(path: Path) -> dict[str, int]:
    """Contig lengths from chrom.sizes, in file order."""
    return {name: int(length) for name, length in (line.split("\t") for line in read_text(path) if line)}


def read_peaks(path: Path, sizes: dict[str, int] | None = None) -> pd.DataFrame:
    """Read BED3+ or narrowPeak into chrom, start, end, score, summit (absolute), sorted as given.

    narrowPeak's column 10 is the summit's offset from `start`; -1 or a missing column means the midpoint. Where
    `sizes` is given, contigs that the genome lacks are dropped, unless all are: then the names disagree and it is an
    error. Raises InputError with file and line for anything malformed (UCSC BED and ENCODE narrowPeak formats).
    """
    rows = []
    for number, line in enumerate(read_text(path), 1):
        if not line.strip() or line.startswith(("#", "track", "browser")):
            continue
        rows.append(_peak(line.rstrip("\r"), f"{path}:{number}"))
    if not rows:
        raise InputError(f"{path}: holds no interval; give a BED or narrowPeak file with at least one line")
    peaks = pd.DataFrame(rows, columns=["chrom", "start", "end", "score", "summit"])
    return peaks if sizes is None else on_genome(peaks, sizes, path)


def _peak(line: str, where: str) -> tuple[str, int, int, float, int]:
    fields = line.split("\t")
    if len(fields) < 3:
        raise InputError(f"{where}: got {len(fields)} tab-separated column(s), wanted at least 3 (chrom, start, end)")
    try:
        start, end = int(fields[1]), int(fields[2])
        offset = int(fields[9]) if len(fields) > 9 else -1
        score = float(fields[6]) if len(fields) > 6 else float(fields[4]) if len(fields) > 4 else 0.0
    except ValueError as error:
        raise InputError(f"{where}: {error}; starts, ends and summits are whole numbers, scores are numbers") from None
    if start < 0 or end < start:
        raise InputError(f"{where}: got {start}-{end}, wanted 0 <= start <= end")
    if offset >= max(end - start, 1):
        raise InputError(f"{where}: summit offset {offset} lies outside the peak, which is {end - start} bp long")
    return fields[0], start, end, score, start + (offset if offset >= 0 else (end - start) // 2)


def on_genome(table: pd.DataFrame, sizes: dict[str, int], path: Path) -> pd.DataFrame:
    """Keep the intervals whose contig the genome has; refuse a file of another genome or assembly."""
    known = table.chrom.isin(sizes)
    if not known.any():
        raise InputError(
            f"{path}: none of its contigs ({', '.join(table.chrom.unique()[:3])} …) is in the genome "
            f"({', '.join(list(sizes)[:3])} …); give a file made on this assembly, with its names"
        )
    table = table[known].reset_index(drop=True)
    beyond = table.end > table.chrom.map(sizes)
    if beyond.mean() > 0.001:
        row = table[beyond].iloc[0]
        raise InputError(
            f"{path}: {beyond.sum()} intervals end beyond their contig, as {row.chrom}:{row.start}-{row.end} does "
            f"({row.chrom} has {sizes[row.chrom]} bp); this is another assembly"
        )
    return table[~beyond].reset_index(drop=True)


def to_bed(table: pd.DataFrame) -> pybedtools.BedTool:
    """A BedTool of a table's intervals, each named after its row number; what leaves the contig on the left is cut."""
    if shutil.which("bedtools") is None:
        raise InputError("bedtools is not installed; get it from your system or `conda install -c bioconda bedtools`")
    rows = table[["chrom", "start", "end"]].assign(start=table.start.clip(lower=0), name=np.arange(len(table)))
    return pybedtools.BedTool.from_dataframe(rows)


def overlaps(table: pd.DataFrame, other: pd.DataFrame) -> np.ndarray:
    """Whether each interval of `table` shares at least one base with any of `other` (boolean, table's order)."""
    hit = np.zeros(len(table), bool)
    if len(table) and len(other):
        shared = to_bed(table).intersect(to_bed(other), u=True)
        hit[[int(line.rsplit("\t", 1)[1]) for line in read_text(shared.fn)]] = True
        pybedtools.cleanup()
    return hit


def by_contig(splits: dict[str, list[str]]) -> dict[str, str]:
    """The split of each contig that is named under one; the rest is for training."""
    return {contig: split for split, contigs in splits.items() for contig in contigs}


def split_of(chrom: pd.Series, splits: dict[str, list[str]]) -> pd.Series:
    """The split of each contig: as listed under validation, test and exclude, and train for the rest."""
    named = by_contig(splits)
    return chrom.map(lambda contig: named.get(contig, "train"))
