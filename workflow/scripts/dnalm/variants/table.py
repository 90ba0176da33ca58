"""Tables of variants (TSV or CSV, one a row) as VCF records. Positions in the table must be 1-based."""

import re
from collections import Counter
from itertools import compress

import pandas as pd

from dnalm import tables
from dnalm.errors import InputError, UsageError
from dnalm.variants import allele_reads
from dnalm.variants.info_types import OURS
from dnalm.variants.vcf import FIELDS

NEEDED = ("chrom", "pos", "ref", "alt")
_RESERVED = str.maketrans({char: f"%{ord(char):02X}" for char in ";=%,"})


def to_records(
    table: tables.Table,
    columns: dict[str, str],
    info: dict[str, str],
    prefix: str,
    reads: dict[str, str] | None = None,
) -> tuple[pd.DataFrame, Counter]:
    """VCF records of the rows, and how many rows were left out by reason: missing_place, missing_allele.

    `columns` maps chrom, pos, ref, alt and perhaps id to column names, `info` INFO keys to column names, `reads` what
    `allele_reads` counts; `prefix` comes before each contig name. A row has no allele to write where one is missing or
    "-", as some write an insertion. Raises InputError with file and line for what is no position and no allele.
    """
    _check_columns(columns, info)
    if reads:
        allele_reads.check(reads, info)
    text = tables.pick(table, columns)
    placeless = tables.missing(text["chrom"]) | tables.missing(text["pos"])
    gone = ~placeless & (tables.missing(text["ref"]) | tables.missing(text["alt"]))
    _check_places(text[~placeless], table)
    _check_alleles(text[~placeless & ~gone], table)
    kept = ~(placeless | gone)
    notes = tables.pick(table, info) if info else pd.DataFrame(index=text.index)
    if reads:
        notes = notes.join(allele_reads.of_rows(table, text[kept], reads)).fillna("")
    identifier = text["id"] if "id" in text else pd.Series(".", index=text.index)
    records = pd.DataFrame(
        {
            "chrom": prefix + text["chrom"],
            "pos": text["pos"].where(kept, "0").astype("int64"),
            "id": identifier.where(~identifier.isin(tables.MISSING), ".").str.replace(r"[\s;]+", "_", regex=True),
            "ref": text["ref"].str.upper(),
            "alt": text["alt"].str.upper(),
            "qual": ".",
            "filter": ".",
            "info": _info(notes) if info or reads else ".",
            "rest": "",
        }
    )
    skipped = Counter({"missing_place": int(placeless.sum()), "missing_allele": int(gone.sum())})
    return records.loc[kept, FIELDS].reset_index(drop=True), +skipped


def only(table: tables.Table, patterns: dict[str, str]) -> tables.Table:
    """The rows whose columns (the names in `patterns`) hold, as a whole, what a regular expression says.

    Raises UsageError for an expression that is none, and InputError where no row is left.
    """
    for column, pattern in patterns.items():
        try:
            fits = re.compile(str(pattern)).fullmatch
        except re.error as error:
            raise UsageError(f"--only: {pattern!r} of {column} is no regular expression ({error})") from None
        cells = tables.pick(table, {"cell": column}).cell
        wanted = [bool(fits(cell)) for cell in cells]
        if not any(wanted):
            seen = ", ".join(map(repr, cells.unique()[:5]))
            got = f"no row is left where {column} is {str(pattern)!r} from end to end; it holds {seen}"
            raise InputError(f"{table.path}: {got}")
        table = table._replace(rows=list(compress(table.rows, wanted)), lines=list(compress(table.lines, wanted)))
    return table


def _check_places(text: pd.DataFrame, table: tables.Table) -> None:
    for row, position, chrom in zip(text.index, text["pos"], text["chrom"], strict=True):
        where = f"{table.path}:{table.lines[row]}"
        if not re.fullmatch(r"[1-9][0-9]{0,9}", position, re.ASCII) or int(position) >= 1 << 31:
            raise InputError(f"{where}: position is {position!r}, wanted a whole number from 1 (the first base)")
        if not re.fullmatch(r"[^\s<>*=,;][^\s<>,]*", chrom):
            raise InputError(f"{where}: contig is {chrom!r}, wanted a name without blanks, commas and brackets")


def _check_alleles(text: pd.DataFrame, table: tables.Table) -> None:
    for name, pattern in (("ref", "[ACGTNacgtn]+"), ("alt", "[ACGTNacgtn]+(,[ACGTNacgtn]+)*")):
        bad = ~text[name].str.fullmatch(pattern)
        if bad.any():
            row = bad.idxmax()
            where = f"{table.path}:{table.lines[row]}"
            raise InputError(f"{where}: {name} is {text[name][row]!r}, wanted bases (A, C, G, T, N)")


def _check_columns(columns: dict[str, str], info: dict[str, str]) -> None:
    if missing := [name for name in NEEDED if name not in columns]:
        raise UsageError(f"--columns lacks {', '.join(missing)}; wanted a column name for each of {', '.join(NEEDED)}")
    if unknown := set(columns) - {*NEEDED, "id"}:
        raise UsageError(f"--columns has {', '.join(sorted(unknown))}; wanted {', '.join(NEEDED)} and perhaps id")
    for key in info:
        if not re.fullmatch(r"[A-Za-z_][0-9A-Za-z_.]*", key):
            raise UsageError(f"--info has the key {key!r}; wanted a letter, then letters, digits, _ or .")
        if key.startswith(OURS):
            raise UsageError(f"--info has the key {key!r}; names in {OURS}… are those of scores; take another")


def _info(columns: pd.DataFrame) -> list[str]:
    """INFO text: missing values left out, blanks as underscores, reserved characters percent-encoded (VCF 4.3)."""
    texts = [[_entry(key, value) for value in columns[key]] for key in columns]
    return [";".join(filter(None, row)) or "." for row in zip(*texts, strict=True)]


def _entry(key: str, value: str) -> str:
    return "" if value in tables.MISSING else f"{key}={clean(value)}"


def clean(value: str) -> str:
    """A value that may stand in INFO."""
    return re.sub(r"\s+", "_", value).translate(_RESERVED)
