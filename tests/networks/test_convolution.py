"""A convolution along a sequence is the layer's own, however its channels lie."""

import pytest
import torch
from torch import nn

from dnalm.networks import convolution


@pytest.mark.parametrize("options", [{"padding": 4}, {"padding": 12, "dilation": 3}, {"padding": 4, "groups": 2}])
@pytest.mark.parametrize("bias", [True, False])
def test_it_says_and_learns_what_the_layer_does(options, bias):
    torch.manual_seed(0)
    layer = nn.Conv1d(6, 8, 9, bias=bias, **options).double()
    given = torch.randn(2, 40, 6, dtype=torch.double, requires_grad=True)
    weights = [given, *layer.parameters()]
    ours, theirs = convolution.along(layer, given), layer(given.transpose(1, 2)).transpose(1, 2)
    assert ours.shape == (2, 40, 8)
    assert torch.allclose(ours, theirs)
    pull = torch.randn_like(ours)
    for one, other in zip(*(torch.autograd.grad(said, weights, pull) for said in (ours, theirs)), strict=True):
        assert torch.allclose(one, other)


def test_what_is_wrapped_round_a_layer_is_asked():
    class Doubled(nn.Conv1d):
        def forward(self, given):
            return 2 * super().forward(given)

    layer, given = Doubled(3, 3, 3, padding=1), torch.randn(1, 10, 3)
    assert torch.equal(convolution.along(layer, given), layer(given.transpose(1, 2)).transpose(1, 2))
