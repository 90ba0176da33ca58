"""Motifs from MEME files, as JASPAR and HOCOMOCO give them: one by its name where a file holds several.

A bulk download holds hundreds of motifs; the first of them is another factor's, and scores with it look like scores.
"""

import re
from pathlib import Path

import numpy as np

from dnalm import texts
from dnalm.errors import InputError

WANTED = "a motif in MEME format, as JASPAR has it"
_START = "letter-probability matrix"
OTHERS = (  # how a line of another format begins, and the step to take
    (r">\S+\s.*", "JASPAR's own or HOMER's format", "download it as MEME, or convert it with jaspar2meme"),
    (r"[ACGT]\s*\[", "JASPAR's own format", "download it as MEME, or convert it with jaspar2meme"),
    (r"(AC|ID|VV|XX|P0|PO)\b", "TRANSFAC", "download it as MEME, or convert it with transfac2meme"),
)


def read_meme(path: Path, name: str | None = None) -> np.ndarray:
    """Read a motif of a MEME file: base probabilities [width, 4] in A, C, G, T order, each row summing to one.

    `name` is the motif's identifier (MA0139.1) or its other name (CTCF); it may be left out where the file holds one
    motif. Raises InputError with file and line where a row is not four probabilities, for a motif that is cut short or
    longer than it says, and, with the names that there are, where it cannot be told which one is meant (format:
    https://meme-suite.org/meme/doc/meme-format.html).
    """
    lines = texts.read_lines(path, WANTED)
    starts = [number for number, line in enumerate(lines) if line.startswith(_START)]
    if not starts:
        raise InputError(f"{path}: {_other(lines)}")
    names = [_names(lines[:start]) for start in starts]
    start = starts[_choose(names, name, path)]
    width = _width(lines[start], f"{path}:{start + 1}")
    rows = []
    for number, line in enumerate(lines[start + 1 :], start + 2):
        if not line.strip() or line.startswith(("URL", "MOTIF", "letter", "log-odds", "-")):
            break
        rows.append(_row(line, f"{path}:{number}"))
    if not rows or (width is not None and len(rows) != width):
        raise InputError(
            f"{path}:{start + 1}: got {len(rows)} matrix rows, wanted {width or 'at least 1'}; the motif is cut "
            "short or was edited, fetch it again"
        )
    matrix = np.array(rows)
    return matrix / matrix.sum(1, keepdims=True)


def _other(lines: list[str]) -> str:
    found = (rest for line in lines for begins, *rest in OTHERS if re.match(begins, line))
    if other := next(found, None):
        return f"this is {other[0]}, wanted {WANTED}; {other[1]}"
    return f"no line '{_START}'; give {WANTED}"


def _names(before: list[str]) -> list[str]:
    """Identifier and other name of the motif whose matrix follows these lines."""
    line = next((line for line in reversed(before) if line.startswith("MOTIF")), "MOTIF")
    return line.split()[1:3]


def _choose(names: list[list[str]], name: str | None, path: Path) -> int:
    """The number of the one motif that is meant."""
    fits = [number for number, known in enumerate(names) if name is None or name in known]
    if len(fits) == 1:
        return fits[0]
    shown = [" ".join(names[number]) or "without a name" for number in fits] or [" ".join(known) for known in names]
    listed = ", ".join(shown[:10]) + (" …" if len(shown) > 10 else "")
    if not fits:
        raise InputError(f"{path}: motif_name: holds no motif {name}; it has {listed}; name one of them")
    got = "holds" if name is None else f"motif_name: {name} is the name of"
    raise InputError(f"{path}: {got} {len(fits):,} motifs, {listed}; say which is meant (motif_name: its identifier)")


def _width(line: str, where: str) -> int | None:
    if "w=" not in line:
        return None
    text = (line.split("w=")[1].split() or [""])[0]
    if not re.fullmatch("[0-9]{1,6}", text):
        raise InputError(f"{where}: got 'w= {text}', wanted the motif's width as a whole number")
    return int(text)


def _row(line: str, where: str) -> list[float]:
    try:
        row = [float(field) for field in line.split()]
    except ValueError:
        row = []
    if len(row) != 4 or not all(0 <= value <= 1.02 for value in row) or abs(sum(row) - 1) > 0.02:
        raise InputError(f"{where}: got {line.strip()!r}, wanted the probabilities of A, C, G and T, summing to 1")
    return row
