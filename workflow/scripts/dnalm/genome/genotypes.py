"""What one haplotype of a VCF's sample carries in place of the reference: the alleles that make a genome personal.

A call says how many copies of each allele a genome has; without phase it does not say which of its two chromosomes a
copy lies on. Whatever is chosen then is a rule, stated here and counted.
Format: https://samtools.github.io/hts-specs/VCFv4.3.pdf (GT: alleles by number, "|" phased, "/" unphased, "." missing)
"""

import re
from collections import Counter
from pathlib import Path
from typing import Literal, NamedTuple

from dnalm import texts
from dnalm.errors import InputError
from dnalm.genome import contigs, vcf_text

Haplotype = Literal["1", "2", "alternative"]
PASSED = ("PASS", ".")
_CALL = re.compile(r"[/|]?(?:\.|[0-9]{1,4})(?:[/|](?:\.|[0-9]{1,4}))*")
_BASES = re.compile("[ACGT]+")


class Allele(NamedTuple):
    """An allele in place of the reference's at `start` (0-based); upper case; `line` of the VCF."""

    start: int
    ref: str
    alt: str
    line: int


class Carried(NamedTuple):
    """What a haplotype carries, by contig and in the order of the file, and how the other records were skipped.

    `places` are (contig, end) of every record, `unphased` counts calls of two alleles without phase, `sample` is "" for
    a VCF without samples.
    """

    alleles: dict[str, list[Allele]]
    skipped: Counter
    places: list[tuple[str, int]]
    unphased: int
    sample: str


def read(path: Path, sample: str | None = None, haplotype: Haplotype = "alternative") -> Carried:
    """Read what a haplotype carries from a VCF, plain or gzipped; an index is not asked for, and no order.

    Haplotype 1 or 2 is the allele written first or second, whether the call is phased or not; a call of one allele is
    haplotype 1. `alternative` is the first allele that is not the reference's, so all that the sample has of a diploid
    genome is in one sequence. In a VCF without samples every record's first alternative is carried.

    Skipped are records whose FILTER is neither PASS nor ".", and by reason: filtered, missing (no call), reference,
    no_such_haplotype (a second one of a call of one allele), star (deleted by another record), symbolic (<DEL>,
    breakends), non_acgt, ref_equals_alt, pos_zero (the telomere). Raises InputError with file and line for what is no
    VCF and no call.
    """
    lines = enumerate(texts.lines(path, "a VCF file"), 1)
    meta, columns = vcf_text.read_header(lines, path)
    names = columns.split("\t")
    vcf_text.check_samples(names[9:], f"{path}:{len(meta) + 1}")
    sample, column = column_of(names[9:], sample, path)
    found, skipped, places, unphased = {}, Counter(), [], 0
    for number, line in lines:
        if not line.strip():
            continue
        where = f"{path}:{number}"
        chrom, pos, _, ref, alt, _, passed, _, *rest = vcf_text.record(line, len(names), where)
        places.append((chrom, pos - 1 + len(ref)))
        reason, chosen, open_phase = "filtered", 0, False
        if passed in PASSED:
            reason, chosen, open_phase = _call(rest, column, haplotype, where)
        unphased += open_phase
        ref, alternatives = ref.upper(), alt.upper().split(",")
        check_number(chosen, len(alternatives), where)
        if not reason and not (reason := _unfit(pos, ref, alternatives[chosen - 1])):
            found.setdefault(chrom, []).append(Allele(pos - 1, ref, alternatives[chosen - 1], number))
        skipped[reason] += bool(reason)
    return Carried(found, +skipped, places, unphased, sample)


def column_of(samples: list[str], sample: str | None, path: Path) -> tuple[str, int | None]:
    """The sample's name and its column after FORMAT; "" and None where the VCF has no samples."""
    if not samples:
        if sample is not None:
            raise InputError(f"{path}: has no samples, wanted {sample!r}; leave sample out, or give another VCF")
        return "", None
    if sample is None and len(samples) > 1:
        named = ", ".join(samples[:5]) + (" …" if len(samples) > 5 else "")
        raise InputError(f"{path}: has {len(samples):,} samples ({named}); say which one under sample")
    sample = samples[0] if sample is None else sample
    if sample not in samples:
        raise InputError(f"{path}: has no sample {sample!r}; nearest: {contigs.nearest(sample, samples)}")
    return sample, samples.index(sample)


def genotype(text: str, column: int, where: str) -> str:
    """A sample's call as it is written, "." where it was not called, "" where FORMAT has none.

    `text` is FORMAT and the samples' cells. Raises InputError for what is no genotype.
    """
    keys, *cells = text.split("\t", column + 2)
    keys = keys.split(":")
    if "GT" not in keys:
        return ""
    values = cells[column].split(":")
    found = values[keys.index("GT")] if keys.index("GT") < len(values) else "."
    if not _CALL.fullmatch(found):
        raise InputError(
            f"{where}: the genotype is {found!r}, wanted alleles by number, as 0/1, 1|0, 1 or ./.; correct it"
        )
    return found


def copies(call: str) -> list[str]:
    """The allele of each copy of the genome that a call names, by number; "." for one that was not called."""
    return re.split(r"[/|]", call.lstrip("/|"))


def check_number(number: int, alternatives: int, where: str) -> None:
    """Raise InputError for a call of an allele that the record has not."""
    if number > alternatives:
        raise InputError(f"{where}: the call names allele {number}, and ALT has {alternatives}; correct it")


def _call(rest: list[str], column: int | None, haplotype: str, where: str) -> tuple[str, int, bool]:
    """Why a record is skipped or "", the number of the allele that is carried, and whether phase was wanting."""
    if column is None:
        return "", 1, False
    call = genotype(rest[0], column, where)
    if not call:
        return "missing", 0, False
    unphased = "/" in call and len(set(copies(call))) > 1
    return *_chosen(copies(call), haplotype), unphased


def _chosen(named: list[str], haplotype: str) -> tuple[str, int]:
    if haplotype == "alternative":
        known = [copy for copy in named if copy != "."]
        copy = next((copy for copy in known if int(copy)), known[0] if known else ".")
    elif int(haplotype) > len(named):
        return "no_such_haplotype", 0
    else:
        copy = named[int(haplotype) - 1]
    if copy == ".":
        return "missing", 0
    return ("", int(copy)) if int(copy) else ("reference", 0)


def _unfit(pos: int, ref: str, alt: str) -> str:
    """Why an allele cannot be written into a genome, by its text; "" where it can."""
    rules = {
        "pos_zero": pos == 0,
        "missing": alt == ".",
        "star": alt == "*",
        "symbolic": bool(re.search(r"[<>\[\]]|^\.|\.$", alt)),
        "non_acgt": not (_BASES.fullmatch(ref) and _BASES.fullmatch(alt)),
        "ref_equals_alt": ref == alt,
    }
    return next((reason for reason, holds in rules.items() if holds), "")
