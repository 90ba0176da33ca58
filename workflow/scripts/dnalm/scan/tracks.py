"""Scanning a chromosome: which windows, and how what a model says of them becomes one value a bin."""

from collections.abc import Callable

import numpy as np
import pysam

from dnalm.dna import bigwig, seq
from dnalm.dna.place import Place
from dnalm.genome import fasta as genome_fasta
from dnalm.genome import holdout
from dnalm.logs import log
from dnalm.metrics import calibration

Score = Callable[[np.ndarray], np.ndarray]  # windows to logits

# Of a stretch of bases, the window, the stride, which windows are wanted (bool [n]), and how many of the bases at its
# two ends lie beside it and are only read: the logits of these windows.
Read = Callable[[np.ndarray, int, int, np.ndarray, tuple[int, int]], np.ndarray]


def chosen(named: list[str] | None, sizes: dict[str, int], where: object) -> list[Place]:
    """The places to scan, sorted, touching ones joined: contigs or regions of them, every contig where none is named.

    `where` is the file of the sizes. Raises InputError for a place that is not there.
    """
    whole = {name: Place(name, 0, size) for name, size in sizes.items()}
    order = {name: number for number, name in enumerate(sizes)}
    wanted = [holdout.known(text, "scan.contigs", sizes, where) for text in named or sizes]
    wanted = [whole[one.contig] if one == Place(one.contig) else one for one in wanted]
    found: list[Place] = []
    for one in sorted(wanted, key=lambda one: (order[one.contig], *one[1:])):
        if found and found[-1].contig == one.contig and one.start <= found[-1].end:
            one = Place(one.contig, found[-1].start, max(found.pop().end, one.end))
        found.append(one)
    return found


def by_window(score: Score) -> Read:
    """A scan that asks of each window by itself, and reads nothing beside it."""

    def read(codes: np.ndarray, window: int, stride: int, wanted: np.ndarray, beside: tuple[int, int]) -> np.ndarray:
        views = np.lib.stride_tricks.sliding_window_view(codes[beside[0] : len(codes) - beside[1]], window)[::stride]
        return score(_Picked(views, np.flatnonzero(wanted)))

    return read


def along(
    fasta: pysam.FastaFile,
    sizes: dict[str, int],
    places: list[Place],
    read: Read,
    window: int,
    stride: int,
    beside: int = 0,
) -> dict[str, np.ndarray]:
    """`track` of each place, by contig: one value a bin of the whole contig, NaN where it was not scanned.

    Bins are those of the contig, so a region gives what the scan of its contig gives, but for the bins near its ends,
    which fewer windows cover; one that begins or ends within a bin does so at the bin's start. So many bases `beside` a
    place as there are on its contig are given to be read.
    """
    found: dict[str, np.ndarray] = {}
    for one in places:
        first, end = (
            one.start // stride * stride,
            one.end if one.end == sizes[one.contig] else one.end // stride * stride,
        )
        log.info(f"{one.contig}:{first:,}-{end:,}, {end - first:,} bp")
        before, after = min(beside, first), min(beside, sizes[one.contig] - end)
        codes = genome_fasta.codes(fasta, one.contig, first - before, end + after)
        values = track(codes, read, window, stride, (before, after))
        bins = bigwig.bins_of(sizes[one.contig], stride)
        whole = found.setdefault(one.contig, np.full(bins, np.nan, np.float32))
        whole[first // stride :][: len(values)] = values
    return found


def track(codes: np.ndarray, read: Read, window: int, stride: int, beside: tuple[int, int] = (0, 0)) -> np.ndarray:
    """Mean probability of the windows that cover each bin; float32, one a bin, NaN where no window does.

    Windows start at 0, stride, 2 stride, … and bin i is [i stride, (i + 1) stride), the last one cut at the contig's
    end. Averaging over the windows that cover a bin whole turns a box as wide as a window into a peak over the site.
    Of the codes so many are `beside` the stretch, in front and behind.
    """
    own = codes[beside[0] : len(codes) - beside[1]]
    if len(own) < window:
        return np.full(bigwig.bins_of(len(own), stride), np.nan, np.float32)
    usable = seq.shares_of_n(own, window, stride) <= seq.MOST_N
    values = np.full(len(usable), np.nan)
    values[usable] = calibration.sigmoid(read(codes, window, stride, usable, beside))
    return bigwig.mean_of_windows(values, window, stride, len(own))


class _Picked:
    """Some rows of a large strided view, read a slice at a time: a chromosome's windows do not fit in memory."""

    def __init__(self, views: np.ndarray, rows: np.ndarray) -> None:
        self.views, self.rows = views, rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, part: slice) -> np.ndarray:
        return self.views[self.rows[part]]
