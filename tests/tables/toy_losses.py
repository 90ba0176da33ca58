"""In a copy that has one loss more: a recipe names it, fine-tuning makes it small, a learning curve has its name."""

import labelled
import numpy as np
import pandas as pd
from seen import help_of, picture, words

import document_config
import draw_training
import finetune_model
import helpers
import presets
from dnalm.tokens import making


def test_it_is_known_before_anything_runs(capsys):
    assert presets.schema("recipes")["properties"]["loss"]["enum"] == [
        "cross_entropy",
        "squared_error",
        "poisson",
        "toy",
    ]
    assert "| `loss` | cross_entropy or squared_error or poisson or toy |" in document_config.page()
    assert "toy (toy loss (squared error))" in help_of(finetune_model.main, capsys)


def test_a_model_is_trained_by_it_and_the_axis_has_its_name(tmp_path, monkeypatch):
    labelled.make(tmp_path / "windows.tsv.gz")
    making.train("char").save_pretrained(tmp_path / "tokenizer")
    given = {
        "windows": tmp_path / "windows.tsv.gz",
        "tokenizer": tmp_path / "tokenizer",
        "architecture": "dilated_conv",
    }
    given |= {"config": {"hidden_size": 8, "num_hidden_layers": 1}, "checkpoints": tmp_path / "state"}
    finetune_model.main(**given, loss="toy", epochs=1, learning_rate=1e-5, out=tmp_path / "out")
    history = pd.read_csv(tmp_path / "out/history.tsv", sep="\t")
    assert np.nanmax(history.loss) < 0.5 < np.log(2)  # an error of about a quarter, where cross-entropy is log 2
    (tmp_path / "config/recipes").mkdir(parents=True)
    (tmp_path / "config/recipes/mine.yaml").write_text("method: full\nloss: toy\n")
    (tmp_path / "config/targets").mkdir()
    (tmp_path / "config/targets/theirs.yaml").write_text("genome: demo\n")
    monkeypatch.chdir(tmp_path)
    assert helpers.options("recipes", "mine", *helpers.keys("recipes")) == "--method full --loss toy"
    assert helpers.loss_options("mine", "theirs") == "--loss-label 'toy loss (squared error)'"
    label = presets.tables.rows("training.finetuning.LOSSES")["toy"]["label"]
    figure = picture(draw_training.main, metrics=tmp_path / "out/history.tsv", loss_label=label, out=tmp_path / "a.png")
    assert "toy loss (squared error)" in words(figure)
