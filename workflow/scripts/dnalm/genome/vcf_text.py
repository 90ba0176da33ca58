"""The text of a VCF: its header, and its records line by line. Positions are 1-based, as VCF has them.

Read here and not by htslib, so that an error names its line: htslib calls any bad line a "truncated file", and accepts
POS 0 and what follows the end of a contig without a word.
Format: https://samtools.github.io/hts-specs/VCFv4.3.pdf
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from dnalm.errors import InputError

FIXED = ["CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]


def read_header(lines: Iterator[tuple[int, str]], path: Path) -> tuple[list[str], str]:
    """The lines that begin with ##, and the one that names the columns."""
    meta: list[str] = []
    number, line = next(lines, (1, ""))
    if not line.startswith("##fileformat=VCF"):
        raise InputError(f"{path}:1: got {line[:40]!r}, wanted '##fileformat=VCFv4.x'; give a VCF file")
    while line.startswith("##"):
        meta.append(line)
        number, line = next(lines, (number + 1, ""))
    if line.removeprefix("#").split("\t")[:8] != FIXED:
        raise InputError(
            f"{path}:{number}: got {line[:60]!r}, wanted the line '#{' '.join(FIXED)}' with tabs between the names"
        )
    return meta, line


def check_samples(names: list[str], where: str) -> None:
    """Raise InputError for a sample without a name, and for two of one name."""
    for name, count in Counter(names).items():
        if not name.strip():
            raise InputError(f"{where}: a sample has no name (a tab too many?); give each a name of its own")
        if count > 1:
            raise InputError(f"{where}: {count} samples are named {name!r}; give each a name of its own")


def record(line: str, wanted: int, where: str) -> list:
    """The first eight fields, POS as a number, and all that follows as one text; InputError for what is no record.

    `wanted` is the number of columns, `where` the file and the line.
    """
    fields = line.split("\t", 8)
    count = line.count("\t") + 1
    if line.startswith("#"):
        raise InputError(f"{where}: a header line among the records; join VCF files with `bcftools concat`")
    if count != wanted:
        hint = "columns are separated by tabs, not spaces" if count == 1 else "the line is cut or has a tab too many"
        raise InputError(f"{where}: got {count} tab-separated column(s), wanted {wanted} as in the #CHROM line; {hint}")
    if not (fields[1].isascii() and fields[1].isdigit()) or int(fields[1]) >= 1 << 31:
        raise InputError(f"{where}: POS is {fields[1]!r}, wanted a whole number from 0 (1-based; 0 is the telomere)")
    for name, value in zip(FIXED[:5], fields, strict=False):
        if not value or " " in value:
            raise InputError(f"{where}: {name} is {value!r}, wanted a value without spaces, or '.' for a missing one")
    if fields[8:] and fields[8].startswith("\t"):
        raise InputError(f"{where}: FORMAT is '', wanted the keys of the samples' values, or '.' where they have none")
    fields[1] = int(fields[1])
    return fields
