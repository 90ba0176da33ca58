"""What became of each row of a target's files: kept, or left out for a reason, and whether enough is left.

A set from which most was left out trains a model all the same; only the account says that it is another set.
"""

from collections import Counter
from pathlib import Path

import pandas as pd

from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.logs import log
from dnalm.targets import classes, labels


def told(skipped: Counter) -> str:
    """Why rows were left out, and what may be done about it."""
    reasons = ", ".join(f"{number:,} {reason.replace('_', ' ')}" for reason, number in skipped.items() if number)
    steps = {"unknown_bases": f"more than {seq.MOST_N:.0%} of a window is N", "blacklist": "see `blacklist`"}
    steps |= {"no_motif": "see `centre`", "in_too_few": "see `bound_in`"}
    steps |= {"excluded_contig": "see `splits`", "clipped": "the window leaves its contig: take a smaller `window`"}
    steps |= {"border": "within a window's width of another split: see `splits`"}
    return "; ".join(
        [reasons or "none", *(f"{key.replace('_', ' ')}: {step}" for key, step in steps.items() if skipped[key])]
    )


def check_splits(
    table: pd.DataFrame, splits: dict[str, list[str]], rows: dict[str, int], skipped: dict[str, Counter], genome: Path
) -> None:
    """Contigs are held out for validation and test so that something is measured there: refuse a split without one."""
    for split in ("validation", "test"):
        if splits[split] and not (table.split == split).any():
            gone = "; ".join(f"of {rows[source]:,} {source} {told(reasons)}" for source, reasons in skipped.items())
            raise InputError(
                f"{genome}: the {split} split ({', '.join(splits[split][:5])}) holds no window, left out were: {gone}; "
                f"name contigs that hold some (splits: in the genome's or the target's preset)"
            )


def summarise(table: pd.DataFrame, rows: dict[str, int], skipped: dict[str, Counter], task: dict) -> dict:
    """Counts by split and kind, prevalence, what was left out and why, and how well the negatives match.

    `task` is what the table of sequences says of it, which the summary repeats: of classes the counts stand in place of
    the prevalence, of a regression neither.
    """
    counts = table.groupby(["split", "kind"]).size()
    for (split, kind), number in counts.items():
        log.info(f"{split}: {number:,} {kind}")
    for source, reasons in skipped.items():
        reasons = {reason: number for reason, number in sorted(reasons.items()) if number}
        skipped[source] = reasons
        for reason, number in reasons.items():
            log.info(f"{number:,} of {rows[source]:,} {source} left out: {reason.replace('_', ' ')}")
    return {
        "rows": rows,
        "skipped": skipped,
        "counts": {
            split: {kind: int(number) for (_, kind), number in part.items()} for split, part in counts.groupby(level=0)
        },
        "ks": labels.compare(table),
    } | _labels(table, task)


def _labels(table: pd.DataFrame, task: dict) -> dict:
    """The task, and how many windows have each label, by split."""
    parts, names = table.groupby("split").label, task.get("classes", [])
    if task["task"] == classes.BINARY:
        return task | {"prevalence": {split: float(part.mean()) for split, part in parts}}
    counts = {split: {name: int((part == at).sum()) for at, name in enumerate(names)} for split, part in parts}
    return task | ({"class_counts": counts} if names else {})


def duplicates(gone: pd.DataFrame) -> dict:
    """Windows that were left out since their sequence is there once more: of which split, and where the copy stays.

    `gone` are those of `labels.without_duplicates`. A set in which one sequence has two labels is worth a look.
    """
    copies = gone[gone.kept_split.notna()]
    found = {
        split: {here: int(number) for here, number in part.value_counts().items()}
        for split, part in copies.groupby("split").kept_split
    }
    for split, here in found.items():
        for other, number in here.items():
            log.info(f"{number:,} windows of {split} left out: {other} has a copy")
    other = int((copies.label != copies.kept_label).sum())
    if other:
        log.info(f"{other:,} of the windows left out have another label than the copy that stays")
    return {"duplicates": found | {"with_another_label": other}}
