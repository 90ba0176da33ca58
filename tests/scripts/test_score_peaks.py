"""The scorecard of a scan on toy tracks."""

import json

import numpy as np
import pysam
import pytest

import score_peaks
from dnalm.dna import bigwig, seq
from dnalm.errors import InputError
from dnalm.scan import peaks

STEP = 10


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


@pytest.mark.parametrize("kind", ["truth", "blacklist"])
@pytest.mark.parametrize(
    "text, message", [("1\t950\t1050\n", "differ by 'chr' only"), ("chr1\t950\t5050\n", "another assembly")]
)
def test_scorecard_refuses_truth_and_blacklist_of_another_genome(tmp_path, scan, kind, text, message):
    (tmp_path / "other.bed").write_text(text)
    with pytest.raises(InputError, match=f"other.bed: .*{message}"):
        score_peaks.main(**scan, **{kind: tmp_path / "other.bed"}, out=tmp_path / "a.json")


def test_scorecard_refuses_unknown_contigs(tmp_path, scan):
    with pytest.raises(InputError, match="chr7"):
        score_peaks.main(**scan, regions=["chr7"], out=tmp_path / "a.json")
