"""Whether a bigWig is whole, part by part: its library trusts every offset and count, and a damaged file may crash it.

Everything that a reader follows is followed here: header, chromosome tree, indexes and blocks, whose compressed data
bear checksums; and the file's own totals must be those of its values. What nothing in a file bears out are a contig's
name and its length: who reads those must hold them against the genome.
Format: https://genome.ucsc.edu/goldenPath/help/bigWig.html, and Kent et al. 2010 (doi 10.1093/bioinformatics/btq351),
supplement, tables 5 to 19. Little-endian, as all are that libBigWig writes.
"""

import mmap
import zlib
from collections.abc import Iterator
from pathlib import Path
from struct import Struct
from struct import error as StructError
from sys import float_info
from typing import NamedTuple

import numpy as np

from dnalm.dna import bbi

_BLOCK = Struct("<IIIIIBBH")
_WORDS = {1: 3, 2: 2, 3: 1}  # of four bytes, in an item of a bedGraph, a variable and a fixed step
_MOST_BLOCK = 1 << 28  # bytes of a block, unpacked


class Damaged(Exception):
    """What is wrong with a file."""


class Block(NamedTuple):
    """Where values of [start, end) lie, by the index; places are (contig's number, base).

    libBigWig's ends may be wider than its values, and than the node above, at whose end, `reach`, a reader turns back.
    """

    start: tuple[int, int]
    end: tuple[int, int]
    reach: tuple[int, int]
    offset: int
    size: int


def check(path: Path) -> None:
    """Raise Damaged where any part of a bigWig is not as it must be."""
    with open(path, "rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            _check(data)
        except (StructError, IndexError, zlib.error, ValueError) as error:
            raise Damaged(str(error)) from None


def _check(data: mmap.mmap) -> None:
    magic, version, zooms, tree, values, index, *_, totals, room, _ = bbi.HEADER.unpack_from(data, 0)
    _demand(magic == bbi.BIGWIG and 1 <= version <= 4, "its header is none")
    _demand(max(tree, values, index, totals) < len(data) and room <= _MOST_BLOCK, "its header points beyond its end")
    lengths = _contigs(data, tree)
    found = [_values(block, _unpacked(data, block, room), lengths) for block in _blocks(data, index, lengths)]
    _demand(bbi.COUNT.unpack_from(data, values)[0] == len(found), "it holds another number of blocks than it says")
    if totals and found:
        _check_totals(bbi.TOTALS.unpack_from(data, totals), found)
    for number in range(zooms):
        _, _, _, index = bbi.ZOOM.unpack_from(data, bbi.HEADER.size + number * bbi.ZOOM.size)
        for block in _blocks(data, index, lengths):
            _check_zoom(np.frombuffer(_unpacked(data, block, room), bbi.ZOOM_RECORD), lengths)


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Damaged(otherwise)


def _contigs(data: mmap.mmap, offset: int) -> np.ndarray:
    """The contigs' lengths, by number, from the tree of their names."""
    magic, _, key, size, count, _ = bbi.TREE.unpack_from(data, offset)
    _demand(magic == bbi.TREE_MAGIC and size == 8 and 0 < key < 1 << 16 and count > 0, "its tree of contigs is none")
    names, lengths, nodes, seen = set(), {}, [offset + bbi.TREE.size], 0
    while nodes:
        here = nodes.pop()
        leaf, _, items = bbi.NODE.unpack_from(data, here)
        seen += 1
        _demand(leaf in (0, 1) and items > 0 and seen <= count + 1, "its tree of contigs is none")
        for at in range(here + bbi.NODE.size, here + bbi.NODE.size + items * (key + 8), key + 8):
            if not leaf:
                nodes.append(bbi.COUNT.unpack_from(data, at + key)[0])
                continue
            number, length = np.frombuffer(data[at + key : at + key + 8], "<u4").tolist()
            name = data[at : at + key].rstrip(b"\0").decode("ascii")
            _demand(name.isprintable() and name not in names and number not in lengths, "two contigs are one")
            names.add(name)
            lengths[number] = length
    _demand(sorted(lengths) == list(range(count)), "its contigs are not as many as it says")
    return np.array([lengths[number] for number in range(count)], np.int64)


def _blocks(data: mmap.mmap, offset: int, lengths: np.ndarray) -> Iterator[Block]:
    """The blocks that an index names, in the order of the genome; each node must hold what lies below it."""
    magic, _, _, *_ = bbi.INDEX.unpack_from(data, offset)
    _demand(magic == bbi.INDEX_MAGIC, "an index is none")
    nodes: list[tuple[int, tuple, tuple]] = [(offset + bbi.INDEX.size, (0, 0), (len(lengths), 0))]
    last, most = (0, 0), len(data) // bbi.BRANCH.size
    while nodes:
        here, low, high = nodes.pop()
        leaf, _, items = bbi.NODE.unpack_from(data, here)
        most -= 1
        _demand(leaf in (0, 1) and most > 0, "an index is none")
        item, below = (bbi.LEAF if leaf else bbi.BRANCH), []
        for number in range(items):
            one, start, other, end, *place = item.unpack_from(data, here + bbi.NODE.size + number * item.size)
            fits = low <= (one, start) <= min(high, (other, end)) and other < len(lengths)
            _demand(fits, "an index does not hold what lies below it")
            if leaf:
                _demand(last <= (one, start) and sum(place) <= len(data), "an index is out of order")
                last = (one, start)
                yield Block((one, start), (other, end), min(high, (other, end)), *place)
            else:
                below.append((place[0], (one, start), min(high, (other, end))))
        nodes.extend(reversed(below))


def _unpacked(data: mmap.mmap, block: Block, room: int) -> bytes:
    packed = data[block.offset : block.offset + block.size]
    if not room:
        return packed
    stream = zlib.decompressobj()
    text = stream.decompress(packed, room)
    _demand(stream.eof and not stream.unused_data, "a block is cut short or too large")
    return text


def _values(block: Block, text: bytes, lengths: np.ndarray) -> tuple[int, float, float]:
    """Bases with a value in a block, the least value and the greatest."""
    contig, start, end, step, span, kind, _, items = _BLOCK.unpack_from(text, 0)
    _demand(kind in _WORDS and len(text) == _BLOCK.size + 4 * items * _WORDS[kind], "a block is none")
    if not items:  # libBigWig leaves such where the kind of block changes
        return 0, np.inf, -np.inf
    words = np.frombuffer(text, "<u4", offset=_BLOCK.size).reshape(items, -1)
    starts = (words[:, 0] if kind < 3 else start + step * np.arange(items)).astype(np.int64)
    ends = words[:, 1].astype(np.int64) if kind == 1 else starts + span
    values = words[:, -1].copy().view("<f4")
    _demand(bool((starts < ends).all() and (ends[:-1] <= starts[1:]).all()), "a block is out of order")
    _demand((block.start, block.end) == ((contig, start), (contig, end)), "a block is not where its index says")
    _demand(start <= starts[0] and (contig, ends[-1]) <= block.reach, "a block leaves the place its index gives it")
    _demand(int(ends[-1]) <= lengths[contig], "a block leaves its contig")
    _demand(bool(np.isfinite(values).all()), "a value is not finite")
    return int((ends - starts).sum()), float(values.min()), float(values.max())


def _check_totals(totals: tuple, found: list[tuple[int, float, float]]) -> None:
    """Bases and minimum; libBigWig misses a maximum that is the first value."""
    bases, least, greatest, *_ = totals
    covered, low, high = zip(*found, strict=True)
    known = (bases, least) == (sum(covered), min(low)) and greatest <= max(float_info.min, *high)
    _demand(known, "its totals are not those of its values")


def _check_zoom(records: np.ndarray, lengths: np.ndarray) -> None:
    _demand(len(records) > 0 and bool((records["contig"] < len(lengths)).all()), "a zoomed block is none")
    inside = (records["start"] < records["end"]) & (records["end"] <= lengths[records["contig"]])
    _demand(bool(inside.all() and np.isfinite(records["values"][:, :2]).all()), "a zoomed block is out of place")
