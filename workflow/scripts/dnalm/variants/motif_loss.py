"""What a factor's motif loses by a variant: the baseline that a model of the factor's binding has to beat.

It needs no training and no context: the best match of a position weight matrix over the reference allele less the
best over the alternative, both strands. What is no better than chance (0 bits) is no site, so that a change from a bad
match to a worse one is none.
"""

import numpy as np
import pandas as pd
import pysam

from dnalm.dna import motifs, seq
from dnalm.genome import fasta as genome_fasta

LABEL = "motif_loss"  # of the baseline
_CHUNK = 1 << 14  # edits held at a time


def of_edits(edits: pd.DataFrame, fasta: pysam.FastaFile, log_odds: np.ndarray) -> np.ndarray:
    """Bits lost (+) or gained (-) by each edit (chrom, start, ref, alt; see `normalise.minimal`): float64 [n].

    Looked at are the matches that hold a base that is replaced or stand across the place where some are put in or
    taken out, so nothing else of the genome tells. `log_odds` [width, 4] as of `motifs.log_odds`.
    """
    found, beside = [np.zeros(0)], len(log_odds) - 1
    for first in range(0, len(edits), _CHUNK):
        some = edits.iloc[first : first + _CHUNK]
        chrom, start = some.chrom.to_numpy(), some.start.to_numpy(np.int64)
        before = genome_fasta.cut_windows(fasta, chrom, start - beside, beside)
        after = genome_fasta.cut_windows(fasta, chrom, start + some.ref.str.len().to_numpy(np.int64), beside)
        ref, alt = (_best(before, alleles, after, log_odds) for alleles in (some.ref, some.alt))
        found.append(ref - alt)
    return np.concatenate(found)


def _best(before: np.ndarray, alleles: pd.Series, after: np.ndarray, log_odds: np.ndarray) -> np.ndarray:
    """The best match over each allele and the bases beside it that it can reach; 0 for none above chance."""
    bases = [seq.encode(text) for text in alleles]
    rows = [np.concatenate(row) for row in zip(before, bases, after, strict=True)]
    codes = np.full((len(rows), max(map(len, rows))), seq.N, np.uint8)
    for row, one in zip(codes, rows, strict=True):
        row[: len(one)] = one
    return np.maximum(motifs.best_hits(codes, log_odds), 0).astype(float)
