"""A fine-tuned model beside its baselines, and the leaderboard of several."""

import json

import numpy as np
import pandas as pd
import pytest

import evaluate_model
import rank_models
from dnalm import files
from dnalm.errors import InputError, UsageError
from dnalm.metrics import ranking


@pytest.fixture
def evaluated(tmp_path):
    rng, n = np.random.default_rng(0), 400
    table = pd.DataFrame({"id": [f"chr1:{place * 10_000}-{place * 10_000 + 9}" for place in range(n)]})
    table["split"] = np.where(np.arange(n) % 2, "test", "validation")
    table["label"] = (np.arange(n) // 2 % 4 == 0).astype(int)
    table["kind"] = np.where(table.label, "positive", np.where(np.arange(n) // 2 % 4 == 1, "motif", "gc_matched"))
    files.write_table(tmp_path / "p.tsv.gz", table.assign(score=0.6 * table.label + 0.4 * rng.random(n)))
    baselines = tmp_path / "baselines"
    baselines.mkdir()
    theirs = {"gc": rng.random(n), "pwm": np.nan, "kmer": rng.random(n), "forest": 0.5, "cnn": 0.5}
    files.write_table(baselines / "predictions.tsv.gz", table.assign(**theirs))
    return tmp_path / "p.tsv.gz", baselines


def test_evaluation(tmp_path, evaluated):
    predictions, baselines = evaluated
    evaluate_model.main(predictions=predictions, baselines=baselines, out=tmp_path / "m.json")
    report = json.loads((tmp_path / "m.json").read_text())
    test = report["test"]
    assert (test["n"], test["positives"], test["prevalence"]) == (200, 50, 0.25)
    assert test["model"]["auroc"]["value"] == 1
    assert test["model"]["mcc"]["value"] > 0.95  # the threshold is validation's, and so not perfect here
    assert test["pwm"]["auroc"]["value"] is None
    assert test["gc"]["auprc"]["low"] < 0.3 < test["gc"]["auprc"]["high"]
    assert set(report["by_negatives"]) == {"gc_matched", "motif"}
    assert report["by_negatives"]["motif"]["n"] == 100
    assert 0.4 < report["thresholds"]["model"] < 0.65
    assert test["model_minus"]["gc"]["auroc"]["low"] > 0
    assert test["model_minus"]["pwm"]["auroc"]["value"] is None
    assert report["pretraining_saw_test"] == "unknown"
    assert "without_relatives" not in report


def test_recall_at_fdr_has_its_threshold_from_validation(tmp_path, evaluated):
    predictions, baselines = evaluated
    table = pd.read_csv(predictions, sep="\t")
    table.loc[(table.split == "test") & (table.kind == "motif"), "score"] = 0.95  # false in test, and only there
    files.write_table(predictions, table)
    evaluate_model.main(predictions=predictions, baselines=baselines, out=tmp_path / "m.json", resamples=20)
    report = json.loads((tmp_path / "m.json").read_text())
    held_out = table[(table.split == "validation") & (table.label == 1)]
    assert report["thresholds_fdr10"]["model"] <= held_out.score.min()  # nothing is false there: all may be called
    assert report["test"]["model"]["recall_at_fdr10"]["value"] > 0.95
    assert report["test"]["model"]["observed_fdr"]["value"] == pytest.approx(0.5, abs=0.05)


def test_windows_without_relatives_are_measured_apart(tmp_path, evaluated):
    predictions, baselines = evaluated
    table = pd.read_csv(predictions, sep="\t")
    test = table[table.split == "test"]
    identity = np.where(np.arange(200) % 10 == 0, 0.8, np.where(np.arange(200) % 2, 0.79, 0))
    files.write_table(tmp_path / "r.tsv.gz", pd.DataFrame({"id": test.id, "identity": identity}))
    given = {"predictions": predictions, "baselines": baselines, "relatives": tmp_path / "r.tsv.gz", "resamples": 20}
    (tmp_path / "split.json").write_text('{"saw_test": "yes"}')
    evaluate_model.main(**given, split=tmp_path / "split.json", out=tmp_path / "m.json")
    report = json.loads((tmp_path / "m.json").read_text())
    assert (report["test"]["n"], report["without_relatives"]["n"]) == (200, 180)
    assert report["without_relatives"]["model"]["f1"]["value"] > 0.9
    assert report["pretraining_saw_test"] == "yes"
    for column, message in (("id", "wanted also id"), ("identity", "wanted also identity")):
        renamed = pd.DataFrame({"id": test.id, "identity": identity}).rename(columns={column: "x"})
        files.write_table(tmp_path / "r.tsv.gz", renamed)
        with pytest.raises(InputError, match=f"r.tsv.gz:1: .*{message}"):
            evaluate_model.main(**given, out=tmp_path / "m.json")
    files.write_table(tmp_path / "r.tsv.gz", pd.DataFrame({"id": test.id.iloc[1:], "identity": 0.1}))
    with pytest.raises(InputError, match=r"no row for 1 of 200 test windows, such as chr1:10000-10009"):
        evaluate_model.main(**given, out=tmp_path / "m.json")
    files.write_table(tmp_path / "r.tsv.gz", pd.DataFrame({"id": test.id, "identity": 97.5}))
    with pytest.raises(InputError, match=r"got 97.5, wanted shares from 0 to 1"):
        evaluate_model.main(**given, out=tmp_path / "m.json")


@pytest.fixture
def contest(tmp_path, evaluated):
    """Three seeds of a good model, two of its twin that is a coin; what rank_models is given."""
    predictions, baselines = evaluated
    table, names, paths = pd.read_csv(predictions, sep="\t"), [], []
    for recipe, seeds, good in (("full", 3, 0.5), ("scratch", 2, 0.0)):
        for number in range(seeds):
            noise = np.random.default_rng(number).random(len(table))
            paths.append(tmp_path / f"{recipe}{number}.tsv.gz")
            names.append(f"c/t/m {recipe} seed{number}")
            files.write_table(paths[-1], table.assign(score=good * table.label + (1 - good) * noise))
    files.write_json(tmp_path / "m.json", {"pretraining_saw_test": "yes"})
    given = {"metrics": [tmp_path / "m.json"] * 5, "predictions": paths, "names": names, "baselines": baselines}
    return given | {"out": tmp_path / "l.tsv", "resamples": 60}


def board(contest, by_kind=False, **more):
    rank_models.main(**contest, **more)
    rows = pd.read_csv(contest["out"], sep="\t")
    return rows[rows.split.str.contains(":") == by_kind].reset_index(drop=True)


def test_leaderboard_pools_seeds_and_pairs(contest):
    rows = board(contest, twins={"c/t/m full": "c/t/m scratch", "c/t/m scratch": "from random weights itself"})
    assert rows.columns.tolist() == rank_models.columns()
    assert rows.model.iloc[-1] == "pwm"
    assert rows.auprc.isna().sum() == 1
    rows = rows.set_index("model")
    full, coin, both = (rows.loc[name] for name in ("c/t/m full", "c/t/m scratch", "c/t/m full ensemble"))
    tables = [pd.read_csv(path, sep="\t") for path in contest["predictions"][:3]]
    each = [ranking.auprc(one.label[one.split == "test"].to_numpy(), one.score[one.split == "test"].to_numpy())
            for one in tables]  # fmt: skip
    assert (full.seeds, full.auprc) == (3, pytest.approx(np.mean(each), abs=1e-5))
    assert both.kind == "ensemble"
    assert both.auroc >= full.auroc
    assert full.auprc_minus_twin == pytest.approx(full.auprc - coin.auprc, abs=1e-5)
    assert full.auprc_minus_twin_low > 0.2
    assert coin.twin == "from random weights itself"
    assert np.isnan(coin.auprc_minus_twin)
    assert full.auprc_minus_baseline == pytest.approx(full.auprc - rows.loc[full.baseline].auprc, abs=1e-5)
    assert both.twin == "c/t/m scratch ensemble"
    assert full.pretraining_saw_test == "yes"


def test_leaderboard_without_a_twin_says_so(contest):
    rows = board(contest).set_index("model")
    assert rows.loc["c/t/m full"].twin == rank_models.NO_TWIN
    assert np.isnan(rows.loc["c/t/m full"].auprc_minus_twin)


def test_best_baseline_is_chosen_on_validation(contest):
    """On test gc is perfect and on validation the worst there is: it is not what models are compared with."""
    path = contest["baselines"] / "predictions.tsv.gz"
    table = pd.read_csv(path, sep="\t")
    files.write_table(path, table.assign(gc=np.where(table.split == "test", table.label, 1.0 - table.label)))
    rows = board(contest).set_index("model")
    assert rows.loc["gc"].auprc == 1
    assert rows.loc["c/t/m full"].baseline == "kmer"


def test_leaderboard_has_windows_without_relatives_below(tmp_path, contest):
    test = pd.read_csv(contest["predictions"][0], sep="\t").query("split == 'test'")
    files.write_table(tmp_path / "r.tsv.gz", pd.DataFrame({"id": test.id, "identity": np.arange(200) % 2}))
    rows = board(contest, relatives=tmp_path / "r.tsv.gz")
    assert rows.groupby("split", sort=False).n.first().to_dict() == {"test": 200, "test, without relatives": 100}
    assert len(rows) == 2 * rows.model.nunique()


def test_leaderboard_refuses_what_does_not_fit(contest):
    with pytest.raises(UsageError, match="give one each"):
        board(contest | {"names": contest["names"][1:]})
    table = pd.read_csv(contest["predictions"][1], sep="\t")
    files.write_table(contest["predictions"][1], table.assign(label=1 - table.label))
    with pytest.raises(InputError, match=r"full1.tsv.gz: .*same windows"):
        board(contest)


def test_evaluation_refuses_other_windows(tmp_path, evaluated):
    predictions, baselines = evaluated
    table = pd.read_csv(predictions, sep="\t").iloc[1:]
    files.write_table(predictions, table)
    with pytest.raises(InputError, match=r"same windows"):
        evaluate_model.main(predictions=predictions, baselines=baselines, out=tmp_path / "m.json")


def test_leaderboard_tells_kinds_of_negatives_apart(contest):
    """All windows of a set are ranked as before, and positives with each kind of negative after it."""
    for path in (*contest["predictions"], contest["baselines"] / "predictions.tsv.gz"):
        rows = pd.read_csv(path, sep="\t")
        unbound = np.where(np.arange(len(rows)) % 4 < 3, "random", "motif")
        files.write_table(path, rows.assign(kind=np.where(rows.label == 1, "positive", unbound)))
    test = pd.read_csv(contest["predictions"][0], sep="\t").query("split == 'test'")
    rows = board(contest, by_kind=True)
    counts = {kind: int(((test.kind == kind) | (test.label == 1)).sum()) for kind in ("random", "motif")}
    assert rows.groupby("split").n.first().to_dict() == {f"test: {kind}": number for kind, number in counts.items()}
    rows = rows[rows.split == "test: motif"].set_index("model")
    full = rows.loc["c/t/m full ensemble"]
    assert full.auprc_minus_baseline == pytest.approx(full.auprc - rows.loc[full.baseline].auprc, abs=1e-5)
