"""Maps of tokens and windows, by hand."""

import numpy as np
import pytest

from dnalm.dna import seq
from dnalm.insight import maps


def test_principal_components_of_a_line():
    line = np.outer([-1.0, 0, 1, 4], [3, 4])  # along (3, 4), five long a step, mean at 1
    coordinates, share = maps.principal_components(line, 3)
    assert coordinates[:, 0] == pytest.approx([-10, -5, 0, 15])
    assert np.isnan(coordinates[:, 1:]).all()
    assert share[0] == 1
    flipped, _ = maps.principal_components(-line, 1)
    assert flipped[3, 0] == pytest.approx(15)  # the sign is chosen, not found
    assert np.isnan(maps.principal_components(np.ones((3, 2)), 2)[0]).all()


def test_token_table_by_hand():
    words = {5: seq.encode("A"), 9: seq.encode("N"), 10: seq.encode("ACG"), 11: seq.encode("GGCC")}
    table = maps.token_table(words, np.array([0] * 5 + [6, 0, 0, 0, 4, 2, 0]))
    assert table.token.tolist() == ["A", "ACG", "GGCC"]
    assert table.frequency.tolist() == [0.75, 0.25, 0]
    assert table.gc.tolist() == pytest.approx([0, 2 / 3, 1])
    assert table.ag.tolist() == pytest.approx([1, 2 / 3, 0.5])


def test_cosine_distances():
    one, other = np.array([[1.0, 0], [1, 0], [0, 0]]), np.array([[2.0, 0], [0, 3], [1, 1]])
    assert maps.cosine_distances(one, other).tolist() == pytest.approx([0, 1, np.nan], nan_ok=True)
