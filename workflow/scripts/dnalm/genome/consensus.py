"""A personal genome: a reference with one haplotype's alleles in place, and the chain back to the reference.

What a model says of a variant, it says of its window; what it says of a person's genome is the sum of all of them, at
every place at once. 0-based, half-open. The sequence is the one that `bcftools consensus` writes (Danecek et al.,
GigaScience 2021).
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dnalm.dna.chain import Chain, inverted, lift
from dnalm.dna.place import HELD, Place, place
from dnalm.dna.splits import Splits
from dnalm.errors import InputError
from dnalm.genome.genotypes import Allele

KINDS = ("snv", "mnv", "insertion", "deletion", "replacement")


class Edit(NamedTuple):
    """Bases [start, end) that are replaced by `alt`, as short as it can be said; the VCF's own words beside.

    Of an insertion start is end: it stands before that base.
    """

    start: int
    end: int
    ref: str
    alt: str
    allele: Allele


def kind(edit: Edit) -> str:
    """A row of KINDS."""
    if len(edit.ref) == len(edit.alt):
        return "snv" if len(edit.ref) == 1 else "mnv"
    return "insertion" if not edit.ref else "deletion" if not edit.alt else "replacement"


class Personal(NamedTuple):
    """A contig with its edits in place: letters, the edits, where each begins here, and the chain to the reference."""

    letters: bytes
    edits: list[Edit]
    starts: list[int]
    chain: Chain


class Held(NamedTuple):
    """Alleles held against a contig: edits in order, the others by reason, how many were compared, the first wrong."""

    edits: list[Edit]
    skipped: Counter
    compared: int
    wrong: tuple[Allele, str] | None


def trimmed(allele: Allele) -> Edit:
    """An allele without the bases that both sides share, first at its start, then at its end."""
    start, ref, alt, _ = allele
    shared = next(
        (at for at, pair in enumerate(zip(ref, alt, strict=False)) if len(set(pair)) > 1), min(len(ref), len(alt))
    )
    start, ref, alt = start + shared, ref[shared:], alt[shared:]
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    return Edit(start, start + len(ref), ref, alt, allele)


def held(letters: bytes, alleles: list[Allele]) -> Held:
    """Hold alleles against their contig, and choose those that can stand side by side.

    Of two that share a base, or that are inserted at one point, the one that begins first is kept, of those the one
    that is first in the file. Skipped by reason: outside_contig, ref_is_n (the genome has no base there), ref_mismatch
    (it has another), overlap.
    """
    fit, skipped, compared, wrong = [], Counter(), 0, None
    for allele in alleles:
        there = letters[allele.start : allele.start + len(allele.ref)].decode().upper()
        reason = "outside_contig" if len(there) < len(allele.ref) else "ref_is_n" if "N" in there else ""
        compared += not reason
        if not reason and there != allele.ref:
            reason, wrong = "ref_mismatch", wrong or (allele, there)
        if reason:
            skipped[reason] += 1
        else:
            fit.append(trimmed(allele))
    kept: list[Edit] = []
    for edit in sorted(fit, key=lambda edit: (edit.start, edit.end > edit.start)):  # what is inserted stands before it
        last = kept[-1] if kept else None
        if last and (edit.start < last.end or edit.start == edit.end == last.start):
            skipped["overlap"] += 1
        else:
            kept.append(edit)
    return Held(kept, skipped, compared, wrong)


def apply(contig: str, letters: bytes, edits: list[Edit]) -> Personal:
    """Write edits (sorted, apart from one another) into a contig's letters, case kept.

    A new base has the case of the base that it replaces, one more has that of the base before (at the contig's start,
    of the base after): what is inserted into a repeat is repeat. Bases replaced by as many are aligned in the chain,
    all others lie in its gaps.
    """
    pieces, starts, blocks = [], [], []
    at = here = 0  # how far the reference is copied, and how long the copy is
    begin = (0, 0)
    for edit in edits:
        pieces += [letters[at : edit.start], _cased(edit, letters)]
        here += edit.start - at
        starts.append(here)
        if kind(edit) not in ("snv", "mnv"):
            blocks.append((*begin, edit.start - begin[1]))
            begin = (here + len(edit.alt), edit.end)
        at, here = edit.end, here + len(edit.alt)
    pieces.append(letters[at:])
    blocks.append((*begin, len(letters) - begin[1]))
    rows = np.array([block for block in blocks if block[2]], np.int64).reshape(-1, 3)
    made = b"".join(pieces)
    return Personal(
        made, edits, starts, Chain(contig, len(made), contig, len(letters), "+", rows, int(rows[:, 2].sum()))
    )


def _cased(edit: Edit, letters: bytes) -> bytes:
    model = letters[edit.start : edit.end] or letters[max(edit.start - 1, 0) : max(edit.start, 1)]
    cases = [model[min(at, len(model) - 1)] >= ord("a") for at in range(len(edit.alt))]
    return "".join(base.lower() if low else base for base, low in zip(edit.alt, cases, strict=True)).encode()


def refuse_mismatches(
    skipped: Counter, compared: int, wrong: tuple[str, Allele, str] | None, most: float, vcf: Path
) -> None:
    """Raise InputError, with the line of the first, where more than `most` of the reference alleles do not fit.

    `wrong` is the first of them: contig, allele, and what the genome has there.
    """
    count = skipped["ref_mismatch"]
    if wrong and count > most * compared:
        contig, allele, there = wrong
        raise InputError(
            f"{vcf}:{allele.line}: REF is {allele.ref[:20]} at {contig}:{allele.start + 1}, and the genome has "
            f"{there[:20]} there, as in {count:,} of {compared:,} records ({count / compared:.1%}); wrong build or "
            f"strand? At most {most:.1%} may: give the genome that the variants were called on, or raise max_mismatch"
        )


def lifted_splits(splits: Splits, chains: dict[str, Chain]) -> tuple[Splits, list[str]]:
    """The places that a reference holds out, on the personal genome; and those of which no base is left.

    A region ends where the first aligned base after it begins, so regions that touch still do, and what is inserted
    between two belongs to the first. `chains` lead from the personal genome to the reference, by contig.
    """
    found, gone = {split: [] for split in HELD}, []
    for split in HELD:
        for text in splits.get(split, []):
            one = Place(text) if text in chains else place(text)
            if one != Place(one.contig):
                one = Place(one.contig, *(_border(chains[one.contig], at) for at in (one.start, one.end)))
            (found[split] if one.start < one.end else gone).append(str(one) if one.start < one.end else text)
    return found, gone


def _border(one: Chain, at: int) -> int:
    """Where the first base that is aligned to `at` or to what follows it begins; the contig's ends stay its ends."""
    begins, sizes = one.blocks[:, 1], one.blocks[:, 2]
    row = int(np.searchsorted(begins + sizes, at, "right"))
    if at == 0 or row == len(begins):
        return 0 if at == 0 else one.size
    return int(lift(inverted(one), np.array(max(at, int(begins[row])))))


def rows(contig: str, made: Personal) -> Iterator[tuple]:
    """The edits of a contig as a table has them: contig, start, end, personal start and end, ref, alt, kind, record.

    `record` is what the VCF says, POS:REF>ALT with a position that counts from 1.
    """
    for edit, start in zip(made.edits, made.starts, strict=True):
        said = f"{edit.allele.start + 1}:{edit.allele.ref}>{edit.allele.alt}"
        yield contig, edit.start, edit.end, start, start + len(edit.alt), edit.ref, edit.alt, kind(edit), said
