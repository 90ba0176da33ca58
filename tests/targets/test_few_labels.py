"""Baselines of few labels get the windows that fine-tuned models of the seed get, and learn more from more."""

import numpy as np
import pytest

from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.metrics import ranking
from dnalm.targets import few_labels
from dnalm.targets.windows import Task


@pytest.fixture(scope="module")
def task():
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, (900, 40)).astype(np.uint8)
    labels = (np.arange(900) % 3 == 0).astype(int)
    for row in np.flatnonzero(labels):
        codes[row, 10:18] = seq.encode("CCACTAGG")
    return Task(codes, labels, np.repeat(["train", "validation", "test"], 300), k=4, epochs=1, filters=8)


def test_more_labels_teach_more(task):
    labels = task.labels[300:]
    found = {count: few_labels.scores(task, count, 0, 40) for count in (8, 0)}
    assert set(found[0]) == {"cnn", "kmer"}
    assert len(found[0]["kmer"]) == 600  # validation, then test
    areas = {count: ranking.auprc(labels, scores["kmer"]) for count, scores in found.items()}
    assert areas[0] > 0.9 > areas[8]


def test_what_is_not_drawn_is_not_read(task):
    """Windows outside the draw may hold anything."""
    before = few_labels.scores(task, 30, 1, 1)
    codes = task.codes.copy()
    from dnalm.training import finetuning

    kept = finetuning.fewer(np.arange(300), task.labels[:300], 30, 1)
    codes[np.setdiff1d(np.arange(300), kept)] = 0
    after = few_labels.scores(task._replace(codes=codes), 30, 1, 1)
    assert [np.array_equal(before[name], after[name]) for name in before] == [True, True]
    codes[kept] = 0
    assert not np.array_equal(few_labels.scores(task._replace(codes=codes), 30, 1, 1)["kmer"], before["kmer"])


def test_columns_are_read_as_they_are_named():
    columns = [few_labels.column("cnn", 300, 0), few_labels.column("kmer", 0, 12)]
    found = few_labels.parsed(columns)
    assert found.to_dict("list") == {"name": ["cnn", "kmer"], "labels": [300, 0], "seed": [0, 12], "column": columns}


def test_more_labels_than_there_are(task):
    with pytest.raises(InputError, match=r"labels: got 301, wanted 2 to 300"):
        few_labels.scores(task, 301, 0, 1)
