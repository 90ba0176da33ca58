"""Reads of either allele where one genome has both: which of them a factor binds, or a gene is expressed from.

Both alleles lie in one nucleus, so that what differs between them is the variant, or one beside it. Tables of such
sites count reads of each base (AlleleDB) or of either allele (ADASTRA); what they say becomes a class of the variant.
Which of the sites differ by more than chance the table has to say: here one read more is more.
"""

import pandas as pd

from dnalm import tables
from dnalm.errors import InputError, UsageError

KEYS = ("REF_READS", "ALT_READS", "FAVOURED")
ALLELES, BASES = ("ref", "alt"), ("A", "C", "G", "T")


def of_rows(table: tables.Table, alleles: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """KEYS of rows as text, "" where nothing is known or read: reads of either allele, and ref, alt or equal.

    `alleles` holds the text of ref and alt of the rows that are meant, numbered as those of the table; `columns` names
    those of the counts, by allele (ref, alt) or by base (A, C, G, T). By base only a substitution of one base can be
    counted, and of several alternatives none. Raises InputError with file and line for a count that is no number.
    """
    cells = tables.pick(table, columns).loc[alleles.index]
    counts = {name: _counts(cells[name], column, table) for name, column in columns.items()}
    by_base = set(columns) == set(BASES)
    rows = []
    for number, (ref, alt) in enumerate(zip(alleles.ref.str.upper(), alleles.alt.str.upper(), strict=True)):
        names = (ref, alt) if by_base else ALLELES
        known = [counts[name][number] if name in counts and "," not in alt else None for name in names]
        rows.append([*map(str, known), _favoured(*known)] if None not in known and any(known) else ["", "", ""])
    return pd.DataFrame(rows, columns=list(KEYS), index=alleles.index)


def check(columns: dict[str, str], info: dict[str, str]) -> None:
    """Raise UsageError where counts are neither by allele nor by base, or a key of INFO is one of KEYS."""
    if set(columns) not in (set(ALLELES), set(BASES)):
        raise UsageError(
            f"--reads has {', '.join(sorted(columns)) or 'nothing'}; wanted a column for each of {', '.join(ALLELES)}, "
            f"or for each of {', '.join(BASES)}"
        )
    if taken := [key for key in KEYS if key in info]:
        raise UsageError(f"--info has the key {taken[0]}, which --reads writes; take another")


def _counts(cells: pd.Series, column: str, table: tables.Table) -> list[int | None]:
    """The numbers of a column, None where it has no value."""
    found: list[int | None] = []
    for row, cell, gone in zip(cells.index, cells, tables.missing(cells), strict=True):
        found.append(None if gone else tables.whole(cell))
        if found[-1] is None and not gone:
            where = f"{table.path}:{table.lines[row]}"
            raise InputError(f"{where}: {column} is {cell!r}, wanted a whole number of reads, in digits alone")
    return found


def _favoured(ref: int, alt: int) -> str:
    return "equal" if ref == alt else ALLELES[alt > ref]
