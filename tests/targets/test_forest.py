"""A forest kept as arrays says what scikit-learn's says."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from dnalm.dna import seq
from dnalm.metrics import ranking
from dnalm.targets import forest
from dnalm.targets.windows import Task


@pytest.mark.parametrize("options", [{}, {"max_leaf_nodes": 7}, {"class_weight": "balanced_subsample"}])
def test_the_arrays_score_as_the_forest_they_came_from(options):
    rng = np.random.default_rng(0)
    found = rng.random((300, 6)).astype(np.float32)
    labels = (found[:, 0] * found[:, 1] > 0.3).astype(int)
    fitted = RandomForestClassifier(8, random_state=0, **options).fit(found, labels)
    other = rng.random((500, 6)).astype(np.float32)
    arrays = forest.tree_arrays(fitted)
    assert forest.share(other, arrays) == pytest.approx(fitted.predict_proba(other)[:, 1], abs=1e-12)
    assert {values.dtype.kind for values in arrays.values()} <= {"i", "f"}  # nothing has to be unpickled


def test_it_sees_two_words_that_mean_nothing_alone(monkeypatch):
    """Bound where both or neither of two words are: no weighted sum of counts tells."""
    monkeypatch.setattr(forest, "TREES", 30)
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, (600, 40)).astype(np.uint8)
    first, second = rng.random((2, 600)) < 0.5
    codes[first, 3:12] = seq.encode("ACGTTACGT")
    codes[second, 20:29] = seq.encode("GGATCCTAA")
    task = Task(codes, (first == second).astype(int), np.repeat(["train", "validation"], [400, 200]))
    arrays, facts = forest.fit(task)
    scores = forest.scores(codes, arrays)
    assert ranking.auroc(task.labels[400:], scores[400:]) > 0.9
    assert facts["validation_auprc"] == pytest.approx(ranking.auprc(task.labels[400:], scores[400:]), abs=1e-3)
    assert np.abs(scores[400:] - task.labels[400:]).mean() < 0.25  # calibrated: a vote of .6 is worth more
    assert scores == pytest.approx(forest.scores(seq.reverse_complement(codes), arrays))
    again, _ = forest.fit(task)
    assert all(np.array_equal(again[name], arrays[name]) for name in arrays)


def test_windows_of_another_length_and_without_a_word():
    codes = np.random.default_rng(0).integers(0, 4, (60, 30)).astype(np.uint8)
    arrays, facts = forest.fit(Task(codes, np.arange(60) % 2, np.full(60, "train")))
    assert (facts["validation_auprc"], float(arrays["scale"]), float(arrays["shift"])) == (None, 1.0, 0.0)
    assert np.isfinite(forest.scores(np.full((3, 90), seq.N, np.uint8), arrays)).all()
    assert forest.scores(codes[:0], arrays).shape == (0,)
