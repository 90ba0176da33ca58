"""Background sequence: short of CpG, the same on both strands."""

import numpy as np
import pytest

from dnalm.dna import seq
from dnalm.simulate import background as simulated_background


def test_background_is_short_of_cpg():
    codes = simulated_background.draw_chain(np.full(200, 0.44), 1_000, np.random.default_rng(0))
    assert seq.gc_content(codes).mean() == pytest.approx(0.44, abs=0.01)
    cpg = ((codes[:, :-1] == 1) & (codes[:, 1:] == 2)).mean() / (codes == 1).mean() / (codes == 2).mean()
    assert 0.2 < cpg < 0.3


def test_transitions_read_the_same_on_both_strands():
    pairs = simulated_background.transitions(0.4) * np.array([0.3, 0.2, 0.2, 0.3])[:, None]
    np.testing.assert_allclose(pairs, pairs[::-1, ::-1].T, atol=1e-9)
    np.testing.assert_allclose(pairs.sum(0), [0.3, 0.2, 0.2, 0.3], atol=1e-6)
