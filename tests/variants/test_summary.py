"""Counts and correlations of a summary, by hand."""

import pandas as pd
import pytest

from dnalm.variants import summary as variant_summary
from dnalm.variants.scores import TOKENS


def test_changed_tokens_are_correlated_where_they_vary():
    scores = {"l2": [1.0, 2, 3, 4], "llr": [0.5, 1, -1, -2], "l2_twin": [5, 3, 1, 0]}
    tokens = dict.fromkeys(TOKENS, 1) | {"n_tokens_ref": [1, 2, 2, 2], "n_tokens_alt": [1, 1, 2, 3]}
    table = pd.DataFrame(scores | tokens)
    some = table.iloc[[0, 1, 3]]
    assert variant_summary.token_correlation(some, "l2")["value"] == pytest.approx(1)
    assert variant_summary.token_correlation(some, "l2", "_twin")["value"] == pytest.approx(-1)
    assert variant_summary.token_correlation(some, "llr")["value"] == pytest.approx(-1)
    turned = some.assign(n_tokens_alt_reverse=[5, 9, 1])
    assert variant_summary.token_correlation(turned, "llr")["value"] == pytest.approx(1), "both strands count"
    assert "not asked for" in variant_summary.token_correlation(some, "l2", "_residual")["reason"]
    assert "equally many tokens" in variant_summary.token_correlation(table.iloc[:1], "l2")["reason"]
