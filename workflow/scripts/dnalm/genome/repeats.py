"""A soft-mask from the genome itself, for one that comes without: words that it holds too often are repeats.

A small model that is trained on unmasked repeats learns little else: on 9.5 Mb of human chr1 its states told repeats
apart, 57 % of their variance along one direction, and fine-tuned from 300 labels it fell behind random weights.
"""

from collections.abc import Iterable

import numpy as np

from dnalm.dna import seq, words

K = 16  # bases: by chance a word of so many comes back once in four thousand megabases
GAP = 30  # bases between two repeated words that a copy's own mutations explain


def often(records: Iterable[tuple[str, bytes]], least: int) -> np.ndarray:
    """Numbers, in order, of the words of 16 bases seen `least` times or more in these contigs, on either strand.

    Takes 16 bytes a base and more for a while: this is for pieces and small genomes; large ones come masked.
    """
    numbers = [found[known] for _, letters in records for found, known in [_words(letters)]]
    if not numbers:
        return np.empty(0, np.int64)
    values, counts = np.unique(np.concatenate(numbers), return_counts=True)
    return values[counts >= least]


def masked(letters: bytes, repeated: np.ndarray) -> bytes:
    """A contig in which bases that lie in a repeated word, or in a gap of 30 between two, are lower case as well."""
    found, known = _words(letters)
    begins = np.flatnonzero(known & np.isin(found, repeated))
    if not len(begins):
        return letters
    breaks = np.flatnonzero(np.diff(begins) > K + GAP)
    starts, ends = begins[np.r_[0, breaks + 1]], begins[np.r_[breaks, -1]] + K
    lower = bytearray(letters)
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        lower[start:end] = lower[start:end].lower()
    return bytes(lower)


def _words(letters: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Number of the word at each place, that of its strand or of the other, whichever is less; whether it has no N."""
    codes = seq.encode(letters)
    ours, known = words.words_at(codes, K)
    others, _ = words.words_at(seq.reverse_complement(codes), K)
    return np.minimum(ours, others[::-1]), known
