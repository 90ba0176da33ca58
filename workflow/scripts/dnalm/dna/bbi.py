"""What bigWig and bigBed have in common: a header, a tree of contigs' names, and trees by which places are found.

A browser asks a file far away for the few blocks of the place it shows, so a genome's worth of values need not travel.
Format: Kent et al. 2010 (doi 10.1093/bioinformatics/btq351), supplement, tables 5 to 19. Little-endian, as all are that
libBigWig writes. Places are (contig's number, base), 0-based, half-open.
"""

from collections.abc import Callable, Sequence
from itertools import islice, pairwise
from struct import Struct
from typing import NamedTuple

import numpy as np

HEADER = Struct("<IHHQQQHHQQIQ")
ZOOM = Struct("<IIQQ")
TREE, INDEX, NODE = Struct("<IIIIQQ"), Struct("<IIQIIIIQII"), Struct("<BBH")
LEAF, BRANCH = Struct("<IIIIQQ"), Struct("<IIIIQ")
TOTALS = Struct("<Qdddd")
COUNT = Struct("<Q")
BIGWIG, BIGBED, TREE_MAGIC, INDEX_MAGIC = 0x888FFC26, 0x8789F2EB, 0x78CA8C91, 0x2468ACE0
VERSION = 4
NAME_VALUE = 8  # bytes beside a name: a contig's number and length, or where the node below lies
ZOOM_RECORD = np.dtype([("contig", "<u4"), ("start", "<u4"), ("end", "<u4"), ("valid", "<u4"), ("values", "<f4", 4)])
BLOCK = 256  # items of a node
SLOT = 512  # items of a block of data


class Block(NamedTuple):
    """Where the data of [start, end) lie in a file; both ends are (contig's number, base)."""

    start: tuple[int, int]
    end: tuple[int, int]
    offset: int
    size: int


def contig_tree(lengths: dict[str, int], at: int) -> bytes:
    """The tree of names to be written at byte `at`; a contig's number is its place in `lengths`, sorted by name.

    A reader looks a name up by comparing bytes, so the order of names is that of their bytes.
    """
    names = [name.encode() for name in lengths]
    key = max(map(len, names))
    leaves = [
        name.ljust(key, b"\0") + number.to_bytes(4, "little") + length.to_bytes(4, "little")
        for number, (name, length) in enumerate(zip(names, lengths.values(), strict=True))
    ]
    head = TREE.pack(TREE_MAGIC, min(BLOCK, len(names)), key, NAME_VALUE, len(names), 0)
    return head + _nodes(
        leaves, lambda first, _, offset: leaves[first][:key] + COUNT.pack(offset), key + NAME_VALUE, at + len(head)
    )


def index(blocks: Sequence[Block], at: int) -> bytes:
    """The tree of places to be written at byte `at`, for blocks in the order of the genome; none make an empty one."""
    leaves = [LEAF.pack(*one.start, *one.end, one.offset, one.size) for one in blocks]
    low, high = (blocks[0].start, max(one.end for one in blocks)) if blocks else ((0, 0), (0, 0))
    head = INDEX.pack(INDEX_MAGIC, BLOCK, len(blocks), *low, *high, at, SLOT, 0)

    def branch(first: int, stop: int, offset: int) -> bytes:
        return BRANCH.pack(*blocks[first].start, *max(one.end for one in blocks[first:stop]), offset)

    return head + _nodes(leaves, branch, BRANCH.size, at + len(head))


def _nodes(leaves: Sequence[bytes], branch: Callable[[int, int, int], bytes], size: int, at: int) -> bytes:
    """The nodes of a tree from byte `at` on: its root, then level by level.

    `branch` makes the item, `size` bytes, that stands for the node above leaves [first, stop) and lies at an offset.
    """
    levels = [[(first, min(first + BLOCK, len(leaves))) for first in range(0, max(len(leaves), 1), BLOCK)]]
    counts = [[stop - first for first, stop in levels[0]]]
    while len(levels[0]) > 1:
        groups = [levels[0][first : first + BLOCK] for first in range(0, len(levels[0]), BLOCK)]
        levels.insert(0, [(group[0][0], group[-1][1]) for group in groups])
        counts.insert(0, list(map(len, groups)))
    parts = []
    for (level, below), held in zip(pairwise(range(len(levels))), counts, strict=False):
        at += sum(NODE.size + size * count for count in held)
        each = size if counts[below] is not counts[-1] else len(leaves[0])
        rooms = [NODE.size + each * count for count in counts[below]]
        offsets = [at, *(at + np.cumsum(rooms)).tolist()]
        items = (branch(*node, offset) for node, offset in zip(levels[below], offsets, strict=False))
        parts += [NODE.pack(0, 0, count) + b"".join(islice(items, count)) for count in counts[level]]
    parts += [NODE.pack(1, 0, stop - first) + b"".join(leaves[first:stop]) for first, stop in levels[-1]]
    return b"".join(parts)
