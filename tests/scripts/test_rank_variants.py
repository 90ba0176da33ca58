"""Summaries on the command line, the leaderboard they make, and its picture."""

import json

import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from seen import picture, said, words

import draw_variant_leaderboard
import rank_variants
from dnalm.errors import InputError, UsageError
from dnalm.figures import style


def measured(value, low=None, high=None):
    """Both metrics, alike."""
    one = {"value": value, "low": low, "high": high} | ({} if value is not None else {"reason": "one class"})
    return {"auroc": one, "auprc": one}


def summary(area, gc=0.6, **changes):
    """What score_variants.py writes of one score, by hand."""
    part = {metric: {"llr": one} for metric, one in measured(area, area and area - 0.1, area and 0.99).items()}
    part |= {"n_positive": 3, "n_negative": 7, "prevalence": 0.3, "ranked_by": {"llr": "-llr"}}
    part |= {"baseline": {"gc": measured(gc) | {"n": 10}}, "best_baseline": "gc", "blocks": 4, "block_size": 1000}
    part |= {"minus_best_baseline": {"llr": measured(area and area - gc)}}
    part |= {"twin": {"llr": measured(0.45)}, "minus_twin": {"llr": measured(area and area - 0.45)}}
    return {"scores": ["llr"], "classes": {}, "pretraining_saw_test": None, **part, **changes}


def ranked(folder, **summaries):
    """The leaderboard of summaries by their names, with two bars for each blank and one for each slash."""
    paths = [folder / f"{number}.json" for number in range(len(summaries))]
    for path, one in zip(paths, summaries.values(), strict=True):
        path.write_text(json.dumps(one))
    names = [name.replace("__", " ").replace("_", "/") for name in summaries]
    rank_variants.main(summaries=paths, names=names, out=folder / "l.tsv", out_json=folder / "l.json")
    return pd.read_csv(folder / "l.tsv", sep="\t")


TUNED = summary(0.8, held_out=summary(0.7), pretraining_saw_test="yes: chr8")


def test_a_table_and_the_same_with_reasons(tmp_path, caplog):
    board = ranked(tmp_path, mine__a_char_b__pretrained=summary(None), mine__a_char_b__finetuned_t_r_seed0=TUNED)
    assert board.model.tolist() == ["a/char/b", "gc", "a/char/b", "a/char/b", "gc"]
    assert board.stage.fillna("").tolist()[:3] == ["finetuned/t/r/seed0", "", "pretrained"]
    assert board.auroc.fillna(-1).tolist() == [0.8, 0.6, -1, 0.7, 0.6]
    assert board.reason[2].startswith("auroc, auprc, auroc_minus_best_baseline")
    assert board.reason[2].endswith(": one class")
    told = json.loads((tmp_path / "l.json").read_text())
    assert told["rows"][2]["auroc"] == {"value": None, "low": None, "high": None, "reason": "one class"}
    assert told["warnings"] == []
    assert not [record for record in caplog.records if record.levelname == "WARNING"]


def test_models_measured_on_other_alleles_are_warned_of(tmp_path, caplog):
    ranked(tmp_path, mine__a_char_b__pretrained=summary(0.7), mine__a_char_c__pretrained=summary(0.7, gc=0.5))
    (warned,) = json.loads((tmp_path / "l.json").read_text())["warnings"]
    assert warned in caplog.text
    assert "not measured on the same alleles" in warned


@pytest.mark.parametrize(
    ("name", "one", "error", "message"),
    [
        ("mine__a_char_b", summary(0.7), UsageError, "--names has 'mine a/char/b'; wanted three words"),
        ("mine__a__b", {"roc": 1}, InputError, r"0\.json: got no scores, classes, wanted a summary of score_varian"),
        (
            "mine__a__b",
            {key: one for key, one in summary(0.7).items() if key != "twin"},
            InputError,
            r"0\.json: got no twin, wanted a summary of score_",
        ),
    ],
)
def test_what_is_no_summary_is_named(tmp_path, name, one, error, message):
    with pytest.raises(error, match=message):
        ranked(tmp_path, **{name: one})


def test_names_and_summaries_come_in_pairs(tmp_path):
    with pytest.raises(UsageError, match="got 1 summaries for 2 names; give one each, all names different"):
        rank_variants.main(summaries=[tmp_path], names=["a b c"] * 2, out=tmp_path / "t", out_json=tmp_path / "j")


def test_each_set_is_a_line_of_panels_best_on_top(tmp_path):
    ranked(tmp_path, mine__a_char_b__pretrained=summary(0.9), mine__a_char_b__finetuned_t_r_seed0=TUNED)
    figure = picture(draw_variant_leaderboard.main, table=tmp_path / "l.tsv", out=tmp_path / "o.png")
    assert len(figure.axes) == 4
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == [
        "GC of the window",
        "a/char/b, t r seed0, by −llr, transductive",
        "a/char/b, pretrained, by −llr",
    ]
    assert said(figure, "mine: 10 labelled alleles")
    assert not said(figure, ", n ")
    row = {"kind": "baseline", "model": "gc", "n": 1234}
    assert draw_variant_leaderboard.label(row, counted=True) == "GC of the window, n 1,234"
    assert said(figure, "mine, on test contigs alone: 10 labelled alleles")
    assert "AUPRC (dashed: prevalence 0.3)" in words(figure)


def test_baselines_are_grey_and_twins_hollow(tmp_path):
    board = ranked(tmp_path, mine__a_char_b__pretrained=summary(0.9)).iloc[::-1].reset_index(drop=True)
    axes = Figure().subplots()
    draw_variant_leaderboard.panel(axes, board.astype({"ranked_by": object}), "auroc")
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [(*map(float, line.get_xdata()), to_hex(line.get_markerfacecolor())) for line in dots] == [
        (0.6, style.FAINT.lower()),
        (0.9, style.BLUE.lower()),
        (0.45, "#ffffff"),
    ]


def test_what_is_not_defined_says_so_and_so_does_an_empty_board(tmp_path):
    ranked(tmp_path, mine__a_char_b__pretrained=summary(None))
    figure = picture(draw_variant_leaderboard.main, table=tmp_path / "l.tsv", out=tmp_path / "o.png")
    assert words(figure).count("not defined: one class") == 2
    pd.read_csv(tmp_path / "l.tsv", sep="\t").iloc[:0].to_csv(tmp_path / "e.tsv", sep="\t", index=False)
    figure = picture(draw_variant_leaderboard.main, table=tmp_path / "e.tsv", out=tmp_path / "o.png")
    assert said(figure, "no set of variants names a positive class")


def test_a_set_without_a_labelled_allele_is_one_line(tmp_path):
    """As where none lies on test contigs: a panel of as many lines as models said no more."""
    nobody = {"n_positive": 0, "n_negative": 0, "baseline": {"gc": measured(None) | {"n": 0}}}
    tuned = TUNED | {"held_out": summary(None) | nobody}
    ranked(tmp_path, mine__a_char_b__finetuned_t_r_seed0=tuned)
    figure = picture(draw_variant_leaderboard.main, table=tmp_path / "l.tsv", out=tmp_path / "o.png")
    assert said(figure, "mine: 10 labelled alleles")
    assert said(figure, "mine, on test contigs alone: no labelled allele")
    assert [axes.axison for axes in figure.axes] == [True, True, False, False]
    assert figure.axes[2].get_window_extent().height < figure.axes[0].get_window_extent().height / 3
    assert not said(figure, "not defined")
