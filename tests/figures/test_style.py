"""The house style: colours that stay, figures that are whole or absent, numbers that say why they are missing."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from dnalm.errors import InputError
from dnalm.figures import style


def test_figure_is_saved_whole_and_only_when_the_drawing_ends_well(tmp_path):
    with style.figure(tmp_path / "made" / "a.png", 4, 2) as figure:
        figure.subplots().plot([0, 1])
    assert (tmp_path / "made" / "a.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    with pytest.raises(ZeroDivisionError), style.figure(tmp_path / "b.png", 4, 2):
        _ = 1 / 0
    assert not (tmp_path / "b.png").exists()
    assert not list(tmp_path.rglob("*.part.*"))


def test_the_same_figure_twice_is_the_same_file(tmp_path):
    for name in ("a.png", "b.png"):
        with style.figure(tmp_path / name, 3, 2) as figure:
            figure.subplots().plot([0, 1], label="x")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_palette_keeps_house_colours_and_repeats_none():
    found = style.palette(["exon", "positive", "intron", "exon"])
    assert found["positive"] == style.COLOURS["positive"]
    assert list(found) == ["positive", "exon", "intron"]
    assert len(set(found.values())) == 3
    assert len(style.palette([f"class{rank}" for rank in range(20)])) == 20


@pytest.mark.parametrize(
    "metric, text",
    [
        ({"value": 0.9, "low": 0.85, "high": 0.95}, "0.900 (0.850–0.950)"),
        ({"value": 0.9, "low": None, "high": None, "reason": "too few blocks"}, "0.900"),
        ({"value": None, "reason": "only one class"}, "not defined: only one class"),
        ({"value": float("nan")}, "not defined: no reason given"),
        (0.5, "0.500"),
        (None, "not defined: no reason given"),
    ],
)
def test_interval_as_text(metric, text):
    assert style.interval(metric) == text


def test_read_table_keeps_names_as_text(tmp_path):
    path = tmp_path / "t.tsv.gz"
    pd.DataFrame({"chrom": ["1", "NA"], "class": ["01", ""], "score": [1.5, None]}).to_csv(path, sep="\t", index=False)
    table = style.read_table(path, ["chrom", "score"])
    assert list(table.chrom) == ["1", "NA"]
    assert table["class"].iloc[0] == "01"
    assert table["class"].isna().iloc[1]
    assert np.isnan(table.score.iloc[1])


def test_read_table_names_what_is_missing(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_text("a\tb\n1\t2\n")
    with pytest.raises(InputError, match=r"t\.tsv:1: got columns a, b, wanted also c; make it again"):
        style.read_table(path, ["a", "c"])
    path.write_text("")
    with pytest.raises(InputError, match="cannot be read as a tab-separated table"):
        style.read_table(path, [])


def test_read_json_names_the_line(tmp_path):
    path = tmp_path / "m.json"
    path.write_text('{\n"a": }')
    with pytest.raises(InputError, match=r"m\.json:2: not JSON"):
        style.read_json(path)
    path.write_text("[1]")
    with pytest.raises(InputError, match="got a JSON list, wanted an object"):
        style.read_json(path)


def test_smooth_is_a_mean_that_knows_its_ends_and_gaps():
    np.testing.assert_allclose(style.smooth(np.array([0.0, 3, 6, np.nan]), 3), [1.5, 3, 4.5, 6])
    assert np.isnan(style.smooth(np.array([np.nan]), 3)).all()


def test_outlines_sum_to_one_and_skip_what_is_not_a_number():
    axes = Figure().subplots()
    groups = {"positive": np.array([0.1, 0.1, 0.9, np.nan]), "random": np.array([2.0])}
    style.outlines(axes, groups, np.linspace(0, 1, 3), {"positive": "p", "random": "r"})
    positive, random = (patch.get_data().values for patch in axes.patches)
    np.testing.assert_allclose(positive, [2 / 3, 1 / 3])
    np.testing.assert_allclose(random, [0, 1])  # beyond the edge: counted in the last bin, not lost


def test_dot_has_an_interval_or_a_reason():
    axes = Figure().subplots()
    style.dot(axes, 0, {"value": 0.5, "low": 0.4, "high": 0.6}, "k")
    style.dot(axes, 1, {"value": 0.5, "low": None, "high": None}, "k")
    style.dot(axes, 2, {"value": None, "reason": "no label"}, "k")
    assert len(axes.lines) == 3
    assert [text.get_text() for text in axes.texts] == ["0.500 (0.400–0.600)", "0.500", "not defined: no label"]
