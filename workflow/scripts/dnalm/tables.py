"""Tables that a user gives, of labelled sequences or of variants: tab- or comma-separated text, or parquet.

A table is read as it was meant: commas and quotes by RFC 4180, tabs as spreadsheets, R and Python write them, where a
quote in a cell is mostly a letter. A quote never joins two lines, for one that was left open would swallow rows.
"""

import csv
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from dnalm import texts
from dnalm.errors import InputError

# As spreadsheets, R and pandas write a value that is not there; "none" and "-" may be values where text is wanted.
MISSING = {"", ".", "NA", "N/A", "n/a", "na", "#N/A", "#N/A N/A", "#NA", "<NA>", "NaN", "nan", "NAN", "-NaN", "-nan"}
MISSING |= {"None", "NULL", "Null", "null", "1.#QNAN", "-1.#QNAN", "1.#IND", "-1.#IND"}
_ABSENT = {text.lower() for text in MISSING} | {"none", "-", "--", "?"}
_PARQUET = b"PAR1"
WANTED = "a table, tab- or comma-separated text with a line of column names"


class Table(NamedTuple):
    """Column names, as given and perhaps repeated; the cells of each row; and the line that each row is on."""

    path: Path
    names: list[str]
    rows: list[list[str]]
    lines: list[int]


def read(path: Path) -> Table:
    """All rows of a table, as text. Blank lines, rows without any value and lines of ## before the names are no rows.

    Raises InputError with file and line for a row that has more or fewer columns than names, a quote that is open at
    the end of its line, semicolons, and a table without a row. A parquet file is read where pyarrow is installed.
    """
    if (table := _parquet(Path(path))) is not None:
        return table
    names, rows, lines = [], [], []
    delimiter = "\t"
    for number, line in enumerate(texts.lines(path, WANTED), 1):
        if not names:
            if line.strip() and not line.startswith("##"):
                delimiter = _delimiter(line, path, number)
                names = [name.strip() for name in _cells(line, delimiter, 0, f"{path}:{number}")]
            continue
        cells = _cells(line, delimiter, len(names), f"{path}:{number}")
        if any(map(str.strip, cells)):
            if len(cells) != len(names):
                raise InputError(f"{path}:{number}: {_misfit(len(cells), len(names))}")
            rows.append(cells)
            lines.append(number)
    if not rows:
        raise InputError(f"{path}: holds {'a header and no row' if names else 'no line'}; give {WANTED}, and rows")
    return Table(Path(path), names, rows, lines)


def _parquet(path: Path) -> Table | None:
    """The table of a parquet file, its cells as text and its rows for lines; None for another file."""
    with path.open("rb") as file:
        if file.read(len(_PARQUET)) != _PARQUET:
            return None
    if find_spec("pyarrow") is None:
        raise InputError(
            f"{path}: a Parquet file, and pyarrow, which reads them, is not installed: `pip install pyarrow`, `conda "
            "install -c conda-forge pyarrow`, or save it as tab-separated text"
        )
    try:
        found = pd.read_parquet(path, engine="pyarrow")
    except (OSError, ValueError) as error:  # pyarrow's own errors are these
        raise InputError(f"{path}: a damaged Parquet file ({str(error).splitlines()[0]}); fetch it again") from None
    if found.empty:
        raise InputError(f"{path}: holds {'a header and no row' if len(found.columns) else 'no column'}; give rows")
    cells = found.astype(object).where(found.notna(), "").to_numpy().tolist()
    return Table(path, list(map(str, found)), [list(map(str, row)) for row in cells], list(range(1, len(found) + 1)))


def _delimiter(header: str, path: Path, number: int) -> str:
    """What separates the columns, by the line of names; where it holds tabs and commas, by the file's name."""
    there = [char for char in "\t," if char in header]
    if not there and ";" in header:
        raise InputError(f"{path}:{number}: got columns separated by semicolons (;), wanted tabs or commas; save it so")
    by_name = "," if ".csv" in Path(path).suffixes else "\t"
    return by_name if len(there) == 2 else (there or [by_name])[0]


def _cells(line: str, delimiter: str, wanted: int, where: str) -> list[str]:
    """The cells of a line. With tabs, quotes count only round a whole cell, or where the line fits no other way."""
    plain = line.split(delimiter)
    if '"' not in line:
        return plain
    if delimiter == "\t" and (len(plain) == wanted or not wanted):
        return [_unquoted(cell) for cell in plain]
    csv.field_size_limit(1 << 30)  # a cell may be a long sequence
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise InputError(
            f"{where}: a quote that does not fit ({error}); one that opens a cell closes it on the same line, and one "
            'within a quoted cell is doubled ("")'
        ) from None


def _unquoted(cell: str) -> str:
    inner = cell[1:-1].replace('""', "")
    return cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inner else cell


def _misfit(got: int, wanted: int) -> str:
    names = "; names of rows, as R writes them, have no name in the header: write with row.names = FALSE"
    return f"got {got} column(s), wanted {wanted} as in the header{names if got == wanted + 1 else ''}"


def pick(table: Table, wanted: Mapping[str, str]) -> pd.DataFrame:
    """The columns asked for (new name: the table's), as text without blanks at the ends, and nothing else of the table.

    Raises InputError for a column that the table lacks, or has twice: which of them is meant cannot be told.
    """
    for column in wanted.values():
        if (count := table.names.count(column)) != 1:
            known = ", ".join(map(repr, dict.fromkeys(table.names)))
            got = f"column {column!r} is there {count} times; rename all but one"
            raise InputError(f"{table.path}:1: {got if count else f'no column {column!r}; the table has {known}'}")
    places = {name: table.names.index(column) for name, column in wanted.items()}
    return pd.DataFrame({name: [row[place].strip() for row in table.rows] for name, place in places.items()}, dtype=str)


def missing(values: pd.Series) -> pd.Series:
    """Whether each value is a way to say that there is none, where a name or a number is wanted."""
    return values.str.lower().isin(_ABSENT)


def whole(text: str) -> int | None:
    """A whole number from 0, also as a decimal as pandas writes it where values are missing (5.0); None for others."""
    match = re.fullmatch(r"([0-9]{1,15})(\.0*)?", text)
    return int(match[1]) if match else None
