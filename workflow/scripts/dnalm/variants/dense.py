"""Stretches of a table of scored variants in which nearly every base is exchanged for nearly every other.

Such a stretch can be drawn as a map, position by base: of places that were saturated, or of an experiment that edits
each base of an exon.
"""

import pandas as pd

from dnalm.dna.place import Place

BASES = "ACGT"
GAP = 10  # bases without a score that do not end a stretch
LEAST = 20  # bases of a stretch
COVERED = 0.5  # of a stretch's bases, that have two alternatives or more


def substitutions(table: pd.DataFrame, score: str) -> pd.DataFrame:
    """The scored substitutions of one base in a table of score_variants.py, each once: start is 0-based."""
    single = (table.ref.str.len() == 1) & (table.alt.str.len() == 1) & table[score].notna()
    found = table[single].assign(start=table.pos[single] - 1, ref=table.ref.str.upper(), alt=table.alt.str.upper())
    return found[found.alt.isin([*BASES])].drop_duplicates(["chrom", "start", "alt"])


def stretches(single: pd.DataFrame) -> list[Place]:
    """Stretches of `LEAST` bases or more of which most have two alternatives or three, in order of the table.

    `single` as `substitutions` gives it. Up to `GAP` bases between two that are scored do not end a stretch.
    """
    counts = single.groupby(["chrom", "start"], sort=False).size()
    full = counts[counts >= 2].reset_index()
    found = []
    for chrom, rows in full.groupby("chrom", sort=False):
        starts = rows.start.sort_values()
        for _, part in starts.groupby((starts.diff() > GAP + 1).cumsum()):
            one = Place(chrom, int(part.iloc[0]), int(part.iloc[-1]) + 1)
            if one.end - one.start >= LEAST and len(part) >= COVERED * (one.end - one.start):
                found.append(one)
    return found
