"""Baselines of variants: what they hold by hand, and that on random labels they rank as a coin does."""

import numpy as np
import pandas as pd
import pytest
from drawn import contexts

from dnalm.errors import UsageError
from dnalm.metrics import bootstrap, ranking, strata
from dnalm.variants import baselines


def of(context, labels, blocks, given=None, **columns):
    return baselines.of_alleles(pd.DataFrame(columns, range(len(labels))), context, labels, blocks, given or {})


def even(rng):
    return np.arange(2000) // 50, np.full(40, 0.3)


def clustered(rng):
    return np.arange(2000) // 50, rng.beta(0.6, 1.4, 40)


def uneven(rng):
    sizes = rng.multinomial(1960, rng.dirichlet(np.full(40, 0.5))) + 1
    return np.repeat(np.arange(40), sizes), rng.beta(0.6, 1.4, 40)


@pytest.mark.parametrize("own", [False, True], ids=["one composition", "each cluster its own"])
@pytest.mark.parametrize("world", [even, clustered, uneven])
def test_random_labels_are_ranked_by_chance(world, own):
    """Clusters of one size or of many, with one share of positives or each its own: .500 on average of 200 draws.

    Over all folds as one, rates of clusters that differ rank in reverse: high where the other folds' positives are.
    """
    found, pooled = [], []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        blocks, shares = world(rng)
        labels, context = (rng.random(2000) < shares[blocks]).astype(int), contexts(rng, 2000, blocks if own else None)
        known = of(context, labels, blocks)
        learnt = [one for one in known.values() if one.learnt]
        found.append([strata.measurer(labels, *one[:2])(np.ones(2000))[0] for one in learnt])
        pooled.append([ranking.auroc(labels, one.values) for one in learnt])
    assert np.mean(found, axis=0) == pytest.approx([0.5, 0.5], abs=0.005)
    if world is not even:
        assert (np.mean(pooled, axis=0) < 0.485).all()


def test_what_the_class_says_is_learnt_whole():
    rng = np.random.default_rng(0)
    context, blocks = contexts(rng, 4000), np.arange(4000) // 100
    labels = (context.substitution == "C>T").to_numpy(int)
    for name, one in of(context, labels, blocks).items():
        if one.learnt:
            assert strata.sample(labels, one.values, blocks, one.strata).values[0, 0] == 1, name


def test_rates_by_hand():
    """Of the class x the other fold has 2 of 3, of y 0 of 1, of z none at all; its overall share, 1/2, is one more."""
    classes, labels = np.array(list("xxxyxyz")), np.array([1, 1, 0, 0, 0, 1, 1])
    found = baselines.rates(classes, labels, np.array([0, 0, 0, 0, 1, 1, 1]))
    assert found[4:] == pytest.approx([(2 + 1 / 2) / 4, (0 + 1 / 2) / 2, 1 / 2])
    assert found[:4] == pytest.approx([(0 + 2 / 3) / 2] * 3 + [(1 + 2 / 3) / 2])


def test_folds_are_whole_blocks_of_about_one_size_and_none_is_empty():
    blocks = np.repeat(np.arange(9), [50, 5, 5, 5, 5, 30, 30, 30, 40])
    fold = baselines.folds(blocks)
    assert len(np.unique(np.stack([blocks, fold]), axis=1).T) == 9
    assert sorted(np.bincount(fold)) == [35, 35, 40, 40, 50]
    assert sorted(np.bincount(baselines.folds(np.array([0, 0, 1, 2])))) == [1, 1, 2]
    assert sorted(np.bincount(baselines.folds(np.array([3, 3, 9])))) == [1, 2]
    assert baselines.folds(np.zeros(5, int)) is None
    assert baselines.folds(np.zeros(0, int)) is None


def test_without_another_block_nothing_is_learnt_and_that_is_said():
    rng = np.random.default_rng(0)
    found = of(contexts(rng, 20), np.arange(20) % 2, np.zeros(20, int))
    one = found["trinucleotide_rate"]
    sample = strata.sample(np.arange(20) % 2, one.values, np.zeros(20, int), one.strata, missing=one.missing)
    assert bootstrap.summary(sample)["auroc"] == bootstrap.undefined(baselines.FEW_BLOCKS)
    assert not np.isnan(found["gc"].values).any()


def test_classes_of_substitutions_and_of_other_kinds():
    context = pd.DataFrame(
        {"substitution": ["C>T", "C>T", None, ""], "trinucleotide": ["ACG", "ACA", None, ""], "cpg": [1, 0, None, 0]}
    ).astype({"cpg": "boolean"})
    context["kind"] = ["substitution", "substitution", "insertion", "deletion"]
    assert baselines.substitution(context).tolist() == ["C>T in CpG", "C>T", "insertion", "deletion"]
    assert baselines.trinucleotide(context).tolist() == ["C>T in ACG", "C>T in ACA", "insertion", "deletion"]
    assert baselines.trinucleotide(context.drop(columns="kind")).tolist()[2:] == ["other", "other"]
    assert set(of(context.drop(columns="trinucleotide"), np.arange(4) % 2, np.arange(4))) == {
        "cpg",
        "substitution_rate",
    }


def test_what_is_given_counts_where_it_has_a_value():
    context, labels = contexts(np.random.default_rng(0), 4), np.array([0, 1, 0, 1])
    found = of(context, labels, np.arange(4), {"phyloP": "PHYLOP"}, PHYLOP=[1.0, np.nan, 3, 4])["phyloP"]
    assert found.strata.tolist() == [0, -1, 0, 0]
    for given, message in (
        ({"l2": "x"}, r"baseline 'l2' is one of ours \(l2, .*; call what is given otherwise"),
        ({"gc": "x"}, r"baseline 'gc' is one of ours \(transition, cpg, .*; call what is given otherwise"),
        ({"CADD": "y"}, "baseline 'CADD' is to be column 'y'; the columns are x, words"),
        ({"CADD": "words"}, "column 'words' is text such as 'a', wanted numbers"),
    ):
        with pytest.raises(UsageError, match=message):
            of(context, labels, np.arange(4), given, x=1.0, words="a")
