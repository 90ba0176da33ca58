"""Tables of sequences that a user labelled, as they come: which column is which, and what each row says.

A set that others published comes with names of its own, in one file with a column that says what a row is for, or in a
file for each split. That is obeyed: a set split anew cannot be laid beside the figures of those who split it.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from dnalm import tables
from dnalm.dna import seq
from dnalm.dna.intervals import SPLITS
from dnalm.errors import InputError, UsageError
from dnalm.targets.windows import NOWHERE, VALUE

COLUMNS = ("sequence", "label", "chrom", "start", "end", "split")  # what `columns` may give another name
NOTHING = {"chrom": NOWHERE, "start": "0", "end": "0"}  # what stands for a place that nobody names
FILES, COLUMN = "files", "column"
WHOLE = ""  # the split of a file that holds rows of all
WORDS = {"train": "train", "training": "train", "test": "test", "testing": "test"}
WORDS |= dict.fromkeys(("validation", "valid", "val", "dev", "eval"), "validation")
_IUPAC = frozenset("ACGTNRYKMSWBDHVUacgtnrykmswbdhvu")


class Rows(NamedTuple):
    """The usable rows of all files, of the others how many and why, how many in all, the first file, who split them.

    Columns: sequence (upper case), label (as text), chrom, start, end, split ("" where nobody says), `value:…` for each
    output, id and where (file:line). `told` says what a row is for: files, a column or, None, nobody.
    """

    table: pd.DataFrame
    skipped: Counter
    rows: int
    path: Path
    told: str | None

    def contigs(self) -> dict[str, None]:
        """The contigs that rows name, which a genome may lack, each of unknown length."""
        return dict.fromkeys(self.table.chrom[self.table.chrom != NOWHERE].drop_duplicates())


def read(
    files: Mapping[str, Path | None], columns: Mapping[str, str] | None = None, values: Sequence[str] | None = None
) -> Rows | None:
    """All rows of a table, {"": path}, or of one for each split, {"train": path, …}; None where there is no file.

    `columns` names columns that are called otherwise than COLUMNS. With `values`, columns of numbers, a row has no
    label: they are what is to be predicted. Chrom (with start and end, 0-based, half-open) and split may be missing;
    what each file is for goes before a column. Rows without sequence, label, value or split are left out and counted.
    Raises InputError with file and line for what cannot be meant.
    """
    columns = dict(columns or {})
    if strange := [key for key in columns if key not in COLUMNS]:
        raise UsageError(f"--columns: got the key {strange[0]!r}, wanted any of {', '.join(COLUMNS)}")
    files = {split: path for split, path in files.items() if path is not None}
    if not files:
        return None
    if set(files) not in ({WHOLE}, {"train", "test"}, set(SPLITS)):
        got = ", ".join(split or "all" for split in files)
        raise UsageError(f"sequences: got files for {got}, wanted one for all, or one for train and one for test")
    parts, skipped, rows = [], Counter(), 0
    for split, path in files.items():
        found, left_out, number = _one(tables.read(path), split, columns, list(values or []))
        parts.append(found)
        skipped, rows = skipped + left_out, rows + number
    table = pd.concat(parts, ignore_index=True)
    told = FILES if WHOLE not in files else COLUMN if (table.split != "").any() else None
    return Rows(table, skipped, rows, next(iter(files.values())), told)


def _one(
    read: tables.Table, split: str, columns: dict[str, str], values: list[str]
) -> tuple[pd.DataFrame, Counter, int]:
    """The rows of one file: (usable ones, those left out by reason, how many)."""
    needed = ("sequence",) if values else ("sequence", "label")
    wanted = {key: columns.get(key, key) for key in COLUMNS if key in (*needed, *columns) or key in read.names}
    wanted = {key: name for key, name in wanted.items() if key != "label" or not values}
    wanted |= {VALUE + name: name for name in values}
    _check_names(read, wanted)
    text = tables.pick(read, wanted)
    where = pd.Series([f"{read.path}:{line}" for line in read.lines])
    absent = {"missing_sequence": text.sequence.isin(tables.MISSING)}
    absent |= {"missing_label": tables.missing(text.label)} if not values else {}
    absent |= {"missing_value": text[[VALUE + name for name in values]].apply(tables.missing).any(axis=1)}
    absent |= {"missing_split": tables.missing(text.split)} if "split" in text and not split else {}
    reason = np.select(list(absent.values()), list(absent), "")
    kept = _understood(text[reason == ""], where[reason == ""], split, values)
    return kept, Counter(reason[reason != ""].tolist()), len(text)


def _understood(text: pd.DataFrame, where: pd.Series, split: str, values: list[str]) -> pd.DataFrame:
    """The cells of rows as what they mean; what is not there as what stands for nothing."""

    def each(key: str, meaning: Callable[..., object], *more: str) -> list:
        return [meaning(one, *more, at) for one, at in zip(text[key], where, strict=True)]

    text = text.assign(**{key: "" for key in NOTHING if key not in text})
    text = text.assign(**{key: text[key].where(~tables.missing(text[key]), NOTHING[key]) for key in NOTHING})
    ids = [f"given:{split}:{row + 1}" if split else f"given:{row + 1}" for row in text.index]
    found = {"id": ids, "sequence": each("sequence", _letters), "chrom": text.chrom, "where": where}
    found |= {key: each(key, _whole, key) for key in ("start", "end")}
    found["split"] = split if split or "split" not in text else each("split", _split)
    found |= {VALUE + name: each(VALUE + name, _number, name) for name in values}
    return pd.DataFrame(found | {"label": text.label if "label" in text else "0"}, index=text.index)


def _check_names(read: tables.Table, wanted: dict[str, str]) -> None:
    """A column that is not there may be there by another name, and the user knows which."""
    for key, name in wanted.items():
        if name not in read.names:
            known = ", ".join(map(repr, dict.fromkeys(read.names)))
            step = "name one of them there" if key.startswith(VALUE) else f"say which under columns: {{{key}: …}}"
            key = "values" if key.startswith(VALUE) else key
            raise InputError(f"{read.path}:1: no column {name!r} for {key}; the table has {known}; {step}")


def _letters(text: str, where: str) -> str:
    """The sequence in upper case, of A, C, G, T and N."""
    if bad := sorted(set(text) - _IUPAC):
        raise InputError(f"{where}: got {bad} as sequence, wanted letters of DNA")
    return seq.decode(seq.encode(text))


def _whole(text: str, key: str, where: str) -> int:
    number = tables.whole(text)
    if number is None:
        raise InputError(f"{where}: got {key} {text!r}, wanted start and end as whole numbers, 0-based, half-open")
    return number


def _split(text: str, where: str) -> str:
    if text.lower() not in WORDS:
        raise InputError(
            f"{where}: got split {text!r}, wanted {', '.join(SPLITS)} (or dev); name the column that says so under "
            "columns: {split: …}, or call this one otherwise"
        )
    return WORDS[text.lower()]


def _number(text: str, name: str, where: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{where}: got {text!r} as {name}, wanted a number")
    return number
