"""Intervals as bigBed: what a genome browser reads from afar, a block at a time, where narrowPeak would travel whole.

The library beside this (libBigWig) reads bigBed and writes none, so it is written here and read back by it.
Format: Kent et al. 2010 (doi 10.1093/bioinformatics/btq351), supplement; https://genome.ucsc.edu/goldenPath/help/bigBed.html
and bigNarrowPeak.html beside it. Positions are 0-based, half-open, as in BED.
"""

import csv
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd

from dnalm import files
from dnalm.dna import bbi, bigwig, depth
from dnalm.errors import InputError

NARROW_PEAK = """table bigNarrowPeak
"BED6+4 Peaks of signal enrichment based on pooled, normalized (interpreted) data."
(
    string chrom;        "Reference sequence chromosome or scaffold"
    uint   chromStart;   "Start position in chromosome"
    uint   chromEnd;     "End position in chromosome"
    string name;         "Name given to a region (preferably unique). Use . if no name is assigned"
    uint   score;        "Indicates how dark the peak will be displayed in the browser (0-1000)"
    char[1]  strand;     "+ or - or . for unknown"
    float  signalValue;  "Measurement of average enrichment for the region"
    float  pValue;       "Statistical significance of signal value (-log10). Set to -1 if not used."
    float  qValue;       "Statistical significance with multiple-test correction applied (FDR -log10)."
    int   peak;          "Point-source called for this peak; 0-based offset from chromStart, or -1"
)
"""
BED4 = """table bed
"Browser extensible data (4 fields)"
(
    string chrom;        "Reference sequence chromosome or scaffold"
    uint   chromStart;   "Start position in chromosome"
    uint   chromEnd;     "End position in chromosome"
    string name;         "Name of item"
)
"""
PLACE = ["chrom", "start", "end"]
FIELD = re.compile(r"(?m)^ +\S+ +\S+;")  # a field of autoSql
READ_BACK = 1000  # contigs at most: the library looks each name up in all, one after another

Part = tuple[tuple[int, int], tuple[int, int], bytes]  # start and end, (contig's number, base), and what is written


def write(path: Path, sizes: dict[str, int], table: pd.DataFrame, sql: str, defined: int) -> None:
    """Write intervals as a bigBed, whole or not at all; none of them make a valid file without any.

    `table` has columns chrom, start, end (and `score`, 0 to 1000, where BED has one), then those of `sql`, the autoSql
    that names all fields; the first `defined` of them are BED's own. All contigs of `sizes` are in the file. Raises
    InputError, naming the interval, for a contig that `sizes` lacks, for what leaves its contig, for a score that is
    none, and for rows that are not in the order of `sort -k1,1 -k2,2n`.
    """
    lengths = dict(sorted(sizes.items()))
    _check(table, lengths, path)
    number = table.chrom.map({name: number for number, name in enumerate(lengths)}).to_numpy(np.int64)
    start, end = (table[name].to_numpy(np.int64) for name in ("start", "end"))
    covered = depth.of(number, start, end)
    levels = list(depth.levels(covered, float((end - start).mean()))) if len(table) else []
    with files.whole(path) as beside:
        with open(beside, "wb") as handle:
            _fill(handle, lengths, _rows(table, number), len(table), (sql, defined), covered, levels)
        _read_back(beside, lengths, table)


def _check(table: pd.DataFrame, lengths: dict[str, int], path: Path) -> None:
    """Refuse what a reader would be misled by; the first row that is wrong is named."""
    chrom, start, end = (table[name] for name in PLACE)
    known = chrom.isin(lengths)
    order = chrom.map({name: number for number, name in enumerate(lengths)}).fillna(-1).to_numpy(np.int64)
    backward = np.zeros(len(table), bool)
    backward[1:] = (order[1:] < order[:-1]) | ((order[1:] == order[:-1]) & (np.diff(start.to_numpy(np.int64)) < 0))
    score = table.get("score", pd.Series(0, table.index))
    for wrong, what in (
        (~known, "is on a contig that chrom.sizes lacks; give the chrom.sizes of the genome it was made on"),
        (known & ((start < 0) | (end <= start) | (end > chrom.map(lengths))), "is empty or leaves its contig"),
        (~((score >= 0) & (score <= 1000) & (score % 1 == 0)), "has a score that is no whole number from 0 to 1000"),
        (pd.Series(backward, table.index), "comes after a later one; sort them: sort -k1,1 -k2,2n, in LC_ALL=C"),
    ):
        if wrong.any():
            row = table[wrong].iloc[0]
            raise InputError(f"{path}: the interval {row.chrom}:{row.start}-{row.end} {what}")


def _fill(
    handle: BinaryIO,
    lengths: dict[str, int],
    rows: Iterable[Part],
    count: int,
    about: tuple[str, int],
    covered: np.ndarray,
    levels: list[tuple[int, np.ndarray]],
) -> None:
    """Everything in the order in which a reader wants it, then the header, which says where it all is."""
    handle.write(bytes(bbi.HEADER.size + bbi.ZOOM.size * len(levels)))
    text_at = handle.tell()
    handle.write(about[0].encode() + b"\0")
    totals_at = handle.tell()
    handle.write(bbi.TOTALS.pack(*depth.totals(covered)))
    tree_at = handle.tell()
    handle.write(bbi.contig_tree(lengths, tree_at))
    data_at = handle.tell()
    handle.write(bbi.COUNT.pack(count))
    index_at, room = _blocks(handle, rows)
    places = []
    for width, bins in levels:
        at = handle.tell()
        handle.write(len(bins).to_bytes(4, "little"))
        found, most = _blocks(handle, _bins(bins))
        room, places = max(room, most), [*places, (width, 0, at, found)]
    handle.write(bbi.BIGBED.to_bytes(4, "little"))
    handle.seek(0)
    handle.write(bbi.HEADER.pack(bbi.BIGBED, bbi.VERSION, len(levels), tree_at, data_at, index_at,
                                 len(FIELD.findall(about[0])), about[1], text_at, totals_at, room, 0))  # fmt: skip
    for place in places:
        handle.write(bbi.ZOOM.pack(*place))


def _rows(table: pd.DataFrame, number: np.ndarray) -> Iterator[Part]:
    """Blocks of intervals, none across two contigs."""
    rest = table.drop(columns=PLACE)
    text = rest.to_csv(None, sep="\t", header=False, index=False, float_format="%.6g", lineterminator="\n",
                       quoting=csv.QUOTE_NONE)  # fmt: skip
    lines = text.encode().split(b"\n")
    places = np.stack([number, table.start, table.end], axis=1).astype("<u4")
    begins = np.flatnonzero(np.r_[True, number[1:] != number[:-1]]) if len(number) else []
    for begin, stop in zip(begins, [*begins[1:], len(number)], strict=False):
        for first in range(begin, stop, bbi.SLOT):
            here = slice(first, min(first + bbi.SLOT, stop))
            packed = [place.tobytes() + line + b"\0" for place, line in zip(places[here], lines[here], strict=True)]
            where = int(number[first])
            yield (where, int(places[first, 1])), (where, int(places[here, 2].max())), b"".join(packed)


def _bins(bins: np.ndarray) -> Iterator[Part]:
    """Blocks of zoomed bins, which may lie on several contigs."""
    for first in range(0, len(bins), bbi.SLOT):
        part = bins[first : first + bbi.SLOT]
        low, high = part[0], part[-1]
        yield (int(low["contig"]), int(low["start"])), (int(high["contig"]), int(high["end"])), part.tobytes()


def _blocks(handle: BinaryIO, parts: Iterable[Part]) -> tuple[int, int]:
    """Write blocks, packed, and their index: where that lies, and the bytes of the largest block."""
    blocks, room = [], 0
    for start, end, text in parts:
        packed = zlib.compress(text)
        blocks.append(bbi.Block(start, end, handle.tell(), len(packed)))
        room = max(room, len(text))
        handle.write(packed)
    at = handle.tell()
    handle.write(bbi.index(blocks, at))
    return at, room


def _read_back(path: Path, lengths: dict[str, int], table: pd.DataFrame) -> None:
    """The library must find in each contig the intervals that went in, or, of very many, in some all over the file."""
    counts = table.chrom.value_counts(sort=False)
    counts = counts.iloc[:: -(-len(counts) // READ_BACK) or 1]
    with bigwig.opened(path) as found:
        if not found.isBigBed() or found.chroms() != lengths:
            raise RuntimeError("the bigBed has other contigs than were written")
        for chrom, count in counts.items():
            entries = found.entries(chrom, 0, lengths[chrom], withString=False) or ()
            if len(entries) != count:
                raise RuntimeError(f"{count:,} intervals were written on {chrom}, {len(entries):,} are read back")
