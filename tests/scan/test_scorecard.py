"""Bins at natural prevalence and the track of a motif, by hand."""

import numpy as np
import pandas as pd
import pytest

from dnalm.dna import seq
from dnalm.scan import scorecard

STEP = 10


def test_cover_by_hand():
    table = pd.DataFrame({"start": [3, 5, 22], "end": [8, 10, 99]})
    assert scorecard.covered(table, 25, STEP) == pytest.approx([0.7, 0, 0.6])  # the last bin is [20, 25)


def test_calibration_of_bins_as_they_are_and_shifted_by_hand():
    """One bin in ten is bound, and the model says one half of all: that is .4 off, and true after the shift."""
    label = np.arange(40) % 10 == 0
    table = pd.DataFrame({"contig": 0, "start": np.arange(40) * 5000, "label": label, "model": 0.5})
    table = table.assign(**dict.fromkeys(scorecard.scanners(), 0.0))
    report = scorecard.assess_bins(table, {}, None, 0)
    assert report["model"]["ece"]["value"] == pytest.approx(0.4)
    assert report["reliability"] == [{"given": 0.5, "observed": 0.1, "n": 40}]
    shifted = scorecard.assess_shifted(table, 0.5, 0.1)
    assert shifted["ece"] == pytest.approx(0, abs=1e-9)
    assert [row["given"] for row in shifted["reliability"]] == [pytest.approx(0.1)]
    assert (shifted["from"], shifted["to"]) == (0.5, 0.1)
    assert "not known" in scorecard.assess_shifted(table, None, 0.1)["reason"]


def test_bins_positive_ambiguous_and_left_out():
    values = np.array([0.9, 0.2, 0.1, np.nan, 0.5, 0.6], np.float32)
    codes = np.zeros(60, np.uint8)
    codes[45] = seq.N
    truth = pd.DataFrame({"start": [5, 20], "end": [10, 24]})
    blacklist = pd.DataFrame({"start": [59], "end": [60]})
    table, lost = scorecard.contig_bins(values, codes, truth, blacklist, {}, STEP, np.ones(len(values), bool))
    assert table.start.tolist() == [0, 10, 20]
    assert table.label.tolist() == [True, False, False]
    assert table.ambiguous.tolist() == [False, False, True]
    assert lost == {"ambiguous": 1, "not_scanned": 1, "unknown_bases": 1, "blacklist": 1}


def test_a_bin_that_a_peak_touches_is_positive_by_the_laxer_rule():
    """Four bins: bound, touched, and two free; the model puts the touched one highest."""
    table = pd.DataFrame({"contig": 0, "start": [0, 10, 20, 30], "label": [True, False, False, False]})
    table = table.assign(ambiguous=[False, True, False, False], model=[0.5, 0.9, 0.1, 0.6])
    table = table.assign(**dict.fromkeys(scorecard.scanners(), 0.0))
    strict = scorecard.assess_bins(table[~table.ambiguous], {}, None, 0)
    lax = scorecard.assess_touched(table, None, 0)
    assert (strict["n"], strict["positives"], strict["model"]["auprc"]["value"]) == (3, 1, pytest.approx(1 / 2))
    assert (lax["n"], lax["positives"]) == (4, 2)
    assert lax["model"]["auprc"]["value"] == pytest.approx((1 + 2 / 3) / 2)
    assert scorecard.assess_touched(table, "no truth", 0)["reason"] == "no truth"


def test_each_contig_has_its_own_area_and_the_largest_come_first():
    table = pd.DataFrame({"contig": [0, 0, 1, 1, 1], "label": [True, False, True, False, False]})
    table = table.assign(model=[0.9, 0.1, 0.2, 0.8, 0.1])
    table = table.assign(**dict.fromkeys(scorecard.scanners(), np.nan))
    rows = scorecard.by_contig(table, None, ["x", "y"], {"y": {"called": 3}})
    assert [(row["contig"], row["bins"], row["positives"], row["peaks"]) for row in rows] == [
        ("y", 3, 1, {"called": 3}),
        ("x", 2, 1, None),
    ]
    assert [row["auprc"]["model"] for row in rows] == [pytest.approx(0.5), 1]
    assert {value for row in rows for name, value in row["auprc"].items() if name != "model"} == {None}
    assert scorecard.by_contig(table, "no truth", ["x", "y"], {})[0]["auprc"]["model"] is None
