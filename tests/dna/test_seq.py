"""Sequences as codes: round trips, strands, stretches, shuffles that keep dinucleotides."""

import numpy as np
import pytest

from dnalm.dna import seq


def test_letters_and_back():
    assert seq.encode("ACGTNacgtnR-").tolist() == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 4, 4]
    text = "".join(np.random.default_rng(0).choice(list("ACGTN"), 1_000))
    assert seq.decode(seq.encode(text)) == text
    assert seq.decode(seq.encode(text.lower().encode())) == text
    assert seq.encode(np.frombuffer(b"ACgt", np.uint8).reshape(2, 2)).tolist() == [[0, 1], [2, 3]]
    assert seq.encode("AÄ").tolist() == [0, 4]
    assert (seq.encode("").tolist(), seq.encode("").dtype) == ([], np.uint8)
    codes = seq.encode("ACGT")
    codes[0] = 3  # mutants are written into what was read
    assert (codes.tolist(), seq.encode("ACGT").tolist()) == ([3, 1, 2, 3], [0, 1, 2, 3])


def test_reverse_complement():
    assert seq.decode(seq.reverse_complement(seq.encode("AACGTN"))) == "NACGTT"
    codes = np.random.default_rng(1).integers(0, 5, (3, 50)).astype(np.uint8)
    np.testing.assert_array_equal(seq.reverse_complement(seq.reverse_complement(codes)), codes)


@pytest.mark.parametrize(("text", "share"), [("GCGC", 1), ("ATN", 0), ("GCATNN", 0.5), ("GAAA", 0.25)])
def test_gc_content(text, share):
    assert seq.gc_content(seq.encode(text)) == share


def test_gc_content_of_unknown_bases_is_unknown():
    assert np.isnan(seq.gc_content(seq.encode("NNN")))


@pytest.mark.parametrize("text", ["A", "AC", "AAAA", "ACGTACGTTTGACCA", "ACGNNNACGATTA"])
def test_shuffle_keeps_dinucleotides_and_ends(text):
    codes = seq.encode(text)
    for seed in range(5):
        shuffled = seq.shuffle_dinucleotides(codes, np.random.default_rng(seed))
        assert pairs(shuffled) == pairs(codes)
        assert (shuffled[0], shuffled[-1]) == (codes[0], codes[-1])


def test_shuffle_reaches_every_order():
    codes = seq.encode("ACAGATA")  # C, G and T may stand in 3! orders
    found = {seq.decode(seq.shuffle_dinucleotides(codes, np.random.default_rng(seed))) for seed in range(200)}
    assert len(found) == 6


def pairs(codes):
    return sorted(zip(codes[:-1].tolist(), codes[1:].tolist(), strict=True))


def test_stretches_leave_out_n_and_short_ones():
    letters = b"NN" + b"A" * 5 + b"N" + b"c" * 3 + b"N" + b"G" * 4
    assert list(seq.stretches(seq.encode(letters), shortest=4)) == [(2, 7), (12, 16)]
    assert list(seq.stretches(seq.encode(b"ACGT"))) == [(0, 4)]
    assert list(seq.stretches(seq.encode(b""))) == []


def test_soft_mask_is_lower_case():
    assert seq.soft_masked(b"ACgtACgTTt").astype(int).tolist() == [0, 0, 1, 1, 0, 0, 1, 0, 0, 1]


@pytest.fixture(scope="module")
def windows():
    return np.random.default_rng(0).integers(0, 4, (3, 40)).astype(np.uint8)


def test_reverse_complement_of_reverse_complement(windows):
    assert np.array_equal(seq.reverse_complement(seq.reverse_complement(windows)), windows)
