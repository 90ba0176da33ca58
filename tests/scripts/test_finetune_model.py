"""Ways to fine-tune, in miniature: whatever is trained, what is written loads and scores as any classifier does."""

import labelled
import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from seen import picture, words

import draw_training
import finetune_model
from dnalm import files
from dnalm.dna import seq
from dnalm.errors import UsageError
from dnalm.networks import models, scorer
from dnalm.tokens import making

SIZES = {"hidden_size": 8, "num_hidden_layers": 3}


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """Windows of which the bound are rich in G, and a network that was never trained in place of a pretrained one."""
    folder = tmp_path_factory.mktemp("given")
    table, rng = labelled.make(folder / "windows.tsv.gz"), np.random.default_rng(0)
    shares = np.where(table.label, 0.4, 0.2)
    table["sequence"] = [seq.decode(rng.choice(4, 40, p=[0.3, 0.5 - one, one, 0.2])) for one in shares]
    files.write_table(folder / "windows.tsv.gz", table)
    tok = making.train("char")
    models.save(models.build("mlm", "dilated_conv", SIZES, tok, 64, 0), tok, folder / "pretrained", "card")
    return {"windows": folder / "windows.tsv.gz", "pretrained": folder / "pretrained"}


def run(given, tmp_path, **options):
    finetune_model.main(**given, **options, checkpoints=tmp_path / "state", out=tmp_path / "out")
    return pd.read_csv(tmp_path / "out/history.tsv", sep="\t")


def backbone_of(folder, prefix):
    tensors = load_file(folder / "model.safetensors")
    return {name[len(prefix) :]: one for name, one in tensors.items() if name.startswith(prefix)}


def test_a_probe_moves_no_weight_and_says_which_layer_it_reads(given, tmp_path):
    history = run(given, tmp_path, method="probe")
    assert history.layer.tolist() == [1, 2, 3]
    best = history.layer[history.auprc.idxmax()]
    card = (tmp_path / "out/README.md").read_text()
    assert f"| layer | {best} of 3 |" in card
    assert f"| validation AUPRC by layer | 1: {history.auprc[0]:.4f}, " in card
    before, after = backbone_of(given["pretrained"], "model."), backbone_of(tmp_path / "out", "backbone.")
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert models.load(tmp_path / "out", "classify").config.layer == best
    predictions = pd.read_csv(tmp_path / "out/predictions.tsv.gz", sep="\t")
    assert predictions.score[predictions.label == 1].mean() > predictions.score[predictions.label == 0].mean() + 0.2


def test_adapters_are_added_to_the_weights_that_are_saved(given, tmp_path):
    run(given, tmp_path, method="lora", rank=2, min_steps=12, learning_rate=1e-2)
    before, after = backbone_of(given["pretrained"], "model."), backbone_of(tmp_path / "out", "backbone.")
    assert before.keys() == after.keys()
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved == {name for name in before if name.endswith("weight") and ("think." in name or "look." in name)}
    logits = scorer.load_classifier(tmp_path / "out")(np.zeros((2, 40), np.uint8))
    assert np.isfinite(logits).all()


def test_few_labels_in_no_fewer_steps(given, tmp_path):
    history = run(given, tmp_path, labels=8, min_steps=7, evaluations=2, batch_size=4)
    assert history.step.tolist() == [4, 7]


def test_training_stops_where_validation_gets_no_better(given, tmp_path):
    history = run(given, tmp_path, min_steps=40, patience=2, learning_rate=1e-9)
    assert len(history) < 10
    assert (history.auprc.iloc[-2:] <= history.auprc.iloc[:-2].max()).all()


@pytest.mark.parametrize("method", ["probe", "lora"])
def test_a_network_that_knows_nothing_is_not_frozen(given, tmp_path, method):
    built = {"windows": given["windows"], "tokenizer": given["pretrained"], "architecture": "dilated_conv"}
    with pytest.raises(UsageError, match=f"--method {method} freezes the network"):
        run(built, tmp_path, method=method)


def test_the_curve_of_a_probe_goes_over_layers(tmp_path):
    rows = {"layer": [1, 2, 3], "step": 0, "split": "validation", "loss": [0.6, 0.5, 0.4], "auprc": [0.7, 0.9, 0.8]}
    files.write_table(tmp_path / "history.tsv", pd.DataFrame(rows))
    figure = picture(draw_training.main, metrics=tmp_path / "history.tsv", out=tmp_path / "a.png")
    assert "best, 0.900 at layer 2" in words(figure)
    assert [axes.get_xlabel() for axes in figure.axes] == ["layer that is read"] * 2


def test_a_share_of_the_weights_is_kept_at_the_start(given, tmp_path):
    """With a rate that moves nothing, what is saved is where training began: 0 is what `scratch` starts from."""
    still = {"seed": 1, "learning_rate": 1e-12, "weight_decay": 0.0, "min_steps": 1, "epochs": 0.01, "evaluations": 1}
    told, found = {"kept": {}, "none": {"keep": [0.0]}, "scratch": {"method": "scratch"}, "part": {"keep": [0.25]}}, {}
    for name, options in told.items():
        run(given, tmp_path / name, **still, **options)
        found[name] = backbone_of(tmp_path / name / "out", "backbone.")
    one = "blocks.0.look.weight"
    assert torch.allclose(found["kept"][one], backbone_of(given["pretrained"], "model.")[one])
    assert torch.equal(found["none"][one], found["scratch"][one])
    assert not torch.allclose(found["none"][one], found["kept"][one], atol=1e-3)
    assert torch.allclose(found["part"][one], 0.25 * found["kept"][one] + 0.75 * found["none"][one], atol=1e-6)


def test_of_several_starts_the_one_is_taken_that_does_best_on_validation(given, tmp_path):
    options = {"seed": 1, "min_steps": 12, "learning_rate": 1e-2}
    runs = {"both": {"keep": [1.0, 0.0]}, "1": {}, "0": {"method": "scratch"}}
    quality = {name: run(given, tmp_path / name, **options, **more).auprc.max() for name, more in runs.items()}
    assert quality["both"] == max(quality["1"], quality["0"])
    best = max("1", "0", key=quality.__getitem__)
    assert quality["1"] != quality["0"]
    weights = [load_file(tmp_path / name / "out/model.safetensors") for name in ("both", best)]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    card = (tmp_path / "both/out/README.md").read_text()
    assert f"| share of the pretrained weights at the start | {best} |" in card
    assert f"| AUPRC by share | 1: {quality['1']:.4f}, 0: {quality['0']:.4f} |" in card


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"keep": [1.5]}, "--keep: got 1.5, wanted shares of the pretrained weights from 0 to 1, all different"),
        ({"keep": [0.5, 0.5]}, "--keep: got 0.5 0.5, wanted shares"),
        ({"keep": [1.0, 0.0], "method": "lora"}, "--keep: got 1 0; it is for --method full of a pretrained network"),
    ],
)
def test_shares_that_mean_nothing_are_refused(given, tmp_path, options, said):
    with pytest.raises(UsageError, match=said):
        run(given, tmp_path, **options)
