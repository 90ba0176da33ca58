"""Rare against common: labels by hand, odds as planted, and nothing left of what mutation rates alone make."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn import alleles, contexts

from dnalm.errors import UsageError
from dnalm.genome import fasta
from dnalm.metrics import bootstrap, strata
from dnalm.variants import alleles as variants_alleles
from dnalm.variants import classes, rarity, vcf
from dnalm.variants import contexts as variants_contexts
from dnalm.variants.rarity import Rarity

REAL = Path(os.environ.get("DNALM_REAL_DATA", Path(__file__).resolve().parents[3] / "shared/data"))


def labels_of(frequency, count=None, **which):
    count = None if count is None else pd.Series(count)
    return rarity.label(pd.Series(frequency), Rarity(**which), count).fillna(-1).tolist()


def test_labels_by_hand():
    assert labels_of([0, 0.004, 0.005, 0.05, 0.051, 1, np.nan]) == [-1, 1, -1, -1, 0, 0, -1]
    assert labels_of([0.004, 0.004, 0.06], [1, 2, 60], rare_count=1) == [1, -1, 0]
    assert labels_of([0.004, 0.06], [0, np.nan], rare_count=1) == [-1, 0]
    with pytest.raises(UsageError, match=r"rare below 0\.1, common above 0\.05; wanted 0 < rare <= common < 1"):
        labels_of([0.1], rare_below=0.1)
    with pytest.raises(UsageError, match="needs both a largest count"):
        labels_of([0.1], rare_count=1)


def mutating(n=4000, seed=0):
    """Alleles of which the C>T in a CpG are rare four times of five, the others two of five; half of all are so."""
    rng = np.random.default_rng(seed)
    rows, _, context = alleles(n, seed)
    fast = rng.random(n) < 0.5
    context = context.assign(substitution="C>A", trinucleotide="ACA", cpg=False)
    context.loc[fast, ["substitution", "trinucleotide", "cpg"]] = ["C>T", "ACG", True]
    return rows, (rng.random(n) < np.where(fast, 0.8, 0.4)).astype(int), context, fast, rng


def test_odds_by_hand():
    """2,000 alleles, 1,000 rare, of which 15 stand among the 20 (and 150 of the 200) that score highest."""
    labels = np.concatenate([np.tile([1, 1, 1, 0], 50), np.repeat([1, 0], [850, 950])])
    rows = pd.DataFrame({"chrom": "c", "pos": 20_000 * np.arange(2000), "l2": -np.arange(2000.0)})
    found = rarity.assess(rows, labels, contexts(np.random.default_rng(0), 2000), ["l2"], 0, resamples=20)
    odds = found["scores"]["l2"]["odds_ratio"]
    assert odds["0.01"]["value"] == pytest.approx((15.5 * 995.5) / (5.5 * 985.5))
    assert odds["0.1"]["value"] == pytest.approx((150.5 * 950.5) / (50.5 * 850.5))
    assert odds["0.001"] == bootstrap.undefined(rarity.FEW)
    assert (found["n_rare"], found["n_common"], found["ranked_by"]) == (1000, 1000, {"l2": "l2"})
    assert found["scores"]["l2"]["auroc"]["value"] == pytest.approx(
        strata.measurer(labels, rows.l2.to_numpy(), np.zeros(2000, int))(np.ones(2000))[0]
    )
    assert odds["0.1"]["low"] < odds["0.1"]["value"] < odds["0.1"]["high"]


def test_a_score_of_the_class_alone_has_nothing_left_within_classes():
    rows, labels, context, fast, rng = mutating(seed=1)
    rows["l2"], rows["l2_twin"] = fast + 0.5 * rng.random(4000), rng.random(4000)
    found = rarity.assess(rows, labels, context, ["l2"], 0)
    score = found["scores"]["l2"]
    assert score["odds_ratio"]["0.1"]["low"] > 2
    assert score["auroc"]["low"] > 0.65
    for one, chance in ((score["odds_ratio_within"]["0.1"], 1), (score["auroc_within"], 0.5)):
        assert one["low"] < chance < one["high"]
    beside = found["beside_twin"]["l2"]["odds_ratio"]["0.1"]
    twin = found["twin"]["l2"]["odds_ratio"]["0.1"]["value"]
    assert beside["value"] == pytest.approx(score["odds_ratio"]["0.1"]["value"] / twin)
    assert beside["low"] > 1.7
    for name in ("cpg", "substitution_rate", "trinucleotide_rate"):
        based = found["baseline"][name]
        assert based["odds_ratio"]["0.1"]["value"] == pytest.approx(score["odds_ratio"]["0.1"]["value"], rel=0.3)
        assert based["odds_ratio_within"]["0.1"]["value"] == pytest.approx(1, abs=0.01)
        assert based["auroc_within"]["value"] == 0.5
    assert found["classes"] == 2


def test_what_selection_makes_is_left_within_classes():
    rows, labels, context, fast, rng = mutating()
    rows["l2"] = labels + fast + rng.normal(size=4000)
    found = rarity.assess(rows, labels, context, ["l2"], 0)["scores"]["l2"]
    assert found["odds_ratio_within"]["0.1"]["low"] > 3
    assert 0.7 < found["auroc_within"]["low"] < found["auroc_within"]["value"] < found["auroc"]["value"]


def test_random_labels_give_odds_of_one_by_learnt_rates_too():
    """Of clusters that differ in how many are rare; the mean over 60 draws of the logarithm."""
    found = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        blocks = np.arange(2000) // 50
        rows = pd.DataFrame({"chrom": "c", "pos": np.arange(2000), "cluster": blocks})
        labels = (rng.random(2000) < rng.beta(0.6, 1.4, 40)[blocks]).astype(int)
        based = rarity.assess(rows, labels, contexts(rng, 2000), [], 0, resamples=0)["baseline"]
        found.append([np.log(based[name]["odds_ratio"]["0.1"]["value"]) for name in ("gc", "substitution_rate")])
    assert np.mean(found, axis=0) == pytest.approx([0, 0], abs=0.12)


def test_what_cannot_be_measured_is_said():
    rows, labels, context = alleles(300)
    found = rarity.assess(rows, np.ones(300), context, ["l2"], 0)["scores"]["l2"]
    assert found["auroc"] == found["odds_ratio"]["0.1"] == bootstrap.undefined(bootstrap.ONE_CLASS)
    alike = context.assign(substitution=np.where(labels, "C>T", "T>G"))
    found = rarity.assess(rows, labels, alike, ["l2"], 0)["scores"]["l2"]
    assert found["odds_ratio_within"]["0.1"] == found["auroc_within"] == bootstrap.undefined(rarity.ALIKE)
    assert found["odds_ratio"]["0.1"]["value"] > 1
    empty = rarity.assess(rows[:0], labels[:0], context[:0], ["l2"], 0)
    assert (empty["n_rare"], empty["scores"]["l2"]["auroc"]["value"]) == (0, None)


@pytest.mark.real
@pytest.mark.skipif(not REAL.exists(), reason=f"real data absent: set DNALM_REAL_DATA (looked in {REAL})")
def test_one_isolates_alleles_go_by_the_frequencies_of_a_thousand():
    """44,251 SNPs of a yeast: few are rare in 1,011, and as mutations go, transitions are more so than not."""
    called = vcf.read(REAL / "yeast/BKI.1011genomes.sacCer3.vcf.gz")
    table = vcf.split_alleles(called.records)
    labels = rarity.label(classes.numbers(called, table, "AF", 0, 1), Rarity())
    genome = fasta.open_genome(REAL / "yeast/sacCer3.fa.gz")
    table, edits = variants_alleles.hold(table, genome, 201)
    kept = table[(table.edit >= 0) & labels.notna()]
    context = variants_contexts.describe(edits, genome, 201).iloc[kept.edit].reset_index(drop=True)
    found = rarity.assess(kept.reset_index(drop=True), labels[kept.index].to_numpy(int), context, [], 0, resamples=50)
    assert found["n_rare"] + found["n_common"] == len(kept)
    assert found["n_rare"] > 200
    assert found["classes"] == 98  # substitutions, insertions, deletions
    assert 0.4 < found["baseline"]["trinucleotide_rate"]["auroc"]["value"] < 0.7
