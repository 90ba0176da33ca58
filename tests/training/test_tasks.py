"""What is learnt of a window, as windows.json says it."""

import numpy as np
import pytest

from dnalm.errors import InputError
from dnalm.training import tasks
from dnalm.training.finetuning import LOSSES
from dnalm.training.tasks import TASKS, Learnt

THREE = Learnt("classes", ("a", "b", "c"))
TWO = Learnt("regression", ("liver", "brain"))


def test_a_summary_that_says_nothing_is_of_bound_and_unbound_windows():
    assert tasks.of({"window": 256}) == tasks.BINARY
    assert all(tasks.of(tasks.told(one)) == one for one in (tasks.BINARY, THREE, TWO))


@pytest.mark.parametrize(
    "about, message",
    [
        ({"task": "ranking"}, r"w.json: task: got 'ranking', wanted one of binary, classes, regression; label"),
        ({"task": "classes", "classes": ["a"]}, r"w.json: classes: got \['a'\], wanted names, all different; label"),
        ({"task": "regression", "outputs": ["a", "a"]}, r"w.json: outputs: got \['a', 'a'\], wanted names, all diff"),
        ({"task": "regression"}, r"w.json: outputs: got \[\], wanted names"),
    ],
)
def test_what_cannot_be_learnt_is_told(about, message):
    with pytest.raises(InputError, match=message):
        tasks.of(about, "w.json")


def test_answers_have_a_column_or_one_for_each_name():
    assert tasks.columns("kmer", tasks.BINARY) == ["kmer"]
    assert tasks.columns("predicted", TWO) == ["predicted:liver", "predicted:brain"]


def test_what_is_chosen_by_and_compared_is_reported():
    for name, row in TASKS.items():
        assert {row.best, *row.compared} <= set(row.metrics) <= {*tasks.LABELS, *TASKS["binary"].metrics}
        assert name in LOSSES[row.loss].tasks
    assert tasks.metrics(TWO)[:4] == ("pearson", "spearman", "r2", "pearson:liver")


def test_nothing_is_calibrated_by_one_class_or_where_values_have_units():
    assert tasks.calibrated(np.zeros((3, 3)), np.zeros(3, int), THREE) == (1, 0)
    assert tasks.calibrated(np.zeros((3, 2)), np.arange(6).reshape(3, 2), TWO) == (1, 0)
