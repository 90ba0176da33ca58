"""What the labels of a table mean: bound or not, one of several classes, or nothing beside values to be predicted.

Nothing is guessed: which of two names is the positive one turns every figure round, so it has to be said; and a name
that stands once is more often misspelt than a class.
"""

import itertools
import re

import numpy as np
import pandas as pd

from dnalm import tables
from dnalm.dna.intervals import SPLITS
from dnalm.errors import InputError
from dnalm.logs import log
from dnalm.targets.windows import VALUE

BINARY, CLASSES, REGRESSION = "binary", "classes", "regression"
_SHOWN = 5
_FRACTION = re.compile(r"[-+]?(\d+\.\d*|\.\d+|\d+(?=[eE]))([eE][-+]?\d+)?")


def numbered(table: pd.DataFrame, path: object, positive: str | None = None) -> tuple[np.ndarray, dict]:
    """(The label of each row as a number, what windows.json says of the task) of a table's columns label and where.

    0 and 1 are binary; so are two names of which one is `positive`. Whole numbers or names are classes, in sorted
    order, the label of each its place among them. With columns `value:…` it is a regression, and labels are 0.
    """
    if outputs := [name.removeprefix(VALUE) for name in table if name.startswith(VALUE)]:
        return np.zeros(len(table), int), {"task": REGRESSION, "outputs": outputs}
    text, names = _named(table.label)
    if set(names) <= {"0", "1"} and positive in (None, "1"):
        return text.astype(int).to_numpy(), {"task": BINARY}
    _check_numbers(table, names, path)
    for first, second in itertools.pairwise(names):
        if first.casefold() == second.casefold():
            raise InputError(f"{path}: the labels {first!r} and {second!r} differ in case only; write one of them")
    listed = ", ".join(map(repr, names[:_SHOWN])) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    if len(names) == 1:
        raise InputError(f"{path}: every row has the label {listed}, wanted two classes or more (0 and 1, or names)")
    counts = text.value_counts()
    if single := [name for name in names if counts[name] == 1]:
        at = table["where"][text == single[0]].iloc[0]
        raise InputError(
            f"{at}: got the only row with label {single[0]!r}, beside {listed}; a class needs rows to train on and "
            "rows to test on: correct the label, or leave the row out"
        )
    if len(names) == 2:
        if positive not in names:
            got = "nobody says which" if positive is None else f"got positive: {positive}"
            raise InputError(f"{path}: the labels are {listed}; {got}, wanted one of them as `positive: {names[1]}`")
        return (text == positive).to_numpy(int), {"task": BINARY, "positive": positive}
    if positive is not None:
        raise InputError(f"{path}: got positive: {positive} with {len(names)} classes ({listed}); leave it out")
    return text.map({name: number for number, name in enumerate(names)}).to_numpy(int), {
        "task": CLASSES,
        "classes": names,
    }


def _named(labels: pd.Series) -> tuple[pd.Series, list[str]]:
    """(Labels as text, a whole number written one way; all names in order: numbers by size, others by letters)."""
    number = {one: tables.whole(one) for one in labels.unique()}
    if None in number.values():
        return labels, sorted(number)
    return labels.map(number).astype(str), list(map(str, sorted(set(number.values()))))


def _check_numbers(table: pd.DataFrame, names: list[str], path: object) -> None:
    """Labels that are fractions are no names of classes but values."""
    fraction = next((name for name in names if _FRACTION.fullmatch(name)), None)
    if fraction is not None and tables.whole(fraction) is None:
        at = table["where"][table.label == fraction].iloc[0]
        raise InputError(
            f"{at}: got label {fraction!r}, wanted 0 and 1, or names of classes; to predict numbers name the column "
            "under values: […]"
        )


def check(table: pd.DataFrame, about: dict, path: object) -> None:
    """Every class, and every value that varies, must be met in training. Raises InputError; warns of what is not held.

    `table` are the windows as they are written, after all that left rows out.
    """
    train = table[table.split == "train"]
    if about["task"] == REGRESSION:
        for name in about["outputs"]:
            if (number := train[VALUE + name].nunique()) < 2:
                raise InputError(f"{path}: {name} has {number} value(s) in training, wanted more; name another column")
        return
    names = about.get("classes", ["0", "1"])
    counts = {split: (table.label[table.split == split]).value_counts() for split in SPLITS}
    for number, name in enumerate(names):
        here = {split: int(counts[split].get(number, 0)) for split in SPLITS}
        if not here["train"]:
            told = ", ".join(f"{rows:,} in {split}" for split, rows in here.items())
            raise InputError(
                f"{path}: class {name!r} has no sequence to train on ({told}); give it some, or leave its rows out"
            )
        for split in SPLITS[1:]:
            if len(table[table.split == split]) and not here[split]:
                log.warning(f"{path}: class {name!r} has no sequence in {split}: nothing is measured of it there")
