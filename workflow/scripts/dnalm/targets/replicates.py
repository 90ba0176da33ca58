"""Peaks of several replicates or cell types as one list of sites: where the factor is bound, and where nobody can say.

A peak counts in a file where a peak of that file shares a base with it, and its site is bound where it counts in enough
of them. One that counts in too few is neither a positive nor a negative. 0-based, half-open.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from dnalm.dna import assembly, bed, intervals
from dnalm.errors import UsageError

TOO_FEW = "in_too_few"


def read(
    paths: Sequence[Path], bound_in: str, sizes: dict[str, int], most_outside: float = assembly.MOST_OUTSIDE
) -> pd.DataFrame:
    """Every peak of the files, one after another: chrom, start, end, score, summit and `reason` (why it is no site).

    `bound_in` is any, all or a number of files. Reasons are contig_absent, beyond_contig, empty_interval, in_too_few,
    or "" where there is none. Files score as they like, so of several the score is a peak's rank in its own, as a
    share: the best of a file has 1, and those of a file without scores the least there is. Raises InputError for a file
    that cannot be read or whose contigs are not the genome's, UsageError for a `bound_in` that cannot be met.
    """
    least, tables = enough(bound_in, len(paths)), [_read(path, sizes, most_outside) for path in paths]
    if len(tables) == 1:
        return tables[0]
    ranked = [table.assign(score=table.score.rank(method="min", pct=True)) for table in tables]
    together = pd.concat(ranked, ignore_index=True)
    if least > 1:
        counts = np.sum([intervals.overlaps(together, table) for table in tables], axis=0)
        together.loc[(together.reason == "") & (counts < least), "reason"] = TOO_FEW
    return together


def _read(path: Path, sizes: dict[str, int], most_outside: float) -> pd.DataFrame:
    peaks = bed.read_peaks(path)
    reason = assembly.places(peaks.chrom, peaks.end, sizes, path, most_outside=most_outside)
    empty = (reason == "") & (peaks.end == peaks.start).to_numpy()
    return peaks.assign(reason=np.where(empty, "empty_interval", reason))


def enough(bound_in: str, files: int) -> int:
    """In how many of the files a site has to be found."""
    number = {"any": 1, "all": files}.get(bound_in)
    if number is None and str(bound_in).isdecimal():
        number = int(bound_in)
    if number is None or not 0 < number <= files:
        raise UsageError(
            f"--bound-in: got {bound_in}, wanted any, all or a number from 1 to {files}, that of the files"
        )
    return number


def best(peaks: pd.DataFrame, width: int) -> np.ndarray:
    """Whether each peak has the best score of those whose summits lie less than `width` bases from its own: [peaks]."""
    taken: intervals.Taken = {}
    found, chroms, summits = np.zeros(len(peaks), bool), peaks.chrom.tolist(), peaks.summit.tolist()
    for row in np.argsort(-peaks.score.to_numpy(), kind="stable").tolist():
        found[row] = intervals.claim(taken, chroms[row], summits[row], width)
    return found


def known(
    paths: Sequence[Path] | None,
    blacklist: Path | None,
    bound_in: str,
    sizes: dict[str, int],
    width: int,
    most_outside: float,
) -> tuple[pd.DataFrame | None, pd.DataFrame | None, pd.DataFrame | None]:
    """What a scan is judged by: (bound sites, all bound peaks, where nothing counts), each None where none is given.

    Nothing counts where the blacklist is, nor where a peak is in too few of several files.
    """
    listed = [] if blacklist is None else [bed.read_intervals(blacklist, sizes, most_outside=most_outside)]
    sites = bound = None
    if paths:
        sites, bound, unsure = truth(paths, bound_in, sizes, width, most_outside)
        listed.append(unsure)
    return sites, bound, pd.concat(listed, ignore_index=True) if listed else None


def truth(
    paths: Sequence[Path], bound_in: str, sizes: dict[str, int], width: int, most_outside: float
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """What a scan is held against, on the genome: (bound sites, all bound peaks, peaks of which nobody can say).

    Several files have a peak each for one site; of summits less than `width` bases apart the best stands for all.
    """
    peaks = read(paths, bound_in, sizes, most_outside)
    bound, few = (peaks[peaks.reason == reason].drop(columns="reason") for reason in ("", TOO_FEW))
    sites = bound[best(bound, width)] if len(paths) > 1 else bound
    return tuple(table.reset_index(drop=True) for table in (sites, bound, few[~intervals.overlaps(few, bound)]))
