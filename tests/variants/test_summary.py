"""Contexts of variants, baselines and correlations of a summary, by hand."""

import numpy as np
import pandas as pd
import pytest

from dnalm.dna import seq
from dnalm.metrics import ranking
from dnalm.variants import alleles
from dnalm.variants import summary as variant_summary


def test_context_by_hand():
    windows = np.stack([seq.encode(text) for text in ("ACG", "CGT", "TAT", "TCA")])
    pairs = alleles.Pairs(windows, np.arange(4), np.array([3, 0, 1, 2], np.uint8), np.arange(4))
    context = variant_summary.contexts(pairs)
    assert context.substitution.tolist() == ["C>T", "C>T", "T>G", "C>G"]
    assert context.transition.tolist() == [True, True, False, False]
    assert context.cpg.tolist() == [True, True, False, False]


def test_substitution_rate_learns_from_other_blocks_only():
    n = 400
    rng = np.random.default_rng(0)
    context = pd.DataFrame({"substitution": rng.choice(["C>T", "T>G"], n), "cpg": False})
    blocks = np.arange(n) // 10
    follows = (context.substitution == "C>T").to_numpy(int)
    assert ranking.auroc(follows, variant_summary._substitution_rate(context, follows, blocks)) == 1
    chance = variant_summary._substitution_rate(context, rng.integers(0, 2, n), blocks)
    assert len(np.unique(chance)) <= 10


def test_changed_tokens_are_correlated_where_they_vary():
    scores = {"l2": [1.0, 2, 3, 4], "llr": [0.5, 1, -1, -2]}
    table = pd.DataFrame(scores | {"n_tokens_ref": [1, 2, 2, 2], "n_tokens_alt": [1, 1, 2, 3]})
    found = variant_summary.token_correlation(table.iloc[[0, 1, 3]], ["l2", "llr"])
    assert found["l2"]["value"] == pytest.approx(1)
    assert found["llr"]["value"] == pytest.approx(-1)
