"""Variants of an embedded genome with known effect: motif-breaking, motif-neutral, exonic, intronic, and awkward ones.

REF equals the genome except where the class says wrong_ref: a reader must catch those.
"""

import numpy as np
import pandas as pd

from dnalm.dna import motifs, seq
from dnalm.simulate.background import Contig
from dnalm.simulate.genome import PARTNER, Genome

TEST_CONTIG, OTHER_CONTIG = 100, 28  # variants of each main class on the last contig, and on each other one
CLASSES = ("motif_breaking", "motif_neutral", "exon", "intron", "indel", "multiallelic", "wrong_ref")


def draw_variants(genome: Genome, rng: np.random.Generator) -> pd.DataFrame:
    """Variants of every class: columns chrom, pos (1-based), ref, alt, kind; sorted, one a position."""
    rows: list[tuple] = []
    for number, contig in enumerate(genome.contigs, 1):
        wanted = TEST_CONTIG if number == len(genome.contigs) else OTHER_CONTIG
        used: set[int] = set()
        here = genome.sites[(genome.sites.chrom == contig.name) & (genome.sites.bound == 1)]
        breaking = _breaking(contig, here, genome.matrix, wanted, rng)
        for kind, pairs in (
            ("motif_breaking", breaking),
            ("motif_neutral", _neutral(contig, here, genome.matrix, breaking, rng)),
            ("exon", _within(contig, _exonic(contig, genome.genes), wanted, rng)),
            ("intron", _within(contig, _intronic(contig, genome.genes), wanted, rng)),
        ):
            fresh = [(place, alt) for place, alt in pairs if place not in used]
            used |= {place for place, _ in fresh}
            for place, alt in fresh:
                rows.append((number, place + 1, seq.decode(contig.codes[[place]]), seq.LETTERS[alt], kind))
        if number in (1, 2, len(genome.contigs)):
            rows += [(number, *awkward) for awkward in _awkward(contig, used, rng, insertion=number == 2)]
    table = pd.DataFrame(sorted(rows), columns=["chrom", "pos", "ref", "alt", "kind"])
    table["chrom"] = [genome.contigs[number - 1].name for number in table.chrom]
    return table


def _breaking(contig: Contig, sites: pd.DataFrame, matrix: np.ndarray, wanted: int, rng: np.random.Generator) -> list:
    """At one of the motif's most informative positions that holds its favoured base, the least likely base."""
    odds = motifs.log_odds(matrix)
    pairs = []
    for site in sites.iloc[rng.permutation(len(sites))].itertuples():
        turned = odds if site.strand == "+" else motifs.reverse(odds)
        held = contig.codes[site.start : site.end]
        cost = turned[np.arange(len(turned)), held] - turned.min(1)
        places = np.flatnonzero(cost > 6.0)
        if len(places) and len(pairs) < wanted:
            place = int(rng.choice(places))
            pairs.append((site.start + place, int(turned[place].argmin())))
    return pairs


def _neutral(
    contig: Contig, sites: pd.DataFrame, matrix: np.ndarray, breaking: list[tuple[int, int]], rng: np.random.Generator
) -> list:
    """For each breaking variant one of the same substitution, so that its type does not give the class away.

    In half the cases an about equally likely base in a motif, where one is to be had, else beside motif and partner.
    """
    inside, beside = _neutral_places(contig, sites, matrix)
    pairs, used = [], set()
    for place, alt in breaking:
        ref = int(contig.codes[place])
        for pool in (inside, beside) if rng.random() < 0.5 else (beside, inside):
            free = [one for one in pool.get((ref, alt), []) if one not in used]
            if free:
                used.add(chosen := int(rng.choice(free)))
                pairs.append((chosen, alt))
                break
    return pairs


def _neutral_places(contig: Contig, sites: pd.DataFrame, matrix: np.ndarray) -> tuple[dict, dict]:
    """Places by substitution (ref, alt): in the motifs of bound sites, and within 60 bp outside motif and partner."""
    odds = motifs.log_odds(matrix)
    inside: dict[tuple[int, int], list[int]] = {}
    beside: dict[tuple[int, int], list[int]] = {}
    for site in sites.itertuples():
        turned = odds if site.strand == "+" else motifs.reverse(odds)
        held = contig.codes[site.start : site.end]
        change = np.abs(turned - turned[np.arange(len(turned)), held][:, None])
        change[np.arange(len(turned)), held] = np.inf
        for place, alt in np.argwhere(change < 0.4).tolist():
            inside.setdefault((int(held[place]), alt), []).append(site.start + place)
        partner = int(site.partner_start)
        for place in (*range(site.start - 60, site.start), *range(site.end, site.end + 60)):
            if not partner <= place < partner + len(PARTNER):
                ref = int(contig.codes[place])
                for alt in {0, 1, 2, 3} - {ref}:
                    beside.setdefault((ref, alt), []).append(place)
    return inside, beside


def _within(contig: Contig, places: np.ndarray, wanted: int, rng: np.random.Generator) -> list:
    chosen = rng.choice(places, min(wanted, len(places)), replace=False)
    return [(int(place), _other(contig, int(place), rng)) for place in chosen]


def _exonic(contig: Contig, genes: pd.DataFrame) -> np.ndarray:
    inside = np.zeros(len(contig), bool)
    for gene in genes[genes.chrom == contig.name].itertuples():
        for start, end in exons_of(gene):
            inside[start:end] = True
    return np.flatnonzero(inside)


def _intronic(contig: Contig, genes: pd.DataFrame) -> np.ndarray:
    """Introns' bases that nothing planted holds."""
    inside = np.zeros(len(contig), bool)
    for gene in genes[genes.chrom == contig.name].itertuples():
        inside[gene.start : gene.end] = True
    return np.flatnonzero(inside & ~contig.taken)


def exons_of(gene: tuple) -> list[tuple[int, int]]:
    """The exons of a BED12 row as (start, end) on the genome."""
    starts = [int(text) + gene.start for text in str(gene.blockStarts).split(",")]
    sizes = [int(text) for text in str(gene.blockSizes).split(",")]
    return [(start, start + size) for start, size in zip(starts, sizes, strict=True)]


def _awkward(contig: Contig, used: set[int], rng: np.random.Generator, *, insertion: bool) -> list[tuple]:
    """An insertion or a deletion, a multi-allelic record and a record whose REF is not the genome's."""
    rows = []
    for kind in ("indel", "multiallelic", "wrong_ref"):
        place = _plain_place(contig, used, rng)
        held = int(contig.codes[place])
        others = [seq.LETTERS[(held + step) % 4] for step in (1, 2, 3)]
        ref = seq.LETTERS[held]
        if kind == "indel":
            longer = seq.decode(contig.codes[place : place + 3])
            ref, alt = (ref, ref + "".join(others)) if insertion else (longer, ref)
        elif kind == "multiallelic":
            alt = ",".join(others[:2])
        else:
            ref, alt = others[0], others[1]
        rows.append((place + 1, ref, alt, kind))
    return rows


def _plain_place(contig: Contig, used: set[int], rng: np.random.Generator) -> int:
    free = np.flatnonzero(~contig.taken[:-2])
    while True:
        place = int(rng.choice(free))
        if used.isdisjoint(range(place, place + 3)):
            used |= set(range(place, place + 3))
            return place


def _other(contig: Contig, place: int, rng: np.random.Generator) -> int:
    return int((contig.codes[place] + rng.integers(1, 4)) % 4)
