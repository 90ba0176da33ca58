"""In a copy that has one search more: it runs beside its control, and both are in table, summary and picture."""

import json

import pandas as pd
from seen import help_of, picture, said

import document_config
import draw_trajectory
import optimise_sequence
import presets
from dnalm.figures import style
from dnalm.networks import scorer


def test_it_is_known_before_anything_runs(capsys):
    assert "toy" in presets.schema("designs")["properties"]["search"]["enum"]
    assert "| `search` | evolution or toy |" in document_config.page()
    for main in (optimise_sequence.main, draw_trajectory.main):
        assert "toy (toy search)" in help_of(main, capsys)


def test_it_searches(tmp_path, monkeypatch):
    monkeypatch.setattr(scorer, "load_classifier", lambda folder, what: lambda codes: (codes == 2).mean(1))
    small = {"length": 20, "number": 2, "population": 8, "generations": 5, "start": "random"}
    optimise_sequence.main(model=tmp_path, out=tmp_path / "out", search="toy", **small)
    table = pd.read_csv(tmp_path / "out/trajectory.tsv", sep="\t")
    assert set(table.search) == {"toy", "control"}
    assert table.evaluations.max() == 6  # two alive, one of them the elite
    assert {"toy", "control"} <= set(json.loads((tmp_path / "out/summary.json").read_text()))
    assert "best_01" in (tmp_path / "out/sequences.fa").read_text()
    figure = picture(draw_trajectory.main, folder=tmp_path / "out", search="toy", out=tmp_path / "a.png")
    assert said(figure, "toy search, best: ")
    assert said(figure, "control (a toy left as it is)")
    assert style.SKY in {line.get_color() for line in figure.axes[0].lines}
