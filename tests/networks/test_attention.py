"""Attention as matrix products."""

import pytest
import torch

from dnalm.networks import attention


@pytest.mark.parametrize("scaling", [None, 0.3])
def test_products_drop_weights_in_training_alone(scaling):
    query, key, value = torch.randn(3, 2, 2, 5, 4, generator=torch.Generator().manual_seed(0))
    mask = torch.zeros(5, 5).masked_fill(torch.ones(5, 5).triu(1) > 0, -torch.inf)[None, None]
    weights = (query @ key.mT * (scaling or 4**-0.5) + mask).softmax(-1)
    layer = torch.nn.Module()
    for training in (True, False):
        layer.train(training)
        torch.manual_seed(1)
        wanted = torch.nn.functional.dropout(weights, 0.5, training) @ value
        torch.manual_seed(1)
        found, _ = attention.products(layer, query, key, value, mask, scaling, dropout=0.5)
        assert torch.allclose(found, wanted.transpose(1, 2), atol=1e-6)
