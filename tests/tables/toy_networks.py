"""In a copy that has one network more: it is pretrained, fine-tuned from nothing, and refused what it cannot."""

import json

import labelled
import pandas as pd
import pytest
from genomes import make, random_codes
from seen import help_of

import checks
import document_config
import finetune_model
import presets
import pretrain_model
import tokenise_corpus
from dnalm.dna import seq
from dnalm.networks import models, scorer
from dnalm.tokens import making

SIZES = {"hidden_size": 8}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Two contigs tokenised by single bases."""
    folder = tmp_path_factory.mktemp("corpus")
    letters = {name: seq.decode(random_codes(seed, 3000)) for seed, name in enumerate("ab")}
    genome = make(folder / "genome", letters, {"validation": ["b"]})
    making.train("char").save_pretrained(folder / "tokenizer")
    tokenise_corpus.main(genomes=[genome], tokenizer=folder / "tokenizer", out=folder / "tokens")
    return folder


def test_it_is_known_before_anything_runs(capsys):
    row = next(line for line in document_config.page().splitlines() if line.startswith("| `architecture` |"))
    assert "toy" in row
    for main in (pretrain_model.main, finetune_model.main):
        assert "toy (toy network)" in help_of(main, capsys)


def test_what_it_cannot_is_refused_in_one_line(tmp_path, monkeypatch):
    (tmp_path / "config/models").mkdir(parents=True)
    (tmp_path / "config/models/mine.yaml").write_text("objective: clm\narchitecture: toy\nconfig: {}\n")
    monkeypatch.chdir(tmp_path)
    assert checks.model_problems("mine", presets.preset("models", "mine"), {"kind": "char"}) == [
        "config/models/mine.yaml: objective: toy is trained with mlm, not clm"
    ]


def test_it_is_pretrained(tmp_path, corpus):
    given = {"tokens": corpus / "tokens", "tokenizer": corpus / "tokenizer", "checkpoints": tmp_path / "state"}
    given |= {"objective": "mlm", "architecture": "toy", "config": SIZES, "context": 34, "batch_size": 4, "steps": 4}
    pretrain_model.main(**given, validation_blocks=4, evaluations=2, out=tmp_path / "out")
    assert json.loads((tmp_path / "out/config.json").read_text())["model_type"] == "toy"
    assert pd.read_csv(tmp_path / "out/metrics.tsv", sep="\t").bits_per_base.notna().any()
    assert type(models.load(tmp_path / "out", "lm")).__name__ == "ToyForMaskedLM"


def test_it_is_trained_from_nothing(tmp_path, corpus):
    labelled.make(tmp_path / "windows.tsv.gz")
    given = {"windows": tmp_path / "windows.tsv.gz", "checkpoints": tmp_path / "state", "out": tmp_path / "out"}
    finetune_model.main(**given, tokenizer=corpus / "tokenizer", architecture="toy", config=SIZES, epochs=1)
    assert len(pd.read_csv(tmp_path / "out/predictions.tsv.gz", sep="\t")) == 160
    assert scorer.load_classifier(tmp_path / "out", what=None)(random_codes(0, 40)[None]).shape == (1,)
