"""Calling peaks on a toy genome whose validation contig says what a height is worth."""

import json

import genomes
import numpy as np
import pandas as pd
import pytest

import call_peaks
from dnalm.dna import bigwig
from dnalm.scan import peaks

STEP, LENGTH = 10, 200_000
# 140 of 200 bumps are sites, 90 of the 100 of .9: what a smooth curve, which fits two heights as they are, says of them
SMOOTH = 1 - (90 * 141 / 142 + 10 / 62) / 100


@pytest.fixture
def scan(tmp_path):
    """Two contigs, a site a kilobase: on each half of the bumps of .5 and nine in ten of those of .9 are sites."""
    folder = genomes.make(tmp_path / "toy", dict.fromkeys(("chr1", "chr2"), "ACGT" * (LENGTH // 4)))
    values = np.full(LENGTH // STEP, 0.01, np.float32)
    tops = np.arange(50, len(values), 100)
    values[tops] = np.where(np.arange(len(tops)) % 2, 0.5, 0.9)
    order = np.arange(len(tops)) // 2
    true = tops[np.where(np.arange(len(tops)) % 2, order % 2 == 0, order % 10 > 0)]
    lines = [f"{name}\t{top * STEP - 40}\t{top * STEP + 50}\n" for name in ("chr1", "chr2") for top in true]
    (tmp_path / "truth.bed").write_text("".join(lines))
    bigwig.write(tmp_path / "a.bw", dict.fromkeys(("chr1", "chr2"), LENGTH), {"chr1": values, "chr2": values}, STEP)
    (tmp_path / "null.tsv").write_text("score\n" + "0.02\n" * 400)
    split = {"genome": "toy", "splits": {"validation": ["chr1"], "test": ["chr2"]}}
    (tmp_path / "split.json").write_text(json.dumps(split))
    given = {"signal": tmp_path / "a.bw", "null": tmp_path / "null.tsv", "genome": folder, "merge_distance": 300}
    outs = {"out": "a.narrowPeak.gz", "out_calling": "a.json", "out_candidates": "a.tsv.gz"}
    return given | {key: tmp_path / name for key, name in outs.items()} | {"split": tmp_path / "split.json"}


def called(scan, **more):
    call_peaks.main(**scan | more)
    return json.loads(scan["out_calling"].read_text()), peaks.read_called(scan["out"])


def test_the_cutoff_keeps_the_rate_seen_on_validation(tmp_path, scan):
    """100 bumps of .9 of which 90 are sites: a rate of .105 by a smooth curve, .109 by steps; .1 lets none through."""
    truth = [tmp_path / "truth.bed"]
    report, table = called(scan, truth=truth, fdr=0.12)
    assert (report["by"], report["over"]) == ("validation", "the test places")
    assert (report["validation"]["cutoff"], report["validation"]["called"]) == (pytest.approx(0.9), 100)
    assert (report["candidates"], len(table)) == (200, 200)  # validation's are called, too
    curve = report["validation"]["curve"]
    assert [step["probability"] for step in curve["steps"]] == [0.5, pytest.approx(90 / 101)]
    assert curve["weight"] == 1
    assert table.q.to_numpy() == pytest.approx(SMOOTH, abs=1e-4)
    low, high = report["validation"]["interval"]
    assert low < SMOOTH < high
    report, table = called(scan, truth=truth, fdr=0.1)
    assert (report["validation"]["cutoff"], len(table)) == (None, 0)
    assert called(scan, truth=truth, fdr=0.5)[0]["validation"]["called"] == 200


def test_a_null_that_does_not_fit_is_told_beside(tmp_path, scan):
    """Shuffled sequence never reaches .02: it would call everything at any rate, three in ten of it false."""
    report, _ = called(scan, truth=[tmp_path / "truth.bed"], fdr=0.12)
    assert (report["validation"]["called"], report["null"]["called"]) == (100, 200)
    rows = pd.read_csv(scan["out_candidates"], sep="\t")
    assert len(rows) == 400
    assert (rows.q_null < 0.01).all()
    assert set(rows.split) == {"validation", "test"}


def test_decoys_are_a_third_estimate(tmp_path, scan, caplog):
    """One in a hundred of the maxima on decoys is as high as the sites: no rate below that is promised by them."""
    decoys = "".join(f"{0.95 if number % 100 == 0 else 0.02}\tdecoys\n" for number in range(400))
    scan["null"].write_text("score\tkind\n" + "0.02\tshuffled\n" * 400 + decoys)
    with caplog.at_level("INFO", logger=call_peaks.log.name):
        report, _ = called(scan, truth=[tmp_path / "truth.bed"], fdr=0.12)
    assert [report[name]["called"] for name in ("validation", "null", "decoys")] == [100, 200, 200]
    assert report["decoys"]["maxima"] == 400
    assert "by decoys it would be 200" in caplog.text
    rows = pd.read_csv(scan["out_candidates"], sep="\t")
    assert rows.q_decoys.min() == pytest.approx(5 / 401, abs=1e-6)  # (1 + 4 as high) of 400, all 200 called
    report, _ = called(scan, truth=[tmp_path / "truth.bed"], fdr=0.01)
    assert (report["null"]["called"], report["decoys"]["called"]) == (200, 0)
    with caplog.at_level("INFO", logger=call_peaks.log.name):
        report, table = called(scan, fdr=0.1)  # where nothing is known the more careful of the two
    assert (report["by"], len(table)) == ("nulls", 400)
    assert table.p.max() == pytest.approx(-np.log10(5 / 401), abs=1e-4)
    assert f"the rate is by 800 maxima of shuffled sequence and of decoys: {call_peaks.NO_TRUTH}" in caplog.text
    report, table = called(scan, fdr=0.01)
    assert (report["nulls"]["called"], report["null"]["called"], len(table)) == (0, 200, 0)


def test_without_a_truth_the_null_is_used_and_says_why(tmp_path, scan):
    report, table = called(scan, fdr=0.05)
    assert (report["by"], len(table)) == ("null", 400)
    assert table.q.max() < 0.01
    assert report["validation"]["reason"] == call_peaks.NO_TRUTH
    (tmp_path / "few.bed").write_text("chr1\t460\t550\n")
    report, _ = called(scan, truth=[tmp_path / "few.bed"], fdr=0.05)
    assert report["by"] == "null"
    assert report["validation"]["reason"].startswith("1 true peaks")


def test_on_another_genome_all_counts(scan):
    scan["split"].write_text(json.dumps({"genome": "other", "splits": {"validation": [], "test": ["chr9"]}}))
    (scan["genome"] / "genome.json").write_text('{"name": "toy", "splits": {"test": ["chr1"]}}')
    report, _ = called(scan, fdr=0.05)
    assert (report["over"], report["candidates"]) == ("all that was scanned", 400)


def test_a_genome_without_peaks_has_its_rate_from_the_models_own(tmp_path, scan, caplog):
    """Taught on toy, where a bump of .9 is a site nine times in ten; what is shuffled sequence would call them all."""
    called(scan, truth=[tmp_path / "truth.bed"], fdr=0.12)
    (tmp_path / "home.json").write_bytes(scan["out_calling"].read_bytes())
    scan["split"].write_text(json.dumps({"genome": "other", "splits": {"validation": [], "test": ["chr9"]}}))
    report, table = called(scan, home=tmp_path / "home.json", fdr=0.12)
    assert (report["by"], report["over"], len(table)) == ("home", "all that was scanned", 200)
    assert report["home"]["cutoff"] == pytest.approx(0.9)
    assert table.q.to_numpy() == pytest.approx(SMOOTH, abs=1e-4)
    assert (report["home"]["called"], report["null"]["called"]) == (200, 400)
    assert report["validation"]["reason"] == call_peaks.NO_TRUTH
    rows = pd.read_csv(scan["out_candidates"], sep="\t")
    assert list(rows.columns[-4:]) == ["p", "q_validation", "q_home", "q_null"]
    (tmp_path / "home.json").write_text('{"validation": {"reason": "3 true peaks are among the maxima of validation"}}')
    with caplog.at_level("INFO", logger=call_peaks.log.name):
        report, _ = called(scan, home=tmp_path / "home.json", fdr=0.12)
    assert "are known on this genome, and on the model's own genome 3 true peaks are among the maxima" in caplog.text
    assert report["by"] == "null"
    assert report["home"]["reason"].startswith("3 true peaks")
