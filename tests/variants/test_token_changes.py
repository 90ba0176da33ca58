"""What a variant does to tokens, and what is left of a score without it."""

import numpy as np
import pytest
from scipy import stats
from shown import draw, save, score, tokenizer

from dnalm.variants import token_changes


def test_residuals_by_hand():
    changed = np.repeat([2, 4, 6, 9], [30, 25, 3, 2])
    values = np.concatenate([np.arange(30.0), 100 + np.arange(25.0), [7, 8, 9], [50, np.nan]])
    left = token_changes.residual(values, changed)
    assert left[:30].tolist() == (np.arange(30.0) - 14.5).tolist()
    rest = np.concatenate([100 + np.arange(25.0), [7, 8, 9, 50]])  # the few are taken together with the ones before
    assert left[30:-1].tolist() == (rest - np.median(rest)).tolist()
    assert np.isnan(left[-1])
    assert np.isnan(token_changes.residual(np.full(3, np.nan), np.ones(3))).all()
    assert token_changes.residual(np.array([1.0, 4.0]), np.array([2, 3])).tolist() == [-1.5, 1.5]


@pytest.mark.parametrize("architecture", ["bert", "alibi_bert"])
def test_random_weights_measure_the_tokenizer_and_residuals_do_not(tmp_path, architecture):
    """The confound: mean embeddings of an untaught network with byte pairs follow the tokens that change."""
    folder, pairs = save(tmp_path, architecture, "bpe"), draw(600)
    table = token_changes.of_edits(tokenizer("bpe"), lambda: [pairs])
    found = score(folder, pairs, ["l2"]).l2.to_numpy()
    total = token_changes.total(table).to_numpy()
    assert stats.spearmanr(found, total).statistic > 0.5
    assert abs(stats.spearmanr(token_changes.residual(found, total), total).statistic) < 0.1
