"""In a copy that has one baseline more: it is fitted, measured, ranked, scans, judges, and is drawn each time."""

import json

import labelled
import numpy as np
import pandas as pd
import pytest
from genomes import make, random_codes
from seen import help_of, picture, said, words

import document_config
import draw_evaluation
import draw_leaderboard
import draw_scan
import draw_trajectory
import evaluate_model
import optimise_sequence
import presets
import rank_models
import scan_baselines
import score_peaks
import train_baselines
from dnalm import files
from dnalm.dna import bigwig, seq
from dnalm.figures import style
from dnalm.networks import scorer
from dnalm.scan import peaks

STEP = 10


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """Windows of random bases, the baselines fitted on them, and a model's predictions of them."""
    folder, rng = tmp_path_factory.mktemp("baselines"), np.random.default_rng(0)
    table = labelled.make(folder / "windows.tsv.gz")
    train_baselines.main(windows=folder / "windows.tsv.gz", out=folder / "baselines", k=2)
    predicted = table[table.split != "train"].drop(columns="sequence")
    files.write_table(folder / "predictions.tsv.gz", predicted.assign(score=rng.random(len(predicted))))
    return folder, table


def test_it_is_known_before_anything_runs(capsys):
    assert "toy" in presets.schema("targets")["properties"]["baselines"]["items"]["enum"]
    assert "array of gc or pwm or kmer or forest or cnn or cnn_ensemble or toy" in document_config.page()
    assert "toy (toy baseline)" in help_of(train_baselines.main, capsys)


def test_it_is_fitted_measured_ranked_and_drawn(tmp_path, fitted):
    folder, table = fitted
    found = pd.read_csv(folder / "baselines/predictions.tsv.gz", sep="\t")
    assert np.allclose(found.toy, table.sequence.str.count("A") / 40)
    report = json.loads((folder / "baselines/metrics.json").read_text())
    assert report["test"]["toy"]["auroc"] is not None
    given = {"predictions": folder / "predictions.tsv.gz", "baselines": folder / "baselines"}
    evaluate_model.main(**given, out=tmp_path / "metrics.json", resamples=20)
    assert json.loads((tmp_path / "metrics.json").read_text())["test"]["toy"]["ece"]["value"] is not None
    board = {
        "metrics": [tmp_path / "metrics.json"],
        "predictions": [given["predictions"]],
        "names": ["mine full seed0"],
    }
    rank_models.main(**board, baselines=given["baselines"], out=tmp_path / "leaderboard.tsv", resamples=20)
    assert "toy" in set(pd.read_csv(tmp_path / "leaderboard.tsv", sep="\t").model)
    figure = picture(draw_evaluation.main, **given, metrics=tmp_path / "metrics.json", out=tmp_path / "a.png")
    assert said(figure, "toy baseline, AUROC")
    assert {"random · toy"} <= set(words(figure))
    assert style.SKY in {line.get_color() for line in figure.axes[0].lines}
    figure = picture(draw_leaderboard.main, table=tmp_path / "leaderboard.tsv", out=tmp_path / "b.png")
    assert "toy baseline" in words(figure)


def test_it_scans_a_genome(tmp_path, fitted):
    genome = make(tmp_path / "genome", {"chr1": seq.decode(random_codes(0, 5000))}, {"test": ["chr1"]})
    (tmp_path / "truth.bed").write_text("chr1\t950\t1050\nchr1\t2950\t3050\n")
    bigwig.write(tmp_path / "a.bw", {"chr1": 5000}, {"chr1": np.full(500, 0.1, np.float32)}, STEP)
    files.write_table(tmp_path / "none.narrowPeak.gz", pd.DataFrame(columns=peaks.COLUMNS), header=False)
    scan = {"signal": tmp_path / "a.bw", "called": tmp_path / "none.narrowPeak.gz", "truth": [tmp_path / "truth.bed"]}
    fit = fitted[0] / "baselines/fitted.npz"
    scan_baselines.main(genome=genome, baselines=fit, window=40, stride=STEP, out=tmp_path / "said")
    score_peaks.main(**scan, genome=genome, baselines=tmp_path / "said", window=40, out=tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text())["bins"]["toy"]["auroc"]["value"] is not None
    scan |= {"genome": genome, "scorecard": tmp_path / "a.json", "overview": 2000, "zoom": 500}
    assert {"AUPRC toy", "AUROC toy"} <= set(words(picture(draw_scan.main, **scan, out=tmp_path / "a.png")))


def test_it_judges_designs(tmp_path, fitted, monkeypatch):
    monkeypatch.setattr(scorer, "load_classifier", lambda folder, what: lambda codes: (codes == 2).mean(1))
    small = {"length": 20, "number": 2, "population": 4, "generations": 2, "start": "random"}
    fit = fitted[0] / "baselines/fitted.npz"
    optimise_sequence.main(model=tmp_path, baselines=fit, out=tmp_path / "out", **small)
    assert pd.read_csv(tmp_path / "out/trajectory.tsv", sep="\t").judge_toy.notna().all()
    assert json.loads((tmp_path / "out/summary.json").read_text())["evolution"]["judge_toy"] is not None
    figure = picture(draw_trajectory.main, folder=tmp_path / "out", out=tmp_path / "a.png")
    assert {"Judge: toy", "share of A"} <= set(words(figure))
