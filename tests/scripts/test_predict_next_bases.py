"""A small model learns the next bases of a periodic genome and is measured."""

import json

import genomes
import pytest

import predict_next_bases
import sample_prompts
from dnalm.networks import models
from dnalm.tokens import kinds


@pytest.fixture
def toy(tmp_path):
    return genomes.periodic(tmp_path / "toy")


def test_a_small_model_learns_the_period_and_is_measured(toy, tmp_path):
    """Both scripts: ACGT again and again can be told by a model of one layer in a few steps."""
    sample_prompts.main(genomes=[toy], out=tmp_path, prompt=20, k=[2, 3], train_size=90, test_size=20, orders=[1])
    tok = kinds.train("char", [], vocab_size=0, k=1)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    models.save(models.build("mlm", "bert", sizes, tok, 64, seed=0), tok, tmp_path / "pretrained", "card")
    given = {"prompts": tmp_path / "prompts.npz", "pretrained": tmp_path / "pretrained", "learning_rate": 0.02}
    given |= {"epochs": 10, "batch_size": 30, "checkpoints": tmp_path / "state"}
    predict_next_bases.main(**given, out=tmp_path / "a")
    predict_next_bases.main(**given, out=tmp_path / "b")
    found = json.loads((tmp_path / "a/metrics.json").read_text())
    assert (found["kind"], found["tokens"], found["bases_per_token"], found["steps"]) == ("char", 5, 1, 30)
    assert found["test"]["n"] == 20
    assert found["test"]["k"]["3"]["accuracy"]["value"] == 1
    assert json.loads((tmp_path / "b/metrics.json").read_text()) == found
