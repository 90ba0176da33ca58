"""Genes of GTF, GFF3 or BED12: where transcripts, exons, coding parts, splice sites and start codons lie.

GTF and GFF are 1-based with both ends in; everything here is 0-based, half-open. A start codon and splice sites are
worked out from coding parts and exons, so that annotations that do not list them have them too. Ensembl's GTF 2.2,
Sequence Ontology's GFF3 1.26, UCSC's BED.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from dnalm import texts
from dnalm.dna import assembly, intervals
from dnalm.errors import InputError

WANTED = "genes as GTF, GFF3 or BED12"
KINDS = ("transcript", "exon", "CDS", "splice site", "start codon")
_PARENT = re.compile(r'transcript_id "([^"]+)"|(?:^|;)\s*Parent=([^;]+)')
_LEAST = 30  # bases of an intron; shorter gaps between exons are frameshifts of the annotation


class Gene(NamedTuple):
    """A transcript: its contig, strand, exons and coding parts [(start, end), …], each in order along the genome.

    `phase`: how many of the first coding bases, 5' to 3', are the end of a codon whose begin is not known (GTF, GFF3).
    """

    chrom: str
    strand: str
    exons: list[tuple[int, int]]
    coding: list[tuple[int, int]]
    phase: int = 0


def read(path: Path, sizes: dict[str, int], *, most_outside: float = assembly.MOST_OUTSIDE) -> pd.DataFrame:
    """Parts of genes: chrom, start, end, strand, kind (of KINDS), each place once; held against the genome.

    Raises InputError with file and line for what is malformed, and where no gene is in the file.
    """
    return parts(transcripts(path), sizes, path, most_outside=most_outside)


def parts(
    found: list[Gene], sizes: dict[str, int], path: Path, *, most_outside: float = assembly.MOST_OUTSIDE
) -> pd.DataFrame:
    """What `read` says of a file whose `transcripts` were found already."""
    rows = [row for gene in found for row in _parts(gene)]
    if not rows:
        raise InputError(f"{path}: holds no exon; give {WANTED}")
    table = pd.DataFrame(rows, columns=["chrom", "start", "end", "strand", "kind"]).drop_duplicates()
    return intervals.on_genome(table.reset_index(drop=True), sizes, path, most_outside)


def transcripts(path: Path) -> list[Gene]:
    """The transcripts of a file, in the order in which they begin there."""
    found: dict[str, Gene] = {}
    phases: dict[tuple[str, int, int], int] = {}
    for number, line in enumerate(texts.lines(path, WANTED), 1):
        if not line.strip() or re.match(r"#|(track|browser)(\s|$)", line):
            continue
        fields = line.split("\t")
        try:
            for name, chrom, strand, kind, start, end in _features(fields):
                gene = found.setdefault(f"{chrom} {name}", Gene(chrom, strand, [], []))
                (gene.exons if kind == "exon" else gene.coding).append((start, end))
                if len(fields) == 9 and fields[7] in ("1", "2"):
                    phases[f"{chrom} {name}", start, end] = int(fields[7])
        except (ValueError, IndexError):
            raise InputError(
                f"{path}:{number}: got {len(fields)} columns that are no gene, wanted {WANTED}; correct the line"
            ) from None
    whole = {name: _whole(gene) for name, gene in found.items()}
    return [gene._replace(phase=phases.get((name, *_first(gene)), 0)) for name, gene in whole.items()]


def _features(fields: list[str]) -> Iterator[tuple[str, str, str, str, int, int]]:
    """(transcript, contig, strand, exon or CDS, start, end) of a line; none of lines of other features."""
    if len(fields) == 9:
        start, end = int(fields[3]) - 1, int(fields[4])
        if not 0 <= start < end:
            raise ValueError
        parent = _PARENT.search(fields[8])
        if fields[2] in ("exon", "CDS") and parent:
            for name in [parent[1]] if parent[1] else parent[2].split(","):  # GFF3 says once what transcripts share
                yield name.strip(), fields[0], fields[6], fields[2], start, end
        return
    begin, end, thick, until = (int(fields[column]) for column in (1, 2, 6, 7))
    lengths, starts = ([int(part) for part in fields[column].split(",") if part] for column in (10, 11))
    if not 0 <= begin < end or len(lengths) != int(fields[9]):
        raise ValueError
    name = f"{fields[3]} {begin}"
    for first, length in zip(starts, lengths, strict=True):
        low, high = begin + first, begin + first + length
        yield name, fields[0], fields[5], "exon", low, high
        if max(low, thick) < min(high, until):
            yield name, fields[0], fields[5], "CDS", max(low, thick), min(high, until)


def _whole(gene: Gene) -> Gene:
    """Parts in order; a GFF3 of a bacterium has coding parts alone, which then are the exons."""
    coding = sorted(set(gene.coding))
    return gene._replace(exons=sorted(set(gene.exons)) or coding, coding=coding)


def _first(gene: Gene) -> tuple[int, int]:
    """The coding part with which the protein begins, or (0, 0)."""
    return gene.coding[-1 if gene.strand == "-" else 0] if gene.coding else (0, 0)


def introns(gene: Gene) -> list[tuple[int, int]]:
    """What is spliced out, in order along the genome; shorter gaps between exons are none."""
    gaps = [(one[1], other[0]) for one, other in zip(gene.exons, gene.exons[1:], strict=False)]
    return [(start, end) for start, end in gaps if end - start >= _LEAST]


def _parts(gene: Gene) -> Iterator[tuple[str, int, int, str, str]]:
    spans = {"transcript": [(gene.exons[0][0], gene.exons[-1][1])], "exon": gene.exons, "CDS": gene.coding}
    spans["splice site"] = [site for start, end in introns(gene) for site in ((start, start + 2), (end - 2, end))]
    spans["start codon"] = _start_codon(gene)
    for kind in KINDS:
        for start, end in spans[kind]:
            yield gene.chrom, start, end, gene.strand, kind


def _start_codon(gene: Gene) -> list[tuple[int, int]]:
    """The first three coding bases, where one exon holds them."""
    start, end = _first(gene)
    if gene.strand not in ("+", "-") or end - start < 3:
        return []
    return [(start, start + 3)] if gene.strand == "+" else [(end - 3, end)]
