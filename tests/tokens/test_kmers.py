"""Words of k bases, by hand."""

import numpy as np

from dnalm.dna import seq
from dnalm.tokens import kmers


def test_side_by_side_with_n_and_a_remainder():
    ids, counts = kmers.side_by_side(seq.encode("AACGNGTTTA")[None], 3, 5, 10)
    # AAC = 1, G, N, GTT = 47, T, A
    assert ids[0].tolist() == [11, 7, 9, 10 + 47, 8, 5]
    assert counts.tolist() == [6]


def test_rows_of_different_numbers_of_words():
    ids, counts = kmers.side_by_side(np.stack([seq.encode("ACGT"), seq.encode("ANCG")]), 2, 5, 10)
    assert counts.tolist() == [2, 3]
    assert ids[1].tolist() == [5, 9, 10 + 6]
    for _ in range(20):  # nothing is left of what the memory held before: an id is looked up in a table
        np.full((200, 300), 999, np.int32).sum()
        codes = np.zeros((200, 300), np.uint8)
        codes[0] = seq.N
        ids, counts = kmers.side_by_side(codes, 6, 0, 5)
        assert ids.shape == (200, 300)
        assert not ids[1:, 50:].any()


def test_overlapping():
    assert kmers.overlapping(seq.encode("ACGT"), 3, 5, 1).tolist() == [5 + 6, 5 + 27]
    assert kmers.overlapping(seq.encode("ACGNAAA"), 3, 5, 1).tolist() == [11, 1, 1, 1, 5]
    assert kmers.overlapping(seq.encode("AC"), 3, 5, 1).tolist() == []
