"""Metrics of several classes, by hand and beside scikit-learn's."""

import numpy as np
import pytest
from scipy import special
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef, roc_auc_score

from dnalm.metrics import bootstrap, classes


def test_matthews_of_three_classes_by_hand():
    """Six windows, five called right: c = 5, s = 6, t = (2, 2, 2), p = (1, 3, 2)."""
    labels, called = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 1, 1, 2, 2])
    table = classes.confusion(labels, called, 3)
    assert table.tolist() == [[1, 1, 0], [0, 2, 0], [0, 0, 2]]
    by_hand = (5 * 6 - (2 * 1 + 2 * 3 + 2 * 2)) / np.sqrt((36 - 12) * (36 - 14))
    assert classes.matthews(table) == pytest.approx(by_hand)
    assert classes.matthews(table) == pytest.approx(matthews_corrcoef(labels, called))
    assert classes.matthews(np.array([[3, 1], [2, 4]])) == pytest.approx((3 * 4 - 1 * 2) / np.sqrt(4 * 6 * 5 * 5))


def test_one_class_called_is_nothing_known_and_one_class_there_is_undefined():
    assert classes.matthews(np.array([[2, 0, 0], [2, 0, 0], [2, 0, 0]])) == 0
    assert np.isnan(classes.matthews(np.array([[2, 1], [0, 0]])))


def test_metrics_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    labels, logits = rng.integers(0, 4, 200), rng.normal(size=(200, 4))
    logits[np.arange(200), labels] += 1
    mcc, accuracy, f1, auroc = classes.measure(labels, logits)
    called = logits.argmax(1)
    assert mcc == pytest.approx(matthews_corrcoef(labels, called))
    assert accuracy == pytest.approx(accuracy_score(labels, called))
    assert f1 == pytest.approx(f1_score(labels, called, average="macro"))
    shares = special.softmax(logits, axis=1)
    assert auroc == pytest.approx(roc_auc_score(labels, shares, multi_class="ovr", average="macro"))


def test_a_weight_is_a_row_as_often():
    rng = np.random.default_rng(1)
    labels, logits, weights = rng.integers(0, 3, 60), rng.normal(size=(60, 3)), rng.integers(0, 4, 60)
    drawn = np.repeat(np.arange(60), weights)
    assert classes.measurer(labels, logits)(weights.astype(float)) == pytest.approx(
        classes.measure(labels[drawn], logits[drawn])
    )


def test_paired_differences_and_seeds_go_by_the_names_of_the_sample():
    rng = np.random.default_rng(2)
    labels, blocks = rng.integers(0, 3, 300), np.arange(300) // 5
    good, bad = (rng.normal(size=(300, 3)) + add * np.eye(3)[labels] for add in (2, 0))
    one, other = (classes.sample(labels, logits, blocks, resamples=60) for logits in (good, bad))
    found = bootstrap.summary(bootstrap.minus(one, other), ["mcc", "macro_auroc"])
    assert list(found) == ["mcc", "macro_auroc"]
    assert found["mcc"]["low"] > 0.3
    pooled = bootstrap.summary(bootstrap.over_seeds([one, other]))
    assert list(pooled) == list(classes.METRICS)
    assert pooled["mcc"]["value"] == pytest.approx((one.values[0, 0] + other.values[0, 0]) / 2)


def test_what_is_not_there_has_a_reason():
    blocks = np.arange(4)
    missing = bootstrap.summary(classes.sample(np.arange(4) % 3, np.full((4, 3), np.nan), blocks))
    assert missing["mcc"] == bootstrap.undefined(bootstrap.NO_SCORE)
    single = bootstrap.summary(classes.sample(np.zeros(4, int), np.zeros((4, 3)), blocks))
    assert single["accuracy"] == bootstrap.undefined(bootstrap.ONE_CLASS)
