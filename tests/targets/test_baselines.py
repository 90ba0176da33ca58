"""Strand symmetry, and a baseline that learns what was planted."""

import numpy as np
import pytest

from dnalm.dna import seq
from dnalm.targets import baselines


def test_both_strands_score_alike_and_short_windows_do_not_fail():
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, (5, 60)).astype(np.uint8)
    model = {"k": np.array(4), "coefficients": rng.normal(size=256).astype(np.float32), "intercept": np.float32(0.1)}
    assert baselines.kmer_scores(codes, model) == pytest.approx(
        baselines.kmer_scores(seq.reverse_complement(codes), model)
    )
    assert baselines.kmer_scores(codes[:, :3], model) == pytest.approx(np.full(5, 1 / (1 + np.exp(-0.1))))


def test_kmer_model_finds_a_planted_word(tmp_path):
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, (400, 50)).astype(np.uint8)
    labels = np.arange(400) % 2
    codes[labels == 1, 20:26] = seq.encode("GATTAC")
    split = np.repeat(["train", "validation"], [300, 100])
    arrays, facts = baselines.fit_kmers(codes, labels, split, 4, 0)
    assert facts["validation_auprc"] > 0.95
    assert facts["training_windows"] == 300
    baselines.save_kmers(tmp_path / "kmer.npz", arrays)
    scores = baselines.kmer_scores(codes, tmp_path / "kmer.npz")
    assert scores[labels == 1].mean() > scores[labels == 0].mean() + 0.3
    again, _ = baselines.fit_kmers(codes, labels, split, 4, 0)
    assert np.array_equal(again["coefficients"], arrays["coefficients"])


def test_one_class_on_validation_is_no_choice():
    codes = np.random.default_rng(0).integers(0, 4, (40, 30)).astype(np.uint8)
    _, facts = baselines.fit_kmers(codes, np.arange(40) % 2, np.full(40, "train"), 2, 0)
    assert (facts["strength"], facts["validation_auprc"]) == (0.01, None)


def test_gc_and_pwm_scores():
    codes = np.stack([seq.encode("G" * 20), seq.encode("A" * 20), seq.encode("N" * 20)])
    gc = baselines.gc_scores(np.repeat(codes, 10, 0), np.repeat([1, 0, 0], 10), np.full(30, "train"))
    assert gc[0] > 0.5 > gc[10]
    log_odds = np.array([[-3.0, 1, 2, -3], [2, -4, 0, 0]])  # best GA
    found = baselines.pwm_scores(np.stack([seq.encode("TTGATT"), seq.encode("TTTCTT"), seq.encode("NNNNNN")]), log_odds)
    assert found.tolist() == [4, 4, -7]  # TTTCTT holds GA on its other strand
