"""Genes of an embedded genome: promoter, exons with an open reading frame, introns from GT to AG, polyA signal.

Laid out 5' to 3' and turned round for the minus strand; the introns' insides stay background, so repeats and sites
may lie there as they do in real introns.
"""

import numpy as np

from dnalm.dna import seq
from dnalm.simulate.background import Contig, mutate

PROMOTER = 150  # bp upstream of the transcription start
TATA, INITIATOR, GC_BOX = seq.encode("TATAAAAG"), seq.encode("TCAGTC"), seq.encode("GGGGCGGGG")
DONOR, ACCEPTOR, POLY_A = seq.encode("GTAAGT"), seq.encode("TTTCTTTTCTCCAG"), seq.encode("AATAAA")
STOPS = ("TAA", "TAG", "TGA")
BED12 = ["chrom", "start", "end", "name", "score", "strand", "thickStart", "thickEnd", "itemRgb"]
BED12 += ["blockCount", "blockSizes", "blockStarts"]
_FREE = 255  # leave the background as it is


def draw_codons(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The 61 sense codons [61, 3] and one organism's usage of them [61]."""
    bases = np.array(np.meshgrid(*[np.arange(4, dtype=np.uint8)] * 3, indexing="ij")).reshape(3, -1).T
    sense = np.array([seq.decode(codon) not in STOPS for codon in bases])
    return bases[sense], rng.dirichlet(np.full(sense.sum(), 2.0))


def plant_genes(contig: Contig, codons: tuple[np.ndarray, np.ndarray], rng: np.random.Generator) -> list[list]:
    """Plant about one gene each 20 kb, on either strand, never one inside another. Returns BED12 rows."""
    rows: list[list] = []
    genic = contig.taken.copy()
    for number in range(max(len(contig) // 20_000, 2)):
        layout, exons, coding = _lay_out(codons, rng)
        strand = "+" if rng.random() < 0.5 else "-"
        if strand == "-":
            layout = np.where(layout < 4, 3 - layout, layout)[::-1]
            exons = [(len(layout) - end, len(layout) - start) for start, end in reversed(exons)]
            coding = (len(layout) - coding[1], len(layout) - coding[0])
        places = rng.integers(0, max(len(contig) - len(layout), 1), 100)
        start = next((int(place) for place in places if not genic[place : place + len(layout)].any()), None)
        if start is None or start + len(layout) > len(contig):
            continue
        genic[start : start + len(layout)] = True
        here = start + np.flatnonzero(layout != _FREE)
        contig.codes[here], contig.taken[here] = layout[layout != _FREE], True
        rows.append(_bed12(contig.name, f"{contig.name}.g{number + 1}", strand, start, exons, coding))
    return sorted(rows, key=lambda row: row[1])


def _lay_out(
    codons: tuple[np.ndarray, np.ndarray], rng: np.random.Generator
) -> tuple[np.ndarray, list[tuple[int, int]], tuple[int, int]]:
    """A gene 5' to 3': its bases (_FREE inside introns), its exons, and where its coding part starts and ends."""
    message, coding = _message(codons, rng)
    number = int(rng.integers(2, 7))
    lengths = 60 + rng.multinomial(len(message) - 60 * number, rng.dirichlet(np.full(number, 3.0)))
    introns = rng.integers(200, 2_500, number - 1)
    layout = np.full(PROMOTER + len(message) + introns.sum(), _FREE, np.uint8)
    layout[:PROMOTER] = _promoter(rng)
    exons, place, read, start, end = [], PROMOTER, 0, 0, 0
    for index, length in enumerate(lengths):
        layout[place : place + length] = message[read : read + length]
        exons.append((place, place + int(length)))
        start = place + coding[0] - read if read <= coding[0] < read + length else start
        end = place + coding[1] - read if read < coding[1] <= read + length else end
        place, read = place + int(length), read + int(length)
        if index < number - 1:
            stop = place + int(introns[index])
            layout[place : place + len(DONOR)] = DONOR
            layout[stop - len(ACCEPTOR) : stop] = ACCEPTOR
            place = stop
    return layout, exons, (start, end)


def _message(codons: tuple[np.ndarray, np.ndarray], rng: np.random.Generator) -> tuple[np.ndarray, tuple[int, int]]:
    """A mature mRNA and the [start, end) of its reading frame: ATG, codons by usage, a stop, polyA signal near 3'."""
    sense, usage = codons
    body = sense[rng.choice(len(sense), int(rng.integers(100, 300)), p=usage)].ravel()
    frame = np.concatenate([seq.encode("ATG"), body, seq.encode(STOPS[rng.integers(3)])])
    leader = rng.choice(4, int(rng.integers(40, 150)), p=[0.2, 0.3, 0.3, 0.2]).astype(np.uint8)
    trailer = rng.choice(4, int(rng.integers(120, 300)), p=[0.3, 0.2, 0.2, 0.3]).astype(np.uint8)
    leader[: len(INITIATOR) - 2] = INITIATOR[2:]  # the initiator's A is the first transcribed base
    trailer[-25 : -25 + len(POLY_A)] = POLY_A
    return np.concatenate([leader, frame, trailer]), (len(leader), len(leader) + len(frame))


def _promoter(rng: np.random.Generator) -> np.ndarray:
    """A CpG island's end with a GC box near -70, a TATA box at -31 and the initiator's first bases."""
    bases = rng.choice(4, PROMOTER, p=[0.19, 0.31, 0.31, 0.19]).astype(np.uint8)
    for place, signal in ((-75, GC_BOX), (-31, TATA)):
        bases[place : place + len(signal)] = mutate(signal, 0.08, rng)
    bases[-2:] = INITIATOR[:2]
    return bases


def _bed12(
    chrom: str, name: str, strand: str, offset: int, exons: list[tuple[int, int]], coding: tuple[int, int]
) -> list:
    first, last = offset + exons[0][0], offset + exons[-1][1]
    sizes = ",".join(str(end - start) for start, end in exons)
    starts = ",".join(str(offset + start - first) for start, _ in exons)
    thick = (offset + coding[0], offset + coding[1])
    return [chrom, first, last, name, 0, strand, *thick, 0, len(exons), sizes, starts]
