"""Variants that come as pairs of windows, one with either allele, in a table for each class: without genome or place.

So come sets of SNPs in exons and introns. What differs is the variant. Beside each pair stands a third window, with
another base at the same place: what a model makes of it, it makes of the window and not of the variant.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from dnalm import tables
from dnalm.dna import seq, words
from dnalm.errors import InputError, UsageError
from dnalm.variants import pairs as variants_pairs
from dnalm.variants.alleles import LONGEST
from dnalm.variants.pairs import CHUNK, Pairs

COLUMNS = ("ref", "alt", "id")  # what `columns` may give another name
LEAST = 20  # bases of a window
NEXT = "give pairs of windows of one width that differ in one place"
_IUPAC = frozenset("ACGTNRYKMSWBDHVUacgtnrykmswbdhvu")


def read(files: Mapping[str, Path], columns: Mapping[str, str] | None = None) -> pd.DataFrame:
    """All rows of the table of each class, as text: class, id ("." for none), path, line, ref and alt (windows).

    `columns` names columns that are called otherwise than COLUMNS. Raises InputError with file and line for a window
    that holds anything but letters of DNA.
    """
    columns = dict(columns or {})
    if strange := [key for key in columns if key not in COLUMNS]:
        raise UsageError(f"--columns: got the key {strange[0]!r}, wanted any of {', '.join(COLUMNS)}")
    parts = []
    for name, path in files.items():
        table = tables.read(path)
        wanted = {key: columns.get(key, key) for key in COLUMNS if key != "id" or key in {*columns, *table.names}}
        text = tables.pick(table, wanted)
        text = text.assign(**{"class": name, "path": str(path), "line": table.lines})
        text["id"] = text["id"].where(~text["id"].isin(tables.MISSING), ".") if "id" in text else "."
        for side in ("ref", "alt"):
            text.loc[text[side].isin(tables.MISSING), side] = ""
            _check_letters(text, side)
        parts.append(text)
    return pd.concat(parts, ignore_index=True)[["class", "id", "path", "line", "ref", "alt"]]


def _check_letters(text: pd.DataFrame, side: str) -> None:
    for row, letters in enumerate(text[side]):
        if bad := sorted(set(letters) - _IUPAC):
            where = f"{text.path[row]}:{text.line[row]}"
            raise InputError(f"{where}: got {bad} in the window with {side}, wanted letters of DNA")


def hold(table: pd.DataFrame, max_n: float = 0.5) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """(The table with why a row cannot be scored, its edit and its cluster, distinct windows with ref, those with alt).

    Windows are base codes [edits, W] of the width that most pairs have. `skipped` is "" or the first that holds of
    missing_window, unequal_length, other_length, ref_equals_alt, too_long (from the first base that differs to the last
    there are more than `alleles.LONGEST`, as where one window is shifted), non_acgt (an N differs) and too_much_n;
    `edit` is the row of the windows, -1 for none, and windows that share a word (`words.clusters`) are one `cluster`.
    InputError where no row of a class can be scored, or windows have fewer than LEAST bases.
    """
    ref, alt = table.ref.str.len(), table.alt.str.len()
    same = ref[(ref == alt) & (ref > 0)]
    width = int(same.mode().max()) if len(same) else 0
    rules = {"missing_window": (ref == 0) | (alt == 0), "unequal_length": ref != alt, "other_length": ref != width}
    reasons = np.select(list(rules.values()), list(rules), "").astype(object)
    fit = np.flatnonzero(reasons == "")
    windows = [seq.encode("".join(table[side].iloc[fit])).reshape(len(fit), width) for side in ("ref", "alt")]
    reasons[fit] = _reasons(*windows, max_n)
    _refuse_nothing(table, reasons)
    if width < LEAST:
        raise InputError(
            f"{table.path[0]}: got windows of {width} base(s), wanted {LEAST} or more; name the columns that hold them"
        )
    kept = reasons[fit] == ""
    texts = pd.Series([row.tobytes() for row in np.concatenate(windows, 1)[kept]], dtype=object)
    number = pd.factorize(texts)[0]
    first = np.flatnonzero(~texts.duplicated())
    edit, cluster = np.full((2, len(table)), -1)
    edit[fit[kept]] = number
    ref, alt = (one[kept][first] for one in windows)
    cluster[fit[kept]] = words.clusters(ref)[number]
    return table.assign(skipped=reasons, edit=edit, cluster=pd.Series(cluster).where(edit >= 0)), ref, alt


def _reasons(ref: np.ndarray, alt: np.ndarray, max_n: float) -> np.ndarray:
    found = variants_pairs.of_windows(ref, alt)
    rules = {
        "ref_equals_alt": found.count[:, 0] == 0,
        "too_long": found.count[:, 0] > LONGEST,
        "non_acgt": ((ref != alt) & ((ref == seq.N) | (alt == seq.N))).any(1),
        "too_much_n": (ref == seq.N).mean(1) > max_n if ref.size else np.zeros(len(ref), bool),
    }
    return np.select(list(rules.values()), list(rules), "")


def _refuse_nothing(table: pd.DataFrame, reasons: np.ndarray) -> None:
    """Raise InputError for a class of which no row can be scored: there is nothing to compare the other with."""
    for _, rows in table.groupby("class", sort=False):
        counts = pd.Series(reasons[rows.index]).value_counts()
        if "" not in counts:
            said = ", ".join(f"{reason} {count:,}" for reason, count in counts.items())
            raise InputError(f"{rows.path.iloc[0]}: none of its {len(rows):,} rows can be scored ({said}); {NEXT}")


def others(ref: np.ndarray, alt: np.ndarray, seed: int) -> np.ndarray:
    """The windows [n, W] with another base where the alleles differ: one of the two that neither has, by lot."""
    row, place = np.nonzero(ref != alt)
    base = np.arange(4)
    free = (base != ref[row, place, None]) & (base != alt[row, place, None])
    two = np.nonzero(free)[1].reshape(-1, 2)
    found = alt.copy()
    found[row, place] = two[np.arange(len(row)), np.random.default_rng(seed).integers(0, 2, len(row))]
    return found


def pieces(ref: np.ndarray, alt: np.ndarray, other: np.ndarray) -> Callable[[], Iterator[Pairs]]:
    """A function that gives pairs, `CHUNK` windows at a time: of each window the variant, then the other base."""

    def each() -> Iterator[Pairs]:
        for start in range(0, len(ref), CHUNK):
            here = slice(start, start + CHUNK)
            both = np.stack([alt[here], other[here]], 1).reshape(-1, ref.shape[1])
            found = variants_pairs.of_windows(np.repeat(ref[here], 2, 0), both)
            yield found._replace(ref=ref[here], site=np.repeat(np.arange(len(ref[here])), 2))

    return each


def columns(table: pd.DataFrame, pairs: Pairs, other: np.ndarray) -> pd.DataFrame:
    """The table with the bases instead of windows, of those that can be scored: place (0-based), ref, alt, other."""
    first, count = pairs.first[:, 0], pairs.count[:, 0]
    windows = {"ref": pairs.ref[pairs.site], "alt": pairs.alt, "other": other}
    texts = {
        name: [seq.decode(row[at : at + size]) for row, at, size in zip(codes, first, count, strict=True)]
        for name, codes in windows.items()
    }
    said = pd.DataFrame({"place": first, **texts}).astype({"place": "Int64"}).reindex(table.edit).set_axis(table.index)
    return pd.concat([table.drop(columns=["ref", "alt", "path"]), said], axis=1)
