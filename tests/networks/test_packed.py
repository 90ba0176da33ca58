"""Linear layers by weights that are laid out once: the same numbers, and nothing left behind."""

import contextlib

import numpy as np
import pytest
import torch
from torch import nn

from dnalm.networks import device, packed, predict

WIDE = 64


class Adapted(nn.Linear):
    """A layer that something is wrapped round: only it knows what it adds."""

    def forward(self, states):
        return super().forward(states) + 1


@pytest.fixture
def model():
    torch.manual_seed(0)
    first, second = nn.Linear(WIDE, 2 * WIDE), nn.Linear(2 * WIDE, WIDE, bias=False)
    return nn.Sequential(first, nn.GELU(), second, Adapted(WIDE, WIDE), nn.Linear(WIDE, 1)).eval()


@pytest.fixture
def states():
    return torch.randn(3, 7, WIDE, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def slow_mkl(monkeypatch):
    monkeypatch.setattr(device, "slow_mkl", lambda: True)
    monkeypatch.setattr(device, "fast_bf16", lambda where: False)
    monkeypatch.setattr(device, "fast_fp32", lambda where: contextlib.nullcontext())  # a matrix unit would round


def own(model):
    """Layers that multiply in another way than their class."""
    return [number for number, layer in enumerate(model) if "forward" in vars(layer)]


@torch.inference_mode()
def test_products_are_those_of_torch_and_of_large_plain_layers_alone(model, states, slow_mkl, monkeypatch):
    wanted = model(states)
    with packed.packed(model):
        assert own(model) == [0, 2]
        found = [model(states), model(states[:1]), model(states[0])]
        monkeypatch.setattr(nn.Linear, "forward", None)
        model[2](model[0](states))  # torch's own is not asked
    monkeypatch.undo()
    assert own(model) == []
    for said, whole in zip(found, (wanted, wanted[:1], wanted[0]), strict=True):
        assert torch.allclose(said, whole, atol=1e-5)
    assert torch.equal(model(states), wanted)


@torch.inference_mode()
def test_weights_are_laid_out_once(model, states, slow_mkl, monkeypatch):
    with packed.packed(model):
        model(states)
        monkeypatch.setattr(torch.ops.mkldnn, "_reorder_linear_weight", None)
        model(2 * states)


@pytest.mark.skipif(not device.fast_on_cpu(), reason="rounded where this CPU multiplies bf16 fast")
@torch.inference_mode()
def test_what_is_rounded_is_what_autocast_rounds(model, states):
    with torch.autocast("cpu", torch.bfloat16):
        wanted = model(states)
        with packed.packed(model):
            found = model(states)
            with torch.autocast("cpu", enabled=False):
                exact = model(states)
    assert found.dtype == wanted.dtype == torch.bfloat16
    assert torch.allclose(found, wanted, atol=0.02)
    assert exact.dtype == torch.float32
    assert torch.allclose(exact, model(states), atol=1e-5)
    assert not torch.allclose(exact, found.float(), atol=1e-5)


@pytest.mark.parametrize("lacks", ["oneDNN", "speed", "processor"])
def test_where_nothing_is_gained_torch_does_it(model, slow_mkl, monkeypatch, lacks):
    if lacks == "oneDNN":
        monkeypatch.setattr(packed, "can", lambda: False)
    if lacks == "speed":
        monkeypatch.setattr(device, "slow_mkl", lambda: False)
    with packed.packed(model.to("meta") if lacks == "processor" else model):
        assert own(model) == []


def test_an_error_within_leaves_nothing_behind(model, slow_mkl):
    def fail():
        with packed.packed(model):
            assert own(model)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert own(model) == []


def test_weights_that_change_between_two_predictions_are_seen(model, slow_mkl, fp32):
    arrays = {"ids": np.zeros((5, 9), np.int64), "mask": np.ones((5, 9), bool)}

    def read(module, batch):
        return module(torch.ones(*batch["ids"].shape, WIDE)).sum((1, 2))

    first = predict.forward(model, arrays, read, batch_size=2)
    with torch.no_grad():
        model[0].weight *= 2
    second = predict.forward(model, arrays, read, batch_size=2)
    assert not np.allclose(first, second)
    assert np.allclose(second, predict.forward(model, arrays, read, batch_size=2, pack=False), rtol=1e-5)
    assert own(model) == []


def test_a_mixture_of_experts_multiplies_as_it_did(model, slow_mkl, fp32):
    model.add_module("experts", nn.Identity())
    assert layers_packed(model, batch_size=1) == 0
    del model.experts
    assert layers_packed(model, batch_size=1) == 2


def test_for_one_batch_alone_nothing_is_laid_out(model, slow_mkl, fp32):
    """It would cost what it gains; nor for a reader that does not want it."""
    assert layers_packed(model, batch_size=3) == 0
    assert layers_packed(model, batch_size=2) == 2
    assert layers_packed(model, batch_size=2, pack=False) == 0


def layers_packed(model, **how):
    """Layers that multiply in another way while three rows are read."""
    arrays = {"ids": np.zeros((3, 2), np.int64), "mask": np.ones((3, 2), bool)}
    read = lambda module, batch: torch.full([len(batch["ids"])], float(len(own(module))))  # noqa: E731
    (found,) = set(predict.forward(model, arrays, read, **how).tolist())
    return found
