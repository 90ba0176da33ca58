"""Hidden states of any layer are those that transformers counts, whatever the architecture."""

import pytest
import torch
from small_networks import IDS, OURS, THEIRS, network
from torch import nn

from dnalm.errors import UsageError
from dnalm.networks import layers


@pytest.mark.parametrize("architecture", THEIRS)
def test_layers_are_counted_as_transformers_counts_them(architecture):
    backbone, mask = network(architecture), torch.ones_like(IDS)
    with torch.no_grad():
        states = backbone(input_ids=IDS, attention_mask=mask, output_hidden_states=True).hidden_states[1:]
        ours = layers.states(backbone, [1, 2, 3], IDS, mask)
    assert len(states) == len(layers.blocks(backbone)) == 3
    assert all(torch.equal(one, other) for one, other in zip(states, ours, strict=True))


@pytest.mark.parametrize("architecture", OURS)
def test_ours_have_layers_too_and_the_last_is_the_answer(architecture):
    backbone, mask = network(architecture), torch.ones_like(IDS)
    with torch.no_grad():
        first, last = layers.states(backbone, [1, 3], IDS, mask)
        assert torch.equal(last, backbone(input_ids=IDS, attention_mask=mask).last_hidden_state)
    assert first.shape == last.shape == (2, 12, 16)
    assert not torch.equal(first, last)
    assert not any(part._forward_hooks for part in backbone.modules())


def test_a_network_without_blocks():
    with pytest.raises(UsageError, match="Linear has no list of blocks; use method full"):
        layers.blocks(nn.Linear(2, 2))
