"""Strand symmetry, and a baseline that learns what was planted."""

import numpy as np
import pytest

from dnalm.dna import bigwig, motifs, seq
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
    arrays, facts = baselines.fit_kmers(baselines.Task(codes, labels, split, k=4))
    assert facts["validation_auprc"] > 0.95
    assert facts["training_windows"] == 300
    baselines.save(tmp_path / "fitted.npz", {"kmer": arrays})
    scores = baselines.kmer_scores(codes, baselines.load(tmp_path / "fitted.npz")["kmer"])
    assert scores[labels == 1].mean() > scores[labels == 0].mean() + 0.3
    again, _ = baselines.fit_kmers(baselines.Task(codes, labels, split, k=4))
    assert np.array_equal(again["coefficients"], arrays["coefficients"])


def test_one_class_on_validation_is_no_choice():
    codes = np.random.default_rng(0).integers(0, 4, (40, 30)).astype(np.uint8)
    _, facts = baselines.fit_kmers(baselines.Task(codes, np.arange(40) % 2, np.full(40, "train"), k=2))
    assert (facts["strength"], facts["validation_auprc"]) == (0.01, None)


def test_gc_and_pwm_scores():
    codes = np.stack([seq.encode("G" * 20), seq.encode("A" * 20), seq.encode("N" * 20)])
    task = baselines.Task(np.repeat(codes, 10, 0), np.repeat([1, 0, 0], 10), np.full(30, "train"))
    gc = baselines.gc_scores(task.codes, baselines.fit_gc(task)[0])
    assert gc[0] > 0.5 > gc[10]
    log_odds = np.array([[-3.0, 1, 2, -3], [2, -4, 0, 0]])  # best GA
    windows = np.stack([seq.encode(text) for text in ("TTGATT", "TTTCTT", "NNNNNN")])
    found = baselines.pwm_scores(windows, {"log_odds": log_odds})
    assert found.tolist() == [4, 4, -7]  # TTTCTT holds GA on its other strand


def test_what_needs_a_motif_is_not_fitted_without_one(tmp_path):
    codes = np.random.default_rng(0).integers(0, 4, (40, 30)).astype(np.uint8)
    task = baselines.Task(codes, np.arange(40) % 2, np.full(40, "train"), k=2)
    assert list(baselines.fit(task)[0]) == ["gc", "kmer"]
    fitted, facts = baselines.fit(task._replace(log_odds=np.eye(4)), ["pwm", "gc"])
    assert list(fitted) == list(facts) == ["gc", "pwm"]
    baselines.save(tmp_path / "fitted.npz", fitted | {"gone": {"from the table": np.zeros(1)}})
    assert list(baselines.load(tmp_path / "fitted.npz")) == ["gc", "pwm"]
    baselines.save(tmp_path / "fitted.npz", {"gc": {}} | {"pwm": fitted["pwm"]})  # one that has nothing to keep
    kept = baselines.load(tmp_path / "fitted.npz")
    assert (kept["gc"], list(kept["pwm"])) == ({}, ["log_odds"])


def test_motif_track_equals_window_by_window(monkeypatch):
    rng, step = np.random.default_rng(0), 10
    codes = rng.integers(0, 4, 500).astype(np.uint8)
    codes[100:130] = seq.N
    word = motifs.log_odds(np.eye(4)[seq.encode("GATTA")])
    windows = np.lib.stride_tricks.sliding_window_view(codes, 40)[::step]
    best = np.maximum(motifs.best_hits(windows, word), word.min(1).sum())
    wanted = bigwig.mean_of_windows(best, 40, step, 500)
    assert baselines.pwm_track(codes, {"log_odds": word}, 40, step) == pytest.approx(wanted)
    monkeypatch.setattr(baselines, "_CHUNK", 70)
    assert baselines.pwm_track(codes, {"log_odds": word}, 40, step) == pytest.approx(wanted)
