"""A file of places held against a genome: whether its contigs are the genome's, and whether it fits into them.

A blacklist whose contigs are named otherwise removes nothing, and a labelled window on a contig that no split knows is
trained on, wherever it lies: both end in figures that look right. So every file of places comes through here before it
is used. Names are never guessed, for near-equal ones may be different sequences (hg19's chrM is not MT).
"""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from dnalm.errors import InputError
from dnalm.logs import log

MOST_OUTSIDE = 0.01  # scaffolds that one copy of an assembly has and another lacks
MOST_BEYOND = 0.001
NEARLY_ALL = 0.999  # for pictures: what lies on the genome's contigs must fit into them, the rest may lie anywhere


def places(
    chrom: pd.Series,
    end: pd.Series | None,
    sizes: Mapping[str, int],
    path: object,
    *,
    noun: str = "intervals",
    most_outside: float = MOST_OUTSIDE,
    known: Collection[str] = (),
) -> np.ndarray:
    """Why each place is outside the genome: contig_absent, beyond_contig, or "" where it is not; str [places].

    `end` is 0-based, half-open; None where something else tells one assembly from another (a reference allele does).
    `known` are contigs that the genome may lack, since a split names them and the places bring their own sequence.
    `most_outside` 1 says that the genome is a part of its assembly, whose contigs may be cut short, too.

    Raises InputError where the contig of every place is absent, or of more than `most_outside` of them (the names
    differ, or it is another assembly), and where more than 0.1 % end beyond their contig, which is another assembly
    whatever its names, unless the genome is a part. The rest is counted in the log. Of no places none is outside.
    """
    absent = ~chrom.isin({*sizes, *known}).to_numpy(bool)
    beyond = np.zeros(len(chrom), bool) if end is None else (end > chrom.map(sizes)).to_numpy(bool)
    if absent.sum() > most_outside * len(absent) or (len(absent) and absent.all()):
        raise InputError(_names_differ(chrom[absent], len(chrom), sizes, path, noun, most_outside))
    if most_outside < 1 and beyond.sum() > MOST_BEYOND * len(beyond):
        first = int(np.flatnonzero(beyond)[0])
        name, last = chrom.iloc[first], int(end.iloc[first]) if end is not None else 0
        raise InputError(
            f"{path}: {beyond.sum():,} of {len(beyond):,} {noun} end beyond their contig, as one on {name} does at "
            f"{last:,} ({name} has {sizes[name]:,} bp): this is another assembly; give a file made on this one"
        )
    for outside, where in ((absent, "on contigs that the genome lacks"), (beyond, "beyond the end of their contig")):
        if outside.any():
            log.info(f"{path}: {outside.sum():,} of {len(outside):,} {noun} are {where}")
    return np.select([absent, beyond], ["contig_absent", "beyond_contig"], "")


def _names_differ(
    absent: pd.Series, total: int, sizes: Mapping[str, int], path: object, noun: str, most_outside: float
) -> str:
    """What the file calls its contigs and what the genome does, and the next step."""
    counts = absent.value_counts()
    got = ", ".join(f"{name} ({number:,})" for name, number in counts.head(3).items())
    others = [name.removeprefix("chr") if name.startswith("chr") else f"chr{name}" for name in counts.index]
    share = f"none of its {total:,} {noun} is on a contig of the genome"
    step = "give a file made on this assembly, with its names"
    if len(absent) < total:
        share = f"{len(absent):,} of {total:,} {noun} are on contigs that the genome lacks, wanted {most_outside:.0%}"
        share += " at most"
        step += ", or say max_outside: 1 in the preset where the genome is only a part of it"
    if any(name in sizes for name in others):
        step = "they differ by 'chr' only: rename those of the file, or the genome's (rename: in its preset)"
    return f"{path}: {share}: got {got}, the genome has {', '.join(list(sizes)[:3])} …; {step}"
