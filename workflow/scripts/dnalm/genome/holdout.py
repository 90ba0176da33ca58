"""Contigs held out of training: which are for validation, which for test, and which are left out of everything.

A typing error here would silently empty a test set or train on it, so names are checked wherever they come from.
"""

from collections.abc import Collection

from dnalm.errors import InputError, UsageError
from dnalm.genome import contigs

SPLITS = ("validation", "test", "exclude")  # every other contig is for training


def complete(splits: dict[str, list[str]]) -> dict[str, list[str]]:
    """The splits with every key present. Raises UsageError for a strange key or a contig listed twice."""
    if strange := [key for key in splits if key not in SPLITS]:
        raise UsageError(f"splits: got the key {strange[0]!r}, wanted any of {', '.join(SPLITS)}; the rest is training")
    full = {key: list(splits.get(key) or []) for key in SPLITS}
    listed = [contig for named in full.values() for contig in named]
    if twice := next((contig for contig in listed if listed.count(contig) > 1), None):
        raise UsageError(f"splits: contig {twice!r} is listed twice; a contig belongs to one split")
    return full


def find(splits: dict[str, list[str]], known: Collection[str], where: object, why: str = "") -> None:
    """Raise InputError, naming the nearest contigs, where a split names one that is not `known`.

    `where` is the file that holds the contigs, `why` what else may have kept one out of it.
    """
    for split, named in splits.items():
        for contig in named:
            if contig not in known:
                raise InputError(
                    f"{where}: splits.{split} names contig {contig!r}, which the genome lacks{why}; nearest: "
                    f"{contigs.nearest(contig, known)}"
                )
