"""Places held out of training: which are for validation, which for test, and which are left out of everything.

A typing error here would silently empty a test set or train on it, so names are checked wherever they come from.
"""

import itertools
from collections.abc import Iterable, Iterator

from dnalm.dna import splits as dna_splits
from dnalm.dna.place import BEYOND, HELD, Place, joined, place
from dnalm.dna.splits import WHOLE, Borders, Splits
from dnalm.errors import InputError, UsageError
from dnalm.genome import contigs

STRIPES = {"bases": 1_000_000, "of": 10}


def complete(splits: dict) -> dict:
    """The splits with every key present. Raises UsageError for a strange key or a place listed twice."""
    if strange := [key for key in splits if key not in (*HELD, "stripes")]:
        known = ", ".join((*HELD, "stripes"))
        raise UsageError(f"splits: got the key {strange[0]!r}, wanted any of {known}; the rest is training")
    full = {key: list(splits.get(key) or []) for key in HELD}
    listed = [one for named in full.values() for one in named]
    if twice := next((one for one in listed if listed.count(one) > 1), None):
        raise UsageError(f"splits: contig {twice!r} is listed twice; a contig belongs to one split")
    stripes = {key: (splits.get("stripes") or {}).get(key, usual) for key, usual in STRIPES.items()}
    if "stripes" in splits and (min(stripes.values()) < 1 or stripes["of"] < 3):
        raise UsageError(
            f"splits.stripes: got {stripes['bases']} bases, of {stripes['of']}; wanted 1 base or more, of 3 or more"
        )
    return full | ({"stripes": stripes} if "stripes" in splits else {})


def resolve(splits: dict, sizes: dict[str, int | None], where: object, why: str = "") -> Splits:
    """The places of each split as contigs and regions, stripes counted out: the one split that all steps are given.

    `sizes` are the contigs that there are, with None for one of unknown length; `where` is the file that holds them,
    `why` what else may have kept one out of it. Raises InputError, naming the nearest contigs, for one that is not
    there, for a region that leaves its contig, and where two splits share a base.
    """
    full = complete(splits)
    found: Splits = {}
    for split in HELD:
        found[split] = [str(known(text, f"splits.{split}", sizes, where, why)) for text in full[split]]
    if "stripes" in full:
        named = {place(one).contig for listed in found.values() for one in listed}
        free = {contig: size for contig, size in sizes.items() if size and contig not in named}
        for split, regions in dna_splits.stripes(free, **full["stripes"]).items():
            found[split] += regions
        if not found["test"]:
            least = (full["stripes"]["of"] - 1) * full["stripes"]["bases"]
            raise InputError(
                f"{where}: splits.stripes: no contig has more than {least:,} bases, so nothing is held out for test; "
                "give fewer bases a stripe"
            )
    _check_apart(found, where)
    return found


def known(text: str, key: str, sizes: dict[str, int | None], where: object, why: str = "") -> Place:
    """The place that an entry of the preset's `key` names; a contig's whole name goes before a region.

    Raises InputError for a contig that is not there, and for a region that leaves its contig.
    """
    one = Place(text) if text in sizes else place(text)
    if one.contig not in sizes:
        raise InputError(
            f"{where}: {key} names contig {one.contig!r}, which the genome lacks{why}; nearest: "
            f"{contigs.nearest(one.contig, sizes)}"
        )
    size = sizes[one.contig]
    if one != Place(one.contig) and not one.start < one.end <= (size or BEYOND):
        length = "" if size is None else f", and {one.contig} has {size:,} bases"
        raise InputError(f"{where}: {key} names {text}, wanted contig:start-end (0-based, end not included){length}")
    return one


def listed(named: Iterable[str], key: str, sizes: dict[str, int], where: object) -> list[Place]:
    """Places by name, as `known` takes them, in the genome's order, cut to their contigs; touching ones are joined."""
    order = {name: number for number, name in enumerate(sizes)}
    found = (known(text, key, sizes, where) for text in named)
    cut = [one._replace(end=min(one.end, sizes[one.contig])) for one in found]
    return joined(sorted(cut, key=lambda one: (order[one.contig], *one[1:])))


def _check_apart(splits: Splits, where: object) -> None:
    """No base may be in two splits."""
    placed = sorted((*place(text), split, text) for split in HELD for text in splits[split])
    for one, other in itertools.pairwise(placed):
        if one[0] == other[0] and other[1] < one[2]:
            raise InputError(
                f"{where}: splits: {one[4]} ({one[3]}) and {other[4]} ({other[3]}) overlap; a base belongs to one split"
            )


def parts(letters: bytes, borders: Borders, held_out: bool) -> Iterator[tuple[str, bytes]]:
    """(split, letters) of a contig: once where it is whole, else once for each split with `.` in place of the others.

    So coordinates stay true whatever is held out. Of a genome that is `held_out` nothing is for training. `borders` are
    the contig's.
    """
    begins, names = borders
    names = ["validation" if held_out and name == dna_splits.TRAIN else name for name in names]
    for split in dict.fromkeys(names):
        if split == "exclude":
            continue
        if len(set(names)) == 1:
            yield split, letters
            continue
        pieces = [
            letters[start:end] if name == split else b"." * (end - start)
            for start, end, name in dna_splits.stretches((begins, names), len(letters))
        ]
        yield split, b"".join(pieces)


def saw(test: list[str], sizes: dict[str, int], splits: Splits) -> list[str]:
    """Which of the places of a test split a model saw that was pretrained on a genome with these contigs and splits."""
    named, seen = dna_splits.borders(splits), []
    for one in map(place, test):
        if one.contig in sizes:
            trained = [
                name == dna_splits.TRAIN and start < one.end and one.start < end
                for start, end, name in dna_splits.stretches(named.get(one.contig, WHOLE), BEYOND)
            ]
            seen += [str(one)] if any(trained) else []
    return seen
