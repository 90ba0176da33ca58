"""How well reads can be placed on windows: the mean of a track of mappability, from 0 to 1.

No peak is called where reads cannot be placed, so sites are mappable and a genome is not: negatives drawn from anywhere
teach a model to know what repeats itself. 0-based, half-open.
"""

from pathlib import Path

import pandas as pd

from dnalm.dna import bigwig
from dnalm.errors import InputError


def measured(table: pd.DataFrame, path: Path | None) -> pd.DataFrame:
    """Add `mappability` to windows of one width (chrom, start, end), where there is a track of it.

    A base without a value counts as 0, and so do contigs that the track lacks.
    """
    if path is None:
        return table
    found = pd.Series(0.0, table.index)
    with bigwig.reading(path) as track:
        for contig, rows in table.groupby("chrom"):
            if track.chroms(contig) is not None:
                width = int(rows.end.iloc[0] - rows.start.iloc[0])
                found[rows.index] = bigwig.window_means(track, contig, rows.start.to_numpy(), width)
    return table.assign(mappability=found)


def check(path: Path, sizes: dict[str, int], part: bool) -> None:
    """Refuse a track of another genome, with other names or lengths; contigs of one that is a `part` may be cut short.

    With other names every window would be as if no read could be placed on it.
    """
    with bigwig.reading(path) as track:
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
