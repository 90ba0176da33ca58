"""The history of a pretraining, in bits per base."""

import numpy as np
import pandas as pd
import pytest

from dnalm.training import history

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


def test_without_held_out_contigs_nothing_is_said_of_them(tmp_path):
    rows = [{"step": 5, "seconds": 1.0, "learning_rate": 0.1, "loss": 1.0} | SPEED]
    history.write_pretraining(tmp_path, rows, tokens_a_step=100, bases_a_token=4.0)
    assert pd.read_csv(tmp_path / "metrics.tsv", sep="\t").split.tolist() == ["train"]
