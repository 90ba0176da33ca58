"""Words of k bases as token ids, at memory speed: side by side (Nucleotide Transformer) or overlapping (DNABERT)."""

import numba
import numpy as np

from dnalm.dna import words as dna_words


def side_by_side(codes: np.ndarray, k: int, letters: int, words: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of base codes [n, W] as words from left to right; ids int32 [n, longest] and tokens a row, int64 [n].

    Ids: `words` + the word read as a number in base 4 (A 0, C 1, G 2, T 3), `letters` + code for a base that no word
    takes in: an N, or what is left before an N and at the end. After a row's own there are zeros.
    """
    ids, counts = np.zeros(codes.shape, np.int32), np.empty(len(codes), np.int64)
    for row, line in enumerate(np.ascontiguousarray(codes)):
        counts[row] = cut_words(line, k, letters, words, ids[row])
    return ids[:, : counts.max(initial=0)], counts


def overlapping(codes: np.ndarray, k: int, words: int, unknown: int) -> np.ndarray:
    """The word that starts at each base, along the last axis: W - k + 1 ids (int32), `unknown` for one with an N."""
    numbers, known = dna_words.words_at(codes, k)
    return np.where(known, numbers + words, unknown).astype(np.int32)


@numba.njit(cache=True, nogil=True)
def cut_words(codes, k, letters, words, out):
    """Ids of one row into `out`; how many."""
    at, count, size = 0, 0, len(codes)
    while at < size:
        word, taken = 0, 0
        while taken < k and at + taken < size and codes[at + taken] < 4:
            word = 4 * word + codes[at + taken]
            taken += 1
        if taken == k:
            out[count] = words + word
            at += k
        else:  # an N or the end is nearer than k: a word begun further on would meet it too, so letters until there
            out[count] = letters + codes[at]
            at += 1
        count += 1
    return count
