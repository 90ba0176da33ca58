"""From windows to pictures, of several classes and of measured values; and of labels that say nothing."""

import json

import numpy as np
import pandas as pd
import pytest
from seen import picture, said, words

import draw_evaluation
import draw_leaderboard
import draw_training
import draw_windows
import evaluate_model
import finetune_model
import rank_models
import train_baselines
from dnalm import files
from dnalm.dna import seq
from dnalm.errors import InputError, UsageError
from dnalm.metrics import ranking
from dnalm.networks import models, predict, readers
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk

SIZES = {"hidden_size": 8, "num_hidden_layers": 1}
RICH = {"class:G": [0.15, 0.15, 0.55, 0.15], "T, rich": [0.15, 0.15, 0.15, 0.55], "even": [0.25] * 4}


def made(folder, learnt, table):
    """A target's windows and summary, a tokenizer: what a network from nothing is trained on."""
    files.write_table(folder / "windows.tsv.gz", table)
    about = {"genome": None, "splits": {"validation": [], "test": [], "exclude": []}, "split_by": "column", "ks": {}}
    files.write_json(folder / "windows.json", about | learnt)
    making.train("char").save_pretrained(folder / "tokenizer")
    return folder


def windows(n, shares, width=30):
    """Windows of random bases by the shares of each, in three splits."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"id": [f"given:{place}" for place in range(n)], "label": 0, "kind": "given"})
    table["split"] = np.array(["train", "train", "validation", "test"])[np.arange(n) % 4]
    return table.assign(sequence=[seq.decode(rng.choice(4, width, p=one).astype(np.uint8)) for one in shares])


@pytest.fixture(scope="module")
def classes(tmp_path_factory):
    """Three classes, each rich in a base of its own or in none; one is rare, and names are awkward."""
    number = np.random.default_rng(1).choice(3, 480, p=[0.5, 0.35, 0.15])
    table = windows(480, [list(RICH.values())[one] for one in number]).assign(label=number)
    return made(tmp_path_factory.mktemp("classes"), {"task": "classes", "classes": list(RICH)}, table)


@pytest.fixture(scope="module")
def values(tmp_path_factory):
    """The share of G in units of its own, and something that no sequence tells, on the strand given."""
    share = np.random.default_rng(1).uniform(0.1, 0.7, 400)
    table = windows(400, [[(1 - one) / 3, (1 - one) / 3, one, (1 - one) / 3] for one in share])
    table["value:G, much"] = 300 + 50 * table.sequence.str.count("G")
    table["value:noise"] = np.random.default_rng(2).normal(size=400)
    return made(tmp_path_factory.mktemp("values"), {"task": "regression", "outputs": ["G, much", "noise"]}, table)


def trained(folder, name="a", seed=0, **options):
    """Fine-tune a network from nothing on a target."""
    given = {"windows": folder / "windows.tsv.gz", "split": folder / "windows.json", "seed": seed}
    built = {"tokenizer": folder / "tokenizer", "architecture": "dilated_conv", "config": SIZES, "context": 64}
    if "pretrained" in options:
        built = {}
    finetune_model.main(**given, **built, **options, checkpoints=folder / f"state-{name}", out=folder / name)
    return folder / name


def judged(folder, names, **strands):
    """Baselines, evaluations, leaderboard of a target's models, and all pictures; the board."""
    baselines = folder / "baselines"
    summary = {"windows": folder / "windows.tsv.gz", "summary": folder / "windows.json"}
    train_baselines.main(**summary, **strands, k=2, cnn_epochs=4, cnn_filters=16, out=baselines)
    for name in names:
        given = {"predictions": folder / name / "predictions.tsv.gz", "baselines": baselines, "resamples": 30}
        evaluate_model.main(**given, split=folder / name / "split.json", out=folder / name / "metrics.json")
    rank_models.main(
        metrics=[folder / name / "metrics.json" for name in names],
        predictions=[folder / name / "predictions.tsv.gz" for name in names],
        names=[f"c/t/m full seed{number}" for number in range(len(names))],
        baselines=baselines,
        out=folder / "board.tsv",
        resamples=30,
    )
    return pd.read_csv(folder / "board.tsv", sep="\t").set_index("model")


def drawn(folder, name):
    """The words of the evaluation, of the leaderboard and of the learning curve."""
    given = {"predictions": folder / name / "predictions.tsv.gz", "baselines": folder / "baselines"}
    draw_windows.main(windows=folder / "windows.tsv.gz", summary=folder / "windows.json", out=folder / "windows.png")
    return (
        picture(draw_evaluation.main, **given, metrics=folder / name / "metrics.json", out=folder / "a.png"),
        picture(draw_leaderboard.main, table=folder / "board.tsv", out=folder / "b.png"),
        picture(draw_training.main, metrics=folder / name / "history.tsv", out=folder / "c.png"),
    )


def test_three_classes_from_windows_to_pictures(classes):
    names = ("a", "b")
    for seed, name in enumerate(names):
        trained(classes, name, seed, epochs=6, learning_rate=1e-2)
    board = judged(classes, names)
    table = pd.read_csv(classes / "a/predictions.tsv.gz", sep="\t")
    logits = table[[f"logit:{name}" for name in RICH]].to_numpy()
    assert (table.call == np.array(list(RICH))[logits.argmax(1)]).all()
    assert board.loc["c/t/m full"].mcc > 0.6
    assert board.loc["c/t/m full ensemble"].mcc > 0.6
    assert board.loc["kmer"].mcc > 0.6
    assert board.loc[["forest", "pwm"]].mcc.isna().all()  # which tell bound from unbound alone
    assert board.loc["c/t/m full"].baseline in ("kmer", "cnn")
    assert {"mcc", "accuracy", "macro_f1", "macro_auroc", "mcc_minus_baseline_low"} <= set(board)
    assert "prevalence" not in board
    report = json.loads((classes / "a/metrics.json").read_text())
    assert report["test"]["windows"] == dict(zip(RICH, np.bincount(table.label[table.split == "test"]), strict=True))
    told = report["test"]
    for name in ("gc", "cnn"):
        wanted = told["model"]["mcc"]["value"] - told[name]["mcc"]["value"]
        assert told["model_minus"][name]["mcc"]["value"] == pytest.approx(wanted)
    assert "by_negatives" not in report
    evaluation, leaderboard, curve = drawn(classes, "a")
    assert {"T, rich", "even"} <= set(words(evaluation))
    assert said(leaderboard, "MCC (dashed: chance 0)")
    assert said(curve, "MCC")


def test_values_from_windows_to_pictures(values):
    trained(values, epochs=8, learning_rate=1e-2, strands="given")
    board = judged(values, ["a"], strands="given")
    table = pd.read_csv(values / "a/predictions.tsv.gz", sep="\t")
    test = table[table.split == "test"]
    assert list(table)[4:] == ["value:G, much", "value:noise", "predicted:G, much", "predicted:noise"]
    assert np.corrcoef(test["value:G, much"], test["predicted:G, much"])[0, 1] > 0.8
    assert abs((test["predicted:G, much"] - test["value:G, much"]).mean()) < 100  # in units, of which 50 are one G
    model = board.loc["c/t/m full"]
    assert model["pearson:G, much"] > 0.8 > abs(model["pearson:noise"])
    assert model.pearson == pytest.approx((model["pearson:G, much"] + model["pearson:noise"]) / 2, abs=1e-4)
    assert board.loc["kmer"]["r2:G, much"] > 0.6
    assert board.loc["cnn"]["pearson:G, much"] > 0.5
    evaluation, leaderboard, curve = drawn(values, "a")
    assert said(evaluation, "G, much, measured")
    assert said(leaderboard, "Pearson r (dashed: chance 0)")
    assert said(curve, "Pearson r")


def test_on_the_strand_given_a_window_is_read_once(values):
    folder = trained(values, "strand", epochs=1, strands="given")
    model, tok = models.load(folder, "classify"), tk.load(folder)
    assert model.config.strands == "given"
    table = pd.read_csv(values / "windows.tsv.gz", sep="\t")
    rows = np.flatnonzero(table.split == "test")
    codes = np.stack([seq.encode(text) for text in table.sequence[rows]])
    one = predict.predict(model, tok, codes, readers.answers, both_strands=False)
    both = predict.predict(model, tok, codes, readers.answers)
    written = pd.read_csv(folder / "predictions.tsv.gz", sep="\t").query("split == 'test'")
    assert written["predicted:G, much"].to_numpy() == pytest.approx(one[:, 0], rel=1e-4)
    assert np.abs(both - one).max() > 1e-3


@pytest.mark.parametrize("target", ["classes", "values"])
def test_a_probe_reads_classes_and_values_too(request, target, tmp_path):
    folder, tok = request.getfixturevalue(target), making.train("char")
    models.save(models.build("mlm", "dilated_conv", SIZES, tok, 64, 0), tok, tmp_path / "pretrained", "card")
    trained(folder, "probe", pretrained=tmp_path / "pretrained", method="probe")
    history = pd.read_csv(folder / "probe/history.tsv", sep="\t")
    assert history["mcc" if target == "classes" else "pearson"].max() > 0.3
    table = pd.read_csv(folder / "probe/predictions.tsv.gz", sep="\t").query("split == 'test'")
    if target == "classes":
        assert (table.call == np.array(list(RICH))[table.label]).mean() > 0.5
    else:
        assert np.corrcoef(table["value:G, much"], table["predicted:G, much"])[0, 1] > 0.5


def test_shuffled_labels_teach_nothing(tmp_path):
    """Windows that a model could tell apart, labels shuffled over them: the AUROC of model and baselines is .5."""
    bound = np.arange(2400) % 2
    table = windows(2400, [RICH["class:G"] if one else RICH["even"] for one in bound])
    shuffled = np.random.default_rng(3).permutation(bound)
    folder = made(tmp_path, {"task": "binary"}, table.assign(label=shuffled))
    trained(folder, epochs=2, validation_windows=200)
    train_baselines.main(windows=folder / "windows.tsv.gz", baselines=["kmer", "gc"], k=2, out=folder / "baselines")
    for path, names in (("a/predictions.tsv.gz", ["logit"]), ("baselines/predictions.tsv.gz", ["kmer", "gc"])):
        found = pd.read_csv(folder / path, sep="\t").query("split != 'train'")
        for name in names:
            assert ranking.auroc(found.label.to_numpy(), found[name].to_numpy()) == pytest.approx(0.5, abs=0.05)


def test_windows_that_do_not_hold_what_they_are_said_to(tmp_path, classes, values):
    table = pd.read_csv(classes / "windows.tsv.gz", sep="\t")
    about = {"task": "classes", "classes": list(RICH)}
    lacking = made(tmp_path, about, table[(table.label != 2) | (table.split != "train")])
    with pytest.raises(InputError, match=r"the train split holds no window of even; leave out the class"):
        trained(lacking)
    with pytest.raises(InputError, match=r"windows.tsv.gz: label: got 2, wanted 0 to 1"):
        trained(made(tmp_path, about | {"classes": ["a", "b"]}, table))
    measured = pd.read_csv(values / "windows.tsv.gz", sep="\t")
    about = {"task": "regression", "outputs": ["noise"]}
    with pytest.raises(InputError, match=r"lacks column\(s\) value:noise; label the windows again"):
        trained(made(tmp_path, about, measured.drop(columns="value:noise")))
    text = measured.astype({"value:noise": object})
    text.loc[3, "value:noise"] = "high"
    with pytest.raises(InputError, match=r"windows.tsv.gz:5: got a value that is no number"):
        trained(made(tmp_path, about, text))
    flat = measured.assign(**{"value:noise": np.where(measured.split == "test", 1.0, measured["value:noise"])})
    with pytest.raises(InputError, match=r"the test split has 100 windows whose value:noise does not vary"):
        trained(made(tmp_path, about, flat))
    with pytest.raises(UsageError, match=r"loss: got cross_entropy, wanted squared_error for windows whose task"):
        trained(values, "loss", loss="cross_entropy")
