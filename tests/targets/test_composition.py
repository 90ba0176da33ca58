"""Strand symmetry, and a regression that learns what was planted."""

import numpy as np
import pytest

from dnalm.dna import bigwig, seq
from dnalm.targets import baselines, composition
from dnalm.targets.windows import Task
from dnalm.training.tasks import Learnt


def test_both_strands_score_alike_and_short_windows_do_not_fail():
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, (5, 60)).astype(np.uint8)
    model = {"k": np.array(4), "coefficients": rng.normal(size=256).astype(np.float32), "intercept": np.float32(0.1)}
    assert composition.kmer_scores(codes, model) == pytest.approx(
        composition.kmer_scores(seq.reverse_complement(codes), model)
    )
    assert composition.kmer_scores(codes[:, :3], model) == pytest.approx(np.full(5, 1 / (1 + np.exp(-0.1))))


def test_kmer_model_finds_a_planted_word(tmp_path):
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, (400, 50)).astype(np.uint8)
    labels = np.arange(400) % 2
    codes[labels == 1, 20:26] = seq.encode("GATTAC")
    split = np.repeat(["train", "validation"], [300, 100])
    arrays, facts = composition.fit_kmers(Task(codes, labels, split, k=4))
    assert facts["validation_auprc"] > 0.95
    assert facts["training_windows"] == 300
    baselines.save(tmp_path / "fitted.npz", {"kmer": arrays})
    scores = composition.kmer_scores(codes, baselines.load(tmp_path / "fitted.npz")["kmer"])
    assert scores[labels == 1].mean() > scores[labels == 0].mean() + 0.3
    again, _ = composition.fit_kmers(Task(codes, labels, split, k=4))
    assert np.array_equal(again["coefficients"], arrays["coefficients"])


def test_one_class_on_validation_is_no_choice():
    codes = np.random.default_rng(0).integers(0, 4, (40, 30)).astype(np.uint8)
    _, facts = composition.fit_kmers(Task(codes, np.arange(40) % 2, np.full(40, "train"), k=2))
    assert (facts["strength"], facts["validation_auprc"]) == (0.01, None)


def test_gc_scores():
    codes = np.stack([seq.encode("G" * 20), seq.encode("A" * 20), seq.encode("N" * 20)])
    task = Task(np.repeat(codes, 10, 0), np.repeat([1, 0, 0], 10), np.full(30, "train"))
    gc = composition.gc_scores(task.codes, composition.fit_gc(task)[0])
    assert gc[0] > 0.5 > gc[10]


def test_ridge_on_kmers_of_the_strand_given_predicts_what_was_planted(tmp_path):
    """A word counts on one strand alone: what stands the other way round says nothing there."""
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, (1500, 40)).astype(np.uint8)
    words = np.arange(1500) % 2 == 0
    codes[words, 20:24] = seq.encode("GGAA")
    values = np.stack([10 + 4.0 * words, np.zeros(1500)], 1) + rng.normal(scale=0.1, size=(1500, 2))
    learnt = Learnt("regression", ("bound", "noise"))
    split = np.repeat(["train", "validation", "test"], [1000, 200, 300])
    task = Task(codes, values, split, k=4, learnt=learnt, both_strands=False)
    fitted, facts = baselines.fit(task, ["gc", "kmer", "pwm", "forest"])
    assert sorted(fitted) == ["gc", "kmer"]  # the others tell bound from unbound
    assert facts["kmer"]["validation_pearson"] > 0.3
    baselines.save(tmp_path / "fitted.npz", fitted)
    kept = baselines.load(tmp_path / "fitted.npz")
    forth = composition.kmer_scores(codes[1200:], kept["kmer"])
    back = composition.kmer_scores(seq.reverse_complement(codes[1200:]), kept["kmer"])
    assert np.corrcoef(forth[:, 0], values[1200:, 0])[0, 1] > 0.8
    assert abs(np.corrcoef(back[:, 0], values[1200:, 0])[0, 1]) < 0.4
    assert forth[:, 0].mean() == pytest.approx(values[1200:, 0].mean(), abs=0.5)
    assert composition.gc_scores(codes[1200:], kept["gc"]).shape == (300, 2)


def test_kmers_of_three_classes_say_logarithms_of_probabilities():
    rng = np.random.default_rng(0)
    codes, labels = rng.integers(0, 4, (300, 40)).astype(np.uint8), np.arange(300) % 3
    for number, word in enumerate(("GATTACA", "CCGGCCA")):
        codes[labels == number, 5:12] = seq.encode(word)
    task = Task(codes, labels, np.repeat(["train", "validation"], 150), k=4, learnt=Learnt("classes", ("a", "b", "c")))
    arrays, facts = composition.fit_kmers(task)
    found = composition.kmer_scores(codes, arrays)
    assert np.exp(found).sum(1) == pytest.approx(np.ones(300), rel=1e-5)
    assert facts["validation_mcc"] > 0.8
    assert found == pytest.approx(composition.kmer_scores(seq.reverse_complement(codes), arrays), abs=1e-4)


def test_the_track_of_kmers_is_the_mean_of_the_windows_over_each_bin():
    coefficients = np.zeros(64, np.float32)
    coefficients[0b000110] = 3.0  # ACG, and CGT on the other strand
    arrays = {"k": np.array(3), "coefficients": coefficients, "intercept": np.float32(-2)}
    codes = np.random.default_rng(0).integers(0, 4, 400).astype(np.uint8)
    track = baselines.kmer_track(codes, arrays, 40, 10)
    windows = np.stack([codes[start : start + 40] for start in range(0, 361, 10)])
    wanted = bigwig.mean_of_windows(composition.kmer_scores(windows, arrays), 40, 10, 400)
    assert track == pytest.approx(wanted, nan_ok=True)
    assert track.std() > 0.05
    assert baselines.BASELINES["kmer"].track is baselines.kmer_track
