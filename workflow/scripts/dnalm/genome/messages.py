"""Messages: a transcript's exons joined and read 5' to 3', and which of its bases code for the protein.

A codon may be split by an intron, so what a change does to a protein is read here and not along the genome. Places on
the genome are 0-based; those in a message count from its 5' end.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from dnalm.dna import codons, seq
from dnalm.errors import InputError
from dnalm.genome.genes import Gene

Fetch = Callable[[str, int, int], str]


class Message(NamedTuple):
    """A spliced transcript.

    `place` int64 [n]: its bases' places on the genome, ascending on either strand; `turned`: it is read from the last
    of them (minus strand). `bases` uint8 [n]: base codes 5' to 3'. [first, last) codes, its stop codon included; whole
    codons begin at `frame`, behind `first` where the first is not whole. `code` is the genetic code. `start`, `stop`:
    whether the coding part begins with a start codon and ends with a stop codon, as no incomplete one does.
    """

    place: np.ndarray
    turned: bool
    bases: np.ndarray
    first: int
    frame: int
    last: int
    code: int
    start: bool
    stop: bool


def spliced(gene: Gene, fetch: Fetch, code: int = 1) -> Message:
    """The message of a transcript; `fetch(chrom, start, end)` gives the genome's letters, as pysam's FASTA does.

    GTF counts the stop codon as no part of the coding sequence, GFF3 and BED12 do: where the last codon is none and the
    three bases behind it in the exons are one, it is taken in. What has no strand codes for nothing.
    """
    turned, readable = gene.strand == "-", bool(gene.coding) and gene.strand in ("+", "-")
    parts = _parts(gene) if readable else gene.exons
    place = np.concatenate([np.arange(start, end) for start, end in parts])
    bases = seq.encode("".join(_letters(gene.chrom, start, end, fetch) for start, end in parts))
    bases = seq.reverse_complement(bases) if turned else bases
    if not readable:
        return Message(place, turned, bases, 0, 0, 0, code, False, False)
    low, high = (int(at) for at in np.searchsorted(place, [gene.coding[0][0], gene.coding[-1][1]]))
    first, last = (len(place) - high, len(place) - low) if turned else (low, high)
    frame = first + gene.phase
    whole = last >= frame + 3
    start = whole and gene.phase == 0 and bool(codons.starts(bases[frame : frame + 3], code))
    ends = codons.translate(bases[last - 3 : last + 3], code) if whole and (last - frame) % 3 == 0 else ""
    last += 3 if ends[1:] == codons.STOP and ends[0] != codons.STOP else 0
    return Message(place, turned, bases, first, frame, last, code, start, codons.STOP in ends)


def _parts(gene: Gene) -> list[tuple[int, int]]:
    """What is read of a gene that codes: between its untranslated parts the coding parts alone.

    Where a ribosome slips, these leave out a base of an exon or have one twice.
    """
    low, high = gene.coding[0][0], gene.coding[-1][1]
    before = [(start, min(end, low)) for start, end in gene.exons if start < low]
    return before + gene.coding + [(max(start, high), end) for start, end in gene.exons if end > high]


def at(message: Message, start: np.ndarray) -> np.ndarray:
    """Where in the message bases of the genome stand (int64 [n]); -1 where they are spliced out or lie outside."""
    low = np.searchsorted(message.place, start)
    held = message.place[np.minimum(low, len(message.place) - 1)] == start
    return np.where(held, len(message.place) - 1 - low if message.turned else low, -1)


def carried(message: Message, start: int, end: int, alt: str) -> tuple[int, int, np.ndarray] | None:
    """An edit of the genome as one of the message: bases [first, last) that become the codes `new`; None outside exons.

    What is inserted where an exon meets an intron belongs to the exon: the two bases at the intron's end, by which it
    is known, are whole. Of as many new bases as old ones, those that lie in exons count.
    """
    low, high = (int(place) for place in np.searchsorted(message.place, [start, end]))
    beside = message.place[max(low - 1, 0) : low + 1].tolist()
    if low == high and (start < end or not (start - 1 in beside or start in beside)):
        return None
    new = seq.encode(alt)
    if len(alt) == end - start:
        new = new[message.place[low:high] - start]
    if message.turned:
        return len(message.place) - high, len(message.place) - low, seq.reverse_complement(new)
    return low, high, new


def _letters(chrom: str, start: int, end: int, fetch: Fetch) -> str:
    letters = fetch(chrom, start, end)
    if len(letters) != end - start:
        raise InputError(f"exon {chrom}:{start + 1}-{end} leaves its contig; give the genes of this assembly")
    return letters
