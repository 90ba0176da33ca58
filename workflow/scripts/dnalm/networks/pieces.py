"""Long work in equal pieces, each kept when it is done: killed half-way it goes on, and several jobs can share it.

A piece is so many windows, whatever contigs they lie on: these differ a millionfold in length, and a draft assembly has
a million of them. Pieces are the same however many jobs share them, so that what comes out is, to the last bit. They
are done in a drawn order: a centromere of N is megabases that cost nothing, and those of one job would tell the time
that is left of another's.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dnalm import files


class Stretch(NamedTuple):
    """The windows [first, last) of one place, by the place's number."""

    place: int
    first: int
    last: int


def cut(counts: Sequence[int], most: int) -> list[list[Stretch]]:
    """The windows of places, `counts` of each, in pieces of `most` windows; the last piece may have fewer."""
    pieces: list[list[Stretch]] = []
    room = 0
    for place, count in enumerate(counts):
        first = 0
        while first < count:
            if not room:
                pieces.append([])
                room = most
            last = min(first + room, count)
            pieces[-1].append(Stretch(place, first, last))
            room, first = room - (last - first), last
    return pieces


def size(piece: list[Stretch]) -> int:
    """Windows of a piece."""
    return sum(one.last - one.first for one in piece)


def shared(pieces: int, share: int, shares: int) -> list[int]:
    """The pieces, by number, of one of several shares that are counted from 0: as many for each, but for one.

    They are drawn, always the same, from all over the genome; in this order they are best done.
    """
    return np.random.default_rng(0).permutation(pieces)[share::shares].tolist()


def joined(sizes: Sequence[int], parts: Sequence[np.ndarray]) -> np.ndarray:
    """What each share, in turn, says of its pieces, these by number, put in the order of all: pieces of `sizes`."""
    nothing = parts[0][:0]
    found = [nothing] * len(sizes)
    for share, part in enumerate(parts):
        own = sorted(shared(len(sizes), share, len(parts)))
        ends = np.cumsum([sizes[number] for number in own])[:-1]
        for number, values in zip(own, np.split(part, ends), strict=False):
            found[number] = values
    return np.concatenate([nothing, *found])


def kept(folder: Path | None, number: int, windows: int, make: Callable[[], np.ndarray]) -> np.ndarray:
    """The values of a piece, float32 [windows]: as they were left in the `folder`, or made and left there.

    What is there is whole, for it was written beside and renamed; a file of another size is made again.
    """
    if folder is None:
        return make()
    path = Path(folder) / f"{number:06d}.f32"
    if path.exists() and path.stat().st_size == 4 * windows:
        return np.fromfile(path, np.float32)
    values = make().astype(np.float32)
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.whole(path) as beside:
        values.tofile(beside)
    return values
