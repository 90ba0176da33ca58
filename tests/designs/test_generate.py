"""Generated DNA: exact lengths, bases only, the same from the same seed, and drawn from the model's own chances."""

import language_models
import numpy as np
import pytest
import torch

from dnalm.designs import generate
from dnalm.dna import seq
from dnalm.errors import UsageError
from dnalm.tokens import kinds


@pytest.fixture(scope="module")
def bpe():
    return language_models.byte_pairs()


@pytest.fixture(scope="module")
def mixtral(bpe):
    return language_models.mixtral(bpe)


def test_lengths_are_exact_and_letters_are_bases(mixtral, bpe):
    codes = generate.sample(mixtral, bpe, 5, 101, seed=1, batch_size=2)
    assert codes.shape == (5, 101)
    assert codes.dtype == np.uint8
    assert codes.max() < seq.N


def test_the_same_seed_gives_the_same_dna_and_leaves_the_global_state_alone(mixtral, bpe):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    one = generate.sample(mixtral, bpe, 4, 60, seed=3)
    assert torch.equal(torch.rand(3), expected)
    assert np.array_equal(one, generate.sample(mixtral, bpe, 4, 60, seed=3))
    assert not np.array_equal(one, generate.sample(mixtral, bpe, 4, 60, seed=4))


def test_longer_than_the_context(mixtral, bpe):
    codes = generate.sample(mixtral, bpe, 2, 600, seed=0)  # at most 64 tokens of a few bases at a time
    assert codes.shape == (2, 600)
    assert len(np.unique(codes)) == 4


def test_the_prompt_comes_first(mixtral, bpe):
    codes = generate.sample(mixtral, bpe, 3, 30, prompt="GATTACA", seed=0)
    assert [seq.decode(row[:7]) for row in codes] == ["GATTACA"] * 3


def test_tokens_are_drawn_with_the_chances_the_model_gives_them():
    tok = kinds.train("char", [], vocab_size=0, k=1)
    network = language_models.mixtral(tok, 32)
    network.lm_head = torch.nn.Linear(16, len(tok), bias=True)
    with torch.no_grad():
        network.lm_head.weight.zero_()
        network.lm_head.bias[:] = 50.0  # special tokens and N look best and must never come
        network.lm_head.bias[5:9] = torch.log(torch.tensor([0.5, 0.25, 0.2, 0.05]))
    codes = generate.sample(network, tok, 64, 31, seed=0)
    shares = np.bincount(codes.ravel(), minlength=4) / codes.size
    assert shares == pytest.approx([0.5, 0.25, 0.2, 0.05], abs=0.04)
    assert set(np.unique(generate.sample(network, tok, 8, 31, top_k=2))) == {0, 1}
    cold = generate.sample(network, tok, 8, 31, temperature=0.05)
    assert (cold == 0).all()


@pytest.mark.parametrize(
    "options", [{"temperature": 0}, {"top_k": -1}, {"prompt": "ACGN"}, {"prompt": "A" * 50}, {"number": 0}]
)
def test_impossible_settings_are_refused(mixtral, bpe, options):
    with pytest.raises(UsageError):
        generate.sample(mixtral, bpe, **({"number": 1, "length": 50} | options))
