"""Types of INFO keys, by their values: for keys that a header forgot, and for those of which it says too little.

htslib reads a value that is not of its key's type as missing, or cuts it (1.5 under Integer is 1), without a word.
"""

import re
from collections import Counter
from collections.abc import Container, Iterable
from functools import lru_cache

OURS = "DNALM_"
TYPES = ("Flag", "Integer", "Float", "String")
_INTEGER = re.compile(r"[+-]?\d{1,10}", re.ASCII)
_LARGEST = (1 << 31) - 9  # htslib keeps the lowest few of 32 bits for what is missing


def defined(meta: list[str], kind: str) -> dict[str, int]:
    """The line (a place in `meta`) that defines each name of a kind, such as INFO: the first, as htslib takes it."""
    found = ((number, re.match(rf"##{kind}=<(?:[^\"]*,)?ID=([^,>]+)", line)) for number, line in enumerate(meta))
    return {match[1]: number for number, match in reversed([*found]) if match}


def found(infos: Iterable[str], leave: Container[str] = ()) -> dict[str, str]:
    """A type for each INFO key but ours and those to `leave`, as all of its values allow."""
    ranks: dict[str, int] = {}
    for info in infos:
        for part in info.split(";"):
            key, equals, value = part.partition("=")
            if key not in leave and key not in ("", ".") and not key.startswith(OURS):
                rank = _rank(value) if equals else 0
                ranks[key] = max(ranks.get(key, 0), rank)
    return {key: TYPES[rank] for key, rank in ranks.items()}


def widened(meta: list[str], infos: Iterable[str], counts: Counter) -> list[str]:
    """Header lines, in which no key that occurs is defined as less than its values are: a text is no Integer."""
    lines = defined(meta, "INFO")
    typed = {key: match[1] for key, number in lines.items() if (match := re.search(r"Type=(\w+)", meta[number]))}
    wider, meta = found(infos, leave={key for key in typed if typed[key] not in ("Integer", "Float")}), [*meta]
    for key, kind in wider.items():
        if TYPES.index(kind) > TYPES.index(typed.get(key, "String")):
            meta[lines[key]] = meta[lines[key]].replace(f"Type={typed[key]}", f"Type={kind}", 1)
            counts[f"definitions of INFO/{key}: {kind}, not {typed[key]}, as its values are"] += 1
    return meta


@lru_cache(maxsize=100_000)
def _rank(values: str) -> int:
    """The place in TYPES of what a list of values is; a missing one ("." or nothing) is an Integer, too."""
    return max(map(_rank_one, values.split(",")))


def _rank_one(value: str) -> int:
    if value in ("", ".") or (_INTEGER.fullmatch(value) and abs(int(value)) <= _LARGEST):
        return 1
    try:
        float(value)
    except ValueError:
        return 3
    return 2 if "_" not in value else 3
