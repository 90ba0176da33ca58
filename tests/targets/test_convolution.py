"""A network trained from nothing finds a planted pair of words, on either strand, anywhere, and stays what it was."""

import numpy as np
import pytest
import torch

from dnalm.dna import bigwig, seq
from dnalm.metrics import calibration, ranking
from dnalm.networks import cnn
from dnalm.targets import baselines, convolution
from dnalm.targets.windows import Task
from dnalm.training.tasks import Learnt


@pytest.fixture(scope="module")
def task():
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, (900, 60)).astype(np.uint8)
    labels = (np.arange(900) % 3 == 0).astype(int)
    for row in np.flatnonzero(labels):
        place = rng.integers(5, 40)
        codes[row, place : place + 12] = seq.encode("CCACTAGGGGGC")
    turn = rng.random(900) < 0.5
    codes[turn] = seq.reverse_complement(codes[turn])
    return Task(codes, labels, np.repeat(["train", "validation"], [600, 300]), epochs=20, filters=16)


@pytest.fixture(scope="module")
def fitted(task):
    return baselines.fit(task, ["cnn"])


def test_it_finds_what_was_planted_and_its_scores_are_probabilities(task, fitted, tmp_path):
    arrays, facts = fitted[0]["cnn"], fitted[1]["cnn"]
    baselines.save(tmp_path / "fitted.npz", {"cnn": arrays})
    kept = baselines.load(tmp_path / "fitted.npz")["cnn"]
    scores = baselines.cnn_scores(task.codes[600:], kept)
    labels = task.labels[600:]
    assert ranking.auroc(labels, scores) > 0.95
    assert facts["validation_auprc"] > 0.9
    assert scores.mean() == pytest.approx(labels.mean(), abs=0.03)  # at validation's prevalence, not the batches' half
    assert scores == pytest.approx(baselines.cnn_scores(seq.reverse_complement(task.codes[600:]), kept), abs=2e-3)


def test_a_seed_is_a_result(task, fitted):
    short = task._replace(epochs=1)
    first, again, other = (convolution.fit(one)[0] for one in (short, short, short._replace(seed=1)))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["read.weight"], other["read.weight"])


def test_the_track_is_the_mean_of_the_windows_over_each_bin(task, fitted):
    arrays = fitted[0]["cnn"]
    codes = np.random.default_rng(1).integers(0, 4, 500).astype(np.uint8)
    codes[250:262] = seq.encode("CCACTAGGGGGC")
    track = baselines.cnn_track(codes, arrays, 60, 20)
    windows = np.stack([codes[start : start + 60] for start in range(0, 441, 20)])
    wanted = bigwig.mean_of_windows(baselines.cnn_scores(windows, arrays), 60, 20, 500)
    assert track == pytest.approx(wanted, abs=2e-3, nan_ok=True)
    assert np.nanargmax(track) in (11, 12, 13)
    assert np.isnan(baselines.cnn_track(codes[:50], arrays, 60, 20)).all()
    codes[300:420] = seq.N  # the windows at 300, …, 360 are N, and those from 260 on have more than a tenth
    apart = baselines.cnn_track(codes, arrays, 60, 20)
    assert np.flatnonzero(np.isnan(apart)).tolist() == list(range(15, 21))
    assert apart[:12] == pytest.approx(track[:12], abs=1e-6)


def test_where_a_word_lies_is_learnt_by_a_network_that_tells_places_apart_and_by_no_other(tmp_path):
    """The same word in every window, at one of two places: only where it is tells the classes apart."""
    codes = np.random.default_rng(2).integers(0, 4, (500, 40)).astype(np.uint8)
    labels = np.arange(500) % 2
    for row, label in enumerate(labels):
        codes[row, 5 + 15 * label :][:12] = seq.encode("CCACTAGGGGGC")
    split = np.repeat(["train", "validation"], [300, 200])
    task = Task(codes, labels, split, epochs=8, filters=8, both_strands=False)
    scores = {}
    for places in (0, 4):
        arrays = convolution.fit(task._replace(places=places))[0]
        baselines.save(tmp_path / "fitted.npz", {"cnn": arrays})
        kept = baselines.load(tmp_path / "fitted.npz")["cnn"]
        scores[places] = ranking.auroc(labels[300:], convolution.scores(codes[300:], kept))
    assert scores[4] > 0.95
    assert scores[0] < 0.7


def test_one_class_on_validation_is_no_choice(task):
    arrays, facts = convolution.fit(task._replace(split=np.full(900, "train"), epochs=0.2))
    assert facts["validation_auprc"] is None
    assert (arrays["scale"], arrays["shift"]) == (1, 0)


def test_an_unknown_base_is_nothing_and_shifts_bring_unknown_bases():
    network = cnn.WindowConvolutions(3)
    ids = torch.tensor([[0, 1, 4]])
    assert network.letters[ids][0].tolist() == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]]
    codes = np.tile(np.arange(4, dtype=np.uint8), (2, 10))
    task = Task(codes, np.array([1, 0]), np.full(2, "train"))
    batch = convolution._batch(task, (1.0, 0.0), [np.array([0]), np.array([1])], 0, slice(None))
    assert batch["ids"].shape == (64, 40)
    assert batch["labels"].tolist() == [1] * 32 + [0] * 32
    for row in batch["ids"]:
        kept = row[row < seq.N]
        assert len(kept) >= 40 - convolution.SHIFT
        assert (np.diff(kept) % 4 == 1).all() or (np.diff(kept[::-1]) % 4 == 3).all()
    told_apart = task._replace(places=4, both_strands=False)
    batch = convolution._batch(told_apart, (1.0, 0.0), [np.array([0]), np.array([1])], 0, slice(None))
    assert (batch["ids"] == codes[0]).all()  # a window that is aligned is not shifted


def test_an_ensemble_says_the_mean_of_its_networks_logits_calibrated_on_validation(task, tmp_path):
    short = task._replace(epochs=2, seeds=2)
    fitted, facts = baselines.fit(short, ["cnn_ensemble"])
    assert facts["cnn_ensemble"]["seeds"] == 2
    baselines.save(tmp_path / "fitted.npz", fitted)
    said = baselines.cnn_ensemble_scores(task.codes, baselines.load(tmp_path / "fitted.npz")["cnn_ensemble"])
    each = [convolution.scores(task.codes, convolution.fit(short._replace(seed=seed))[0]) for seed in (0, 1)]
    mean = np.mean([np.log(one / (1 - one.astype(float))) for one in each], axis=0)
    scale, shift = calibration.platt(mean[600:], task.labels[600:])
    assert said == pytest.approx(1 / (1 + np.exp(-(scale * mean + shift))), abs=1e-4)
    assert not np.allclose(each[0], each[1], atol=0.01)


def test_the_track_of_an_ensemble_is_the_mean_of_what_it_says_of_the_windows_over_a_bin(task):
    arrays = baselines.fit(task._replace(epochs=0.2, seeds=2), ["cnn_ensemble"])[0]["cnn_ensemble"]
    codes = np.random.default_rng(1).integers(0, 4, 300).astype(np.uint8)
    codes[100:150] = seq.N
    track = baselines.BASELINES["cnn_ensemble"].track(codes, arrays, 40, 10)
    windows = np.lib.stride_tricks.sliding_window_view(codes, 40)[::10]
    said = np.where((windows == seq.N).mean(1) <= 0.1, baselines.cnn_ensemble_scores(windows, arrays), np.nan)
    assert track == pytest.approx(bigwig.mean_of_windows(said, 40, 10, 300), abs=1e-6, nan_ok=True)
    assert np.isnan(track).any()
    assert np.nanstd(track) > 0


def test_one_seed_is_no_ensemble(task):
    assert baselines.fit(task._replace(epochs=0.1), ["cnn_ensemble"])[0] == {}


def test_an_ensemble_of_measured_values_says_their_mean():
    codes = np.random.default_rng(3).integers(0, 4, (120, 40)).astype(np.uint8)
    values = (codes == 2).mean(1, keepdims=True) * 100
    learnt = Learnt("regression", ("share",))
    task = Task(
        codes, values, np.repeat(["train", "validation"], [80, 40]), epochs=1, filters=4, seeds=2, learnt=learnt
    )
    said = convolution.ensemble_scores(codes, convolution.fit_ensemble(task)[0])
    each = [convolution.scores(codes, convolution.fit(task._replace(seed=seed))[0]) for seed in (0, 1)]
    assert said == pytest.approx(np.mean(each, axis=0), rel=1e-4)
