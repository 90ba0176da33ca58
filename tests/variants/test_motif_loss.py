"""What variants do to a motif, by hand: on either strand, at a contig's end, of every kind of edit."""

from pathlib import Path

import genomes
import numpy as np
import pandas as pd
import pysam
import pytest

from dnalm.dna import motifs, seq
from dnalm.variants import motif_loss

GENOME = {"c": "TTTTACGGTTTTTTCCGTTTTTNNACGG", "d": "ACGG"}
MOTIF = np.full((4, 4), -9.0)
MOTIF[range(4), [0, 1, 2, 2]] = 2.0  # ACGG: 2 bits a base, and 9 less for a wrong one


@pytest.fixture
def fasta(tmp_path: Path) -> pysam.FastaFile:
    return genomes.indexed(tmp_path, GENOME)


EDITS = [  # (contig, start, ref, alt, bits lost)
    ("c", 4, "A", "C", 8.0),  # a site is broken
    ("c", 2, "T", "A", 0.0),  # beside it
    ("c", 17, "T", "A", 8.0),  # the other strand's, CCGT
    ("c", 14, "C", "T", 8.0),
    ("c", 18, "T", "A", 0.0),
    ("c", 13, "T", "A", 0.0),
    ("c", 5, "", "T", 8.0),  # cut in two
    ("c", 4, "", "T", 0.0),  # moved
    ("c", 4, "ACGG", "", 8.0),
    ("c", 10, "", "ACGG", -8.0),
    ("c", 10, "TT", "CCGT", -8.0),
    ("c", 24, "A", "C", 8.0),  # behind N, at the contig's end
    ("d", 0, "A", "C", 8.0),
    ("d", 0, "", "A", 0.0),
]


def test_bits_lost_and_gained_by_hand(fasta: pysam.FastaFile):
    edits = pd.DataFrame([row[:4] for row in EDITS], columns=["chrom", "start", "ref", "alt"])
    assert motif_loss.of_edits(edits, fasta, MOTIF).tolist() == [row[4] for row in EDITS]
    assert motif_loss.of_edits(edits.iloc[:0], fasta, MOTIF).shape == (0,)


def test_a_loss_is_that_of_the_matches_that_reach_the_alleles(tmp_path: Path):
    """Against hits one by one, of every kind of edit."""
    rng = np.random.default_rng(0)
    log_odds = motifs.log_odds(rng.dirichlet([0.2] * 4, 8))
    text = seq.decode(rng.integers(0, 4, 3000).astype(np.uint8))
    rows = [
        ("c", int(at), text[at : at + lost], "GATTACA"[:gained])
        for at in rng.integers(50, 2900, 80)
        for lost, gained in ((1, 1), (3, 0), (0, 4))
    ]
    edits = pd.DataFrame(rows, columns=["chrom", "start", "ref", "alt"])
    found = motif_loss.of_edits(edits, genomes.indexed(tmp_path, {"c": text}), log_odds)
    for (_, start, ref, alt), bits in zip(rows, found, strict=True):
        sides = text[start - 7 : start], text[start + len(ref) : start + len(ref) + 7]
        best = [
            max(motifs.hit_scores(seq.encode(sides[0] + one + sides[1]), log_odds)[0].max(), 0) for one in (ref, alt)
        ]
        assert bits == pytest.approx(best[0] - best[1], abs=1e-5)
