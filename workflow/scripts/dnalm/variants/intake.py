"""A VCF taken in: its alleles, those of them that can be scored, and the distinct changes that these are."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pysam

from dnalm.errors import UsageError
from dnalm.genome import fasta as genome_fasta
from dnalm.logs import log
from dnalm.variants import alleles, symbolic, vcf, wanted


class Intake(NamedTuple):
    """A VCF as read, the genome's bases and sizes; one row an allele, and one a distinct change (`alleles.hold`)."""

    called: vcf.Vcf
    fasta: pysam.FastaFile
    sizes: dict[str, int]
    table: pd.DataFrame
    edits: pd.DataFrame


def read(
    path: Path,
    genome: Path,
    folder: Path,
    *,
    window: int,
    phases: int,
    max_length: int | None,
    max_n: float,
    max_mismatch: float,
    max_outside: float,
    regions: Path | None,
    places: list[str] | None,
    sample: str | None,
    pass_only: bool,
    allow_empty: bool,
) -> Intake:
    """The alleles of a VCF and what there is to score of them in windows of so many bases, in so many phases.

    They are held against the genome within the limits that `alleles.Limits` names; changes of `max_length` bases, or
    `alleles.LONGEST` and half a window at most. Wanted are those in `regions` or `places`, of a `sample`, or that
    passed (`wanted`). The samples' columns wait in the `folder` (`vcf.read`). Raises InputError where nothing can be
    scored, unless nothing is expected (`allow_empty`).
    """
    if window < 3:
        raise UsageError(
            f"--window {window} leaves no context; give at least 3, and a model is happier with 100 or more"
        )
    called = vcf.read(path, folder)
    fasta = genome_fasta.open_genome(genome)
    sizes = dict(zip(fasta.references, fasta.lengths, strict=True))
    table = vcf.split_alleles(called.records)
    within = wanted.regions(regions, places or [], sizes, genome, max_outside)
    filters = {"within": within, "sample": sample, "pass_only": pass_only, "allow_empty": allow_empty}
    table["unwanted"] = wanted.reasons(called, table, **filters)
    longest = min(alleles.LONGEST, window // 2) if max_length is None else max_length
    plain = symbolic.expanded(called, table, sizes, fasta.fetch, max_length=longest)
    limits = alleles.Limits(longest, max_n, max_mismatch, max_outside)
    table, edits = alleles.hold(table, fasta, window, limits, path, plain, phases)
    if not allow_empty:
        alleles.refuse_nothing(table, path)
    log.info(f"{len(table):,} alleles of {len(called.records):,} records, {len(edits):,} distinct changes to score")
    return Intake(called, fasta, sizes, table, edits)
