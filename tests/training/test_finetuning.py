"""Calibration and the choice of rows, by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from dnalm.errors import InputError, UsageError
from dnalm.metrics import calibration
from dnalm.training import finetuning
from dnalm.training.tasks import BINARY, Learnt


def answer(logit, label):
    return pd.DataFrame({"id": "x", "split": "validation", "label": label, "kind": "given", "logit": logit})


def test_calibration_gives_back_the_prevalence():
    rng = np.random.default_rng(0)
    label = (rng.random(4000) < 0.1).astype(int)
    table = answer(rng.normal(2 * label, 1) + 5, label)  # far from calibrated
    network = SimpleNamespace(config=SimpleNamespace(scale=1.0, shift=0.0))
    finetuning.calibrate(network, table.logit.to_numpy(), label)
    probability = calibration.sigmoid(network.config.scale * table.logit + network.config.shift)
    assert probability.mean() == pytest.approx(label.mean(), abs=0.005)
    assert network.config.prevalence == label.mean()  # and it is stated
    assert network.config.scale == pytest.approx(2, abs=0.3)  # the log odds of two unit Gaussians two apart


def test_a_validation_set_that_is_separated_gives_no_certainty(tmp_path):
    label = np.arange(800) % 4 == 0
    table = answer(np.random.default_rng(0).normal(12 * label, 1), label.astype(int))
    network = SimpleNamespace(config=SimpleNamespace(scale=1.0, shift=0.0))
    logit = table.pop("logit").to_numpy()
    finetuning.calibrate(network, logit, table.label.to_numpy())
    finetuning.write_predictions(tmp_path / "p.tsv.gz", table, logit, network.config)
    written = pd.read_csv(tmp_path / "p.tsv.gz", sep="\t")
    assert written.columns.tolist() == ["id", "split", "label", "kind", "logit", "score"]
    assert written.score.between(0, 1, "neither").all()
    assert (written.score == 1).mean() == 0
    assert calibration.sigmoid(written.logit) == pytest.approx(written.score, rel=1e-4)


def test_some_rows_are_spread_and_never_more_than_there_are():
    assert finetuning.some(np.arange(10, 20), 3).tolist() == [10, 14, 19]
    assert finetuning.some(np.arange(4), 9).tolist() == [0, 1, 2, 3]


def test_fewer_labels_are_nested_and_keep_the_classes_in_proportion():
    rows = np.arange(100, 200)
    labels = (np.arange(100) % 4 == 0).astype(int)
    kept = {count: finetuning.fewer(rows, labels, count, 0) for count in (2, 7, 40, 100)}
    assert {count: int(labels[one - 100].sum()) for count, one in kept.items()} == {2: 1, 7: 2, 40: 10, 100: 25}
    assert set(kept[2]) < set(kept[7]) < set(kept[40]) < set(kept[100])
    assert all(len(one) == count and (np.diff(one) > 0).all() for count, one in kept.items())
    assert set(kept[40]) != set(finetuning.fewer(rows, labels, 40, 1))
    assert finetuning.fewer(rows, labels, 0, 0) is rows


@pytest.mark.parametrize("count", [1, 101])
def test_labels_that_are_not_there(count):
    with pytest.raises(InputError, match=f"labels: got {count}, wanted 2 to 100"):
        finetuning.fewer(np.arange(100), np.arange(100) % 2, count, 0)


def test_a_window_counts_by_its_weight():
    batch = {"labels": torch.tensor([1.0, 0.0]), "weight": torch.tensor([3.0, 1.0])}
    batch |= {"ids": torch.zeros(2, 1, dtype=torch.long)}
    total, weight = finetuning.loss_of("cross_entropy")(lambda **_: SimpleNamespace(logits=torch.zeros(2)), batch)
    assert (total.item(), weight.item()) == (pytest.approx(4 * np.log(2)), 4)


def test_labels_of_several_classes_are_nested_and_in_proportion():
    labels = np.repeat([0, 1, 2], [60, 30, 10])
    kept = {count: finetuning.fewer(np.arange(100), labels, count, 0) for count in (3, 10, 50, 100)}
    assert {count: np.bincount(labels[one]).tolist() for count, one in kept.items()} == {
        3: [1, 1, 1], 10: [6, 3, 1], 50: [30, 15, 5], 100: [60, 30, 10],
    }  # fmt: skip
    assert set(kept[3]) < set(kept[10]) < set(kept[50])
    with pytest.raises(InputError, match="labels: got 2, wanted 3 to 100"):
        finetuning.fewer(np.arange(100), labels, 2, 0)
    values = np.random.default_rng(0).normal(size=(100, 2))
    some, more = (finetuning.fewer(np.arange(100), values, count, 0) for count in (5, 20))
    assert (len(some), len(more), set(some) < set(more)) == (5, 20, True)


def test_standardised_values_go_back_to_their_units(tmp_path):
    rng = np.random.default_rng(0)
    values = rng.normal([300, -2, 7], [50, 0.01, 0], (40, 3))
    learnt = Learnt("regression", ("a", "b", "flat"))
    scale, shift = finetuning.units(values, learnt)
    assert scale == pytest.approx([values[:, 0].std(), values[:, 1].std(), 1])
    assert shift == pytest.approx(values.mean(0))
    network = SimpleNamespace(config=SimpleNamespace())
    standard = ((values - shift) / scale).astype(np.float32)
    finetuning.calibrate(network, standard, standard, learnt, (scale, shift))
    table = pd.DataFrame({"id": map(str, range(40)), "split": "test"})
    finetuning.write_predictions(tmp_path / "p.tsv.gz", table, standard, network.config, learnt)
    written = pd.read_csv(tmp_path / "p.tsv.gz", sep="\t")
    assert written.columns.tolist() == ["id", "split", "predicted:a", "predicted:b", "predicted:flat"]
    assert written.iloc[:, 2:].to_numpy() == pytest.approx(values, rel=1e-4)
    assert finetuning.units(np.arange(4), BINARY) == (1, 0)


def test_a_loss_must_fit_what_is_learnt():
    assert finetuning.chosen(None, BINARY) == "cross_entropy"
    assert finetuning.chosen(None, Learnt("regression", ("a",))) == "squared_error"
    with pytest.raises(UsageError, match="loss: got squared_error, wanted cross_entropy for windows whose task is cl"):
        finetuning.chosen("squared_error", Learnt("classes", ("a", "b", "c")))


def test_losses_of_classes_and_values_by_hand():
    logits = torch.log(torch.tensor([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]]))
    assert finetuning.cross_entropy(logits, torch.tensor([0.0, 1.0])).tolist() == pytest.approx(
        [np.log(2), np.log(10)], rel=1e-5
    )
    error = finetuning.squared_error(torch.tensor([[1.0, 2.0], [0.0, 0.0]]), torch.tensor([[1.0, 4.0], [1.0, 0.0]]))
    assert error.tolist() == [2, 0.5]
