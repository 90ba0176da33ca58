"""Three stretches of a scan: which, and what is drawn of them."""

import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from seen import picture, words

import draw_regions
from dnalm import files
from dnalm.scan import narrow, peaks

SPAN = 1000


def called(chrom, *summits):
    table = pd.DataFrame({"chrom": chrom, "summit": summits}).assign(signal=0.9)
    return table.assign(start=table.summit - 20, end=table.summit + 20)


@pytest.fixture
def bins():
    """Two contigs of 5 and 2 kb, 50 bp a bin; the last stretch of the first is half covered."""
    rows = [("a", start) for start in range(0, 4500, 50)] + [("b", start) for start in range(0, 2000, 50)]
    table = pd.DataFrame(rows, columns=["chrom", "start"])
    return table.assign(end=table.start + 50, model=0.1)


def test_stretches_are_counted_by_what_is_found_wrong_and_missed(bins):
    calls = pd.concat([called("a", 100, 300, 1500, 1700), called("b", 500)], ignore_index=True)
    sites = pd.concat([called("a", 110, 310, 1490, 2500, 2600), called("b", 1500)], ignore_index=True)
    calls["hit"] = peaks.match(calls, sites, 50)
    found = draw_regions.counts(bins, calls, sites, 50, SPAN).set_index(["chrom", "stretch"])
    assert ("a", 4) not in found.index
    assert found[["hits", "wrong", "missed"]].to_numpy().tolist() == [
        [2, 0, 0],
        [1, 1, 0],
        [0, 0, 2],
        [0, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
    ]
    chosen = draw_regions.chosen(found.reset_index(), SPAN, 0, labelled=True)
    assert list(chosen) == ["Best", "Worst", "By lot"]
    assert chosen["Best"] == ("a", 0, 1000)
    assert chosen["Worst"] == ("a", 2000, 3000)
    assert chosen["By lot"] in [("a", 1000, 2000), ("b", 1000, 2000)]
    none = draw_regions.chosen(found.reset_index().assign(missed=0), SPAN, 0, labelled=False)
    assert list(none) == ["Most calls", "By lot"]
    assert none["Most calls"] == ("a", 0, 1000)
    assert list(draw_regions.chosen(found.reset_index()[:1], SPAN, 0, labelled=True)) == ["Best"]


@pytest.mark.parametrize("labelled", [True, False])
def test_model_and_baselines_are_drawn_one_above_the_other(tmp_path, bins, labelled):
    folder = tmp_path / "genome"
    folder.mkdir()
    (folder / "chrom.sizes").write_text("a\t5000\nb\t2000\n")
    rng = np.random.default_rng(0)
    bins = bins.assign(label=0, pwm=rng.normal(0, 5, len(bins)), kmer=rng.random(len(bins)))
    files.write_table(tmp_path / "bins.tsv.gz", bins)
    found = pd.DataFrame({"chrom": "a", "start": [80], "end": [120], "signal": [0.9], "peak": [20]})
    ones = np.full(1, 0.01)
    narrow.write(tmp_path / "a.narrowPeak.gz", narrow.narrow_peaks(found, np.full(1, 0.9), ones, ones))
    (tmp_path / "truth.bed").write_text("a\t80\t130\nb\t1400\t1500\n")
    (tmp_path / "card.json").write_text(json.dumps({"peaks": {"tolerance": 50}}))
    given = {"bins": tmp_path / "bins.tsv.gz", "called": tmp_path / "a.narrowPeak.gz", "genome": folder}
    given |= {"scorecard": tmp_path / "card.json", "out": tmp_path / "o.png", "span": SPAN}
    figure = picture(draw_regions.main, **given, truth=[tmp_path / "truth.bed"] if labelled else None)
    said = words(figure)
    rows = ["truth peaks"] * labelled + ["model", "motif\nscan (PWM)", "k-mer\nregression", "called peaks"]
    heads = ["Best", "Worst", "By lot"] if labelled else ["Most calls", "By lot"]
    assert {row: said.count(row) for row in rows} == dict.fromkeys(rows, len(heads))
    assert len(figure.axes) == len(rows) * len(heads)
    first = figure.axes[0].get_title(loc="left")
    assert first == f"{heads[0]}. a: 0–1,000 (1 kb)"
    motif = figure.axes[len(rows) - 3]
    assert motif.get_ylim() == (0, float(f"{bins.pwm.max():.2g}"))
    (drawn,) = motif.patches
    values, edges, _ = drawn.get_data()
    assert values == pytest.approx(
        bins[(bins.chrom == "a") & (bins.start < SPAN)].pwm.clip(0), abs=1e-4
    )  # none below 0
    assert edges.tolist() == [*range(0, SPAN + 1, 50)]


def test_between_bins_that_are_not_scored_is_a_gap():
    table = pd.DataFrame({"chrom": "a", "start": [0, 10, 40], "end": [10, 20, 50], "pwm": [1.0, -2.0, 3.0]})
    axes = Figure().subplots()
    draw_regions.heights(table, "pwm", "k")[1](axes, ("a", 0, 60))
    values, edges, _ = axes.patches[0].get_data()
    assert edges.tolist() == [0, 10, 20, 40, 50]
    assert np.array_equal(values, [1, 0, np.nan, 3], equal_nan=True)
