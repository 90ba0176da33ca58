"""Words of k bases (k-mers): numbered at each place, spelled, counted, shared.

A word's number has A, C, G, T as digits 0 1 2 3 in base 4, the first base first.
"""

from collections.abc import Callable

import numpy as np
from scipy import sparse

from dnalm.dna import seq

LONGEST = 31  # bases whose number fits 64 bits with a sign
_ROWS = 4096


def words_at(codes: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """(Number of the word that begins at each place, whether it is without N), along the last axis: [..., W - k + 1].

    Numbers are int32 up to 15 bases, int64 up to 31; that of a word with an N means nothing.
    """
    places = max(codes.shape[-1] - k + 1, 0)
    words = np.zeros((*codes.shape[:-1], places), np.int32 if k <= 15 else np.int64)
    known = np.ones(words.shape, bool)
    for offset in range(k):
        letter = codes[..., offset : offset + places]
        known &= letter < seq.N
        words *= 4
        words += np.minimum(letter, 3)
    return words, known


def canonical_at(codes: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """As `words_at`, with the smaller number of a word and its reverse complement, which are one site of one duplex."""
    forward, known = words_at(codes, k)
    backward, _ = words_at(seq.reverse_complement(codes), k)
    return np.minimum(forward, backward[..., ::-1]), known


def spelled(words: np.ndarray, k: int) -> np.ndarray:
    """Base codes uint8 [n, k] of the words with these numbers [n]."""
    return (words[:, None] // 4 ** np.arange(k)[::-1] % 4).astype(np.uint8)


def word_counts(codes: np.ndarray, k: int) -> np.ndarray:
    """Counts [4^k] of the k-mers without N in windows [n, W]."""
    words, known = words_at(codes, k)
    return np.bincount(words[known], minlength=4**k)


def kmer_counts(codes: np.ndarray, k: int, *, both_strands: bool = True) -> sparse.csr_matrix:
    """Canonical k-mer counts of windows [n, W]: sparse float32 [n, 4^k]; k-mers that hold N are not counted.

    A k-mer and its reverse complement share a column (the smaller number), so both strands count alike; without
    `both_strands` each has its own, for windows that mean something else the other way round.
    """
    at = canonical_at if both_strands else words_at
    return sparse.vstack([_counts(codes[first : first + _ROWS], k, at) for first in range(0, len(codes), _ROWS)], "csr")


def _counts(
    codes: np.ndarray, k: int, at: Callable[[np.ndarray, int], tuple[np.ndarray, np.ndarray]]
) -> sparse.csr_matrix:
    words, known = at(codes, k)
    row, place = np.nonzero(known)
    ones = np.ones(len(row), np.float32)
    return sparse.coo_matrix((ones, (row, words[row, place])), (len(codes), 4**k)).tocsr()


def clusters(codes: np.ndarray, k: int = LONGEST) -> np.ndarray:
    """The cluster of each window [n, W], numbered from 0: windows that share a word, on either strand, are of one.

    Single linkage, so that two clusters share no word of k bases without N: windows that overlap are of one, and so are
    copies of a repeat that is young. A window of fewer bases has one word, itself.
    """
    words, known = canonical_at(codes, min(k, codes.shape[1]))
    row = np.nonzero(known)[0]
    named, word = np.unique(words[known], return_inverse=True)
    number, nodes = len(codes), len(codes) + len(named)
    links = sparse.coo_matrix((np.ones(len(row)), (row, number + word.reshape(-1))), (nodes, nodes))
    return np.unique(sparse.csgraph.connected_components(links, directed=False)[1][:number], return_inverse=True)[1]
