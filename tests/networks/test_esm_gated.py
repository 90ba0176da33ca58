"""The gated ESM: rotary positions, room for the context, its gates."""

import pytest
import torch

from dnalm.errors import InputError
from dnalm.networks import models
from dnalm.tokens import kinds

TINY = {"hidden_size": 16, "num_hidden_layers": 2, "intermediate_size": 32}


@pytest.fixture(scope="module")
def tok():
    return kinds.train("char")


def test_rotary_positions_have_no_table(tok):
    network = models.build("mlm", "esm_gated", TINY | {"num_attention_heads": 2}, tok, 64, 0)
    assert not [name for name, _ in network.named_parameters() if "position" in name]
    assert network.esm.encoder.layer[0].intermediate.dense.bias is None


def test_esm_has_room_for_its_whole_context(tok):
    """ESM counts positions from the padding id on, so a table as long as the context would be one short."""
    network = models.build("mlm", "esm", TINY | {"num_attention_heads": 2}, tok, 64, 0).eval()
    assert network(input_ids=torch.full((1, 64), 5)).logits.shape == (1, 64, 10)


def test_an_unknown_layout_is_named(tok):
    with pytest.raises(InputError, match="layout: got 'wide', wanted one of ours, gpn"):
        models.build("mlm", "dilated_conv", {"layout": "wide"}, tok, 64, 0)


def test_the_gated_layers_open_with_their_first_half(tok):
    gate = (
        models.build("mlm", "esm_gated", TINY | {"num_attention_heads": 2}, tok, 64, 0)
        .esm.encoder.layer[0]
        .intermediate
    )
    hidden = torch.randn(1, 3, 16, generator=torch.Generator().manual_seed(0))
    first, second = (hidden @ half.T for half in gate.dense.weight.split(32))
    assert torch.allclose(gate(hidden), first * torch.sigmoid(first) * second, atol=1e-6)
