"""One step of descent: its operations, and the gradient of a batch whatever its pieces."""

import itertools

import numpy as np
import pytest
import torch
from toy_regression import batch_at, loss_of, network, weights

from dnalm.training import descent, processes


@pytest.mark.parametrize("cuts", [[0, 16], [0, 5, 10, 16]])
def test_the_gradient_is_the_sum_over_the_weight_whatever_the_pieces(fp32, cuts):
    """By plain descent, which shows a wrong scale that Adam would hide."""
    net, by_hand = network(), network()
    pieces = [batch_at(0, slice(first, last)) for first, last in itertools.pairwise(cuts)]
    descent.take(processes.start(), net, [torch.optim.SGD(net.parameters(), 1.0)], 0, pieces, loss_of=loss_of, clip=1e9)
    total, weight = loss_of(by_hand, {name: torch.from_numpy(values) for name, values in batch_at(0).items()})
    (total / weight).backward()
    moved = torch.cat([(one - one.grad).detach().flatten() for one in by_hand.parameters()])
    assert torch.allclose(weights(net), moved, atol=1e-6)


def test_operations_are_counted():
    """A linear layer of 4 x 8 on 16 rows: 2 x 16 x 4 x 8 forwards; backwards its weight again, its input not."""
    net = torch.nn.Linear(4, 8)
    given = {"x": np.ones((16, 4), np.float32)}
    found = descent.operations(net, given, lambda net, batch: (net(batch["x"]).sum(), torch.tensor(1.0)))
    if torch.backends.cpu.get_cpu_capability() != "none":
        assert found == 2 * 2 * 16 * 4 * 8
    assert net.weight.grad is None
