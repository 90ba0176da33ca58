"""One change of the genome, one way to say it: alleles trimmed to what differs, and moved as far left as they fit.

A VCF may write the same deletion in a repeat at any of its copies, and a substitution with bases beside it that do not
change; a score must not depend on that. The rules are those of `bcftools norm` (Tan, Abecasis & Kang, Bioinformatics
2015), without the base that VCF puts before an indel: an edit is a start (0-based), the bases that go, those that come.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from dnalm.genome.consensus import trimmed
from dnalm.genome.genotypes import Allele

AHEAD = 64  # bases read at a time on the way to the left
Fetch = Callable[[str, int, int], str]


def minimal(table: pd.DataFrame, fetch: Fetch) -> pd.DataFrame:
    """Edits of alleles (chrom, pos counted from 1, ref, alt: bases in upper case): chrom, start, ref, alt; same index.

    Of an insertion `ref` is "" and it stands before base `start`; of a deletion `alt` is "". `fetch` gives the
    genome's letters [start, end) of a contig. Alleles of one base each are as short as they can be.
    """
    edits = pd.DataFrame({"chrom": table.chrom, "start": table.pos - 1, "ref": table.ref, "alt": table.alt})
    rows = np.flatnonzero(((edits.ref.str.len() > 1) | (edits.alt.str.len() > 1)).to_numpy(bool))
    some = edits.iloc[rows]
    found = [_minimal(*row, fetch) for row in zip(some.chrom, some.start, some.ref, some.alt, strict=True)]
    for column, values in zip(("start", "ref", "alt"), zip(*found, strict=True), strict=False):
        whole = edits[column].to_numpy(copy=True)
        whole[rows] = values
        edits[column] = whole
    return edits


def _minimal(chrom: str, start: int, ref: str, alt: str, fetch: Fetch) -> tuple[int, str, str]:
    edit = trimmed(Allele(start, ref, alt, 0))
    if bool(edit.ref) == bool(edit.alt):
        return edit.start, edit.ref, edit.alt
    start, bases = leftmost(chrom, edit.start, edit.ref or edit.alt, fetch)
    return (start, bases, "") if edit.ref else (start, "", bases)


def leftmost(chrom: str, start: int, bases: str, fetch: Fetch) -> tuple[int, str]:
    """Where a stretch that is lost from `start`, or inserted before it, can first be said to lie, and its bases there.

    Each step is a base to the left for as long as the base before the stretch is the stretch's last.
    """
    before, low = "", start
    while start > 0:
        if start == low:
            low = max(start - AHEAD, 0)
            before = fetch(chrom, low, start).upper()
        if before[start - low - 1] != bases[-1]:
            break
        bases, start = bases[-1] + bases[:-1], start - 1
    return start, bases


def spelt(edit: tuple[str, int, str, str], fetch: Fetch) -> tuple[str, int, str, str]:
    """An edit as VCF says it: contig, POS counted from 1, REF, ALT, an indel with the base before it.

    At a contig's start the base after it stands there (VCF 4.3, 1.6.1).
    """
    chrom, start, ref, alt = edit
    if ref and alt:
        return chrom, start + 1, ref, alt
    if start:
        base = fetch(chrom, start - 1, start).upper()
        return chrom, start, base + ref, base + alt
    base = fetch(chrom, len(ref), len(ref) + 1).upper()
    return chrom, 1, ref + base, alt + base
