"""The inference loop: batches do not matter, strands are averaged, order is kept."""

import numpy as np
import pytest
import torch

from dnalm.dna import seq
from dnalm.errors import UsageError
from dnalm.networks import device, models, predict, readers
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk


@pytest.fixture(scope="module")
def tok():
    return making.train("kmer", [], vocab_size=0, k=3)


class CountsA(torch.nn.Module):
    """A toy whose answer is known: how many A the window has."""

    def __init__(self):
        super().__init__()
        self.anchor = torch.nn.Parameter(torch.zeros(1))


def count_a(module, batch):
    return (batch["ids"] == 5).sum(1).float() + module.anchor


def test_both_strands_is_the_mean_of_a_and_t():
    tok = making.train("char", [], vocab_size=0, k=1)
    windows = seq.encode("AAAT" + "TTTT" + "ACGT").reshape(3, 4)
    one = predict.predict(CountsA(), tok, windows, count_a, both_strands=False)
    both = predict.predict(CountsA(), tok, windows, count_a)
    assert one.tolist() == [3, 0, 1]
    assert both.tolist() == [2, 2, 1]


def test_batch_size_and_order_do_not_matter(tok):
    sizes = {"hidden_size": 16, "num_hidden_layers": 2}
    network = models.build("mlm", "dilated_conv", sizes, tok, 64, 0).eval()
    rng = np.random.default_rng(0)
    windows = rng.integers(0, 4, (70, 31)).astype(np.uint8)
    windows[::3, 5] = seq.N  # words with N fall apart into letters, so rows differ in length
    read = readers.mean_embedding(tk.special_ids(tok))

    def read_lm(module, batch):
        return read(module.model, batch)

    answers = [predict.predict(network, tok, windows, read_lm, batch_size=size) for size in (1, 8, 64)]
    assert answers[0].shape == (70, 16)
    for other in answers[1:]:
        assert np.allclose(answers[0], other, atol=0.03)  # bf16 sums in another order
    turned = predict.predict(network, tok, windows[::-1], read_lm, batch_size=8)
    assert np.allclose(turned[::-1], answers[1], atol=0.03)


def test_a_strided_view_of_a_chromosome_is_read_like_an_array():
    tok = making.train("char", [], vocab_size=0, k=1)
    codes = np.random.default_rng(0).integers(0, 4, 5000).astype(np.uint8)
    view = np.lib.stride_tricks.sliding_window_view(codes, 20)[::7]
    lazily = predict.predict(CountsA(), tok, view, count_a, both_strands=False)
    assert lazily.tolist() == (view == 0).sum(1).tolist()


def test_windows_longer_than_the_table_of_positions_are_refused():
    tok = making.train("char")
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
    network = models.build("mlm", "bert", sizes, tok, 16, 0).eval()
    fits, long = np.zeros((2, 14), np.uint8), np.zeros((2, 15), np.uint8)
    predict.check_windows(network, tok, fits)
    assert predict.predict(network, tok, fits, readers.lm_logits).shape == (2, 16, 10)
    said = "windows give up to 17 tokens and the model takes 16; make the window shorter"
    with pytest.raises(UsageError, match=said):
        predict.check_windows(network, tok, long)
    with pytest.raises(UsageError, match=said):
        predict.predict(network, tok, long, readers.lm_logits)
    six = making.train("kmer", k=6)  # as many bases in fewer tokens
    predict.check_windows(network, six, np.zeros((2, 84), np.uint8))
    with pytest.raises(UsageError, match="give up to 21 tokens"):  # an N alone is a token
        predict.check_windows(network, six, np.array([[0] * 84, [4] * 4 + [0] * 80], np.uint8))


@pytest.mark.parametrize(
    ("objective", "architecture", "said"), [("mlm", "bert", "medium"), ("clm", "mixtral", "highest")]
)
def test_fp32_is_multiplied_fast_but_for_a_mixture_of_experts(tok, monkeypatch, objective, architecture, said):
    """Whose products of ever other shapes took a quarter longer so, and a gigabyte."""
    monkeypatch.setattr(device, "slow_mkl", lambda: True)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    network = models.build(objective, architecture, sizes | {"num_key_value_heads": 2}, tok, 64, 0).eval()
    told = []

    def read(model, batch):
        told.append(torch.get_float32_matmul_precision())
        return readers.lm_logits(model, batch)[:, 0]

    predict.predict(network, tok, np.zeros((2, 9), np.uint8), read, both_strands=False)
    assert told == [said]
    assert torch.get_float32_matmul_precision() == "highest"


def test_chunks_hold_as_many_bases_whatever_the_windows_come_as(monkeypatch):
    monkeypatch.setattr(predict, "CHUNK", 9)
    windows = np.random.default_rng(0).integers(0, 4, (5, 4)).astype(np.uint8)
    assert predict.chunks(windows) == predict.chunks(list(windows)) == [slice(0, 2), slice(2, 4), slice(4, 6)]
    assert predict.chunks(windows[:0]) == predict.chunks([]) == []
    assert predict.chunks(np.zeros((2, 100), np.uint8)) == [slice(0, 1), slice(1, 2)]
    tok = making.train("char", [], vocab_size=0, k=1)
    said = predict.predict(CountsA(), tok, list(windows), count_a, both_strands=False)
    assert said.tolist() == (windows == 0).sum(1).tolist()
