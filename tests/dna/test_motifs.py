"""Motifs: a matrix read, turned into log odds and slid over sequences whose scores are known by hand."""

import numpy as np
import pytest

from dnalm.dna import motifs, seq

ACG = motifs.log_odds(np.eye(4)[[0, 1, 2]])  # the motif ACG, and nothing but ACG
PERFECT = 3 * np.log2(4 * 1.0025 / 1.01)


def test_log_odds_by_hand():
    odds = motifs.log_odds(np.array([[1.0, 0.0, 0.0, 0.0]]), pseudocount=1.0)
    np.testing.assert_allclose(odds, [[np.log2(2.5), -1, -1, -1]])
    np.testing.assert_allclose(motifs.log_odds(np.full((3, 4), 0.25)), 0, atol=1e-12)


def test_hits_on_both_strands():
    scores, strand = motifs.hit_scores(seq.encode("TACGTTACNCG"), ACG)
    assert scores[1] == pytest.approx(PERFECT, rel=1e-5)
    assert strand[1] == 1
    assert scores[2] == pytest.approx(PERFECT, rel=1e-5)  # CGT is ACG from the other side
    assert strand[2] == -1
    assert np.all(scores[6:] == -np.inf)  # N, then the end
    assert np.all(strand[6:] == 0)


def test_reverse_complement_mirrors_scores():
    codes = np.random.default_rng(1).integers(0, 4, 70_000).astype(np.uint8)  # longer than one block
    forward, _ = motifs.hit_scores(codes, ACG)
    mirrored, _ = motifs.hit_scores(seq.reverse_complement(codes), ACG)
    np.testing.assert_allclose(forward[:-2], mirrored[:-2][::-1], rtol=1e-5)


def test_best_hits_are_the_best_of_the_hits():
    windows = np.random.default_rng(2).integers(0, 5, (50, 40)).astype(np.uint8)
    expected = [motifs.hit_scores(window, ACG)[0].max() for window in windows]
    np.testing.assert_array_equal(motifs.best_hits(windows, ACG), np.array(expected, np.float32))
    assert np.all(motifs.best_hits(windows[:, :2], ACG) == -np.inf)


def test_the_score_of_a_chance_by_hand():
    """Two places, each 1 bit for one base and -1 for three: 2 bits by one of sixteen, 0 by seven."""
    odds = np.where(np.eye(4)[[0, 2]], 1.0, -1.0)
    assert motifs.score_of_chance(odds, 1 / 16) == pytest.approx(2)
    assert motifs.score_of_chance(odds, 0.06) == np.inf
    assert motifs.score_of_chance(odds, 7 / 16) == pytest.approx(0)
    assert motifs.score_of_chance(odds, 0.43) == pytest.approx(2)


def test_as_many_places_of_random_sequence_reach_the_score_of_a_chance():
    odds = motifs.log_odds(np.full((8, 4), 0.05) + 0.8 * np.eye(4)[[0, 2, 2, 1, 1, 3, 2, 0]])
    codes = np.random.default_rng(0).integers(0, 4, 1_000_000).astype(np.uint8)
    least, scores = motifs.score_of_chance(odds, 1e-3), motifs.hit_scores(codes, odds)[0]
    assert (scores >= least).mean() < 2.05e-3  # on either strand
    lower = scores[scores < least - 0.1].max()
    assert (scores >= lower - 0.1).mean() > 1.95e-3
