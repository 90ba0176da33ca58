"""Enformer in small: what a bin sees is what is said of it, and no window is read by its neighbours in a batch."""

import numpy as np
import pytest
import torch

from dnalm.errors import InputError, UsageError
from dnalm.networks import convnet, enformer_lite, models
from dnalm.tokens import making

SIZES = {"hidden_size": 16, "stem_size": 8, "num_attention_heads": 2, "bases_a_state": 32}


def network(layers, **sizes):
    torch.manual_seed(0)
    config = enformer_lite.EnformerLiteConfig(num_hidden_layers=layers, **SIZES | sizes)
    model = enformer_lite.EnformerLiteModel(config)
    model.train()(input_ids=ids(8, 256, 1))  # the running means of its norms are of something
    return model.eval()


def ids(rows, length, seed=0):
    return torch.randint(5, 9, (rows, length), generator=torch.Generator().manual_seed(seed))


def states(model, given):
    with torch.no_grad():
        return model(input_ids=given).last_hidden_state


def moved(model, given, place):
    """How much each state of a window moves when one base changes to any other; less than rounding is nought."""
    others = given.repeat(4, 1)
    others[:, place] = 5 + (given[0, place] - 5 + torch.arange(4)) % 4
    found = states(model, others)
    gap = (found[1:] - found[:1]).abs().amax((0, 2))
    return torch.where(gap > 1e-5, gap, 0)


def test_a_bin_without_attention_sees_its_receptive_field_and_nothing_beyond():
    model = network(0)
    field = model.config.receptive_field()
    assert field == 4 * (2 * (2 * (2 * 1 + 4) + 4) + 4) + 14  # three stages and the stem, by hand
    given, bin, size = ids(1, 512), 8, 32
    left = bin * size - (field - size) // 2
    right = (bin + 1) * size - 1 + (field - size) // 2
    for outside in (left - 1, right + 1, 0, 511):
        assert moved(model, given, outside)[bin] == 0
    near = [moved(model, given, place)[bin] for place in (*range(left, left + 24), *range(right - 23, right + 1))]
    assert max(near[:24]) > 0  # a maximum hides some of the outermost bases, not two dozen
    assert max(near[24:]) > 0


def test_with_attention_every_bin_sees_the_whole_window():
    model = network(1)
    assert model.config.receptive_field() is None
    assert (moved(model, ids(1, 512), 256) > 0).all()


def test_the_size_that_presets_have():
    sizes = enformer_lite.EnformerLiteConfig(num_hidden_layers=0)
    assert sizes.receptive_field() == 638


def test_one_window_and_many_give_the_same():
    model, given = network(2), ids(64, 128)
    together = states(model, given)
    apart = torch.cat([states(model, given[row : row + 1]) for row in range(0, 64, 16)])
    assert torch.allclose(together[::16], apart, atol=1e-5)
    assert together.shape == (64, 4, 16)


def test_basis_functions_of_distance_by_hand():
    """Three bins: distances -2 to 2, half-lives and steps of 1, 2 bins, then the same with the distance's sign."""
    found = enformer_lite.distances(3, 4)
    assert found.shape == (5, 8)
    even, odd = found[:, :4], found[:, 4:]
    assert torch.allclose(even[4], torch.tensor([0.25, 0.5, 0.0, 0.0]))
    assert torch.allclose(even[3], torch.tensor([0.5, 2**-0.5, 0.0, 1.0]))
    assert torch.equal(even, even.flip(0))
    assert torch.equal(odd, -odd.flip(0))


def test_attention_by_distance_alone_looks_where_the_distance_says():
    """With no content and one feature, the weights are the softmax of that feature of the distance."""
    torch.manual_seed(0)
    layer = enformer_lite._Layer(enformer_lite.EnformerLiteConfig(hidden_size=4, num_attention_heads=1), most=2)
    hidden = torch.randn(1, 3, 4)
    with torch.no_grad():
        layer.question.weight[:8] = 0  # neither questions nor keys
        layer.by_place.fill_(1.0)
        layer.answer.weight.copy_(torch.eye(4))
        layer.answer.bias.zero_()
        layer.think[-1].weight.zero_()
        layer.think[-1].bias.zero_()
        seen = layer(hidden) - hidden
        value = layer.look_norm(hidden) @ layer.question.weight[8:].T
        bias = layer.place(enformer_lite.distances(3, 2)).sum(-1) / 2  # [-2 … 2], over the root of four
        weights = torch.stack([bias[2 - row : 5 - row] for row in range(3)]).softmax(-1)
    assert torch.allclose(seen, weights @ value, atol=1e-5)


@pytest.mark.parametrize(
    "sizes, said",
    [
        ({"bases_a_state": 96}, "a power of two from 8"),
        ({"bases_a_state": 4}, "got 4"),
        ({"num_attention_heads": 3}, "wanted a divisor of 16"),
    ],
)
def test_sizes_that_do_not_fit_are_an_error_of_the_preset(sizes, said):
    with pytest.raises(InputError, match=said):
        network(1, **sizes)


def test_it_is_refused_under_a_window_head():
    with pytest.raises(UsageError, match=r"answers bin by bin.*name its target under tracks"):
        models.unpretrained("enformer_lite", SIZES, making.train("char"), 64, 0)


def test_the_receptive_field_of_dilated_convolutions_is_what_a_base_sees():
    torch.manual_seed(0)
    config = convnet.ConvNetConfig(hidden_size=16, num_hidden_layers=3, kernel_size=5, max_dilation=4)
    assert config.receptive_field() == 1 + 4 * (1 + 2 + 4)
    model, given = convnet.ConvNetModel(config).eval(), ids(1, 60)
    reached = [bool(moved(model, given, place)[30] > 0) for place in range(60)]
    assert np.flatnonzero(reached).tolist() == list(range(30 - 14, 30 + 15))
