"""A fine-tuned model beside its baselines, and the leaderboard of several."""

import json

import numpy as np
import pandas as pd
import pytest

import evaluate_model
import rank_models
from dnalm import files
from dnalm.errors import InputError, UsageError


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
    files.write_table(baselines / "predictions.tsv.gz", table.assign(gc=rng.random(n), pwm=np.nan, kmer=rng.random(n)))
    return tmp_path / "p.tsv.gz", baselines


def test_evaluation_and_leaderboard(tmp_path, evaluated):
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
    rank_models.main(metrics=[tmp_path / "m.json"], names=["mine"], out=tmp_path / "l.tsv")
    rows = pd.read_csv(tmp_path / "l.tsv", sep="\t")
    assert rows.columns.tolist() == rank_models.COLUMNS
    assert rows.model.iloc[0] == "mine"
    assert rows.model.iloc[-1] == "pwm"
    assert rows.auprc.isna().sum() == 1
    with pytest.raises(UsageError):
        rank_models.main(metrics=[tmp_path / "m.json"], names=["a", "b"], out=tmp_path / "l.tsv")


def test_evaluation_refuses_other_windows(tmp_path, evaluated):
    predictions, baselines = evaluated
    table = pd.read_csv(predictions, sep="\t").iloc[1:]
    files.write_table(predictions, table)
    with pytest.raises(InputError, match=r"same windows"):
        evaluate_model.main(predictions=predictions, baselines=baselines, out=tmp_path / "m.json")
