"""Losses against hand-made logits."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from dnalm.networks import attention, last_layer, models
from dnalm.tokens import making
from dnalm.training import pretraining


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
    total, weight = pretraining.loss_of(objective)(Sure(), batch)
    assert weight.item() == 4
    assert total.item() == pytest.approx(4 * math.log(2), rel=1e-2)


@pytest.mark.parametrize("architecture", ["bert", "esm", "esm_gated", "dilated_conv", "alibi_bert", "modernbert"])
def test_the_end_is_run_on_predicted_tokens_alone_and_says_the_same(architecture):
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "intermediate_size": 32}
    sizes |= {} if architecture == "dilated_conv" else {"num_attention_heads": 2}
    network = models.build("mlm", architecture, sizes, making.train("char"), 64, 0).eval()
    ids = torch.randint(5, 9, (3, 20), generator=torch.Generator().manual_seed(0))
    labels = torch.where(ids == 6, ids, -100)
    found = pretraining.predicted(network, {"ids": ids, "labels": labels}, "mlm")
    logits = network(input_ids=ids).logits
    whole = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none")
    assert torch.equal(found.where, (ids.flatten() == 6).nonzero()[:, 0])
    assert torch.allclose(found.losses, whole[found.where], atol=1e-5)
    rows = []
    end = last_layer._head(network)
    end.register_forward_hook(lambda _, given, answer: rows.append(answer.shape[:-1]))
    pretraining.predicted(network, {"ids": ids, "labels": labels}, "mlm")
    assert rows == [(len(found.where),)]


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("architecture", ["bert", "esm"])
def test_only_the_last_layer_leaves_tokens_behind_and_the_gradient_is_the_whole_one(architecture, written):
    sizes = {"hidden_size": 64, "num_hidden_layers": 2, "intermediate_size": 32, "num_attention_heads": 2}
    network = models.build("mlm", architecture, sizes, making.train("char"), 64, 0)
    attention.write_out(network, written)
    assert network.config._attn_implementation == ("products" if written else "sdpa")
    ids = torch.randint(5, 9, (3, 20), generator=torch.Generator().manual_seed(0))
    labels = torch.where(ids == 6, ids, -100)
    rows = []
    for layer in network.base_model.encoder.layer:
        layer.intermediate.register_forward_hook(lambda _, given, answer: rows.append(answer.shape[:-1].numel()))
    pretraining.predicted(network, {"ids": ids, "labels": labels}, "mlm").losses.sum().backward()
    assert rows == [ids.numel(), int((labels >= 0).sum())]
    assert not [name for name, part in network.named_modules() if {"forward", "places"} & vars(part).keys()]
    ours = {name: one.grad.clone() for name, one in network.named_parameters() if one.grad is not None}
    network.zero_grad()
    attention.write_out(network, False)
    logits = network(input_ids=ids).logits.flatten(0, 1)
    torch.nn.functional.cross_entropy(logits, labels.flatten(), reduction="sum").backward()
    whole = {name: one.grad for name, one in network.named_parameters() if one.grad is not None}
    assert ours.keys() == whole.keys()
    assert all(torch.allclose(ours[name], whole[name], atol=1e-4) for name in whole)


def test_a_batch_of_which_nothing_is_asked_has_no_loss():
    sizes = {"hidden_size": 64, "num_hidden_layers": 2, "intermediate_size": 32, "num_attention_heads": 2}
    network = models.build("mlm", "bert", sizes, making.train("char"), 64, 0)
    attention.write_out(network)
    ids = torch.randint(5, 9, (3, 20), generator=torch.Generator().manual_seed(0))
    assert len(pretraining.predicted(network, {"ids": ids, "labels": torch.full_like(ids, -100)}, "mlm").losses) == 0


def test_written_out_attention_of_padding_is_none():
    sizes = {"hidden_size": 64, "num_hidden_layers": 2, "intermediate_size": 32, "num_attention_heads": 2}
    network = models.build("mlm", "bert", sizes, making.train("char"), 64, 0).eval()
    ids = torch.randint(5, 9, (2, 20), generator=torch.Generator().manual_seed(0))
    mask = torch.ones_like(ids)
    mask[1, 12:] = 0
    batch = {"ids": ids, "mask": mask, "labels": torch.where((ids == 6) & (mask == 1), ids, -100)}
    before = pretraining.predicted(network, batch, "mlm")
    attention.write_out(network)
    after = pretraining.predicted(network, batch, "mlm")
    assert torch.allclose(before.losses, after.losses, atol=1e-5)
    alone = pretraining.predicted(network, {"ids": ids[1:, :12], "labels": batch["labels"][1:, :12]}, "mlm")
    assert torch.allclose(alone.losses, after.losses[-len(alone.losses) :], atol=1e-5)


def test_a_causal_loss_is_that_of_the_next_token():
    network = models.build("clm", "llama", {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}, making.train("char"), 64, 0).eval()  # fmt: skip  # noqa: E501
    ids = torch.randint(5, 9, (3, 20), generator=torch.Generator().manual_seed(0))
    labels = ids.clone()
    labels[:, 0] = -100
    labels[1, 7] = -100
    found = pretraining.predicted(network, {"ids": ids, "labels": labels}, "clm")
    logits = network(input_ids=ids).logits[:, :-1].flatten(0, 1)
    whole = torch.nn.functional.cross_entropy(logits, labels[:, 1:].flatten(), ignore_index=-100, reduction="sum")
    assert len(found.losses) == 3 * 19 - 1
    assert found.losses.sum().item() == pytest.approx(whole.item(), rel=1e-5)


def test_bits_per_base_divides_by_bases_not_tokens():
    lengths = np.array([0, 1, 0, 0, 0, 1, 2, 1, 4, 1])
    bits = pretraining.bits_per_base(Sure(), {"a": [arrays()]}, "mlm", lengths, ["a"])
    assert bits["bits_per_base"] == pytest.approx(4 / 8, rel=1e-2)
    assert bits["bits_repeat"] == pytest.approx(2 / 3, rel=1e-2)
    assert bits["bits_unique"] == pytest.approx(2 / 5, rel=1e-2)


def test_each_genome_has_its_bits_and_only_those_trained_on_are_pooled():
    lengths = np.array([0, 1, 0, 0, 0, 1, 2, 1, 4, 1])
    given = {"a": [arrays()], "species": [arrays() | {"labels": np.where(arrays()["labels"] == 8, 8, -100)}]}
    bits = pretraining.bits_per_base(Sure(), given, "mlm", lengths, ["a"])
    assert bits["bits_per_base"] == bits["bits_in_a"] == pytest.approx(4 / 8, rel=1e-2)
    assert bits["bits_in_species"] == pytest.approx(1 / 4, rel=1e-2)  # one token of four bases, a coin's throw
