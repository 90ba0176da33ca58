"""Hyena: nothing of the future, convolutions by Fourier, filters of any length."""

import pytest
import torch

from dnalm.designs import generate
from dnalm.networks import hyena, models
from dnalm.tokens import kinds

TINY = {"hidden_size": 16, "num_hidden_layers": 2, "intermediate_size": 32}


@pytest.fixture(scope="module")
def tok():
    return kinds.train("char")


def test_hyena_does_not_look_ahead(tok):
    network = models.build("clm", "hyena", TINY, tok, 64, 0).eval()
    ids = torch.randint(5, 9, (1, 48), generator=torch.Generator().manual_seed(0))
    for place in (0, 7, 30, 47):
        other = ids.clone()
        other[0, place] = 5 + (other[0, place] - 4) % 4
        with torch.no_grad():
            gap = (network(input_ids=ids).logits - network(input_ids=other).logits)[0].abs().amax(-1)
        assert gap[:place].max() < 1e-6 if place else True
        assert gap[place:].min() > 1e-6  # and everything after it knows


def test_hyena_does_not_look_ahead_in_training(tok):
    """The gradient of an early logit with respect to later tokens is nothing."""
    network = models.build("clm", "hyena", TINY, tok, 64, 0)
    seen = network.get_input_embeddings()(torch.arange(5, 9).repeat(8)[None]).detach().requires_grad_()
    hidden = seen
    for block in network.model.blocks:
        hidden = block(hidden)
    hidden[0, 11].square().sum().backward()
    assert seen.grad[0, 12:].abs().max() < 1e-6
    assert seen.grad[0, :12].abs().amax(-1).min() > 0


def test_fourier_convolution_is_the_direct_one():
    rng = torch.Generator().manual_seed(0)
    signal, kernel = torch.randn(2, 3, 17, generator=rng), torch.randn(3, 17, generator=rng)
    direct = torch.zeros_like(signal)
    for place in range(17):
        for back in range(place + 1):
            direct[..., place] += kernel[:, back] * signal[..., place - back]
    assert torch.allclose(hyena.causal_convolution(signal, kernel), direct, atol=1e-5)


def test_a_filter_is_the_same_however_far_it_is_asked(tok):
    network = models.build("clm", "hyena", TINY, tok, 64, 0)
    far = network.model.blocks[0].filter
    assert torch.allclose(far(60)[:, :20], far(20), atol=1e-6)


@pytest.mark.parametrize("architecture", ["alibi_bert", "hyena", "esm_gated"])
def test_half_precision_comes_near(tok, architecture):
    objective, sizes = ("clm", TINY) if architecture == "hyena" else ("mlm", TINY | {"num_attention_heads": 2})
    network = models.build(objective, architecture, sizes, tok, 64, 0)
    ids = torch.randint(5, 9, (2, 60), generator=torch.Generator().manual_seed(0))
    exact = network(input_ids=ids).logits
    with torch.autocast("cpu", torch.bfloat16):
        near = network(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
    assert (exact - near).abs().max() < 0.05 * exact.abs().max()
    near.float().square().sum().backward()
    assert all(torch.isfinite(one.grad).all() for one in network.parameters() if one.grad is not None)


def test_hyena_generates(tok):
    network = models.build("clm", "hyena", TINY, tok, 32, 0).eval()
    assert generate.sample(network, tok, 2, 50, seed=1).shape == (2, 50)
