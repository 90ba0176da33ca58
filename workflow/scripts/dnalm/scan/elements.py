"""What constraint is asked to find, and what it is compared with: parts of genes and matched places between genes.

A coding part is richer in G and C than what lies between genes, and a start codon is ATG: a score that sees only that
would do well against any place. So each part has a partner of its own length from between the genes of its contig, of
about its GC, or, where it is no longer than a codon, of its very letters. Both are of one split: a model was trained on
both or on neither. 0-based, half-open.
"""

import numpy as np
import pandas as pd

from dnalm.dna import seq, splits, words

KINDS = ("CDS", "exon", "start codon", "splice site")
PIECE = 100  # bases of a part that are looked at: few genomes have room for more between their genes
MOST = 5000  # parts of a kind
TRIES = 20  # places that the partner is chosen from
WORD = 3  # bases of the longest part that is matched by its letters


def pieces(parts: pd.DataFrame, rng: np.random.Generator, most: int = MOST) -> pd.DataFrame:
    """At most `most` parts of each of KINDS (chrom start end strand kind), a random stretch of the long ones."""
    chosen = []
    for kind in KINDS:
        table = parts[parts.kind == kind]
        chosen.append(table.iloc[np.sort(rng.permutation(len(table))[:most])])
    table = pd.concat(chosen, ignore_index=True)
    spare = np.maximum(table.end - table.start - PIECE, 0).to_numpy(int)
    start = table.start.to_numpy(int) + rng.integers(0, spare + 1)
    return table.assign(start=start, end=np.minimum(start + PIECE, table.end))


def between(parts: pd.DataFrame, length: int) -> np.ndarray:
    """Which bases of a contig lie in no transcript: bool [length]; `parts` are the contig's."""
    free = np.ones(length, bool)
    for start, end in parts.loc[parts.kind == "transcript", ["start", "end"]].to_numpy(int):
        free[start:end] = False
    return free


def of_split(contig: str, split: str, length: int, named: splits.Splits) -> np.ndarray:
    """Which bases of a contig are of a split: bool [length]."""
    found = np.zeros(length, bool)
    for start, end, name in splits.stretches(splits.borders(named).get(contig, splits.WHOLE), length):
        found[start:end] |= name == split
    return found


def partners(table: pd.DataFrame, codes: np.ndarray, free: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Start of a matched place among the `free` bases [L] of a contig for each row (start end); -1 where none is."""
    found, width = np.full(len(table), -1), (table.end - table.start).to_numpy(int)
    starts = table.start.to_numpy(int)
    inside = np.r_[0, np.cumsum(free & (codes < seq.N))]
    strong = np.r_[0, np.cumsum((codes == 1) | (codes == 2))]
    for length in np.unique(width):
        rows = np.flatnonzero(width == length)
        room = np.flatnonzero(inside[length:] - inside[:-length] == length)
        if not len(room):
            continue
        if length > WORD:
            tried = room[rng.integers(0, len(room), (len(rows), TRIES))]
            off = np.abs(
                strong[tried + length] - strong[tried] - (strong[starts[rows] + length] - strong[starts[rows]])[:, None]
            )
            found[rows] = tried[np.arange(len(rows)), off.argmin(1)]
        else:
            spelt, known = words.words_at(codes[None], int(length))
            for word in np.unique(spelt[0][starts[rows]]):
                same, alike = room[spelt[0][room] == word], rows[spelt[0][starts[rows]] == word]
                alike = alike[known[0][starts[alike]]]
                if len(same) and len(alike):
                    found[alike] = same[rng.integers(0, len(same), len(alike))]
    return found


def scored(table: pd.DataFrame, named: splits.Splits) -> np.ndarray:
    """Which places (chrom start end) lie whole in one split of a genome, and in none that it excludes."""
    found = splits.split_of(table.chrom, table.start, table.end, named)
    return ~np.isin(found, ["exclude", splits.BORDER])


def compared(
    table: pd.DataFrame,
    parts: pd.DataFrame,
    codes: np.ndarray,
    rng: np.random.Generator,
    named: splits.Splits | None = None,
) -> pd.DataFrame:
    """Parts and partners of one contig: start end kind label (1 for a part); those without a partner are left out.

    A partner is of the split of its part, as the genome's splits are `named`, so that they are held out together.
    """
    named, tables = named or {}, []
    split, between_genes = splits.split_of(table.chrom, table.start, table.end, named), between(parts, len(codes))
    free = {one: between_genes & of_split(table.chrom.iloc[0], one, len(codes), named) for one in set(split)}
    for (kind, its_split), rows in table.groupby(["kind", split]):
        other = partners(rows, codes, free[its_split], rng)
        there = rows[other >= 0]
        moved = there.assign(start=other[other >= 0], end=other[other >= 0] + (there.end - there.start).to_numpy(int))
        tables += [part.assign(kind=kind, label=label) for label, part in ((1, there), (0, moved))]
    return pd.concat(tables, ignore_index=True) if tables else table.assign(label=0)
