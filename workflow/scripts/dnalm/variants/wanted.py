"""Which alleles of a VCF are to be scored: those in some regions, those that a sample carries, those that passed.

A cohort's VCF holds the variants of thousands on whole chromosomes, and a question is mostly about one gene or one
person. What is not asked for is not taken away: each record comes out, with the reason why it was not scored.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from dnalm.dna import bed, intervals
from dnalm.dna.place import Place
from dnalm.errors import InputError
from dnalm.genome import genotypes, holdout
from dnalm.variants import symbolic
from dnalm.variants.vcf import Vcf


def regions(
    path: Path | None, places: list[str], sizes: Mapping[str, int], genome: Path, most_outside: float
) -> pd.DataFrame | None:
    """Regions (chrom, start, end; 0-based, half-open) of a BED file and of places by name; None where none are given.

    A place is a contig or `contig:start-end`. Raises InputError for one that the genome lacks, and for a file without a
    base.
    """
    if path is None and not places:
        return None
    rows = [tuple(holdout.known(text, "regions", dict(sizes), genome)) for text in places]
    if path is not None:
        read = bed.read_intervals(path, dict(sizes), most_outside=most_outside)
        rows += read[read.end > read.start].itertuples(index=False, name=None)
        if not rows:
            raise InputError(f"{path}: holds no region with a base; give a BED file of the places to score")
    found = pd.DataFrame(rows, columns=["chrom", "start", "end"])
    return found.assign(end=np.minimum(found.end, found.chrom.map(sizes)).astype(np.int64))


def reasons(
    called: Vcf,
    table: pd.DataFrame,
    *,
    within: pd.DataFrame | None = None,
    sample: str | None = None,
    pass_only: bool = False,
    allow_empty: bool = False,
) -> np.ndarray:
    """Why each allele of `table` (`vcf.split_alleles`) is not wanted, "" where it is: object [alleles].

    The first that holds of not_in_regions (no base of REF, or of what a symbol stands for, is in `within`),
    not_in_sample (its genotype does not name the allele), not_pass (FILTER is neither PASS nor "."). Raises InputError
    for a sample that is not there, and where one of these leaves nothing of a VCF that holds something, unless nothing
    is expected (`allow_empty`).
    """
    asked: list[tuple[str, np.ndarray, Callable[[], str]]] = []
    if within is not None:
        asked.append(("not_in_regions", _inside(called, table, within), lambda: _elsewhere(table, within)))
    if sample is not None:
        asked.append(("not_in_sample", _carried(called, table, sample), lambda: _others(called, sample)))
    if pass_only:
        passed = called.records["filter"].isin(genotypes.PASSED).to_numpy(bool)[table.record]
        asked.append(("not_pass", passed, lambda: _filters(called)))
    found = np.full(len(table), "", object)
    for reason, fit, said in reversed(asked):
        if len(table) and not fit.any() and not allow_empty:
            raise InputError(f"{called.path}: none of its {len(table):,} alleles {said()}")
        found[~fit] = reason
    return found


def _inside(called: Vcf, table: pd.DataFrame, within: pd.DataFrame) -> np.ndarray:
    """Whether each allele shares a base with a region; the telomere (POS 0) is taken for the first base."""
    last = np.maximum(table.pos + table.ref.str.len() - 1, symbolic.ends(called, table))
    places = pd.DataFrame({"chrom": table.chrom, "start": (table.pos - 1).clip(lower=0), "end": last.clip(lower=1)})
    near = table.chrom.isin(within.chrom).to_numpy(bool)  # whatever else stands in a VCF as a contig's name
    found = np.zeros(len(table), bool)
    found[near] = intervals.overlaps(places[near], within)
    return found


def _carried(called: Vcf, table: pd.DataFrame, sample: str) -> np.ndarray:
    """Whether the sample's genotype names each allele."""
    _, column = genotypes.column_of(called.columns.split("\t")[9:], sample, called.path)
    number = np.bincount(table.record, minlength=len(called.records))
    carried = set()
    for record, (place, line) in enumerate(zip(called.records.rest, called.records.line, strict=True)):
        where = f"{called.path}:{line}"
        for copy in genotypes.copies(genotypes.genotype(called.samples[place], column, where)):
            if copy not in ("", "."):
                genotypes.check_number(int(copy), number[record], where)
                carried.add((record, int(copy)))
    return np.array([one in carried for one in zip(table.record, table.alt_index, strict=True)], bool)


def _elsewhere(table: pd.DataFrame, within: pd.DataFrame) -> str:
    regions = [str(Place(*region)) for region in within.head(3).itertuples(index=False, name=None)]
    spans = table.groupby("chrom", sort=False).pos.agg(["min", "max"])
    found = [f"{chrom} from {first:,} to {last:,}" for chrom, first, last in spans.head(3).itertuples(name=None)]
    return (
        f"is in the {len(within):,} region(s) asked for ({_first(regions, len(within))}); they lie on "
        f"{_first(found, len(spans))}: give regions with alleles in them, or leave regions out"
    )


def _others(called: Vcf, sample: str) -> str:
    names = called.columns.split("\t")[9:]
    there = f"{len(names):,} sample(s) ({_first(names[:5], len(names))})"
    return f"is named by a genotype of sample {sample!r}; it has {there}: name another one, or leave sample out"


def _filters(called: Vcf) -> str:
    counts = called.records["filter"].value_counts()
    named = [f"{name} ({count:,})" for name, count in counts.head(5).items()]
    return f"passed: FILTER is {_first(named, len(counts))}, wanted PASS or '.'; leave pass_only out to score them all"


def _first(named: list[str], total: int) -> str:
    return ", ".join(named) + (" …" if len(named) < total else "")
