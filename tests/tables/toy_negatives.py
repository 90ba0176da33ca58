"""In a copy that has one kind of negative more: it is asked for, drawn, counted, measured against, and in pictures."""

import json

import numpy as np
import pandas as pd
import pytest
from genomes import make, random_codes
from seen import help_of, picture, said, words

import document_config
import draw_evaluation
import draw_windows
import evaluate_model
import helpers
import label_windows
import presets
from dnalm import files
from dnalm.dna import seq
from dnalm.figures import style
from dnalm.targets.baselines import BASELINES

WINDOW = 40


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    """Three contigs with peaks, and their windows with two toys a positive."""
    folder = tmp_path_factory.mktemp("windows")
    letters = {name: seq.decode(random_codes(seed, 8000)) for seed, name in enumerate(("a", "b", "c"))}
    genome = make(folder / "genome", letters, {"validation": ["b"], "test": ["c"]})
    peaks = "".join(f"{name}\t{start}\t{start + 60}\n" for name in letters for start in range(500, 7500, 1000))
    (folder / "peaks.bed").write_text(peaks)
    out = {"out_windows": folder / "windows.tsv.gz", "out_summary": folder / "windows.json"}
    label_windows.main(
        genome=genome,
        peaks=[folder / "peaks.bed"],
        window=WINDOW,
        negatives={"toy": 2, "gc_matched": 0, "random": 0},
        **out,
    )
    return folder


def test_it_is_known_before_anything_runs(capsys, tmp_path, monkeypatch):
    key = presets.schema("targets")["properties"]["toy_places"]
    assert (key["default"], key["type"]) == (0.5, "number")
    assert (
        "| `toy_places` | number | `0.5` | negatives a positive that begin at a round number |"
        in document_config.page()
    )
    assert "toy (toy negative)" in help_of(label_windows.main, capsys)
    (tmp_path / "config/targets").mkdir(parents=True)
    (tmp_path / "config/targets/mine.yaml").write_text("genome: demo\ntoy_places: 3\n")
    monkeypatch.chdir(tmp_path)
    assert helpers.negatives_options("mine") == """--negatives '{"toy": 3}'"""


def test_it_is_drawn_and_counted(labelled):
    table = pd.read_csv(labelled / "windows.tsv.gz", sep="\t")
    toys = table[table.kind == "toy"]
    assert (toys.start % 10 == 0).all()
    summary = json.loads((labelled / "windows.json").read_text())
    assert summary["counts"]["test"]["toy"] == 2 * summary["counts"]["test"]["positive"]
    assert "gc" in summary["ks"]["toy"]


def test_it_is_in_the_picture_of_the_windows(tmp_path, labelled):
    given = {"windows": labelled / "windows.tsv.gz", "summary": labelled / "windows.json"}
    figure = picture(draw_windows.main, **given, out=tmp_path / "a.png")
    assert said(figure, "toy negative, n 42, KS")
    assert style.SKY in {style.matplotlib.colors.to_hex(one.get_edgecolor()).upper() for one in figure.axes[0].patches}


def test_models_are_measured_against_it(tmp_path, labelled):
    table = pd.read_csv(labelled / "windows.tsv.gz", sep="\t")[["id", "split", "label", "kind"]]
    rng, shape = np.random.default_rng(0), (len(table), len(BASELINES))
    (tmp_path / "baselines").mkdir()
    scores = pd.DataFrame(rng.random(shape), columns=list(BASELINES))
    files.write_table(tmp_path / "baselines/predictions.tsv.gz", pd.concat([table, scores], axis=1))
    files.write_table(tmp_path / "predictions.tsv.gz", table[table.split != "train"].assign(score=0.5))
    given = {"predictions": tmp_path / "predictions.tsv.gz", "baselines": tmp_path / "baselines"}
    evaluate_model.main(**given, out=tmp_path / "metrics.json", resamples=20)
    assert json.loads((tmp_path / "metrics.json").read_text())["by_negatives"]["toy"]["n"] == 21
    figure = picture(draw_evaluation.main, **given, metrics=tmp_path / "metrics.json", out=tmp_path / "a.png")
    assert "toy negative · model" in words(figure)
