"""k-mer counts and their numbers, by hand."""

import numpy as np
import pytest

from dnalm.dna import seq, words


def test_canonical_numbers():
    assert words.canonical_at(seq.encode("TT"), 2)[0].tolist() == [0]  # TT is AA
    assert words.canonical_at(seq.encode("CG"), 2)[0].tolist() == [0b0110]  # CG is its own complement
    every = words.spelled(np.arange(4**6), 6)
    assert len(np.unique(words.canonical_at(every, 6)[0])) == 2080
    codes = seq.encode("GATTACANGT")
    turned, known = words.canonical_at(seq.reverse_complement(codes), 3)
    assert np.array_equal(turned[::-1][known[::-1]], words.canonical_at(codes, 3)[0][known[::-1]])


def test_numbers_at_each_place():
    numbers, known = words.words_at(seq.encode("ACGNT"), 2)
    assert numbers[known].tolist() == [0b0001, 0b0110]
    assert known.tolist() == [True, True, False, False]
    rows, _ = words.words_at(np.stack([seq.encode("ACG"), seq.encode("TTT")]), 3)
    assert rows.tolist() == [[0b000110], [0b111111]]
    assert words.words_at(seq.encode("AC"), 3)[0].tolist() == []


@pytest.mark.parametrize(("k", "dtype"), [(15, np.int32), (16, np.int64), (words.LONGEST, np.int64)])
def test_the_greatest_number_fits(k, dtype):
    numbers, known = words.words_at(seq.encode("T" * k), k)
    assert (numbers.tolist(), numbers.dtype, known.all()) == ([4**k - 1], dtype, True)


def test_spelling_undoes_numbering():
    every = words.spelled(np.arange(64), 3)
    assert seq.decode(every[0b100111]) == "GCT"
    assert words.words_at(every, 3)[0].ravel().tolist() == list(range(64))


def test_counts_by_hand():
    codes = seq.encode("AACNTT")[None]
    assert words.word_counts(codes, 2)[[0b0000, 0b0001, 0b1111]].tolist() == [1, 1, 1]
    assert words.word_counts(codes, 7).tolist() == [0] * 4**7
    both = words.kmer_counts(codes, 2).toarray()[0]
    # AA, AC and (over the N nothing) TT = AA on the other strand
    assert (both[0b0000], both[0b0001], both.sum()) == (2, 1, 3)
    assert words.kmer_counts(codes, 7).sum() == 0


def test_windows_that_share_a_word_are_one_cluster_on_either_strand():
    codes = np.random.default_rng(0).integers(0, 4, 300).astype(np.uint8)
    cuts = [codes[:50], codes[40:90], codes[200:250], seq.reverse_complement(codes[80:130]), codes[239:289]]
    assert words.clusters(np.stack(cuts), 10).tolist() == [0, 0, 1, 0, 1]  # the last shares eleven bases
    assert words.clusters(np.stack(cuts), 11).tolist() == [0, 1, 2, 3, 2]
    assert words.clusters(np.stack(cuts), 12).tolist() == [0, 1, 2, 3, 4]
    unknown = np.full((2, 50), seq.N, np.uint8)
    assert words.clusters(unknown, 10).tolist() == [0, 1]
    assert words.clusters(np.stack([codes[:8], codes[:8], codes[8:16]])).tolist() == [0, 0, 1]
    assert words.clusters(unknown[:0]).tolist() == []
