"""Saturation of a place: each known base exchanged for the three others, as VCF records.

A map of all substitutions shows where a sequence must stay as it is: a splice site, a codon, a motif stand out against
their neighbours, which a list of observed variants never covers. Saturation genome editing measures the same in cells
(Findlay et al., Nature 2018).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from dnalm.dna.place import Place
from dnalm.errors import InputError
from dnalm.genome import holdout
from dnalm.variants.dense import BASES
from dnalm.variants.samples import FIELDS

MOST = 100_000  # bases; three alleles each, and a model reads every one of them several times


def places(named: Sequence[str], sizes: Mapping[str, int], genome: Path) -> list[Place]:
    """The places by name, `contig:start-end` (0-based, half-open), cut to their contigs, without overlaps.

    Raises InputError for one that the genome lacks, and for more than `MOST` bases.
    """
    wanted = holdout.listed(named, "saturate", dict(sizes), genome)
    if (bases := sum(one.end - one.start for one in wanted)) > MOST:
        raise InputError(
            f"{genome}: saturate names {bases:,} bases, wanted {MOST:,} at most, three alleles each; name shorter "
            "places, contig:start-end"
        )
    return wanted


def records(wanted: Iterable[Place], fetch: Callable[[str, int, int], str]) -> tuple[pd.DataFrame, Counter]:
    """VCF records of all substitutions in some places, one an allele, and how many bases were left out, by reason.

    `fetch` reads the genome (contig, start, end). A base that is not A, C, G or T has no alternatives: unknown_base.
    """
    rows, skipped = [], Counter()
    for contig, start, end in wanted:
        for place, base in enumerate(fetch(contig, start, end).upper(), start):
            skipped["unknown_base"] += base not in BASES
            rows += [(contig, place + 1, base, alt) for alt in BASES if base in BASES and alt != base]
    found = pd.DataFrame(rows, columns=["chrom", "pos", "ref", "alt"])
    return found.assign(id=".", qual=".", filter=".", info=".", rest="")[FIELDS], +skipped
