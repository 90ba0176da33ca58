"""An embedded genome whose truth is known: sites bound only beside a partner, decoys that look the same to a matrix.

Everything planted is written down, so that each later step can be graded. A site is bound if and only if a partner
motif lies within 60 bp of it; the matrix scores of bound sites and decoys have one distribution, so a motif scan alone
cannot tell them apart, and partners also stand alone, so neither can the partner.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dnalm.dna import motifs, seq
from dnalm.errors import UsageError
from dnalm.simulate import background
from dnalm.simulate import genes as simulated_genes
from dnalm.simulate.background import Contig

PARTNER = seq.encode("AGCATTCCTG")
REACH = 60  # bp from a site's edge within which the whole partner must lie
MISSES = 1  # mismatches that a partner may carry
_PARTNER_SCORES = np.eye(4)[PARTNER] - 1  # score = minus the number of mismatches
COLUMNS = ["chrom", "start", "end", "strand", "bound", "kind", "partner_distance", "score", "partner_start"]


@dataclass
class Genome:
    """A simulated genome and its truth (coordinates 0-based, half-open)."""

    contigs: list[Contig]
    sites: pd.DataFrame
    genes: pd.DataFrame
    blacklist: pd.DataFrame
    matrix: np.ndarray


def simulate(
    matrix: np.ndarray,
    *,
    seed: int,
    size: int = 3_000_000,
    contigs: int = 6,
    sites_per_kb: float = 1.0,
    bound_share: float = 0.5,
    repeat_share: float = 0.2,
) -> Genome:
    """Draw a genome of `size` bp in uneven contigs; the same arguments always give the same genome.

    `matrix` [width, 4] is the factor's motif, of which `sites_per_kb` are planted each kb, `bound_share` of them with
    a partner. Raises UsageError where the contigs would be too small to hold every kind of thing.
    """
    lengths = contig_lengths(size, contigs)
    odds = motifs.log_odds(matrix)
    common = np.random.default_rng([seed, 0])
    families, codons = background.draw_families(common), simulated_genes.draw_codons(common)
    made, sites, rows, blacklist = [], [], [], []
    for number, (name, length) in enumerate(lengths.items(), 1):
        rng = np.random.default_rng([seed, number])
        contig = background.draw_background(name, length, rng)
        background.plant_gaps(contig, rng)
        blacklist += [(name, start, end) for start, end in background.plant_satellites(contig, rng)]
        rows += simulated_genes.plant_genes(contig, codons, rng)
        background.plant_repeats(contig, families, repeat_share, rng)
        sites += plant_sites(contig, matrix, odds, sites_per_kb, bound_share, rng)
        made.append(contig)
    return Genome(
        made,
        pd.DataFrame(sites, columns=COLUMNS),
        pd.DataFrame(rows, columns=simulated_genes.BED12),
        pd.DataFrame(sorted(blacklist), columns=["chrom", "start", "end"]),
        matrix,
    )


def contig_lengths(size: int, contigs: int) -> dict[str, int]:
    """Uneven lengths that sum to `size`: the last two, for validation and test, 2/15 of it each."""
    if not 3 <= contigs <= 26:
        raise UsageError(f"--contigs {contigs}: wanted 3 to 26, so that train, validation and test each have one")
    weights = np.append(np.linspace(1.8, 1.0, contigs - 2) / np.linspace(1.8, 1.0, contigs - 2).sum() * 11, [2, 2])
    lengths = (size * weights / 15).astype(int)
    lengths[0] += size - lengths.sum()
    if lengths.min() < 25_000:
        raise UsageError(f"--size {size} --contigs {contigs}: contigs of {lengths.min()} bp; each needs 25,000 bp")
    return {f"chr{chr(65 + index)}": int(length) for index, length in enumerate(lengths)}


def plant_sites(
    contig: Contig,
    matrix: np.ndarray,
    odds: np.ndarray,
    per_kb: float,
    bound_share: float,
    rng: np.random.Generator,
) -> list[list]:
    """Plant bound sites, decoys, and as many lone partners as bound sites, on both strands; rows sorted by start."""
    total = round(len(contig) * per_kb / 1000)
    bound = round(total * bound_share)
    kinds = rng.permutation(["bound"] * bound + ["decoy"] * (total - bound) + ["partner"] * bound)
    rows = [row for kind in kinds if (row := _plant_one(contig, str(kind), matrix, odds, rng))]
    return sorted(rows, key=lambda row: row[1])


def _plant_one(
    contig: Contig, kind: str, matrix: np.ndarray, odds: np.ndarray, rng: np.random.Generator, tries: int = 50
) -> list | None:
    """Plant one thing where no accident makes its label wrong; None where the contig is full."""
    for _ in range(tries):
        core, strand = _draw_core(kind, matrix, rng)
        span = len(core) + 2 * REACH
        start = contig.room(span, rng)
        if start is None:
            return None
        codes = contig.codes[start : start + span].copy()
        codes[REACH : REACH + len(core)] = core
        if kind == "partner" and motifs.hit_scores(codes, odds)[0].max() > 8.0:
            continue
        if kind != "partner" and has_partner(codes):
            continue
        first, last = start + REACH, start + REACH + len(core)
        distance, partner_start = "", first if kind == "partner" else ""
        if kind == "bound":
            distance = int(rng.integers(2, REACH - len(PARTNER) + 1))
            downstream = rng.random() < 0.5
            offset = REACH + len(core) + distance if downstream else REACH - distance - len(PARTNER)
            codes[offset : offset + len(PARTNER)] = draw_partner(rng)
            partner_start = start + offset
        contig.plant(start, codes)
        score = "" if kind == "partner" else round(float(motifs.hit_scores(core, odds)[0][0]), 3)
        return [contig.name, first, last, strand, int(kind == "bound"), kind, distance, score, partner_start]
    return None


def _draw_core(kind: str, matrix: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """A motif drawn from the matrix, or a partner, with the strand it was turned to."""
    strand = "+" if rng.random() < 0.5 else "-"
    if kind == "partner":
        core = draw_partner(rng, both=False)
    else:
        core = (rng.random(len(matrix))[:, None] > matrix.cumsum(1)[:, :3]).sum(1).astype(np.uint8)
    return core if strand == "+" else seq.reverse_complement(core), strand


def draw_partner(rng: np.random.Generator, *, both: bool = True) -> np.ndarray:
    """The partner's consensus, in two of five cases with one base changed, and on a random strand where `both`."""
    codes = PARTNER.copy()
    if rng.random() < 0.4:
        place = rng.integers(len(codes))
        codes[place] = (codes[place] + rng.integers(1, 4)) % 4
    return seq.reverse_complement(codes) if both and rng.random() < 0.5 else codes


def has_partner(codes: np.ndarray) -> bool:
    """Whether a partner with at most one mismatch lies anywhere in `codes`, on either strand."""
    return bool(motifs.hit_scores(codes, _PARTNER_SCORES)[0].max() >= -MISSES)
