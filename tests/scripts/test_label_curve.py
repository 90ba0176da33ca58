"""The curve over the number of labels: scripts from windows to a table, rows that say what they should, a picture."""

import numpy as np
import pandas as pd
import pytest
from labelled import make

import draw_label_curve
import measure_label_curve
import train_few_labels
from dnalm import files
from dnalm.errors import InputError
from dnalm.metrics import ranking

NAMES = [
    "c/t/m full-8 seed0",
    "c/t/m full-8 seed1",
    "c/t/m scratch-8 seed0",
    "c/t/m scratch-8 seed1",
    "c/t/m full seed0",
]
RECIPES = {
    "c/t/m full-8": {"line": "c/t/m, full", "labels": 8, "twin": "c/t/m scratch-8"},
    "c/t/m scratch-8": {"line": "c/t/m, from random weights", "labels": 8, "twin": ""},
    "c/t/m full": {"line": "c/t/m, full", "labels": 0, "twin": ""},
}


@pytest.fixture
def contest(tmp_path):
    """Predictions of two models and a baseline; the pretrained one of 8 labels is right, its twin guesses."""
    table = make(tmp_path / "windows.tsv.gz")
    train_few_labels.main(
        windows=tmp_path / "windows.tsv.gz", out=tmp_path / "few.tsv.gz", labels=[8, 0], seeds=[0], k=2, cnn_filters=4,
        cnn_epochs=0.1, min_steps=2,
    )  # fmt: skip
    held_out = table[table.split != "train"][["id", "split", "label", "kind"]]
    rng = np.random.default_rng(1)
    paths = []
    for number, name in enumerate(NAMES):
        right = 0.0 if "scratch" in name else 2.0
        paths.append(tmp_path / f"{number}.tsv.gz")
        files.write_table(paths[-1], held_out.assign(logit=right * held_out.label + rng.normal(size=len(held_out))))
    (tmp_path / "baselines").mkdir()
    theirs = {"pwm": rng.random(len(held_out)), "gc": 0.5, "kmer": 0.5, "forest": 0.5, "cnn": 0.5}
    files.write_table(tmp_path / "baselines/predictions.tsv.gz", held_out.assign(**theirs))
    return tmp_path, paths


def measured(folder, paths, recipes=RECIPES):
    (folder / "windows.json").write_text("{}")
    given = {
        "summary": folder / "windows.json",
        "windows": folder / "windows.tsv.gz",
        "baselines": folder / "baselines",
        "few": folder / "few.tsv.gz",
    }
    measure_label_curve.main(
        **given, predictions=paths, names=NAMES, recipes=recipes, out=folder / "curve.tsv", resamples=40
    )
    return pd.read_csv(folder / "curve.tsv", sep="\t")


def test_a_row_a_line_and_number_of_labels(contest):
    rows = measured(*contest)
    assert set(zip(rows.line, rows.labels, rows.seeds, strict=True)) == {
        ("c/t/m, full", 8, 2), ("c/t/m, full", 0, 1), ("c/t/m, from random weights", 8, 2),
        ("cnn", 8, 1), ("cnn", 0, 1), ("kmer", 8, 1), ("kmer", 0, 1), ("pwm", 8, 1), ("pwm", 0, 1),
    }  # fmt: skip
    assert rows.windows[rows.labels == 0].unique().tolist() == [80]  # the training windows
    assert rows.value[rows.line == "pwm"].nunique() == 1
    by = rows.set_index(["line", "labels"])
    folder, paths = contest
    both = [pd.read_csv(path, sep="\t").query("split == 'test'") for path in paths[:4]]
    areas = [ranking.auprc(one.label.to_numpy() == 1, one.logit.to_numpy()) for one in both]
    ours = by.loc[("c/t/m, full", 8)]
    assert ours.value == pytest.approx(np.mean(areas[:2]))
    assert ours.minus_twin == pytest.approx(np.mean(areas[:2]) - np.mean(areas[2:]))
    assert 0 < ours.minus_twin_low < ours.minus_twin < ours.minus_twin_high
    assert np.isnan(by.loc[("c/t/m, full", 0)].minus_twin)
    draw_label_curve.main(table=folder / "curve.tsv", out=folder / "curve.png")
    assert (folder / "curve.png").stat().st_size > 5_000


def test_the_baselines_of_other_windows(contest):
    folder, paths = contest
    few = pd.read_csv(folder / "few.tsv.gz", sep="\t")
    files.write_table(folder / "few.tsv.gz", few.iloc[1:])
    with pytest.raises(InputError, match=r"few.tsv.gz: not the windows that the models were measured on"):
        measured(folder, paths)
