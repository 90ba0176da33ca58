"""Variants listed as text, one a line: chrom:pos:ref:alt, or chrom-pos-ref-alt as gnomAD has them; POS is 1-based.

NCBI's SPDI looks the same and counts from 0. What can be nothing else is refused; a list of it that cannot be told is
refused later, since most of its reference alleles are not the genome's.
"""

import re
from pathlib import Path

from dnalm import tables, texts
from dnalm.errors import InputError

COLUMNS = ["chrom", "pos", "ref", "alt", "id"]  # as `tables.Table` names them; a line as it stands is its ID
WANTED = "a list of variants, one a line (chrom:pos:ref:alt or chrom-pos-ref-alt)"
_LINE = re.compile(r"(.+)([:-])([^:-]+)\2([^:-]+|-)\2([^:-]+|-)")  # a contig's name may hold colons and hyphens
FOREIGN = (  # what a line looks like that is something else, what it is, and the next step
    (r".*\s.*", "several words", "give a table under `table`, with the names of its columns, and a VCF under `vcf`"),
    (r"rs[0-9]+", "an rs number, which has no place", "give a VCF of dbSNP with these records under `vcf`"),
    (r"(.+:)?[cgmnopr]\..+", "HGVS", "convert it to VCF, with Ensembl's Variant Recoder for instance"),
    (r"[^:]+:[0-9]+:([0-9]+|[A-Za-z]*):[A-Za-z]*", "SPDI, which counts from 0",
     "write pos + 1, and an insertion or a deletion with the base before it"),
    (r".+-[0-9]+-[A-Za-z]*-[A-Za-z]*", "an allele without a base", "write an indel with the base before it"),
    (r".+:[0-9,]+(-[0-9,]+)?", "a place without alleles", "give the alleles; places to look at belong under `regions`"),
    (r".+[:_-][0-9]+[:_-]?[A-Za-z]+[>/_][A-Za-z]+(_.*)?", "other signs between the parts", "put colons there"),
)  # fmt: skip


def read(path: Path) -> tables.Table:
    """The lines as rows of a table, with columns `COLUMNS`; blank lines and what begins with # are no rows.

    What stands in the parts of a line is looked at where rows become records (`table.to_records`). Raises InputError
    with file and line for one of other parts, and for a file without a variant.
    """
    rows, numbers = [], []
    for number, line in enumerate(texts.lines(path, WANTED, may_be_empty=True), 1):
        text = line.strip()
        if text and not text.startswith("#"):
            rows.append(_parts(text, f"{path}:{number}"))
            numbers.append(number)
    if not rows:
        raise InputError(f"{path}: holds no variant; give {WANTED}")
    return tables.Table(Path(path), COLUMNS, rows, numbers)


def _parts(text: str, where: str) -> list[str]:
    found = None if re.search(r"\s", text) else _LINE.fullmatch(text)
    if found is None or found[4].isdigit():  # SPDI may say how many bases go instead of which
        what, step = next((rest for looks, *rest in FOREIGN if re.fullmatch(looks, text)), ("", "correct the line"))
        got = f"got {text[:60]!r}" + (f" ({what})" if what else "")
        raise InputError(f"{where}: {got}, wanted chrom:pos:ref:alt or chrom-pos-ref-alt; {step}")
    return [found[1], found[3], found[4], found[5], text]
