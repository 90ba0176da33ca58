"""Sequences that a user labelled, as windows of one width, each in a split: as told, by its contig, or by relatives.

A split by chance would put relatives on both sides, and what is remembered would pass for what is understood. So where
nobody says what a row is for, its contig decides, and of rows without one whole clusters of relatives go to a split.
"""

from collections import Counter

import numpy as np
import pandas as pd

from dnalm.dna import assembly, seq
from dnalm.dna import splits as dna_splits
from dnalm.dna.intervals import SPLITS
from dnalm.dna.place import BEYOND
from dnalm.dna.splits import Splits
from dnalm.errors import InputError
from dnalm.logs import log
from dnalm.targets import accounts, classes, homology
from dnalm.targets.split import CONTIGS
from dnalm.targets.tables import COLUMN, FILES, Rows
from dnalm.targets.windows import NOWHERE

CLUSTERS = "clusters"
KIND = "given"


def windows(
    read: Rows,
    splits: Splits,
    window: int,
    sizes: dict[str, int],
    most_outside: float,
    positive: str | None = None,
) -> tuple[pd.DataFrame, Counter, dict]:
    """(Windows, rows left out by reason, what windows.json says of task, split and lengths) of a table of sequences.

    Each sequence is cut or padded with N to `window` bases round its middle base. A row goes to the split that is told,
    else to that of its place or contig, else to that of its relatives (`homology.split_clusters`): some 80 % train,
    10 % validation, 10 % test. `sizes` are the contigs of the genome; without one ({}) any contig is as good.
    """
    table, path = read.table, read.path
    if table.empty:
        raise InputError(f"{path}: none of its {read.rows:,} sequences is usable: {accounts.told(read.skipped)}")
    label, about = classes.numbered(table, path, positive)
    named = (table.chrom != NOWHERE).to_numpy()
    rules = [rule for rule, some in ((CONTIGS, named.any()), (CLUSTERS, not named.all())) if some]
    about |= {"split_by": read.told or " and ".join(rules), "lengths": _lengths(table.sequence, window)}
    outside = pd.Series("", table.index, dtype=object)
    if read.told is None:
        outside.update(_outside(table[named], sizes, read, most_outside, splits))
    table = _placed(table.assign(label=label, kind=KIND), window)
    if read.told is None:
        table["split"] = _apart(table, named, splits, sizes, read, window)
    else:
        table["split"] = _with_validation(table, read, about)
    unknown = np.array([np.mean(seq.encode(text) == seq.N) for text in table.sequence])
    table["sequence"] = [fit(text, window) for text in table.sequence]
    reason = np.select(
        [table.split == "exclude", unknown > seq.MOST_N, table.split == dna_splits.BORDER],
        ["excluded_contig", "unknown_bases", "border"],
        outside,
    )
    kept = table[reason == ""].drop(columns="where").reset_index(drop=True)
    skipped = read.skipped + Counter(reason[reason != ""].tolist())
    if kept.empty:
        raise InputError(f"{path}: none of its {read.rows:,} sequences is usable: {accounts.told(skipped)}")
    _tell(kept, about, path)
    return kept, skipped, about


def _placed(table: pd.DataFrame, window: int) -> pd.DataFrame:
    """With start and end of the window round the middle of each row that has a place, and the id that says it."""
    there = ((table.chrom != NOWHERE) & (table.end > table.start)).to_numpy()
    start = ((table.start + table.end) // 2 - window // 2).clip(lower=0).where(there, 0)
    ids = [f"{chrom}:{first}-{first + window}" for chrom, first in zip(table.chrom, start, strict=True)]
    return table.assign(id=np.where(there, ids, table.id), start=start, end=np.where(there, start + window, 0))


def _apart(
    table: pd.DataFrame, named: np.ndarray, splits: Splits, sizes: dict[str, int], read: Rows, window: int
) -> pd.Series:
    """The split of each row by its place or its contig, and of those without one by their relatives."""
    _check_held_out(table[named], splits, sizes, read)
    end = table.end.where(table.end > 0, BEYOND)  # of a contig in parts, no place is in no split
    split = pd.Series(dna_splits.split_of(table.chrom, table.start, end, splits, margin=window), table.index)
    if not named.all():
        split[~named] = homology.split_clusters(table.sequence[~named])
    return split


def check_beside_peaks(about: dict, path: object) -> None:
    """Sequences beside peaks are bound or not, as those are, and held out with their contigs, as those are."""
    if about["task"] != classes.BINARY:
        raise InputError(f"{path}: got {about['task']} beside peaks, wanted labels 0 and 1; make two targets of them")
    if about["split_by"] in (FILES, COLUMN):
        raise InputError(
            f"{path}: its {about['split_by']} say(s) what each row is for, and peaks beside it are split by contigs: "
            "one may teach what the other tests; make two targets of them, or leave the column out"
        )


def _outside(table: pd.DataFrame, sizes: dict[str, int], read: Rows, most_outside: float, splits: Splits) -> pd.Series:
    """Why each sequence with a place is left out: its contig is unknown, or ends before it; "" for the others.

    A contig of an unknown name may be a held-out one. Where `most_outside` is 1 the genome is said to be a part of its
    assembly: sequences elsewhere on it bring all that is needed, and no reason is one.
    """
    if not sizes:
        return pd.Series("", table.index, dtype=object)
    options = {"noun": "sequences", "most_outside": most_outside, "known": dna_splits.borders(splits)}
    found = assembly.places(table.chrom, table.end, sizes, read.path, **options)
    return pd.Series(found if most_outside < 1 else "", table.index, dtype=object)


def _check_held_out(table: pd.DataFrame, splits: Splits, sizes: dict[str, int], read: Rows) -> None:
    """Without a genome nobody but the target's own `splits` can hold contigs out."""
    if len(table) and not sizes and not splits["test"]:
        named = ", ".join(table.chrom.drop_duplicates().head(3))
        raise InputError(
            f"{read.path}: its sequences lie on contigs ({named} …) and none is held out; name some under splits: "
            "{validation: […], test: […]}, or give a column or files that say what each row is for"
        )


def _with_validation(table: pd.DataFrame, read: Rows, about: dict) -> pd.Series:
    """The split as told; where nothing is for validation, with a tenth of the clusters of training for it."""
    split = table.split
    counts = split.value_counts()
    if missing := [name for name in ("train", "test") if name not in counts]:
        got = ", ".join(f"{number:,} {name}" for name, number in counts.items())
        raise InputError(f"{read.path}: no row is for {missing[0]} (got {got}); give some, or let contigs decide")
    if "validation" in counts:
        return split
    train = split == "train"
    drawn = homology.split_clusters(table.sequence[train]) == "validation"
    about["validation_by"] = CLUSTERS
    log.info(f"{read.path}: nothing is for validation: of training a tenth of the clusters is, {drawn.sum():,} rows")
    return split.mask(drawn.reindex(split.index, fill_value=False), "validation")


def _lengths(sequences: pd.Series, window: int) -> dict[str, int]:
    """How many sequences are cut and padded to the window, and the longest and the shortest of all."""
    length = sequences.str.len()
    found = {"shortest": int(length.min()), "longest": int(length.max())}
    return found | {"cut": int((length > window).sum()), "padded": int((length < window).sum())}


def _tell(table: pd.DataFrame, about: dict, path: object) -> None:
    counts = ", ".join(f"{split} {(table.split == split).sum():,}" for split in SPLITS)
    log.info(f"{path}: split by {about['split_by']}: {counts}")
    if changed := {key: about["lengths"][key] for key in ("cut", "padded") if about["lengths"][key]}:
        told = " and ".join(f"{number:,} {key}" for key, number in changed.items())
        shortest, longest = about["lengths"]["shortest"], about["lengths"]["longest"]
        log.info(f"{path}: sequences of {shortest:,} to {longest:,} bases: {told} to the window")
    if names := about.get("classes"):
        log.info(f"{path}: {len(names)} classes: {', '.join(names[:10])}")


def fit(text: str, window: int) -> str:
    """Cut or pad with N to `window` letters, the middle letter (index L // 2) coming to index window // 2."""
    left = window // 2 - len(text) // 2
    text = text[max(-left, 0) :]
    return ("N" * max(left, 0) + text)[:window].ljust(window, "N")
