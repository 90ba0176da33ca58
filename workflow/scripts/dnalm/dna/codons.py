"""Genetic codes: what each codon stands for, where a protein may begin, by the numbers that NCBI gives the codes.

Amino acids are letters: * is a stop, X a codon with a base that is not known. A mitochondrion reads some codons in its
own way, so what stops a protein in a nucleus may not stop it there. ncbi.nlm.nih.gov/Taxonomy/Utils/wprintgc.cgi.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from dnalm.dna import seq
from dnalm.errors import UsageError

STOP, UNKNOWN = "*", "X"
_ORDER = "TCAG"  # of the bases in NCBI's tables


class Code(NamedTuple):
    """A genetic code: its name, the amino acids of TTT, TTC, TTA, TTG, TCT, … GGG, and its start codons."""

    name: str
    acids: str
    starts: tuple[str, ...]


_STANDARD = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
CODES = {
    1: Code("standard", _STANDARD, ("ATG",)),  # NCBI also lists TTG and CTG, by which hardly a gene begins
    2: Code(
        "mitochondria of vertebrates",
        "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG",
        ("ATT", "ATC", "ATA", "ATG", "GTG"),
    ),
    3: Code(
        "mitochondria of yeasts",
        "FFLLSSSSYY**CCWWTTTTPPPPHHQQRRRRIIMMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        ("ATA", "ATG", "GTG"),
    ),
    11: Code("bacteria, archaea and plastids", _STANDARD, ("TTG", "CTG", "ATT", "ATC", "ATA", "ATG", "GTG")),
}


def listed() -> str:
    """The numbers of the codes that are known, with their names, for who has to choose."""
    return ", ".join(f"{number} ({one.name})" for number, one in CODES.items())


def translate(codes: np.ndarray, code: int = 1) -> str:
    """The protein of base codes [n], one letter for each whole codon, stops and what follows them included."""
    return acids(codes[: len(codes) // 3 * 3].reshape(-1, 3), code).tobytes().decode()


def acids(codons: np.ndarray, code: int = 1) -> np.ndarray:
    """ASCII letters (uint8) of codons [..., 3] of base codes."""
    return _tables(code)[0][_numbers(codons)]


def starts(codons: np.ndarray, code: int = 1) -> np.ndarray:
    """Which codons [..., 3] of base codes may begin a protein (boolean)."""
    return _tables(code)[1][_numbers(codons)]


def _numbers(codons: np.ndarray) -> np.ndarray:
    return codons @ np.array([25, 5, 1])


@cache
def _tables(code: int) -> tuple[np.ndarray, np.ndarray]:
    """By a codon's number in base 5: its letter, and whether it is a start codon."""
    if code not in CODES:
        raise UsageError(f"genetic code {code!r} is not known; choose from NCBI's numbers {listed()}")
    letters, begins = np.full(125, ord(UNKNOWN), np.uint8), np.zeros(125, bool)
    codons = [one + two + three for one in _ORDER for two in _ORDER for three in _ORDER]
    numbers = _numbers(seq.encode("".join(codons)).reshape(-1, 3))
    letters[numbers] = np.frombuffer(CODES[code].acids.encode(), np.uint8)
    begins[numbers] = [codon in CODES[code].starts for codon in codons]
    return letters, begins
