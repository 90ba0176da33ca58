"""Chains: which base of one sequence is which of another, as liftOver has it. 0-based, half-open.

Coordinates are the common language of a genome's data, and an individual's genome has others behind its first
insertion: without a chain no gene, peak or variant of the reference can be found in it.
Format: https://genome.ucsc.edu/goldenPath/help/chain.html
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dnalm import files, texts
from dnalm.dna.place import Place
from dnalm.errors import InputError

NOWHERE = -1  # the counterpart of a place that has none
_HEAD = "'chain score name size strand start end name size strand start end id'"
_NUMBER = re.compile(r"\d{1,15}")


class Chain(NamedTuple):
    """One alignment of a contig, lifted from, to another, lifted to.

    `blocks` int64 [n, 3]: where stretches without a gap begin on either, and their length, in order. On the strand "-"
    of the other, places are counted from the end of its contig, as the format has it.
    """

    contig: str
    size: int
    other: str
    other_size: int
    strand: str
    blocks: np.ndarray
    score: int = 0


def read(path: Path) -> list[Chain]:
    """The chains of a file, plain or gzipped. Raises InputError with the line where it is not as the format says."""
    found: list[Chain] = []
    head, sizes, line = None, [], 0
    for line, text in enumerate(texts.lines(path, "a chain file"), 1):
        words = text.split()
        if not words or text.startswith("#"):
            continue
        if words[0] == "chain":
            if head is not None:
                raise InputError(f"{path}:{line}: a chain begins where the one before has no end; fetch the file again")
            head, sizes = _head(words, f"{path}:{line}"), []
        elif head is None or len(words) not in (1, 3) or not all(map(_NUMBER.fullmatch, words)):
            raise InputError(f"{path}:{line}: got {text[:40]!r}, wanted {_HEAD} or 'size gap gap'; give a chain file")
        else:
            sizes.append([*map(int, words), 0, 0][:3])
            if len(words) == 1:
                found.append(_chain(head, np.array(sizes, np.int64), f"{path}:{line}"))
                head = None
    if head is not None or not found:
        raise InputError(f"{path}:{line}: the last chain has no end, or there is none; fetch the file again")
    return found


def _head(words: list[str], where: str) -> list[str]:
    numbers = [words[place] for place in (1, 3, 5, 6, 8, 10, 11) if place < len(words)]
    if len(words) not in (12, 13) or not all(map(_NUMBER.fullmatch, numbers)) or not {words[4], words[9]} <= {"+", "-"}:
        raise InputError(f"{where}: got {' '.join(words)[:60]!r}, wanted {_HEAD}; give a chain file")
    if words[4] != "+":
        raise InputError(f"{where}: got strand '-' of {words[2]}, wanted '+' of what is lifted from; turn the chain")
    return words


def _chain(head: list[str], rows: np.ndarray, where: str) -> Chain:
    """A chain of its header and its lines [n, 3]: size, gap here, gap there."""
    sides = []
    for name, side in ((2, 1), (7, 2)):
        size, start, end = (int(head[name + more]) for more in (1, 3, 4))
        begins = start + np.r_[0, np.cumsum(rows[:, 0] + rows[:, side])]
        if begins[-1] != end or end > size:
            raise InputError(
                f"{where}: the blocks end at {begins[-1]}, the header says {end} of {size}; fetch it again"
            )
        sides.append(begins[:-1])
    blocks = np.stack([*sides, rows[:, 0]], axis=1)[rows[:, 0] > 0]
    return Chain(head[2], int(head[3]), head[7], int(head[8]), head[9], blocks, int(head[1]))


def write(path: Path, chains: Iterable[Chain]) -> None:
    """Write chains, numbered from 1, whole or not at all; one without a block is left out."""
    with files.whole(path) as beside, open(beside, "w", encoding="utf-8", newline="") as out:
        for number, one in enumerate((one for one in chains if len(one.blocks)), 1):
            begins, sizes = one.blocks[:, :2], one.blocks[:, 2]
            start, end = begins[0], begins[-1] + sizes[-1]
            sides = f"{one.contig} {one.size} + {start[0]} {end[0]}", f"{one.other} {one.other_size} {one.strand}"
            out.write(f"chain {one.score} {sides[0]} {sides[1]} {start[1]} {end[1]} {number}\n")
            gaps = begins[1:] - begins[:-1] - sizes[:-1, None]
            out.writelines(f"{size}\t{here}\t{there}\n" for size, (here, there) in zip(sizes, gaps, strict=False))
            out.write(f"{sizes[-1]}\n\n")


def inverted(one: Chain) -> Chain:
    """The chain the other way round: from the contig that was lifted to."""
    begins, others, sizes = one.blocks.T
    if one.strand == "-":
        begins, others = one.size - begins - sizes, one.other_size - others - sizes
    blocks = np.stack([others, begins, sizes], axis=1)
    blocks = blocks[::-1] if one.strand == "-" else blocks
    return Chain(one.other, one.other_size, one.contig, one.size, one.strand, blocks, one.score)


def lift(one: Chain, places: np.ndarray, *, nearest: bool = False) -> np.ndarray:
    """Where bases of a chain's contig lie on the other, on its strand "+": int64 [n], `NOWHERE` for one in a gap.

    With `nearest` a base in a gap is taken to the aligned base of the chain that is next to it, the left one of two at
    the same distance.
    """
    begins, others, sizes = one.blocks.T
    places = np.asarray(places, np.int64)
    if not len(begins):
        return np.full(places.shape, NOWHERE)
    row = np.searchsorted(begins, places, "right") - 1
    inside = (row >= 0) & (places < (begins + sizes)[row])
    if nearest:
        left = np.where(row >= 0, (begins + sizes)[row] - 1, -1 << 60)
        right = np.where(row + 1 < len(begins), begins[(row + 1).clip(max=len(begins) - 1)], 1 << 60)
        places = np.where(inside, places, np.where(places - left <= right - places, left, right))
        row = np.searchsorted(begins, places, "right") - 1
    found = places - begins[row] + others[row]
    found = found if one.strand == "+" else one.other_size - 1 - found
    return np.where(inside | nearest, found, NOWHERE)


def point(chains: Iterable[Chain], contig: str, place: int) -> tuple[Place, str] | None:
    """The counterpart of a base, and its strand; None where no chain has one. Of several the highest score counts."""
    for one in sorted(chains, key=lambda one: -one.score):
        if one.contig == contig and (found := int(lift(one, np.array([place]))[0])) != NOWHERE:
            return Place(one.other, found, found + 1), one.strand
    return None


def interval(chains: Iterable[Chain], contig: str, start: int, end: int) -> tuple[Place, str] | None:
    """The counterpart of [start, end), and its strand: from its first to its last base that has one.

    So an end that lies in a gap is clipped to the nearest aligned base inside. None where no base of it has a
    counterpart. Of several chains that hold some of it the one with the highest score counts.
    """
    for one in sorted(chains, key=lambda one: -one.score):
        begins, _, sizes = one.blocks.T
        first = int(np.searchsorted(begins + sizes, start, "right"))
        last = int(np.searchsorted(begins, end, "left")) - 1
        if one.contig == contig and start < end and first <= last:
            ends = max(start, int(begins[first])), min(end, int((begins + sizes)[last])) - 1
            low, high = sorted(lift(one, np.array(ends)).tolist())
            return Place(one.other, low, high + 1), one.strand
    return None
