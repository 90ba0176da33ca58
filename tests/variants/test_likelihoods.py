"""Likelihoods of alleles: those of a known model, sites read once, special tokens left out."""

from types import SimpleNamespace

import numpy as np
import torch

from dnalm.dna import seq
from dnalm.networks import readers
from dnalm.tokens import making
from dnalm.variants import likelihoods
from dnalm.variants.alleles import Pairs, alternatives


class Bigram(torch.nn.Module):
    """p(base | the base to its left) by a table; special tokens get huge logits, to be ignored."""

    def __init__(self, table: np.ndarray) -> None:
        super().__init__()
        self.table = torch.nn.Parameter(torch.tensor(table, dtype=torch.float32))
        self.seen = 0

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None) -> SimpleNamespace:
        self.seen += len(input_ids)
        left = torch.roll(input_ids, 1, 1)
        logits = torch.full((*input_ids.shape, 10), 50.0)
        logits[..., 5:9] = self.table[(left - 5).clamp(0, 3)]
        logits[..., 1] = logits[..., 9] = -1e4
        return SimpleNamespace(logits=logits)


def test_masked_likelihood_is_the_models_own_and_sites_are_read_once():
    tok = making.train("char", [], vocab_size=0, k=1)
    chance = np.random.default_rng(0).dirichlet(np.ones(4), 4)
    model = Bigram(np.log(chance))
    windows = np.stack([seq.encode("GATTACA"), seq.encode("CCCAGTG")])
    pairs = Pairs(windows, np.array([0, 0, 1]), np.array([0, 2, 1], np.uint8), np.arange(3))
    ref, alt = likelihoods.span_likelihoods(model, tok, pairs, windows, alternatives(pairs))
    assert np.allclose(ref, np.log([chance[3, 3], chance[3, 3], chance[1, 0]]), atol=1e-5)
    assert np.allclose(alt, np.log([chance[3, 0], chance[3, 2], chance[1, 1]]), atol=1e-5)
    assert model.seen == 2


def test_probabilities_leave_special_tokens_out():
    lengths = torch.tensor([0, 0, 1, 3])
    chance = readers.log_softmax(torch.tensor([[9.0, 9.0, 0.0, np.log(3.0), 7.0]]), lengths).exp()
    assert torch.allclose(chance, torch.tensor([[0, 0, 0.25, 0.75, 0]]))
