"""Does DNA look like a genome's? Word spectra and their divergence, GC, runs, low complexity, open reading frames.

Windows are codes [n, W]; shorter sequences are padded with N, which no measure here counts.
"""

import numpy as np

from dnalm.dna import seq
from dnalm.dna import words as dna_words

WINDOW = 64  # bases, as in DUST
_STOPS = np.array([[3, 0, 0], [3, 0, 2], [3, 2, 0]])  # TAA TAG TGA
_START = np.array([0, 3, 2])


def pad(sequences: list[np.ndarray]) -> np.ndarray:
    """Sequences of any lengths as one array uint8 [n, longest], N at their ends."""
    codes = np.full((len(sequences), max(map(len, sequences), default=0)), seq.N, np.uint8)
    for row, one in enumerate(sequences):
        codes[row, : len(one)] = one
    return codes


def spectrum(codes: np.ndarray, k: int) -> np.ndarray:
    """Share of each k-mer [4^k] among all k-mers without N (all zero where there is none)."""
    counts = dna_words.word_counts(codes, k)
    return counts / max(counts.sum(), 1)


def jensen_shannon(one: np.ndarray, other: np.ndarray) -> float:
    """Jensen-Shannon divergence of two distributions in bits: 0 for equal ones, 1 for disjoint ones.

    Finite samples of one source diverge too, so it is read beside the divergence of two samples of the genome.
    """
    middle = (one + other) / 2
    return float((_relative(one, middle) + _relative(other, middle)) / 2)


def _relative(one: np.ndarray, other: np.ndarray) -> float:
    inside = one > 0
    return float((one[inside] * np.log2(one[inside] / other[inside])).sum())


def homopolymers(codes: np.ndarray) -> np.ndarray:
    """Longest run of one base in each window: int64 [n]."""
    longest, run = np.zeros(len(codes), np.int64), np.zeros(len(codes), np.int64)
    before = np.full(len(codes), seq.N, np.uint8)
    for letter in codes.T:
        run = np.where(letter == seq.N, 0, np.where(letter == before, run + 1, 1))
        longest, before = np.maximum(longest, run), letter
    return longest


def low_complexity(codes: np.ndarray, threshold: float = 2.0) -> np.ndarray:
    """Share of each window's 64-base pieces that DUST calls low complexity: float64 [n].

    A piece scores the sum over its triplets of c (c - 1) / 2, divided by its triplets less one: about 0.5 in random
    DNA, 31 in poly-A; above 2 is masked (Morgulis et al., J Comput Biol 2006). NaN where no piece is free of N.
    """
    low, pieces = np.zeros(len(codes)), np.zeros(len(codes))
    size = min(WINDOW, codes.shape[1])
    for start in range(0, codes.shape[1] - size + 1, size) if size > 3 else ():
        piece = codes[:, start : start + size]
        words, _ = dna_words.words_at(piece, 3)
        whole = (piece < seq.N).all(1)
        counts = np.stack([np.bincount(row, minlength=64) for row in words])
        score = (counts * (counts - 1) / 2).sum(1) / (words.shape[1] - 1)
        low, pieces = low + (whole & (score > threshold)), pieces + whole
    return low / np.where(pieces, pieces, np.nan)


def longest_orfs(codes: np.ndarray) -> np.ndarray:
    """Longest open reading frame of each window in bp, ATG to stop codon inclusive, six frames: int64 [n] (0: none)."""
    both = [_longest_orf(strand, frame) for strand in (codes, seq.reverse_complement(codes)) for frame in range(3)]
    return np.max(both, axis=0)


def _longest_orf(codes: np.ndarray, frame: int) -> np.ndarray:
    longest, begun = np.zeros(len(codes), np.int64), np.full(len(codes), -1)
    for place in range(frame, codes.shape[1] - 2, 3):
        codon = codes[:, place : place + 3]
        stop = (codon[:, None] == _STOPS).all(2).any(1)
        longest = np.where(stop & (begun >= 0), np.maximum(longest, place + 3 - begun), longest)
        begun = np.where(stop | (codon == seq.N).any(1), -1, begun)
        begun = np.where((begun < 0) & (codon == _START).all(1), place, begun)
    return longest
