"""A place on a genome as splits and options name it: a contig, or a region of one (0-based, half-open).

Light enough to be read while the graph is built.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

HELD = ("validation", "test", "exclude")  # what a split may name; all that it does not is for training
BEYOND = 1 << 40  # past the end of every contig
_REGION = re.compile(r"(?P<contig>.+):(?P<start>\d[\d,]*)-(?P<end>\d[\d,]*)")


class Place(NamedTuple):
    """A contig from `start` to `end`; a whole one ends `BEYOND`."""

    contig: str
    start: int = 0
    end: int = BEYOND

    def __str__(self) -> str:
        whole = self.end == BEYOND and not _REGION.fullmatch(self.contig)  # bedtools names contigs as we name regions
        return self.contig if whole else f"{self.contig}:{self.start}-{self.end}"


def place(text: str) -> Place:
    """What an entry of a split names: `chr20`, or `chr1:2000000-3000000` (commas are allowed in numbers)."""
    found = _REGION.fullmatch(text)
    if found is None:
        return Place(text)
    return Place(found["contig"], *(int(found[key].replace(",", "")) for key in ("start", "end")))


def overlap(one: Place, other: Place) -> bool:
    """Whether two places share a base."""
    return one.contig == other.contig and one.start < other.end and other.start < one.end


def joined(places: Iterable[Place]) -> list[Place]:
    """Places that come in order of their contigs and starts, those that overlap or touch as one."""
    found: list[Place] = []
    for one in places:
        if found and found[-1].contig == one.contig and one.start <= found[-1].end:
            found[-1] = found[-1]._replace(end=max(one.end, found[-1].end))
        else:
            found.append(one)
    return found


def contigs(named: Iterable[str]) -> list[str]:
    """The contigs that places lie on, each once, in order."""
    return list(dict.fromkeys(place(text).contig for text in named))
