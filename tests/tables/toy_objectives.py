"""In a copy that has one design objective more: a search follows it, and the axis has its name."""

import pandas as pd
from seen import help_of, picture, words

import document_config
import draw_trajectory
import optimise_sequence
import presets
from dnalm.networks import scorer


def test_it_is_known_before_anything_runs(capsys):
    assert "toy" in presets.schema("designs")["properties"]["objective"]["enum"]
    assert "| `objective` | logit or naturalness or toy |" in document_config.page()
    for main in (optimise_sequence.main, draw_trajectory.main):
        assert "toy (toy share of A)" in help_of(main, capsys)


def test_a_search_follows_it(tmp_path, monkeypatch):
    monkeypatch.setattr(scorer, "load_classifier", lambda folder, what: lambda codes: (codes == 2).mean(1))
    small = {"length": 20, "number": 2, "population": 8, "generations": 10, "start": "random"}
    optimise_sequence.main(model=tmp_path, out=tmp_path / "out", objective="toy", **small)
    front = pd.read_csv(tmp_path / "out/pareto.tsv", sep="\t")
    assert (front.score == front.sequence.str.count("A") / 20).all()
    table = pd.read_csv(tmp_path / "out/trajectory.tsv", sep="\t")
    best = table[table.search == "evolution"].groupby("generation").best.mean()
    assert best.iloc[-1] > best.iloc[0]
    figure = picture(draw_trajectory.main, folder=tmp_path / "out", objective="toy", out=tmp_path / "a.png")
    assert words(figure).count("score of the search (toy share of A)") == 2
