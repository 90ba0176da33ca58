"""A toy with adapters learns, its weights stay bit for bit, and merged it says the same under its own names."""

import pytest
import torch
from small_networks import IDS, network
from torch import nn

from dnalm.errors import UsageError
from dnalm.networks import lora


@pytest.mark.parametrize("architecture", ["dilated_conv", "hyena", "bert", "mixtral", "gpt2"])
def test_a_toy_trains_and_its_base_stays(architecture):
    backbone, mask = network(architecture), torch.ones_like(IDS)
    before = {name: value.clone() for name, value in backbone.state_dict().items()}
    with torch.no_grad():
        said = backbone(input_ids=IDS, attention_mask=mask).last_hidden_state
    adapted = lora.adapt(backbone, 4)
    states = adapted(input_ids=IDS, attention_mask=mask).last_hidden_state
    assert torch.allclose(states, said, atol=1e-6)  # nothing is said to begin with
    trained = [one for one in adapted.parameters() if one.requires_grad]
    optimiser = torch.optim.Adam(trained, lr=1e-2)
    for _ in range(3):
        loss = adapted(input_ids=IDS, attention_mask=mask).last_hidden_state.square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    kept = {name.replace(".base_layer", ""): one for name, one in adapted.base_model.model.state_dict().items()}
    assert all(torch.equal(kept[name], value) for name, value in before.items())
    with torch.no_grad():
        learned = adapted(input_ids=IDS, attention_mask=mask).last_hidden_state
        merged = lora.merged(adapted)
        again = merged(input_ids=IDS, attention_mask=mask).last_hidden_state
    assert not torch.allclose(learned, said, atol=1e-3)
    assert torch.allclose(again, learned, atol=1e-4)
    assert merged.state_dict().keys() == before.keys()
    assert type(merged) is type(backbone)


def test_adapters_reach_the_dilated_convolutions():
    adapted = lora.adapt(network("dilated_conv"), 2)
    dilations = [part.lora_A["default"].dilation for part in adapted.modules() if isinstance(base(part), nn.Conv1d)]
    assert dilations == [(1,), (2,), (4,)]


def base(part):
    return getattr(part, "base_layer", None)


def test_nothing_to_adapt():
    with pytest.raises(UsageError, match="Embedding has no layer that takes an adapter"):
        lora.adapt(nn.Embedding(3, 16), 2)
