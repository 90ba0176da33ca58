"""Bins at natural prevalence, and the scorecard, metrics and leaderboard scripts on toys whose answer is known."""

import json

import numpy as np
import pandas as pd
import pysam
import pytest

import evaluate_model
import rank_models
import score_peaks
from dnalm import files
from dnalm.dna import bigwig, seq
from dnalm.errors import InputError, UsageError
from dnalm.scan import peaks, scorecard

STEP = 10


def test_cover_by_hand():
    table = pd.DataFrame({"start": [3, 5, 22], "end": [8, 10, 99]})
    assert scorecard.covered(table, 25, STEP) == pytest.approx([0.7, 0, 0.6])  # the last bin is [20, 25)


def test_bins_positive_ambiguous_and_left_out():
    values = np.array([0.9, 0.2, 0.1, np.nan, 0.5, 0.6], np.float32)
    codes = np.zeros(60, np.uint8)
    codes[45] = seq.N
    truth = pd.DataFrame({"start": [5, 20], "end": [10, 24]})
    blacklist = pd.DataFrame({"start": [59], "end": [60]})
    table, lost = scorecard.contig_bins(values, codes, truth, blacklist, {}, 20, STEP)
    assert table.start.tolist() == [0, 10]
    assert table.label.tolist() == [True, False]
    assert lost == {"ambiguous": 1, "not_scanned": 1, "unknown_bases": 1, "blacklist": 1}


@pytest.fixture
def scan(tmp_path):
    """A contig of 5 kb with peaks at 1000 and 3000, a signal that finds the first and one that is not there."""
    folder = tmp_path / "genome"
    folder.mkdir()
    codes = np.random.default_rng(0).integers(0, 4, 5000).astype(np.uint8)
    (folder / "plain.fa").write_text(f">chr1\n{seq.decode(codes)}\n")
    pysam.tabix_compress(str(folder / "plain.fa"), str(folder / "genome.fa.gz"))
    pysam.faidx(str(folder / "genome.fa.gz"))
    (folder / "chrom.sizes").write_text("chr1\t5000\n")
    (folder / "genome.json").write_text('{"splits": {"test": ["chr1"]}}')
    (tmp_path / "truth.bed").write_text("chr1\t950\t1050\nchr1\t2950\t3050\n")
    values = np.full(500, 0.1, np.float32)
    values[[99, 100, 400]] = [0.8, 0.9, 0.7]
    bigwig.write(tmp_path / "a.bw", {"chr1": 5000}, {"chr1": values}, STEP)
    found = peaks.regions(values, 0.5, STEP, 5000, 100).assign(chrom="chr1")
    candidates = values[peaks.local_maxima(values, 5)]
    table = peaks.narrow_peaks(found, candidates, np.full(len(candidates), 0.01), np.full(len(candidates), 0.02))
    peaks.write(tmp_path / "a.narrowPeak.gz", table)
    return {"signal": tmp_path / "a.bw", "called": tmp_path / "a.narrowPeak.gz", "genome": folder, "window": 40}


def test_scorecard(tmp_path, scan):
    score_peaks.main(**scan, truth=tmp_path / "truth.bed", out=tmp_path / "a.json")
    card = json.loads((tmp_path / "a.json").read_text())
    assert (card["bins"]["n"], card["bins"]["positives"], card["bins"]["prevalence"]) == (500, 20, 0.04)
    assert 0.5 < card["bins"]["model"]["auroc"]["value"] < 0.7
    assert card["bins"]["pwm"]["auprc"]["value"] is None
    wanted = {"called": 2, "truth": 2, "matched": 1, "precision": 0.5, "recall": 0.5, "f1": 0.5, "bases": 30}
    assert card["peaks"].items() >= wanted.items()
    assert card["curve"] == [{"q": pytest.approx(0.02), "called": 2, "precision": 0.5, "recall": 0.5}]
    assert (card["regions"], card["resolution"]) == (["chr1"], STEP)


def test_scorecard_without_truth_or_peaks(tmp_path, scan):
    peaks.write(scan["called"], peaks.read_called(scan["called"])[peaks.COLUMNS].iloc[:0])
    score_peaks.main(**scan, out=tmp_path / "a.json")
    card = json.loads((tmp_path / "a.json").read_text())
    assert card["bins"]["model"]["auprc"] == {"value": None, "low": None, "high": None, "reason": "no truth was given"}
    assert (card["peaks"]["called"], card["peaks"]["precision"], card["curve"]) == (0, None, [])
    score_peaks.main(**scan, truth=tmp_path / "truth.bed", out=tmp_path / "b.json")
    found = json.loads((tmp_path / "b.json").read_text())["peaks"]
    assert (found["truth"], found["precision"], found["recall"]) == (2, None, 0)


def test_scorecard_refuses_unknown_contigs(tmp_path, scan):
    with pytest.raises(InputError, match="chr7"):
        score_peaks.main(**scan, regions=["chr7"], out=tmp_path / "a.json")


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
