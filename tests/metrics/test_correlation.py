"""Rank correlations, and null where there is none."""

import numpy as np
import pandas as pd
import pytest

from dnalm.metrics import correlation


def test_correlations_are_null_where_undefined():
    axes = pd.DataFrame({"pc1": np.arange(12.0), "pc2": np.nan})
    answer = correlation.correlations(axes, {"gc": -np.arange(12.0), "flat": np.ones(12)})
    assert answer["pc1"]["gc"] == pytest.approx(-1)
    assert answer["pc1"]["flat"] is None
    assert answer["pc2"]["gc"] is None
    assert correlation.correlations(axes[:5], {"gc": np.arange(5.0)})["pc1"]["gc"] is None
