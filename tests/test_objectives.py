"""Losses against hand-made logits."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from dnalm import objectives


class Sure(torch.nn.Module):
    """Gives probability 1/2 to the token that stands there and to the next one."""

    def __init__(self):
        super().__init__()
        self.anchor = torch.nn.Parameter(torch.zeros(1))

    def forward(self, input_ids, attention_mask=None):
        here = torch.nn.functional.one_hot(input_ids, 10).float()
        ahead = torch.nn.functional.one_hot(input_ids.roll(-1, 1), 10).float()
        return SimpleNamespace(logits=((here + ahead).clamp(max=1).log()).clamp(min=-1e4))


def arrays():
    ids = np.array([[2, 5, 6, 7, 8, 3]])
    labels = np.array([[-100, 5, 6, 7, 8, -100]])
    ones = np.ones(ids.shape, np.float32)
    repeat = np.array([[0, 1, 1, 0, 0, 0]], np.float32)
    return {"ids": ids, "mask": ids > 0, "labels": labels, "weight": ones, "repeat": repeat}


@pytest.mark.parametrize("objective", ["mlm", "clm"])
def test_half_a_chance_is_one_bit(objective):
    batch = {name: torch.from_numpy(value) for name, value in arrays().items()}
    assert objectives.loss_of(objective)(Sure(), batch).item() == pytest.approx(math.log(2), rel=1e-2)


def test_bits_per_base_divides_by_bases_not_tokens():
    lengths = np.array([0, 1, 0, 0, 0, 1, 2, 1, 4, 1])
    bits = objectives.bits_per_base(Sure(), {"a": [arrays()]}, "mlm", lengths, ["a"])
    assert bits["bits_per_base"] == pytest.approx(4 / 8, rel=1e-2)
    assert bits["bits_repeat"] == pytest.approx(2 / 3, rel=1e-2)
    assert bits["bits_unique"] == pytest.approx(2 / 5, rel=1e-2)


def test_each_genome_has_its_bits_and_only_those_trained_on_are_pooled():
    lengths = np.array([0, 1, 0, 0, 0, 1, 2, 1, 4, 1])
    given = {"a": [arrays()], "species": [arrays() | {"labels": np.where(arrays()["labels"] == 8, 8, -100)}]}
    bits = objectives.bits_per_base(Sure(), given, "mlm", lengths, ["a"])
    assert bits["bits_per_base"] == bits["bits_in_a"] == pytest.approx(4 / 8, rel=1e-2)
    assert bits["bits_in_species"] == pytest.approx(1 / 4, rel=1e-2)  # one token of four bases, a coin's throw
