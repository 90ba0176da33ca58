"""Which parameters which optimizer turns."""

import torch

from dnalm.training import optimizers


def test_muon_turns_the_inner_matrices_alone():
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.table, self.inner, self.norm = torch.nn.Embedding(5, 4), torch.nn.Linear(4, 4), torch.nn.LayerNorm(4)

    net = Net()
    net.inner.bias.requires_grad_(False)
    adamw, muon = optimizers.build(net, "muon", 0.01, 0.1)
    assert [id(one) for one in muon.param_groups[0]["params"]] == [id(net.inner.weight)]
    decayed, spared = (group["params"] for group in adamw.param_groups)
    assert [id(one) for one in decayed] == [id(net.table.weight)]
    assert {id(one) for one in spared} == {id(net.norm.weight), id(net.norm.bias)}
    assert [group["weight_decay"] for group in adamw.param_groups] == [0.1, 0.0]
