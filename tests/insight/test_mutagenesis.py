"""In-silico mutagenesis of scores whose weights are known."""

import numpy as np
import pytest

from dnalm.insight import mutagenesis


def test_mutagenesis_of_an_additive_score_gives_back_its_weights():
    weights = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    windows = np.random.default_rng(1).integers(0, 4, (3, 6)).astype(np.uint8)

    def score(codes):
        return weights[np.arange(6), codes].sum(1)

    changes = mutagenesis.mutate_all(lambda codes, mutants: score(mutants) - score(codes[None]), windows)
    expected = weights[None] - weights[np.arange(6), windows][..., None]
    assert changes == pytest.approx(expected, abs=1e-5)
