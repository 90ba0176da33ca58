"""k-mer counts and their numbers, by hand."""

from dnalm.dna import seq, words


def test_kmer_counts_by_hand():
    counts = words.kmer_counts(seq.encode("AACNTT")[None], 2).toarray()[0]
    # AA, AC and (over the N nothing) TT = AA on the other strand
    assert (counts[0b0000], counts[0b0001], counts.sum()) == (2, 1, 3)


def test_canonical_numbers():
    found = words.canonical(2)
    assert found[0b1111] == 0  # TT is AA
    assert found[0b0110] == 0b0110  # CG is its own complement
    assert len(set(words.canonical(6).tolist())) == 2080
