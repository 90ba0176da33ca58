"""The dilated convolutions: the published block by hand, padding unseen."""

import pytest
import torch

from dnalm.networks import convnet
from dnalm.tokens import kinds


@pytest.fixture(scope="module")
def tok():
    return kinds.train("char")


def test_the_published_gpn_block_by_hand():
    """Convolution, GELU, norm, added; then one linear layer, GELU, norm, added (songlab-cal/gpn)."""
    block = convnet._PublishedBlock(convnet.ConvNetConfig(hidden_size=4, kernel_size=3), dilation=2)
    hidden = torch.randn(1, 9, 4, generator=torch.Generator().manual_seed(0))
    edged = torch.nn.functional.pad(hidden, (0, 0, 2, 2))
    seen = sum(edged[:, 2 * tap : 2 * tap + 9] @ block.look.weight[..., tap].T for tap in range(3)) + block.look.bias
    after = hidden + torch.layer_norm(torch.nn.functional.gelu(seen), (4,))
    thought = torch.nn.functional.gelu(after @ block.think.weight.T + block.think.bias)
    ours = block(hidden, torch.ones(1, 9, 1))
    assert torch.allclose(ours, after + torch.layer_norm(thought, (4,)), atol=1e-5)
    dilations = [
        one.look.dilation[0]
        for one in convnet.ConvNetModel(
            convnet.ConvNetConfig(hidden_size=8, num_hidden_layers=8, max_dilation=32, layout="gpn")
        ).blocks
    ]
    assert dilations == [1, 2, 4, 8, 16, 32, 1, 2]


def test_the_published_gpn_layout_does_not_see_padding(tok):
    network = convnet.ConvNetForMaskedLM(
        convnet.ConvNetConfig(hidden_size=16, num_hidden_layers=3, layout="gpn")
    ).eval()
    ids = torch.randint(5, 9, (1, 30), generator=torch.Generator().manual_seed(0))
    padded, mask = torch.nn.functional.pad(ids, (0, 9)), torch.nn.functional.pad(torch.ones_like(ids), (0, 9))
    with torch.no_grad():
        gap = network(input_ids=ids).logits - network(input_ids=padded, attention_mask=mask).logits[:, :30]
    assert gap.abs().max() < 1e-5
