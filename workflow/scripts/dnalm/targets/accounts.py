"""What became of each row of a target's files: kept, or left out for a reason, and whether enough is left.

A set from which most was left out trains a model all the same; only the account says that it is another set.
"""

from collections import Counter
from pathlib import Path

import pandas as pd

from dnalm.errors import InputError
from dnalm.logs import log
from dnalm.targets import labels


def told(skipped: Counter) -> str:
    """Why rows were left out, and what may be done about it."""
    reasons = ", ".join(f"{number:,} {reason.replace('_', ' ')}" for reason, number in skipped.items() if number)
    steps = {"unknown_bases": f"more than {labels.MOST_N:.0%} of a window is N", "blacklist": "see `blacklist`"}
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


def summarise(table: pd.DataFrame, rows: dict[str, int], skipped: dict[str, Counter]) -> dict:
    """Counts by split and kind, prevalence, what was left out and why, and how well the negatives match."""
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
        "prevalence": {split: float(part.mean()) for split, part in table.groupby("split").label},
        "ks": labels.compare(table),
    }
