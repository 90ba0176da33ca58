"""Markov chains with known chances."""

import numpy as np
import pytest

from dnalm.dna import seq, words
from dnalm.genome import index as genome_index
from dnalm.genome import markov


def test_a_markov_chain_learns_what_it_is_given():
    counts = np.zeros((64, 4))
    counts[:, 1] = 300
    counts[:, 2] = 100
    codes = markov.sample(counts, 200, 200, np.random.default_rng(0))
    assert codes.shape == (200, 200)
    assert np.bincount(codes.ravel(), minlength=4) / codes.size == pytest.approx([0, 0.75, 0.25, 0], abs=0.02)
    entropy = -(0.75 * np.log2(0.75) + 0.25 * np.log2(0.25))
    assert markov.bits_per_base(counts, codes).mean() == pytest.approx(entropy, abs=0.05)
    assert np.isnan(markov.bits_per_base(counts, np.full((1, 9), seq.N, np.uint8))).all()


def test_a_markov_chain_is_fitted_on_training_contigs_alone(tmp_path):
    fasta = tmp_path / "m.fa"
    fasta.write_text(">a\nACACACACAC\n>b\nGGGGGGGG\n")
    genome_index.index(fasta, tmp_path / "m", name="m", source="toy", splits={"test": ["b"]})
    counts = markov.fit([tmp_path / "m"], 1)
    assert counts.tolist() == [[0, 5, 0, 0], [4, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]


def test_a_shorter_chain_from_a_longer_one():
    codes = np.random.default_rng(0).integers(0, 4, (1, 5000)).astype(np.uint8)
    longest, short = (words.word_counts(codes, k).reshape(-1, 4) for k in (5, 3))
    assert np.abs(markov.shorter(longest, 2) - short).sum() == 2  # the last two words have no fifth base


def test_chances_of_continuations_sum_to_one_and_multiply():
    counts = np.random.default_rng(0).integers(0, 50, (16, 4))
    codes = seq.encode("ACGTAC")[None]
    chances = np.exp(markov.continuations(counts, codes, 3))
    assert chances.shape == (1, 64)
    assert chances.sum() == pytest.approx(1)
    one = (counts + 0.5) / (counts + 0.5).sum(1, keepdims=True)
    expected = one[int("01", 4), 2] * one[int("12", 4), 3] * one[int("23", 4), 0]  # AC→G, CG→T, GT→A
    assert chances[0, int("230", 4)] == pytest.approx(expected)
