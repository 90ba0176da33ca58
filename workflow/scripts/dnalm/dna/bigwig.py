"""Signal along a genome: bigWig out and in, one value per bin of `step` bases. 0-based, half-open.

A track is one float32 array per contig; NaN means that no value is known there (a gap, or a place never scanned), and
such bins are absent from the file. This is the only reader and writer of bigWig, because the format's library writes
infinite values and ends beyond the contig without a word, may crash on reading them back, and cuts a file or crashes
where the disk is full.
"""

from collections.abc import Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyBigWig

from dnalm import files
from dnalm.dna import bigwig_structure
from dnalm.errors import InputError

_MAGIC = b"\x26\xfc\x8f\x88"  # first and last four bytes of a whole bigWig, little-endian
_BLOCK = 1_000_000  # bins read at once
_ROOM = 8  # bytes a bin at most, with the zoom levels: libBigWig corrupts the memory where a disk is full


def bins_of(length: int, step: int) -> int:
    """Number of bins of `step` bases on a contig; the last one may be shorter."""
    return -(-length // step)


def write(path: Path, sizes: dict[str, int], tracks: dict[str, np.ndarray], step: int) -> None:
    """Write a bigWig, whole or not at all.

    `tracks` maps a contig to its values [bins_of(length, step)]; contigs without values may be left out. NaN bins are
    not written, and the last bin ends with its contig. Raises ValueError for an infinite value, a wrong number of bins
    or an unknown contig, and InputError where no bin has a value (a bigWig cannot be empty).
    """
    if unknown := set(tracks) - set(sizes):
        raise ValueError(f"no length is known for {', '.join(sorted(unknown))}")
    for contig, values in tracks.items():
        _check(contig, sizes[contig], values, step)
    if not any(np.isfinite(values).any() for values in tracks.values()):
        raise InputError(f"{path}: no bin has a value; every contig is a gap or shorter than a window")
    files.need_room(Path(path), _ROOM * sum(map(len, tracks.values())))
    with files.whole(path) as beside:
        bigwig = pyBigWig.open(str(beside), "w")
        try:
            bigwig.addHeader(list(sizes.items()))
            for contig in sizes:  # entries must follow the header's order
                if contig in tracks:
                    _add(bigwig, contig, sizes[contig], np.asarray(tracks[contig], np.float32), step)
        finally:
            bigwig.close()
        if not _is_whole(beside):  # libBigWig only prints that it could not write
            raise RuntimeError("the bigWig was not written to its end")
        _read_back(beside, sizes, tracks, step)


def begins(path: Path) -> bool:
    """Whether a file begins as a bigWig does, whole or not."""
    with open(path, "rb") as handle:
        return handle.read(4) in (_MAGIC, _MAGIC[::-1])


def _is_whole(path: Path) -> bool:
    """Whether a file begins and ends as a bigWig does."""
    with open(path, "rb") as handle:
        first = handle.read(4)
        handle.seek(-4 if handle.seek(0, 2) >= 4 else 0, 2)
        return first == handle.read(4) == _MAGIC


def _read_back(path: Path, sizes: dict[str, int], tracks: dict[str, np.ndarray], step: int) -> None:
    """The library must read what it wrote: the contigs, and as many bases with a value as went in."""
    known = 0
    for contig, values in tracks.items():
        starts = np.flatnonzero(~np.isnan(values)) * step
        known += int((np.minimum(starts + step, sizes[contig]) - starts).sum())
    with reading(path) as bigwig:
        header = bigwig.header()
        if bigwig.chroms() != sizes or header["nBasesCovered"] != known:
            raise RuntimeError(f"{known:,} bases were written with a value, {header['nBasesCovered']:,} are read back")


def _check(contig: str, length: int, values: np.ndarray, step: int) -> None:
    if len(values) != bins_of(length, step):
        raise ValueError(f"{contig}: got {len(values)} bins, wanted {bins_of(length, step)} for {length} bp")
    if np.isinf(values).any():
        raise ValueError(f"{contig}: infinite value in bin {int(np.isinf(values).argmax())}")


def _add(bigwig: "pyBigWig.bigWigFile", contig: str, length: int, values: np.ndarray, step: int) -> None:
    edges = np.flatnonzero(np.diff(np.r_[False, ~np.isnan(values), False]))
    for first, stop in edges.reshape(-1, 2).tolist():
        whole = stop - (stop * step > length)
        if whole > first:
            bigwig.addEntries(contig, first * step, values=values[first:whole], span=step, step=step)
        if whole < stop:
            bigwig.addEntries([contig], [whole * step], ends=[length], values=[float(values[whole])])


@contextmanager
def reading(path: Path):
    """Open a bigWig for `step_of` and `read`; refuses a file that is cut short, damaged, or no bigWig.

    Its contigs' names and lengths alone are not borne out by anything else in it (`bigwig_structure`).
    """
    if not _is_whole(path):
        raise InputError(f"{path}: not a whole bigWig (its first and last bytes disagree); make it again")
    state = Path(path).stat()
    try:
        _check_once(path, state.st_mtime_ns, state.st_size)
    except bigwig_structure.Damaged as error:
        raise InputError(f"{path}: the bigWig is damaged ({error}); make it again") from None
    with opened(path) as bigwig:
        yield bigwig


@contextmanager
def opened(path: Path):
    """Open with the library what is known to be a whole bigWig, or bigBed, which it reads, too."""
    try:
        found = pyBigWig.open(str(path))
    except RuntimeError as error:
        raise InputError(f"{path}: cannot be opened as a bigWig ({error}); make it again") from None
    try:
        yield found
    finally:
        found.close()


def check_assembly(path: Path, sizes: Mapping[str, int], *, part: bool) -> None:
    """Refuse a bigWig of another genome, with other names or lengths; contigs of one that is a `part` may be cut short.

    With other names every place would be as if nothing were known of it.
    """
    with reading(path) as track:
        theirs = track.chroms()
    if not set(theirs) & set(sizes):
        named, ours = (", ".join(list(names)[:3]) for names in (theirs, sizes))
        raise InputError(
            f"{path}: none of its {len(theirs):,} contigs is one of the genome: got {named}, the genome has {ours} …; "
            "give a track made on this assembly, with its names"
        )
    for name in [name for name in sizes if name in theirs]:
        if theirs[name] < sizes[name] or (theirs[name] > sizes[name] and not part):
            raise InputError(
                f"{path}: {name} has {theirs[name]:,} bp, in the genome {sizes[name]:,}: this is another assembly; "
                "give a track made on this one, or say max_outside: 1 in the preset where the genome is a part of it"
            )


@lru_cache(maxsize=8)
def _check_once(path: Path, changed: int, size: int) -> None:
    """Check a file's structure once, though a figure opens it for each of its panels."""
    bigwig_structure.check(path)


def step_of(bigwig: "pyBigWig.bigWigFile") -> int:
    """The bin width of a track that `write` made: the widest of the first bins of the first contigs with values."""
    widest = 0
    for contig, length in bigwig.chroms().items():
        entries = bigwig.intervals(contig, 0, min(length, 100_000)) or bigwig.intervals(contig)
        widest = max([widest, *(end - start for start, end, _ in entries or ())])
        if entries and len(entries) > 1:
            break
    if not widest:
        raise InputError("the bigWig holds no value; scan a genome that has at least one window without gaps")
    return widest


def read(bigwig: "pyBigWig.bigWigFile", contig: str, step: int) -> np.ndarray:
    """Values of a contig, float32 [bins], NaN where the file has none; a contig it lacks is an error."""
    length = bigwig.chroms(contig)
    if length is None:
        raise InputError(f"contig {contig!r} is not in the bigWig, which has {', '.join(list(bigwig.chroms())[:5])} …")
    values = np.empty(bins_of(length, step), np.float32)
    for first in range(0, len(values), _BLOCK):
        end = min((first + _BLOCK) * step, length)
        values[first : first + _BLOCK] = bigwig.values(contig, first * step, end, numpy=True)[::step]
    return values


def window_means(bigwig: "pyBigWig.bigWigFile", contig: str, starts: np.ndarray, width: int) -> np.ndarray:
    """Mean over each window [start, start + width) of a contig, float64 [n]; a base without a value counts as 0."""
    order, found = np.argsort(starts, kind="stable"), np.zeros(len(starts))
    ordered, length = starts[order], bigwig.chroms(contig)
    for first in range(0, length, _BLOCK):
        rows = slice(*np.searchsorted(ordered, [first, first + _BLOCK]))
        if rows.start < rows.stop:
            values = bigwig.values(contig, first, min(first + _BLOCK + width, length), numpy=True)
            total = np.r_[0, np.cumsum(np.where(np.isfinite(values), values, 0), dtype=np.float64)]
            here = ordered[rows] - first
            found[order[rows]] = (total[here + width] - total[here]) / width
    return found


def mean_of_windows(values: np.ndarray, window: int, step: int, length: int) -> np.ndarray:
    """Turn one value per window into one value per bin: the mean over the windows that cover the bin.

    Window j is [j * step, j * step + window) and counts for the `window // step` bins from j on, those it holds whole
    (at least one); `values` [windows] may hold NaN for windows not scored. Returns float32 [bins_of(length, step)],
    NaN where no scored window holds the bin. A site seen by every window around it so gets a peak over its own place.
    """
    reach = max(window // step, 1)
    known = np.isfinite(values)
    bins = bins_of(length, step)
    total, count = np.zeros(bins), np.zeros(bins, np.int32)
    filled = np.where(known, values, 0.0)
    for shift in range(reach):
        stop = min(shift + len(values), bins)
        total[shift:stop] += filled[: stop - shift]
        count[shift:stop] += known[: stop - shift]
    return np.where(count, total / np.maximum(count, 1), np.nan).astype(np.float32)
