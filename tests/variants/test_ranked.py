"""Rankings of labelled alleles: the numbers of `ranking`, and paired differences to baselines and twins."""

import numpy as np
import pytest
from drawn import alleles

from dnalm.errors import UsageError
from dnalm.metrics import bootstrap, ranking
from dnalm.variants import baselines, ranked


def test_numbers_and_names():
    rows, labels, context = alleles()
    found = ranked.rank_labels(rows, labels, context, ["l2", "delta"], 3)
    blocks, size = ranked.blocks_of(rows)
    assert found["ranked_by"] == {"l2": "l2", "delta": "|delta|", "-delta": "-delta"}
    assert list(found["auroc"]) == list(found["auprc"]) == ["l2", "delta", "-delta"]
    usual = bootstrap.assess(labels, np.abs(rows.delta.to_numpy()), blocks, seed=3)
    for metric in ("auroc", "auprc"):
        assert found[metric]["delta"] == pytest.approx(usual[metric])
    assert set(found["baseline"]) == set(baselines.BASELINES)
    assert (found["twin"], found["minus_twin"]) == ({}, {})
    assert (found["prevalence"], found["block_size"], found["blocks"]) == (labels.mean(), size, 120)
    assert size == 100_000
    assert found["baseline"]["gc"]["n"] == 600


def test_difference_to_the_twin_is_paired():
    rows, labels, context = alleles()
    found = ranked.rank_labels(rows.assign(l2_twin=rows.l2, delta_twin=-rows.l2), labels, context, ["l2", "delta"], 0)
    same = found["minus_twin"]["l2"]["auroc"]
    assert (same["value"], same["low"], same["high"]) == (0, 0, 0)
    less = found["minus_twin"]["-delta"]["auroc"]
    assert less["value"] == pytest.approx(found["auroc"]["-delta"]["value"] - found["auroc"]["l2"]["value"])
    assert found["twin"]["delta"]["auroc"]["value"] == ranking.auroc(labels, np.abs(rows.l2.to_numpy()))


def test_best_baseline_may_rank_the_other_way_round():
    rows, labels, context = alleles()
    context["gc"] = 0.5 - 0.1 * labels + np.random.default_rng(1).normal(0, 0.03, 600)
    found = ranked.rank_labels(rows, labels, context, ["l2"], 0)
    assert found["best_baseline"] == "-gc"
    less = found["minus_best_baseline"]["l2"]["auroc"]
    by_gc = 1 - found["baseline"]["gc"]["auroc"]["value"]
    assert less["value"] == pytest.approx(found["auroc"]["l2"]["value"] - by_gc)
    assert less["high"] < 0
    named = ranked.rank_labels(rows, labels, context, ["l2"], 0, against="cpg")
    assert named["best_baseline"] == "cpg"
    assert named["minus_best_baseline"]["l2"]["auroc"]["low"] > 0
    with pytest.raises(
        UsageError, match="no baseline 'phyloP' to compare with; there are transition, cpg, substitution_rate"
    ):
        ranked.rank_labels(rows, labels, context, ["l2"], 0, against="phyloP")


def test_what_is_learnt_has_its_direction():
    def sample(area):
        return bootstrap.Sample(np.array([[area, 0.5]]), {}, ("auroc", "auprc"))

    based = {name: baselines.Values(np.zeros(2), np.zeros(2, int), learnt) for name, learnt in (("a", 1), ("b", 0))}
    assert ranked.best_baseline({"a": sample(0.2), "b": sample(0.6)}, based, None) == "b"
    assert ranked.best_baseline({"a": sample(0.2), "b": sample(0.3)}, based, None) == "-b"
    assert ranked.best_baseline({"a": sample(0.7), "b": sample(np.nan)}, based, None) == "a"


def test_a_learnt_baseline_is_compared_within_folds_on_both_sides():
    """Positives lie in every other fold, and the score tells folds apart: within one it is a coin."""
    rows, _, context = alleles()
    blocks, _ = ranked.blocks_of(rows)
    rng = np.random.default_rng(2)
    labels = (rng.random(600) < np.where(baselines.folds(blocks) % 2, 0.8, 0.2)).astype(int)
    rows["l2"] = baselines.folds(blocks) % 2 + 0.01 * rng.random(600)
    found = ranked.rank_labels(rows, labels, context, ["l2"], 0, against="trinucleotide_rate")
    assert found["auroc"]["l2"]["value"] > 0.75
    assert abs(found["minus_best_baseline"]["l2"]["auroc"]["value"]) < 0.1


def test_a_given_baseline_is_compared_where_it_has_a_value():
    rows, labels, context = alleles(phylop=np.nan)
    rows.loc[:299, "phylop"] = labels[:300]
    found = ranked.rank_labels(rows, labels, context, ["l2"], 0, given={"phyloP": "phylop"})
    assert (found["best_baseline"], found["baseline"]["phyloP"]["n"]) == ("phyloP", 300)
    half = ranking.auroc(labels[:300], rows.l2.to_numpy()[:300])
    assert found["minus_best_baseline"]["l2"]["auroc"]["value"] == pytest.approx(half - 1)


def test_clusters_are_resampled_where_they_are_named():
    rows, labels, context = alleles(cluster=np.repeat(["a", "b", None], 200))
    blocks, size = ranked.blocks_of(rows)
    assert size is None
    assert blocks[[0, 199, 200, 399, 400, 599]].tolist() == [0, 0, 1, 1, 2, 201]
    near = ranked.blocks_of(rows.drop(columns="cluster").assign(pos=np.arange(600) * 40))
    assert (near[1], near[0].max()) == (1000, 23)
    found = ranked.rank_labels(rows[:200], labels[:200], context[:200], ["l2"], 0)
    assert found["auroc"]["l2"]["reason"] == bootstrap.FEW_BLOCKS
    assert found["baseline"]["substitution_rate"]["auroc"] == bootstrap.undefined(baselines.FEW_BLOCKS)
    assert found["best_baseline"] in ("gc", "-gc", "cpg", "-cpg", "transition", "-transition")


def test_nothing_to_rank_is_said():
    rows, labels, context = alleles(20)
    found = ranked.rank_labels(rows, np.ones(20, int), context, ["l2"], 0)
    assert found["best_baseline"] is None
    assert found["minus_best_baseline"]["l2"]["auroc"] == bootstrap.undefined(ranked.NO_BASELINE)
    assert found["auroc"]["l2"] == bootstrap.undefined(bootstrap.ONE_CLASS)
    empty = ranked.rank_labels(rows[:0], labels[:0], context[:0], ["l2"], 0)
    assert (empty["prevalence"], empty["auroc"]["l2"]["value"], empty["blocks"]) == (None, None, 0)


def test_one_row_more_is_a_baseline_more(monkeypatch):
    toy = baselines.Baseline(lambda context: context.index, "toy", ())
    monkeypatch.setitem(baselines.BASELINES, "toy", toy)
    found = ranked.rank_labels(*alleles(100), ["l2"], 0)
    assert found["baseline"]["toy"]["auroc"]["value"] is not None
