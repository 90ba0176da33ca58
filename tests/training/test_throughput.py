"""Operations counted and rates, by hand."""

import torch

from dnalm.training import throughput


def test_attention_is_counted_too():
    """Scores and their use, 2 x 2 x heads x length^2 x width forwards, 2.5 times that backwards (one product again)."""
    q = torch.ones(1, 2, 64, 16, requires_grad=True)
    attend = torch.nn.functional.scaled_dot_product_attention
    forward = throughput.operations(lambda: attend(q, q, q))
    assert forward == 2 * 2 * 2 * 64 * 64 * 16
    assert throughput.operations(lambda: attend(q, q, q).sum().backward()) == 3.5 * forward


def test_rates_by_hand():
    found = throughput.rates(10, 2.0, {"tokens": 100.0}, flops=6, most=60.0)
    assert found == {"tokens_per_second": 500.0, "mfu": 0.5}
