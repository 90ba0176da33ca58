"""Words of k bases (k-mers): numbered, found, counted.

A word's number has A, C, G, T as digits 0 1 2 3 in base 4, the first base first.
"""

import numpy as np
from scipy import sparse

from dnalm.dna import seq

_ROWS = 4096


def canonical(k: int) -> np.ndarray:
    """For each of the 4^k k-mers (A C G T as digits 0 1 2 3, first base first) the smaller of it and its complement."""
    numbers = np.arange(4**k)
    digits = numbers[:, None] // 4 ** np.arange(k)[::-1] % 4
    other = (3 - digits[:, ::-1]) @ 4 ** np.arange(k)[::-1]
    return np.minimum(numbers, other)


def kmer_counts(codes: np.ndarray, k: int) -> sparse.csr_matrix:
    """Canonical k-mer counts of windows [n, W]: sparse float32 [n, 4^k]; k-mers that hold N are not counted.

    A k-mer and its reverse complement share a column (the smaller number), so both strands count alike.
    """
    return sparse.vstack([_counts(codes[first : first + _ROWS], k) for first in range(0, len(codes), _ROWS)], "csr")


def _counts(codes: np.ndarray, k: int) -> sparse.csr_matrix:
    places = codes.shape[1] - k + 1
    if places < 1:
        return sparse.csr_matrix((len(codes), 4**k), dtype=np.float32)
    numbers, known = np.zeros((len(codes), places), np.int64), np.ones((len(codes), places), bool)
    for offset in range(k):
        column = codes[:, offset : offset + places]
        numbers = numbers * 4 + np.where(column < seq.N, column, 0)
        known &= column < seq.N
    row, place = np.nonzero(known)
    ones = np.ones(len(row), np.float32)
    return sparse.coo_matrix((ones, (row, canonical(k)[numbers[row, place]])), (len(codes), 4**k)).tocsr()


def word_counts(codes: np.ndarray, k: int) -> np.ndarray:
    """Counts [4^k] of the k-mers without N in windows [n, W] (A C G T as digits 0 1 2 3, first base first)."""
    places = codes.shape[1] - k + 1
    if places < 1:
        return np.zeros(4**k, np.int64)
    words, known = words_at(codes, k)
    return np.bincount(words[known], minlength=4**k)


def words_at(codes: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """(k-mer number at each place, whether it is without N), both [n, W - k + 1]."""
    places = codes.shape[1] - k + 1
    words, known = np.zeros((len(codes), places), np.int32), np.ones((len(codes), places), bool)
    for offset in range(k):
        letter = codes[:, offset : offset + places]
        known &= letter < seq.N
        words = words * 4 + np.minimum(letter, 3)
    return words, known
