"""What a VCF comes in: text, text in gzip or BGZF, or BCF, compressed or not; told apart by the first bytes."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from dnalm import containers, texts
from dnalm.errors import InputError
from dnalm.variants import bcf_structure, htslib

_BCF = b"BCF\x02"


def lines(path: Path) -> Iterator[str]:
    """The lines of a VCF, whatever it comes in; those of a BCF are numbered as `bcftools view` prints them."""
    if not is_bcf(path):
        return texts.lines(path, "a VCF file")
    with open(path, "rb") as handle:
        if handle.read(len(_BCF)) == _BCF:
            bcf_structure.check(path)
    return htslib.read_bcf(path)


def is_bcf(path: Path) -> bool:
    """Whether a file is BCF. Raises InputError for one in BGZF whose end is missing: htslib would only warn."""
    head = containers.head(path, "a VCF file")
    if not containers.is_gzip(head):
        return head.startswith(_BCF)
    with open(path, "rb") as handle:
        try:
            with gzip.open(handle) as inside:
                found = inside.read(len(_BCF)) == _BCF
        except (EOFError, OSError, zlib.error):
            return False
        handle.seek(-min(len(containers.BGZF_END), handle.seek(0, 2)), 2)
        if found and handle.read() != containers.BGZF_END:
            raise InputError(f"{path}: the BCF file's end block is missing, so it is cut short; fetch it again")
    return found
