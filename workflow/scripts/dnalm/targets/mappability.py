"""How well reads can be placed on windows: the mean of a track of mappability, from 0 to 1.

No peak is called where reads cannot be placed, so sites are mappable and a genome is not: negatives drawn from anywhere
teach a model to know what repeats itself. 0-based, half-open.
"""

from pathlib import Path

import pandas as pd

from dnalm.dna import bigwig


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
