"""The contigs of a genome file, FASTA or 2bit, under the names that an explicit table gives them.

Sources name contigs differently (chrM, MT, NC_012920.1), and near-equal names may be different sequences (hg19's chrM
is not MT). So nothing is guessed: a name is changed where a table says so, and a table must fit its genome.
"""

import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path

from dnalm import texts
from dnalm.errors import InputError
from dnalm.genome import fasta, twobit

HEADER = ["source", "name"]


def read(path: Path, *, rename: Path | None = None, bases: int | None = None) -> Iterator[tuple[str, bytes]]:
    """Yield (name, letters) of each contig in file order; the format is told by the first bytes.

    `rename` is a table as `read_table` reads it; contigs that it does not list keep their names. `bases` is how many
    letters the file must hold, all contigs together: the one way to notice that a plain FASTA was cut short. Raises
    InputError for a name that is missing from the file, two contigs of one name, and a wrong number of bases.
    """
    table = read_table(rename) if rename else {}
    given: dict[str, str] = {}  # new name: name in the file, where there is a table
    total = 0
    for contig, letters in twobit.read_contigs(path) if twobit.is_twobit(path) else fasta.read_contigs(path, bases):
        name, total = table.get(contig, contig), total + len(letters)
        if table and given.setdefault(name, contig) != contig:
            raise InputError(
                f"{rename}: contigs {given[name]!r} and {contig!r} of {path} would both be named {name!r}; change the "
                "table"
            )
        yield name, letters
    present = set(given.values())
    if lost := next((contig for contig in table if contig not in present), None):
        raise InputError(
            f"{rename}: {path} has no contig {lost!r}; nearest: {nearest(lost, present)}; change the table"
        )
    if bases and total != bases:
        raise InputError(
            f"{path}: holds {total:,} bases, wanted {bases:,} (`bases`); it is cut short or another file: fetch it "
            "again, or correct the number in the preset"
        )


def read_table(path: Path) -> dict[str, str]:
    """A table of contig names, tab-separated with the columns source (name in the file) and name (wanted)."""
    path = Path(path)
    lines = texts.read_lines(path)
    if not lines or lines[0].split("\t") != HEADER:
        raise InputError(f"{path}:1: got {(lines or [''])[0][:40]!r}, wanted the line 'source<tab>name'; add it")
    table: dict[str, str] = {}
    places: dict[str, int] = {}
    for number, line in enumerate(lines[1:], 2):
        fields = line.split("\t")
        if len(fields) != 2 or not all(one.isascii() and one.isprintable() and one.split() == [one] for one in fields):
            raise InputError(f"{path}:{number}: got {line[:60]!r}, wanted two names with one tab between; correct it")
        contig, name = fields
        if contig in table:
            raise InputError(f"{path}:{number}: contig {contig!r} is listed twice; remove one of the lines")
        if name in places:
            raise InputError(f"{path}:{number}: the name {name!r} was given on line {places[name]} already; change one")
        table[contig], places[name] = name, number
    return table


def nearest(name: str, known: Iterable[str]) -> str:
    """The known names most like `name`, or the first few."""
    known = list(known)
    return ", ".join(difflib.get_close_matches(name, known, 3, 0.3) or known[:3])
