"""Tables of variants (TSV or CSV, one a row) as VCF records. Positions in the table must be 1-based."""

import csv
import re
from pathlib import Path

import pandas as pd

from dnalm.errors import InputError, UsageError
from dnalm.variants.vcf import FIELDS, read_lines

NEEDED = ("chrom", "pos", "ref", "alt")
MISSING = {"", ".", "NA", "N/A", "NaN", "nan", "None", "NULL", "null"}
_RESERVED = str.maketrans({char: f"%{ord(char):02X}" for char in ";=%,"})


def read_rows(path: Path) -> pd.DataFrame:
    """All rows as text, with their line numbers in `line`; tab- or comma-separated by the header line."""
    lines = read_lines(path)
    reader = csv.reader(lines, delimiter="\t" if "\t" in lines[0] else ",")
    names = [name.strip() for name in next(reader)]
    rows = []
    for row in reader:
        if row:
            if len(row) != len(names):
                raise InputError(
                    f"{path}:{reader.line_num}: got {len(row)} column(s), wanted {len(names)} as in the header"
                )
            rows.append([*row, reader.line_num])
    if not rows:
        raise InputError(f"{path}: holds a header and no row; give a table with at least one variant")
    return pd.DataFrame(rows, columns=[*names, "line"])


def to_records(
    rows: pd.DataFrame, columns: dict[str, str], info: dict[str, str], prefix: str, path: Path
) -> tuple[pd.DataFrame, int]:
    """VCF records of the rows, and how many rows have no bases to write ("-" for an insertion, or a missing allele).

    `columns` maps chrom, pos, ref, alt and perhaps id to column names, `info` INFO keys to column names; `prefix` comes
    before each contig name. Raises InputError with file and line for anything that is no position and no allele.
    """
    _check_columns(rows, columns, info, path)
    text = {name: rows[column].str.strip() for name, column in columns.items()}
    where = [f"{path}:{line}" for line in rows.line]
    for place, position, chrom in zip(where, text["pos"], text["chrom"], strict=True):
        if not re.fullmatch(r"[1-9][0-9]{0,9}", position, re.ASCII):
            raise InputError(f"{place}: position is {position!r}, wanted a whole number from 1 (the first base)")
        if not re.fullmatch(r"[^\s<>*=,;]+", chrom):
            raise InputError(f"{place}: contig is {chrom!r}, wanted a name without blanks")
    kept = pd.Series(True, index=rows.index)
    for name in ("ref", "alt"):
        gone = text[name].isin([*MISSING, "-"])
        kept &= ~gone
        bad = ~gone & ~text[name].str.fullmatch("[ACGTNacgtn]+(,[ACGTNacgtn]+)*" if name == "alt" else "[ACGTNacgtn]+")
        if bad.any():
            row = int(bad.to_numpy().argmax())
            raise InputError(f"{where[row]}: {name} is {text[name].iloc[row]!r}, wanted bases (A, C, G, T, N)")
    records = pd.DataFrame(
        {
            "chrom": prefix + text["chrom"],
            "pos": text["pos"].astype("int64"),
            "id": text["id"].where(~text["id"].isin(MISSING), ".") if "id" in text else ".",
            "ref": text["ref"].str.upper(),
            "alt": text["alt"].str.upper(),
            "qual": ".",
            "filter": ".",
            "info": _info(rows, info),
            "rest": "",
        }
    )
    records["id"] = records["id"].str.replace(r"[\s;]+", "_", regex=True)
    return records.loc[kept, FIELDS].reset_index(drop=True), int((~kept).sum())


def _check_columns(rows: pd.DataFrame, columns: dict[str, str], info: dict[str, str], path: Path) -> None:
    if missing := [name for name in NEEDED if name not in columns]:
        raise UsageError(f"--columns lacks {', '.join(missing)}; wanted a column name for each of {', '.join(NEEDED)}")
    if unknown := set(columns) - {*NEEDED, "id"}:
        raise UsageError(f"--columns has {', '.join(sorted(unknown))}; wanted {', '.join(NEEDED)} and perhaps id")
    for key in info:
        if not re.fullmatch(r"[A-Za-z_][0-9A-Za-z_.]*", key):
            raise UsageError(f"--info has the key {key!r}; wanted a letter, then letters, digits, _ or .")
    there = list(rows.columns[:-1])
    if absent := [column for column in [*columns.values(), *info.values()] if column not in there]:
        raise InputError(f"{path}:1: no column {absent[0]!r}; the table has {', '.join(map(repr, there))}")


def _info(rows: pd.DataFrame, info: dict[str, str]) -> list[str]:
    """INFO text: missing values left out, blanks as underscores, reserved characters percent-encoded (VCF 4.3)."""
    texts = [[_entry(key, value.strip()) for value in rows[column]] for key, column in info.items()]
    return [";".join(filter(None, row)) or "." for row in zip(*texts, strict=True)] if texts else ["."] * len(rows)


def _entry(key: str, value: str) -> str:
    return "" if value in MISSING else f"{key}={clean(value)}"


def clean(value: str) -> str:
    """A value that may stand in INFO."""
    return re.sub(r"\s+", "_", value).translate(_RESERVED)
