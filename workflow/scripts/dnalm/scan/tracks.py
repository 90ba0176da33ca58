"""Scanning a chromosome: which windows, and how what a model says of them becomes one value a bin."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pysam

from dnalm.dna import bigwig, seq
from dnalm.dna.place import Place
from dnalm.genome import fasta as genome_fasta
from dnalm.genome import holdout
from dnalm.logs import progress
from dnalm.metrics import calibration
from dnalm.networks import pieces

PIECE = 1 << 19  # bases of a piece of the work, half a minute on a processor

Score = Callable[[np.ndarray], np.ndarray]  # windows to logits

# Of a stretch of bases, the window, the stride, which windows are wanted (bool [n]), and how many of the bases at its
# two ends lie beside it and are only read: the logits of these windows.
Read = Callable[[np.ndarray, int, int, np.ndarray, tuple[int, int]], np.ndarray]


def chosen(named: list[str] | None, sizes: dict[str, int], where: object) -> list[Place]:
    """The places to scan, sorted, touching ones joined: contigs or regions of them, every contig where none is named.

    `where` is the file of the sizes. Raises InputError for a place that is not there.
    """
    return holdout.listed(named or sizes, "scan.contigs", sizes, where)


def by_window(score: Score) -> Read:
    """A scan that asks of each window by itself, and reads nothing beside it."""

    def read(codes: np.ndarray, window: int, stride: int, wanted: np.ndarray, beside: tuple[int, int]) -> np.ndarray:
        views = np.lib.stride_tricks.sliding_window_view(codes[beside[0] : len(codes) - beside[1]], window)[::stride]
        return score(_Picked(views, np.flatnonzero(wanted)))

    return read


class Span(NamedTuple):
    """A place as it is scanned, 0-based, half-open: from the start of a bin on, with its number of windows."""

    contig: str
    start: int
    end: int
    windows: int


def spans(places: list[Place], sizes: dict[str, int], window: int, stride: int) -> list[Span]:
    """Places whose bins are the contig's: one that begins or ends within a bin does so at the bin's start."""
    found = []
    for one in places:
        end = one.end if one.end == sizes[one.contig] else one.end // stride * stride
        start = one.start // stride * stride
        found.append(Span(one.contig, start, end, max((end - start - window) // stride + 1, 0)))
    return found


def cut(scanned: list[Span], stride: int) -> list[list[pieces.Stretch]]:
    """The windows of all spans in equal pieces."""
    return pieces.cut([one.windows for one in scanned], max(PIECE // stride, 1))


def logits(
    fasta: pysam.FastaFile,
    scanned: list[Span],
    read: Read,
    window: int,
    stride: int,
    beside: int = 0,
    *,
    folder: Path | None = None,
    share: tuple[int, int] = (0, 1),
) -> np.ndarray:
    """What is said of each window of all spans in their order, float32; NaN where more than a tenth of it is N.

    The work is done in pieces that are kept in a `folder` (`networks.pieces`), all of it or one `share` (number, of how
    many). As many bases `beside` a window as there are on its contig, up to so many, are given to be read.
    """
    work = cut(scanned, stride)
    own = pieces.shared(len(work), *share)
    found = {}
    with progress("scan", sum(pieces.size(work[number]) for number in own), "windows") as advance:
        for number in own:

            def make(piece: list[pieces.Stretch] = work[number]) -> np.ndarray:
                parts = (_stretch(fasta, scanned[one.place], one, read, window, stride, beside) for one in piece)
                return np.concatenate(list(parts))

            found[number] = pieces.kept(folder, number, pieces.size(work[number]), make)
            advance(len(found[number]))
    return np.concatenate([np.empty(0, np.float32), *(found[number] for number in sorted(found))])


def _stretch(
    fasta: pysam.FastaFile, span: Span, one: pieces.Stretch, read: Read, window: int, stride: int, beside: int
) -> np.ndarray:
    start, end = span.start + one.first * stride, span.start + (one.last - 1) * stride + window
    before, after = min(beside, start), min(beside, fasta.get_reference_length(span.contig) - end)
    codes = genome_fasta.codes(fasta, span.contig, start - before, end + after)
    wanted = seq.shares_of_n(codes[before : len(codes) - after], window, stride) <= seq.MOST_N
    values = np.full(len(wanted), np.nan, np.float32)
    values[wanted] = read(codes, window, stride, wanted, (before, after))
    return values


def along(
    scanned: list[Span], said: np.ndarray, sizes: dict[str, int], window: int, stride: int
) -> dict[str, np.ndarray]:
    """What was `said` of all windows as tracks by contig: one value a bin of the whole contig, NaN where none is known.

    A region has what the scan of its contig gives, but for the bins near its ends, which fewer windows cover.
    """
    found: dict[str, np.ndarray] = {}
    first = 0
    for one in scanned:
        values, first = said[first : first + one.windows].astype(float), first + one.windows
        known = np.isfinite(values)
        values[known] = calibration.sigmoid(values[known])
        bins = bigwig.mean_of_windows(values, window, stride, one.end - one.start)
        whole = found.setdefault(one.contig, np.full(bigwig.bins_of(sizes[one.contig], stride), np.nan, np.float32))
        whole[one.start // stride :][: len(bins)] = bins
    return found


def track(codes: np.ndarray, read: Read, window: int, stride: int) -> np.ndarray:
    """Mean probability of the windows that cover each bin; float32, one a bin, NaN where no window does.

    Windows start at 0, stride, 2 stride, … and bin i is [i stride, (i + 1) stride), the last one cut at the contig's
    end. Averaging over the windows that cover a bin whole turns a box as wide as a window into a peak over the site.
    """
    if len(codes) < window:
        return np.full(bigwig.bins_of(len(codes), stride), np.nan, np.float32)
    usable = seq.shares_of_n(codes, window, stride) <= seq.MOST_N
    values = np.full(len(usable), np.nan)
    values[usable] = calibration.sigmoid(read(codes, window, stride, usable, (0, 0)))
    return bigwig.mean_of_windows(values, window, stride, len(codes))


class _Picked:
    """Some rows of a large strided view, read a slice at a time: a chromosome's windows do not fit in memory."""

    def __init__(self, views: np.ndarray, rows: np.ndarray) -> None:
        self.views, self.rows = views, rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, part: slice) -> np.ndarray:
        return self.views[self.rows[part]]
