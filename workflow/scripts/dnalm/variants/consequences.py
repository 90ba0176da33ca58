"""What a variant does to genes: of each edit the most severe consequence over all transcripts.

Where a model's scores should be high can be said beforehand: at splice sites and where a protein ends too early, not at
synonymous bases of the same exons. CONSEQUENCES is the only list, in Ensembl's order of severity
(ensembl.org/info/genome/variation/prediction/predicted_data.html); names are those of the Sequence Ontology, as VEP
(McLaren et al., Genome Biology 2016) and `bcftools csq` (Danecek and McCarthy, Bioinformatics 2017) say them. Each
variant is read alone, without its neighbours on the haplotype. Coordinates are 0-based, half-open.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from dnalm.dna import edits as dna_edits
from dnalm.dna import seq
from dnalm.dna.edits import Span
from dnalm.genome import genes, messages
from dnalm.variants import effects

SITE, EXON_END, INTRON_END = 2, 3, 8  # bases of a splice site, and of its region on either side


class Consequence(NamedTuple):
    """A consequence: its name in figures, its plain meaning, and the colour of its kind by its name in PALETTE."""

    label: str
    meaning: str
    colour: str


CONSEQUENCES = {
    "splice_acceptor_variant": Consequence("splice acceptor", "changes the last two bases of an intron", "vermilion"),
    "splice_donor_variant": Consequence("splice donor", "changes the first two bases of an intron", "vermilion"),
    "stop_gained": Consequence("stop gained", "ends the protein too early", "vermilion"),
    "frameshift_variant": Consequence("frameshift", "shifts the reading frame of what follows", "vermilion"),
    "stop_lost": Consequence("stop lost", "lets the protein run on past its stop codon", "purple"),
    "start_lost": Consequence("start lost", "takes away the start codon", "purple"),
    "inframe_insertion": Consequence("in-frame insertion", "adds amino acids, the frame kept", "orange"),
    "inframe_deletion": Consequence("in-frame deletion", "takes amino acids away, the frame kept", "orange"),
    "missense_variant": Consequence("missense", "changes amino acids, their number kept", "orange"),
    "protein_altering_variant": Consequence("protein altered", "puts other amino acids, more or fewer", "orange"),
    "splice_region_variant": Consequence(
        "splice region", "within 3 bases of an exon's end or 3 to 8 bases of an intron's", "sky"
    ),
    "synonymous_variant": Consequence("synonymous", "changes a codon, not what it stands for", "green"),
    "coding_sequence_variant": Consequence("coding, unclear", "changes a codon that cannot be read", "green"),
    "5_prime_UTR_variant": Consequence("5′ UTR", "before the coding part of a message", "blue"),
    "3_prime_UTR_variant": Consequence("3′ UTR", "behind the coding part of a message", "blue"),
    "non_coding_transcript_exon_variant": Consequence(
        "non-coding exon", "in an exon of a transcript that codes for no protein", "blue"
    ),
    "intron_variant": Consequence("intron", "in an intron, apart from its ends", "grey"),
    "intergenic_variant": Consequence("intergenic", "in no transcript", "ink"),
}
RANK = {name: rank for rank, name in enumerate(CONSEQUENCES)}  # 0: the most severe


class _Edits(NamedTuple):
    """The edits of a contig in order of their starts: rows of the table, [start, end), letters; `most` replaced."""

    row: np.ndarray
    start: np.ndarray
    end: np.ndarray
    ref: list[str]
    alt: list[str]
    most: int


def of_edits(
    edits: pd.DataFrame,
    transcripts: Sequence[genes.Gene],
    fetch: messages.Fetch,
    genetic_codes: Mapping[str, int] = {},
) -> pd.DataFrame:
    """The most severe consequence of each edit: columns consequence, protein, transcript; the index of `edits`.

    `edits` has columns chrom, start, ref, alt: text without what both alleles share, ref "" of an insertion (before the
    base `start`), alt "" of a deletion. `fetch(chrom, start, end)` gives the genome's letters, less at a contig's end.
    `genetic_codes`: NCBI's number of the code of each contig that has not the standard one (a mitochondrion).
    `transcript` is the place in `transcripts` of the first that has the consequence, -1 of none; `protein` what becomes
    of its amino acids, as K12N, K12* or K12=, where as many bases replace bases of codons.

    An insertion or a deletion in a repeat may be written in several places that give the same sequence; it has the
    mildest consequence among them, since the cell reads the sequence. A stop codon that stays one, and a start codon
    that stays one, are synonymous. An incomplete coding part has no start or stop to lose.
    """
    ranks, said = np.full(len(edits), RANK["intergenic_variant"]), np.full(len(edits), "", object)
    owner = np.full(len(edits), -1)
    contigs = {chrom: _sorted(edits, rows) for chrom, rows in edits.groupby("chrom", sort=False).indices.items()}

    @cache
    def spans(chrom: str, start: int, ref: str, alt: str) -> list[Span]:
        return dna_edits.spans(chrom, start, ref, alt, fetch)

    for number, gene in enumerate(transcripts):
        here = _within(contigs.get(gene.chrom), gene)
        if here is None:
            continue
        rank, protein = _of_transcript(here, gene, fetch, genetic_codes.get(gene.chrom, 1), spans)
        worse = rank < ranks[here.row]
        rows = here.row[worse]
        ranks[rows], said[rows], owner[rows] = rank[worse], protein[worse], number
    names = np.array(list(CONSEQUENCES), object)
    return pd.DataFrame({"consequence": names[ranks], "protein": said, "transcript": owner}, index=edits.index)


def _sorted(edits: pd.DataFrame, rows: np.ndarray) -> _Edits:
    rows = rows[np.argsort(edits.start.to_numpy()[rows], kind="stable")]
    part = edits.iloc[rows]
    start, lengths = part.start.to_numpy(np.int64), part.ref.str.len().to_numpy(np.int64)
    return _Edits(rows, start, start + lengths, part.ref.tolist(), part.alt.tolist(), int(lengths.max()))


def _within(here: _Edits | None, gene: genes.Gene) -> _Edits | None:
    """The edits that share a base with a transcript, or stand between two of its bases."""
    if here is None:
        return None
    low, high = gene.exons[0][0], gene.exons[-1][1]
    first, last = np.searchsorted(here.start, [low - here.most, high])
    keep = first + np.flatnonzero(here.end[first:last] > low)
    if not len(keep):
        return None
    ref, alt = ([letters[at] for at in keep] for letters in (here.ref, here.alt))
    return _Edits(here.row[keep], here.start[keep], here.end[keep], ref, alt, here.most)


def _of_transcript(
    here: _Edits, gene: genes.Gene, fetch: messages.Fetch, code: int, spans: Callable[..., list[Span]]
) -> tuple[np.ndarray, np.ndarray]:
    """Ranks of edits in one transcript, and their amino acids. Deep in introns nothing of the genome need be read."""
    rank, protein = np.full(len(here.row), RANK["intron_variant"]), np.full(len(here.row), "", object)
    near = np.flatnonzero(_touch(here.start, here.end, np.array(gene.exons) + [-INTRON_END, INTRON_END]))
    if not len(near):
        return rank, protein
    message, sites = messages.spliced(gene, fetch, code), _sites(gene)
    single = np.array([len(here.ref[row]) == len(here.alt[row]) == 1 for row in near])
    rows = near[single]
    bases = seq.encode("".join(here.alt[row] for row in rows))
    place = messages.at(message, here.start[rows])
    terms, protein[rows] = effects.of_bases(message, place, seq.complement(bases) if message.turned else bases)
    rank[rows] = np.minimum([RANK[term] for term in terms], _at_sites(sites, here.start[rows], here.end[rows]))
    rows = near[~single]
    ways = [spans(gene.chrom, int(here.start[row]), here.ref[row].upper(), here.alt[row].upper()) for row in rows]
    for row, effect in zip(rows, _of_ways(message, sites, ways), strict=True):
        rank[row], protein[row] = effect
    return rank, protein


def _of_ways(
    message: messages.Message, sites: dict[str, np.ndarray], ways: list[list[Span]]
) -> Iterator[tuple[int, str]]:
    """Rank and amino acids of edits each of which can be written in several ways: those of its mildest."""
    places = np.array([span[:2] for spans in ways for span in spans], np.int64).reshape(-1, 2)
    spliced = iter(_at_sites(sites, *places.T).tolist())
    for spans in ways:
        yield max(_of_span(message, next(spliced), *span) for span in spans)


def _of_span(message: messages.Message, spliced: int, start: int, end: int, alt: str) -> tuple[int, str]:
    """Rank and amino acids of one way of writing an edit; `spliced`: the rank of what it does to splicing."""
    if end <= message.place[0] or start > message.place[-1]:
        return RANK["intergenic_variant"], ""
    if spliced < RANK["stop_gained"]:  # a splice site: nothing is more severe
        return spliced, ""
    change = messages.carried(message, start, end, alt)
    term, protein = ("intron_variant", "") if change is None else effects.of_edit(message, *change)
    return min(RANK[term], spliced), protein


def _sites(gene: genes.Gene) -> dict[str, np.ndarray]:
    """Ends of introns and what is round them, [n, 2] by consequence; without a strand neither end is the first."""
    start, end = np.array(genes.introns(gene), np.int64).reshape(-1, 2).T
    low, high = np.stack([start, start + SITE], 1), np.stack([end - SITE, end], 1)
    donors, acceptors = (high, low) if gene.strand == "-" else (low, high)
    near = [np.stack([start - EXON_END, start + INTRON_END], 1), np.stack([end - INTRON_END, end + EXON_END], 1)]
    found = {"splice_acceptor_variant": acceptors, "splice_donor_variant": donors} if gene.strand in ("+", "-") else {}
    return found | {"splice_region_variant": np.concatenate(near)}


def _at_sites(sites: dict[str, np.ndarray], start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Rank of what edits do to the splicing of a transcript; beyond all ranks where they do nothing."""
    touched = [_touch(start, end, intervals) for intervals in sites.values()]
    return np.select(touched, [RANK[name] for name in sites], len(RANK))


def _touch(start: np.ndarray, end: np.ndarray, intervals: np.ndarray) -> np.ndarray:
    """Whether each edit shares a base with any of intervals [n, 2], or stands between two bases of one."""
    return ((start[:, None] < intervals[:, 1]) & (end[:, None] > intervals[:, 0])).any(1)
