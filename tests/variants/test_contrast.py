"""Two classes of variants: what is planted is found, and what composition makes is gone among like alleles."""

import numpy as np
import pandas as pd
import pytest
from drawn import contexts
from scipy import stats

from dnalm.errors import UsageError
from dnalm.metrics import bootstrap, ranking, strata
from dnalm.variants import contrast


def world(effect=0.0, by_gc=0.0, n=3000, seed=0):
    """Exons of more GC than introns; a score that follows GC, and exons beyond that by `effect`."""
    rng = np.random.default_rng(seed)
    exon, context = rng.random(n) < 0.4, contexts(rng, n)
    context["gc"] = np.where(exon, 0.55, 0.45) + rng.normal(0, 0.08, n)
    rows = pd.DataFrame({"chrom": "c", "pos": 20_000 * np.arange(n), "class": np.where(exon, "exon", "intron")})
    rows["l2"] = by_gc * (context.gc / 0.05).round(9) // 1 + effect * exon + rng.normal(size=n)
    return rows, context, exon


def compare(rows, context, names=("l2",)):
    return contrast.compare(rows, context, ("exon", "intron"), list(names), 0)


def test_numbers_are_mann_and_whitneys():
    rows, context, exon = world(effect=0.2)
    found = compare(rows, context)
    score, values = found["scores"]["l2"], rows.l2.to_numpy()
    assert score["auroc"]["value"] == pytest.approx(ranking.auroc(exon, values))
    assert score["median"] == [np.median(values[exon]), np.median(values[~exon])]
    usual = stats.mannwhitneyu(values[exon], values[~exon], method="asymptotic", use_continuity=False).pvalue
    assert score["p_rows"] == pytest.approx(usual)
    assert score["p"] == pytest.approx(
        strata.p_of_blocks(strata.sample(exon, values, np.arange(3000) // 50), np.arange(3000) // 50)
    )
    assert (found["n"], found["classes"]) == ([exon.sum(), (~exon).sum()], ["exon", "intron"])
    assert (found["block_size"], found["blocks"], found["twin"]) == (1_000_000, 60, {})


def test_an_effect_of_gc_is_gone_within_bins_of_it():
    score = compare(*world(by_gc=0.5)[:2])["scores"]["l2"]
    assert score["auroc"]["low"] > 0.6
    assert score["p"] < 1e-6
    for name in ("gc", "trinucleotide_and_gc"):
        matched = score["matched"][name]
        assert matched["auroc"]["low"] < 0.5 < matched["auroc"]["high"]
        assert min(matched["p"], matched["p_rows"]) > 0.05
    assert score["matched"]["trinucleotide"]["auroc"]["low"] > 0.6  # which is not what differs here


def test_an_effect_beyond_composition_is_left():
    score = compare(*world(effect=1, by_gc=0.5)[:2])["scores"]["l2"]
    matched = score["matched"]["gc"]
    assert 0.7 < matched["auroc"]["low"] < matched["auroc"]["value"] < score["auroc"]["value"]
    assert matched["p"] < 1e-6


def test_an_effect_that_composition_hides_is_seen():
    """Exons score lower by their GC, and higher within bins of it."""
    score = compare(*world(effect=0.6, by_gc=-0.8)[:2])["scores"]["l2"]
    assert score["auroc"]["high"] < 0.5 < score["matched"]["gc"]["auroc"]["low"]


def test_strata_by_hand():
    context = pd.DataFrame(
        {"substitution": ["C>T", "C>T", "C>A", "C>T"], "trinucleotide": ["ACA", "ACA", "ACA", "TCA"]}
    ).assign(gc=[0.149, 0.15, np.nan, 1.0], cpg=False)
    assert contrast.by_trinucleotide(context).tolist() == [0, 0, 1, 2]
    assert contrast.by_gc(context).tolist() == [2, 3, -1, 20]
    assert contrast.by_both(context)[2] == -1
    assert len(set(contrast.by_both(context).tolist())) == 4
    rows = pd.DataFrame({"chrom": "c", "pos": range(4), "class": list("xyxy"), "l2": [2.0, 1, 9, 8]})
    found = contrast.compare(rows, context, ("x", "y"), ["l2"], 0)
    assert found["compared"]["trinucleotide"] == {"alleles": 2, "strata": 1}
    assert found["scores"]["l2"]["matched"]["trinucleotide"]["auroc"]["value"] == 1
    assert found["scores"]["l2"]["matched"]["gc"]["auroc"] == bootstrap.undefined(strata.NO_PAIRS)
    assert found["scores"]["l2"]["matched"]["gc"]["p_rows"] is None


def test_a_twin_stands_beside_with_the_paired_difference():
    rows, context, _ = world(effect=1, by_gc=0.5)
    rows["l2_twin"] = rows.l2 - 1.0 * (rows["class"] == "exon")
    found = compare(rows, context)
    score, twin = found["scores"]["l2"], found["twin"]["l2"]
    for one, other in ((score, twin), (score["matched"]["gc"], twin["matched"]["gc"])):
        assert one["minus_twin"]["value"] == pytest.approx(one["auroc"]["value"] - other["auroc"]["value"])
        assert one["minus_twin"]["low"] > 0.1
    assert "minus_twin" not in twin


def test_other_classes_are_left_out_and_a_class_that_is_not_there_is_refused():
    rows, context, exon = world()
    others = rows.assign(**{"class": np.where(np.arange(3000) < 1500, rows["class"], "other")})
    found = compare(others, context)
    assert found["n"] == [exon[:1500].sum(), (~exon[:1500]).sum()]
    assert found["scores"]["l2"]["auroc"]["value"] == ranking.auroc(exon[:1500], rows.l2.to_numpy()[:1500])
    with pytest.raises(UsageError, match="no allele of class 'UTR' has a score; the classes are exon, intron"):
        contrast.compare(rows, context, ("UTR", "intron"), ["l2"], 0)
    missing = compare(rows.assign(l2=np.nan), context)["scores"]["l2"]
    assert (missing["median"], missing["auroc"]["reason"], missing["p"]) == ([None] * 2, bootstrap.NO_SCORE, None)


def nulls(rows, context, exon, of_window, of_variant, seed=1):
    """Scores of alleles and of another base at the same place: both follow the window, the first the variant too."""
    rng = np.random.default_rng(seed)
    window = of_window * exon + rng.normal(size=len(rows))
    rows = rows.assign(cluster=np.arange(len(rows)), l2=window + of_variant * exon + rng.normal(0, 0.3, len(rows)))
    null = pd.DataFrame({"l2": window + rng.normal(0, 0.3, len(rows))})
    return contrast.beside_null(rows, context, null, context, ("exon", "intron"), ["l2"], 0)


def test_what_the_window_makes_is_in_the_null_too_and_not_in_the_excess():
    found = nulls(*world(), of_window=0.6, of_variant=0)
    assert list(found) == ["contrast", "null", "excess"]
    assert all(found[part]["scores"]["l2"]["auroc"]["low"] > 0.6 for part in ("contrast", "null"))
    excess = found["excess"]["scores"]["l2"]
    assert excess["auroc"]["low"] < 0.5 < excess["auroc"]["high"]
    assert excess["p"] > 0.05


def test_what_the_variant_makes_is_in_the_excess_alone():
    found = nulls(*world(), of_window=0, of_variant=0.4)
    assert found["null"]["scores"]["l2"]["auroc"]["low"] < 0.5 < found["null"]["scores"]["l2"]["auroc"]["high"]
    excess = found["excess"]["scores"]["l2"]["auroc"]
    assert excess["low"] > 0.7
    assert excess["value"] > found["contrast"]["scores"]["l2"]["auroc"]["value"]


def test_the_excess_is_of_ranks_and_not_of_signs():
    """A change of -3 beside one of 1 is 2 beyond it either way, and 4 below it as a loss."""
    rows = pd.DataFrame({"class": ["exon", "intron"], "cluster": [0, 1], "delta": [-3.0, 0.5]})
    null, context = pd.DataFrame({"delta": [1.0, 0.5]}), contexts(np.random.default_rng(0), 2)
    found = contrast.beside_null(rows, context, null, context, ("exon", "intron"), ["delta"], 0)["excess"]["scores"]
    assert {way: one["median"] for way, one in found.items()} == {"delta": [2.0, 0.0], "-delta": [4.0, 0.0]}
