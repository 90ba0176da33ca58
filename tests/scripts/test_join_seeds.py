"""The seeds of a recipe as one model, by the script: what it predicts is what it says, and what it is not made of."""

import json

import labelled
import numpy as np
import pandas as pd
import pytest

import finetune_model
import join_seeds
from dnalm import files
from dnalm.dna import seq
from dnalm.errors import InputError, UsageError
from dnalm.metrics import calibration
from dnalm.networks import models, predict, readers
from dnalm.targets import comparison
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk
from dnalm.training import tasks

SIZES = {"hidden_size": 8, "num_hidden_layers": 1}
VALUES = tasks.Learnt("regression", ("G", "noise"))


def tuned(folder, windows, about, seeds=(0, 1)):
    """A target's windows.json and a model of each seed, from nothing."""
    places = {"genome": None, "splits": {"validation": [], "test": [], "exclude": []}, "split_by": "column"}
    files.write_json(folder / "windows.json", places | about)
    making.train("char").save_pretrained(folder / "tokenizer")
    built = {"tokenizer": folder / "tokenizer", "architecture": "dilated_conv", "config": SIZES, "context": 64}
    for seed in seeds:
        finetune_model.main(
            windows=windows, split=folder / "windows.json", out=folder / f"seed{seed}",
            checkpoints=folder / f"state{seed}", seed=seed, epochs=8, learning_rate=1e-2, evaluations=2, **built,
        )  # fmt: skip
    return [folder / f"seed{seed}" for seed in seeds]


@pytest.fixture(scope="module")
def bound(tmp_path_factory):
    """Two models of windows of which the bound are rich in G."""
    folder = tmp_path_factory.mktemp("bound")
    table, rng = labelled.make(folder / "windows.tsv.gz"), np.random.default_rng(3)
    shares = np.where(table.label == 1, 0.4, 0.2)
    table["sequence"] = [
        seq.decode(rng.choice(4, 40, p=[0.25, 0.25, one, 0.5 - one]).astype(np.uint8)) for one in shares
    ]
    files.write_table(folder / "windows.tsv.gz", table)
    return folder, tuned(folder, folder / "windows.tsv.gz", {"task": "binary"})


def codes(folder, rows):
    table = pd.read_csv(folder / "windows.tsv.gz", sep="\t").set_index("id")
    return np.stack([seq.encode(one) for one in table.sequence[rows.id]])


def test_it_predicts_what_it_says_and_what_the_leaderboard_calls_the_ensemble(bound, tmp_path):
    folder, members = bound
    join_seeds.main(members=members, out=tmp_path)
    rows = pd.read_csv(tmp_path / "predictions.tsv.gz", sep="\t")
    assert set(rows.split) == {"validation", "test"}
    network, tok = models.load(tmp_path, "classify"), tk.load(tmp_path)
    said = predict.predict(network, tok, codes(folder, rows), readers.class_logit, what=None)
    assert rows.logit.std() > 0.3
    assert said == pytest.approx(rows.logit.to_numpy(), abs=1e-4)
    named = {one.name: one / "predictions.tsv.gz" for one in members}
    table = comparison.join(named, members[0] / "predictions.tsv.gz").set_index("id")
    expected = comparison.ensemble(table.reset_index(), list(named))
    assert rows.score.to_numpy() == pytest.approx(expected, abs=1e-5)
    held_out = rows[rows.split == "validation"]
    assert network.config.prevalence == pytest.approx(held_out.label.mean())
    assert calibration.platt(held_out.logit.to_numpy(), held_out.label.to_numpy()) == pytest.approx((1, 0), abs=1e-3)
    assert json.loads((tmp_path / "split.json").read_text()) == json.loads((members[0] / "split.json").read_text())
    assert "mean of | 2 models" in (tmp_path / "README.md").read_text()


def test_the_order_of_the_members_does_not_matter(bound, tmp_path):
    _, members = bound
    for name, some in (("a", members), ("b", members[::-1])):
        join_seeds.main(members=some, out=tmp_path / name)
    one, other = (pd.read_csv(tmp_path / name / "predictions.tsv.gz", sep="\t").set_index("id") for name in ("a", "b"))
    assert one.logit.to_numpy() == pytest.approx(other.logit[one.index].to_numpy(), abs=1e-5)


def test_measured_values_are_averaged_in_their_units(tmp_path):
    rng = np.random.default_rng(1)
    table = labelled.make(tmp_path / "windows.tsv.gz").assign(label=0, kind="given")
    table["value:G"] = 300 + 50 * table.sequence.str.count("G")
    table["value:noise"] = rng.normal(size=len(table))
    files.write_table(tmp_path / "windows.tsv.gz", table)
    about = {"task": "regression", "outputs": list(VALUES.names)}
    members = tuned(tmp_path, tmp_path / "windows.tsv.gz", about)
    join_seeds.main(members=members, out=tmp_path / "both")
    each = [pd.read_csv(one / "predictions.tsv.gz", sep="\t").set_index("id") for one in members]
    both = pd.read_csv(tmp_path / "both/predictions.tsv.gz", sep="\t").set_index("id")
    for name in ("predicted:G", "predicted:noise"):
        mean = np.mean([one[name][both.index] for one in each], axis=0)
        assert both[name].to_numpy() == pytest.approx(mean, rel=1e-4)
    assert (both["value:G"] == table.set_index("id")["value:G"][both.index]).all()
    network = models.load(tmp_path / "both", "classify")
    rows = both.reset_index()
    said = predict.predict(network, tk.load(tmp_path / "both"), codes(tmp_path, rows), readers.answers, what=None)
    assert said == pytest.approx(rows[["predicted:G", "predicted:noise"]].to_numpy(), rel=1e-3, abs=1e-3)
    assert network.config.prevalence is None


def test_models_of_other_windows_or_another_split_are_refused(bound, tmp_path):
    _, members = bound
    with pytest.raises(UsageError, match="got 1, wanted two"):
        join_seeds.main(members=members[:1], out=tmp_path / "out")
    with pytest.raises(InputError, match=r"tokenizer: has no split.json; wanted folders that finetune_model.py has"):
        join_seeds.main(members=[members[0], members[0].parent / "tokenizer"], out=tmp_path / "out")
    table = labelled.make(tmp_path / "windows.tsv.gz", n=120)
    assert len(table) == 120
    (other,) = tuned(tmp_path, tmp_path / "windows.tsv.gz", {"task": "binary"}, seeds=(5,))
    with pytest.raises(InputError, match=r"40 are|both must come from the same windows.tsv.gz"):
        join_seeds.main(members=[members[0], other], out=tmp_path / "out")
    about = json.loads((other / "split.json").read_text())
    files.write_json(other / "split.json", about | {"saw_test": "yes"})
    with pytest.raises(InputError, match=r"another split.json than .*; wanted models of one target and one split"):
        join_seeds.main(members=[members[0], other], out=tmp_path / "out")
