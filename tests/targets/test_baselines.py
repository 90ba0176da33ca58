"""The table of baselines: what is fitted, kept and scanned."""

import numpy as np
import pytest

from dnalm.dna import bigwig, motifs, seq
from dnalm.targets import baselines
from dnalm.targets.windows import Task


def test_pwm_scores():
    log_odds = np.array([[-3.0, 1, 2, -3], [2, -4, 0, 0]])  # best GA
    windows = np.stack([seq.encode(text) for text in ("TTGATT", "TTTCTT", "NNNNNN")])
    found = baselines.pwm_scores(windows, {"log_odds": log_odds})
    assert found.tolist() == [4, 4, -7]  # TTTCTT holds GA on its other strand


def test_what_needs_a_motif_is_not_fitted_without_one(tmp_path):
    codes = np.random.default_rng(0).integers(0, 4, (40, 30)).astype(np.uint8)
    task = Task(codes, np.arange(40) % 2, np.full(40, "train"), k=2)
    assert list(baselines.fit(task, ["gc", "pwm", "kmer"])[0]) == ["gc", "kmer"]
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
