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


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("masks", [0, 1, 5])
def test_products_and_their_gradients_are_those_of_attention(threads, masks):
    """Five rows, a row a thread at a time, the last time fewer; float64."""
    generator = torch.Generator().manual_seed(0)
    draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)  # noqa: E731
    given = [draw(5, 3, 7, 4).requires_grad_() for _ in range(3)]
    query, key, value = given
    mask, toward = draw(masks, 1, 7, 7) if masks else None, draw(5, 7, 3, 4)
    wanted = ((query @ key.mT / 2 + (0 if mask is None else mask)).softmax(-1) @ value).transpose(1, 2)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        found, _ = attention.products(torch.nn.Module(), query, key, value, mask)
        gradients = torch.autograd.grad((found * toward).sum(), given)
        with torch.inference_mode():
            said, _ = attention.products(torch.nn.Module(), query, key, value, mask)
    finally:
        torch.set_num_threads(before)
    assert torch.allclose(found, wanted)
    assert torch.allclose(said, wanted)
    assert all(map(torch.allclose, gradients, torch.autograd.grad((wanted * toward).sum(), given)))
