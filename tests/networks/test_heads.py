"""The one pooling, by hand: four tokens of two channels, of which special ones and padding must not count."""

import numpy as np
import pytest
import torch

from dnalm.networks import heads

IDS = torch.tensor([[2, 7, 8, 3, 0], [2, 9, 3, 0, 0]])
MASK = IDS > 0
SPECIAL = [0, 2, 3]
HIDDEN = torch.tensor([[9.0, 1, 3, 9, 9], [9, -4, 9, 9, 9]])[..., None] * torch.tensor([1.0, -1.0])  # [2, 5, 2]


@pytest.mark.parametrize("special", [SPECIAL, np.array(SPECIAL), torch.tensor(SPECIAL)])
def test_tokens_that_bear_bases(special):
    expected = [[False, True, True, False, False], [False, True, False, False, False]]
    assert heads.bearing(IDS, MASK, special).tolist() == expected
    assert heads.bearing(IDS, MASK.long(), special).tolist() == expected
    assert heads.bearing(IDS, None, special).tolist() == expected
    assert heads.bearing(IDS, None, [2, 3])[0].tolist() == [False, True, True, False, True]  # padding says the mask


def test_mean_maximum_and_last_over_them():
    inside = heads.bearing(IDS, MASK, SPECIAL)
    assert heads.mean(HIDDEN, inside).tolist() == [[2, -2], [-4, 4]]
    assert heads.maximum(HIDDEN, inside).tolist() == [[3, -1], [-4, 4]]
    assert heads.last(HIDDEN, inside).tolist() == [[3, -3], [-4, 4]]
    assert heads.mean(HIDDEN, torch.zeros_like(inside)).tolist() == [[0, 0], [0, 0]]  # all N: no NaN in a head


def test_weighted_means_count_tokens_by_their_bases():
    weights = torch.tensor([[[0.0, 1, 3, 0, 0], [0, 1, 1, 0, 0]], [[0, 2, 0, 0, 0], [0, 0, 0, 0, 0]]])
    assert heads.weighted(HIDDEN, weights)[..., 0].tolist() == [[2.5, 2], [-4, 0]]


def test_stretches_are_the_same_share_of_every_window_in_order():
    hidden = torch.arange(6.0)[None, :, None].repeat(2, 1, 1)
    inside = torch.tensor([[False, True, True, True, True, False], [True, True, False, False, False, False]])
    assert heads.stretches(hidden, inside, 2).tolist() == [[1.5, 3.5], [0, 1]]
    assert heads.stretches(hidden, inside, 4)[0].tolist() == [1, 2, 3, 4]
    assert heads.stretches(hidden, inside, 4)[1].tolist() == [0, 0, 1, 0]  # two tokens fill two of four
    assert heads.stretches(hidden, torch.zeros_like(inside), 2).tolist() == [[0, 0], [0, 0]]


def test_a_perceptron_normalises_first():
    head = heads.perceptron(4, 3, 2)
    given = torch.tensor([[1.0, 2, 3, 4]])
    assert head(given).shape == (1, 2)
    assert torch.allclose(head(given), head(10 * given + 7), atol=1e-4)
