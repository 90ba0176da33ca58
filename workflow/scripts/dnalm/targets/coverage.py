"""Signal along a genome as bins: read off bigWigs or peaks, cut into long windows that each lie in one split.

A bin's value is the mean height over its bases, so that a track means the same in bins of any width. Where nothing is
known of a base (a gap in a bigWig, between peaks) its height is nought; how many there are is counted.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pysam

from dnalm.dna import assembly, bed, intervals, seq
from dnalm.dna import bigwig as dna_bigwig
from dnalm.dna import splits as dna_splits
from dnalm.errors import InputError, UsageError
from dnalm.genome import fasta as genome_fasta
from dnalm.targets.binned import Coverage

BLOCK = 8192  # bins read at once
COLUMNS = ["id", "chrom", "start", "end", "split"]


class Track(NamedTuple):
    """Means of the bins of each contig, float32 [bins_of(length, bin)]; what it was read from, what it says nothing of.

    `unknown` are bases without a value, of a bigWig; `outside` intervals that do not lie on the genome, of peaks.
    """

    bins: dict[str, np.ndarray]
    source: str
    unknown: int = 0
    outside: int = 0


def check_widths(bin: int, window: int) -> None:
    """Refuse a window that is not a whole number of bins (UsageError)."""
    if bin < 1 or window < bin or window % bin:
        raise UsageError(f"--window {window}: wanted a multiple of --bin {bin}, the bases of a bin")


def read(path: Path, sizes: dict[str, int], bin: int, most_outside: float = assembly.MOST_OUTSIDE) -> Track:
    """A track from a bigWig, told by its first bytes, or from peaks whose signalValue is the height."""
    if dna_bigwig.begins(path):
        return from_bigwig(path, sizes, bin, most_outside)
    return from_peaks(path, sizes, bin, most_outside)


def from_peaks(path: Path, sizes: dict[str, int], bin: int, most_outside: float) -> Track:
    """Heights by peaks: signalValue over the whole of each, the highest where several overlap.

    A file without any score (BED of three columns) has the height 1. InputError for a peak below nought.
    """
    peaks = bed.read_peaks(path)
    inside = assembly.places(peaks.chrom, peaks.end, sizes, path, most_outside=most_outside) == ""
    low = peaks[peaks.score < 0]
    if len(low):
        one = low.iloc[0]
        raise InputError(
            f"{path}: the peak {one.chrom}:{one.start}-{one.end} has the signal {one.score:g}, wanted 0 or more; "
            "coverage is counts"
        )
    scored = (peaks.score > 0).any()
    peaks = peaks[inside].assign(height=peaks.score[inside] if scored else 1.0).sort_values("height", kind="stable")
    found, by_contig = {}, dict(tuple(peaks.groupby("chrom", sort=False)))
    for contig, length in sizes.items():
        bases = np.zeros(dna_bigwig.bins_of(length, bin) * bin, np.float32)
        for one in by_contig.get(contig, peaks[:0]).itertuples():
            bases[one.start : one.end] = one.height
        found[contig] = means(bases, length, bin)
    return Track(
        found, "signalValue of peaks" if scored else "peaks without a score, height 1", 0, int((~inside).sum())
    )


def means(bases: np.ndarray, length: int, bin: int) -> np.ndarray:
    """Mean of each bin of a contig's heights, padded with noughts to whole bins; the last bin ends with the contig."""
    widths = np.minimum(length - np.arange(0, len(bases), bin), bin)
    return (bases.reshape(-1, bin).sum(1, dtype=np.float64) / widths).astype(np.float32)


def from_bigwig(path: Path, sizes: dict[str, int], bin: int, most_outside: float) -> Track:
    """Means of a bigWig's values; a base without one is nought. InputError for values below nought or infinite.

    Contigs that the file lacks have no value at all, and one of another length is of another assembly.
    """
    found, unknown = {}, 0
    with dna_bigwig.reading(path) as bigwig:
        there = bigwig.chroms()
        table = pd.DataFrame({"chrom": list(there), "end": list(there.values())})
        shared = table[table.chrom.isin(sizes)] if table.chrom.isin(sizes).any() else table
        assembly.places(shared.chrom, shared.end, sizes, path, noun="contigs", most_outside=most_outside)
        short = shared[shared.end < shared.chrom.map(sizes)]
        if len(short) and most_outside < 1:
            name, last = short.iloc[0]
            raise InputError(
                f"{path}: {name} has {last:,} bp there and {sizes[name]:,} in the genome: this is another assembly; "
                "give a file made on this one"
            )
        for contig, length in sizes.items():
            found[contig] = np.zeros(dna_bigwig.bins_of(length, bin), np.float32)
            unknown += 0 if contig in there else length
            for first in range(0, length if contig in there else 0, BLOCK * bin):
                end = min(first + BLOCK * bin, length)
                values = _values(bigwig, contig, first, min(end, there[contig]), end, path)
                known = ~np.isnan(values)
                unknown += int((~known).sum())
                padded = np.zeros(-(-(end - first) // bin) * bin, np.float32)
                padded[: end - first] = np.where(known, values, 0)
                found[contig][first // bin : -(-end // bin)] = means(padded, end - first, bin)
    return Track(found, "bigWig", unknown)


def _values(bigwig: object, contig: str, first: int, last: int, end: int, path: Path) -> np.ndarray:
    """Values [end - first] of a stretch, NaN where there is none and from `last` on, where the file's contig ends."""
    values = np.full(end - first, np.nan, np.float32)
    if last > first:
        values[: last - first] = bigwig.values(contig, first, last, numpy=True)
    wrong = np.flatnonzero(np.isinf(values) | (values < 0))
    if len(wrong):
        at = first + int(wrong[0])
        raise InputError(
            f"{path}: {contig}:{at}-{at + 1} has the value {values[wrong[0]]:g}, wanted finite numbers from 0; "
            "give coverage itself, not its logarithm or a difference"
        )
    return values


def tiles(
    sizes: dict[str, int], splits: dna_splits.Splits, bin: int, window: int, fasta: pysam.FastaFile, most_n: float
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Windows side by side, each within one split, and why others were left out: (table of COLUMNS, counts).

    Every stretch of a split is cut from its first whole bin on; what is left at its end is shorter than a window
    (`remainder`, in bases). `n`: windows of which more than `most_n` is unknown sequence; `excluded` in no split.
    """
    named, rows = dna_splits.borders(splits), []
    skipped = {"n": 0, "excluded": 0, "remainder": 0}
    for contig, size in sizes.items():
        for first, last, split in dna_splits.stretches(named.get(contig, dna_splits.WHOLE), size):
            starts = np.arange(-(-first // bin) * bin, min(last, size) - window + 1, window)
            skipped["remainder"] += max(min(last, size) - first - len(starts) * window, 0)
            if split not in intervals.SPLITS:
                skipped["excluded"] += len(starts)
                continue
            for start in starts.tolist():
                known = genome_fasta.codes(fasta, contig, start, start + window) != seq.N
                if 1 - known.mean() > most_n:
                    skipped["n"] += 1
                else:
                    rows.append((f"{contig}:{start}-{start + window}", contig, start, start + window, split))
    return pd.DataFrame(rows, columns=COLUMNS), skipped


def values(table: pd.DataFrame, tracks: dict[str, Track], bin: int) -> np.ndarray:
    """Heights of the tracks in each bin of each window: float32 [windows, bins, tracks]."""
    width = int((table.end - table.start).iloc[0]) // bin if len(table) else 0
    found = np.empty((len(table), width, len(tracks)), np.float32)
    for row, (contig, start) in enumerate(zip(table.chrom, table.start // bin, strict=True)):
        for column, track in enumerate(tracks.values()):
            found[row, :, column] = track.bins[contig][start : start + width]
    return found


def with_sequence(target: Coverage, genome: Path) -> Coverage:
    """The same with the base codes of its windows, read from a genome folder."""
    with genome_fasta.open_genome(genome) as fasta:
        starts = target.table.start.to_numpy()
        codes = genome_fasta.cut_windows(fasta, target.table.chrom.to_numpy(), starts, target.window)
    return target._replace(codes=codes)
