"""What an INFO key of a VCF says of each allele: a class, which a score should find, or a number, as its frequency.

A key that lists a value for each ALT is read allele by allele; one value of a site with several is that of each.
"""

import math

import numpy as np
import pandas as pd

from dnalm.errors import InputError, UsageError
from dnalm.variants import vcf


def read(called: vcf.Vcf, table: pd.DataFrame, key: str | None) -> pd.Series:
    """The class of each allele: the INFO value, or its part where it lists one for each ALT; NaN for none.

    `table` has one row an allele (`vcf.split_alleles`); without a key, or in an empty VCF, there are no classes.
    """
    if key is None or called.records.empty:
        return pd.Series(np.nan, index=table.index, dtype=object)
    values = vcf.info_value(called.records, key, called.path)
    parts = values.iloc[table.record].reset_index(drop=True).str.split(",")
    alternatives = table.groupby("record").record.transform("size")
    listed = (parts.str.len() == alternatives) & (alternatives > 1)
    return pd.Series(
        [
            (part[index - 1] if several else ",".join(part)) if isinstance(part, list) else np.nan
            for part, index, several in zip(parts, table.alt_index, listed, strict=True)
        ],
        dtype=object,
    ).replace({"": "flag", ".": np.nan})


def numbers(
    called: vcf.Vcf, table: pd.DataFrame, key: str, low: float = -math.inf, high: float = math.inf
) -> pd.Series:
    """The number of each allele under an INFO key, as `read` reads it; NaN for none.

    Raises InputError, with file and line, for what is no number or lies outside `low` to `high` (a frequency: 0 to 1).
    """
    text = read(called, table, key)
    values = pd.to_numeric(text, errors="coerce").astype(float)
    absent = text.isna() | (text.astype(str).str.lower() == "nan")
    wrong = ~absent & ~(np.isfinite(values) & values.between(low, high))
    if wrong.any():
        row = wrong.idxmax()
        where = f"{called.path}:{called.records['line'].iloc[table.record[row]]}"
        between = "" if math.isinf(high) else f" from {low:g} to {high:g}"
        raise InputError(f"{where}: INFO/{key} is {text[row]!r}, wanted a number{between} for each ALT")
    return values


def label_alleles(values: pd.Series, positive: list[str], negative: list[str], path: object) -> pd.Series:
    """1, 0 or NaN for each allele by its class; without `negative`, every other class is negative.

    Raises InputError where a class asked for does not occur.
    """
    if negative and not positive:
        raise UsageError("--negative needs --positive: name the classes that a good score ranks first")
    for wanted in [*positive, *negative] if len(values) else []:
        if wanted not in set(values.dropna()):
            raise InputError(f"{path}: class {wanted!r} does not occur; the classes are {', '.join(_names(values))}")
    labels = pd.Series(np.nan, index=values.index)
    labels[values.isin(negative) if negative else values.notna()] = 0
    labels[values.isin(positive)] = 1
    return labels if positive else labels * np.nan


def _names(values: pd.Series) -> list[str]:
    names = sorted(values.dropna().unique())
    return names[:20] + (["…"] if len(names) > 20 else [])
