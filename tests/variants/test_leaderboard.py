"""Summaries become rows of one table: by hand, and of what `summary` really writes."""

import numpy as np
import pandas as pd
import pytest

from dnalm.variants import leaderboard, scores, summary
from dnalm.variants.leaderboard import Entry

SITES = 40


def measured(auroc, auprc=0.5, reason=None):
    """Both metrics of a score, without intervals or without a value."""
    both = {"auroc": auroc, "auprc": None if auroc is None else auprc}
    return {name: {"value": one, "low": None, "high": None, "reason": reason} for name, one in both.items()}


def ranked(auroc, gc=0.6, positive=3, **changes):
    """What a summary says of one set of labels, with two ways of one score."""
    ways = {"delta": "|delta|", "-delta": "-delta"}
    areas = {"delta": auroc, "-delta": 0.4}
    found = {metric: {way: measured(area)[metric] for way, area in areas.items()} for metric in ("auroc", "auprc")}
    found |= {"n_positive": positive, "n_negative": 7, "prevalence": positive / (positive + 7), "ranked_by": ways}
    found |= {"baseline": {"gc": measured(gc) | {"n": 9}}, "best_baseline": "-gc", "blocks": 4, "block_size": 1000}
    found |= {"minus_best_baseline": {way: measured(area - gc) for way, area in areas.items()}}
    found |= {"twin": {"delta": measured(0.55)}, "minus_twin": {"delta": measured(auroc - 0.55)}}
    return found | changes


def entry(name="set", model="a/char/b", stage="pretrained", **changes):
    return Entry(name, model, stage, {"scores": ["delta"], "classes": {}, "pretraining_saw_test": None, **changes})


def told(rows, *keys):
    return [tuple(row[key] for key in keys) for row in rows]


def test_each_way_of_each_model_is_a_row_and_the_best_comes_first():
    rows = leaderboard.rows([entry(**ranked(0.5)), entry(model="a/char/c", **ranked(0.9))])
    assert told(rows, "model", "ranked_by", "kind") == [
        ("a/char/c", "|delta|", "model"),
        ("gc", None, "baseline"),
        ("a/char/b", "|delta|", "model"),
        ("a/char/b", "-delta", "model"),
        ("a/char/c", "-delta", "model"),
    ]
    first = leaderboard.table(rows).iloc[0]
    assert list(first.index) == leaderboard.columns()
    assert (first.n, first.n_positive, first.prevalence, first.best_baseline) == (10, 3, 0.3, "-gc")
    assert (first.auroc_twin, first.auroc_minus_best_baseline) == (0.55, pytest.approx(0.3))
    assert first.auroc_minus_twin == pytest.approx(0.35)
    assert leaderboard.table(rows).n.tolist() == [10, 9, 10, 10, 10], "a baseline has its own number of alleles"


def test_sets_stay_in_their_order_and_what_has_no_value_comes_last_with_a_reason():
    lost = ranked(0.5) | {"auroc": dict.fromkeys(("delta", "-delta"), measured(None, None, "one class")["auroc"])}
    rows = leaderboard.rows(
        [entry("z", **lost), entry("z", model="a/char/c", **ranked(0.1)), entry("a", **ranked(0.9))]
    )
    assert told(rows, "variants", "auroc")[-1][0] == "a"
    board = leaderboard.table(rows)
    assert board.variants.tolist() == ["z"] * 5 + ["a"] * 3
    undefined = board[board.auroc.isna()]
    assert undefined.index.tolist() == [3, 4]
    assert undefined.reason.tolist() == [
        "auroc: one class",
        "auroc: one class; auroc_twin, auprc_twin, auroc_minus_twin, auprc_minus_twin: no twin was scored",
    ]


def test_held_out_alleles_are_rows_of_their_own():
    tuned = entry(stage="finetuned/t/r/seed0", **ranked(0.9), held_out=ranked(0.7, gc=0.2, positive=1))
    board = leaderboard.table(leaderboard.rows([tuned]))
    assert board.alleles.tolist() == ["all"] * 3 + ["held_out"] * 3
    assert board.auroc.tolist() == [0.9, 0.6, 0.4, 0.7, 0.4, 0.2]
    assert board.n.tolist() == [10, 9, 10, 8, 8, 9]
    nowhere = leaderboard.table(leaderboard.rows([tuned._replace(summary={**tuned.summary, "held_out": None})]))
    last = nowhere.iloc[-1]
    assert (last.alleles, last.n, last.reason) == (
        "held_out",
        0,
        "auroc, auprc: no labelled allele lies on the test contigs",
    )


def test_a_set_of_which_nothing_labelled_was_scored_is_a_row_that_says_so():
    (row,) = leaderboard.rows([entry()])
    assert (row["ranked_by"], row["auroc"]["value"], row["auroc"]["reason"]) == (
        "delta",
        None,
        "no scored allele has a class that was named",
    )


def test_baselines_are_there_once_and_models_on_other_alleles_are_named():
    same = [entry(model=f"a/char/{name}", **ranked(0.5)) for name in "bcd"]
    assert leaderboard.unlike(same) == []
    assert told(leaderboard.rows(same), "kind").count(("baseline",)) == 1
    for other in (ranked(0.5, gc=0.61), ranked(0.5, positive=4)):
        (said,) = leaderboard.unlike([*same, entry(model="a/char/e", **other)])
        assert said.startswith("set: models were not measured on the same alleles, and their rows do not compare: ")
        assert "3 positive and 7 negative by a/char/b pretrained and 2 more; " in said
        assert said.endswith("negative by a/char/e pretrained")
        assert told(leaderboard.rows([*same, entry(model="a/char/e", **other)]), "kind").count(("baseline",)) == 2
    elsewhere = [entry(stage=f"finetuned/{one}/r/seed0", **ranked(0.5), held_out=ranked(0.5, gc=gc)) for one, gc in
                 (("t", 0.3), ("u", 0.4))]  # fmt: skip
    assert leaderboard.unlike(elsewhere) == [], "each target holds out other contigs"


def test_what_a_summary_really_says_becomes_rows():
    rng = np.random.default_rng(0)
    llr, labels = rng.normal(size=SITES), pd.Series(np.arange(SITES) % 2, dtype=float)
    table = pd.DataFrame({"edit": range(SITES), "skipped": "", "edge": False, "chrom": "c", "class": "x"})
    table = table.assign(pos=1 + 1000 * np.arange(SITES), llr=llr - 5 * labels, llr_twin=llr, split="train")
    table = table.assign(**dict.fromkeys(scores.TOKENS, 1))
    table.loc[30:, "split"] = "test"
    context = pd.DataFrame({"kind": "snv", "gc": rng.random(SITES), "transition": llr > 0})
    found = summary.summarise(table, context, labels, ["llr"], 0)
    board = leaderboard.table(leaderboard.rows([entry(**found, pretraining_saw_test="no")]))
    model = board[board.kind == "model"].set_index("alleles")
    assert model.ranked_by.tolist() == ["-llr"] * 2
    assert model.n.to_dict() == {"all": SITES, "held_out": 10}
    assert (model.auroc > 0.99).all()
    assert model.auroc_low["all"] <= model.auroc["all"] <= model.auroc_high["all"]
    assert model.auroc_minus_twin["all"] == pytest.approx(model.auroc["all"] - model.auroc_twin["all"])
    assert {"gc", "transition"} <= set(board[board.kind == "baseline"].model)
