"""Which contigs are read by another genetic code than the nucleus's: a mitochondrion has its own.

A genome does not say it, and no contig's name is a proof, so it is given (`genetic_codes`) and never guessed.
"""

from collections.abc import Iterable, Mapping

from dnalm.dna import codons
from dnalm.errors import UsageError
from dnalm.genome.genes import Gene
from dnalm.logs import log

_NAMES = ("m", "mt", "mito", "mitochondrion")  # after chr, whatever the case


def check(given: Mapping[str, object], sizes: Mapping[str, int]) -> dict[str, int]:
    """The codes {contig: NCBI's number} that were given; UsageError for a contig or a code that is not known."""
    found: dict[str, int] = {}
    for contig, code in given.items():
        if contig not in sizes:
            raise UsageError(
                f"--genetic-codes: the genome has no contig {contig!r}; its contigs are {', '.join([*sizes][:20])}"
            )
        if isinstance(code, bool) or not isinstance(code, int) or code not in codons.CODES:
            raise UsageError(
                f"--genetic-codes: {contig} is to have the code {code!r}; choose from NCBI's {codons.listed()}"
            )
        found[contig] = code
    return found


def warn(transcripts: Iterable[Gene], codes: Mapping[str, int]) -> None:
    """Say which contigs look like mitochondria and have genes that are read by the standard code for all that."""
    coding = dict.fromkeys(gene.chrom for gene in transcripts if gene.coding)
    for contig in coding:
        if contig not in codes and contig.lower().removeprefix("chr") in _NAMES:
            log.warning(
                f"{contig} looks like a mitochondrion, and its genes are read by the standard genetic code; if it is "
                f"one, say genetic_codes: {{{contig}: 2}} (vertebrates) or 3 (yeasts)"
            )
