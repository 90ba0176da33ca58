"""Calibration and the choice of rows, by hand; histories and cards."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dnalm.metrics import calibration
from dnalm.networks import cards
from dnalm.training import finetuning, history


def answer(logit, label):
    return pd.DataFrame({"id": "x", "split": "validation", "label": label, "kind": "given", "logit": logit})


def test_calibration_gives_back_the_prevalence():
    rng = np.random.default_rng(0)
    label = (rng.random(4000) < 0.1).astype(int)
    table = answer(rng.normal(2 * label, 1) + 5, label)  # far from calibrated
    network = SimpleNamespace(config=SimpleNamespace(scale=1.0, shift=0.0))
    finetuning.calibrate(network, table)
    probability = calibration.sigmoid(network.config.scale * table.logit + network.config.shift)
    assert probability.mean() == pytest.approx(label.mean(), abs=0.005)
    assert network.config.scale == pytest.approx(2, abs=0.3)  # the log odds of two unit Gaussians two apart


def test_some_rows_are_spread_and_never_more_than_there_are():
    assert finetuning.some(np.arange(10, 20), 3).tolist() == [10, 14, 19]
    assert finetuning.some(np.arange(4), 9).tolist() == [0, 1, 2, 3]


SPEED = {"tokens_per_second": 10.0, "bases_per_second": 40.0, "mfu": 0.5}


def test_pretraining_history_is_in_bits_per_base(tmp_path):
    held_out = {"bits_per_base": 1.9, "bits_repeat": float("nan"), "bits_unique": 1.9}
    rows = [{"step": 5, "seconds": 1.0, "learning_rate": 0.1, "loss": 2 * np.log(2)} | held_out | SPEED]
    history.write_pretraining(tmp_path, rows, tokens_a_step=100, bases_a_token=4.0)
    table = pd.read_csv(tmp_path / "metrics.tsv", sep="\t").set_index("split")
    assert table.bases.tolist() == [2000, 2000]
    assert not {"seconds", *SPEED} & set(table)  # the same bytes on a faster machine
    assert pd.read_csv(tmp_path / "speed.tsv", sep="\t").mfu.tolist() == [0.5]
    assert table.bits_per_base.tolist() == pytest.approx([0.5, 1.9])
    assert np.isnan(table.bits_repeat["validation"])


def test_a_card_names_the_held_out_loss():
    options = {"objective": "mlm", "architecture": "bert", "context": 1, "steps": 2, "batch_size": 3}
    rows = [{"step": step, "loss": 3.0, "bits_per_base": 2.1 - step / 10} for step in (1, 2)]
    card = cards.pretraining_card(options | {"learning_rate": 0.1, "seed": 0}, rows, 1234, "tokens")
    assert "| 1 | 3.0000 | 2.0000 |" in card
    assert "1.9000 (2 is a blind guess)" in card
    assert "1,234" in card


def test_without_held_out_contigs_nothing_is_said_of_them(tmp_path):
    rows = [{"step": 5, "seconds": 1.0, "learning_rate": 0.1, "loss": 1.0} | SPEED]
    history.write_pretraining(tmp_path, rows, tokens_a_step=100, bases_a_token=4.0)
    assert pd.read_csv(tmp_path / "metrics.tsv", sep="\t").split.tolist() == ["train"]
