"""Where tokenizations differ: prefix and suffix by hand, equal bases under BPE, masked likelihoods of a known model."""

from types import SimpleNamespace

import numpy as np
import torch

from dnalm.dna import seq
from dnalm.tokens import kinds, spans
from dnalm.tokens import tokenizer as tk
from dnalm.variants import likelihoods
from dnalm.variants.alleles import Pairs, alternatives


def tokens(*rows: list[int]) -> spans.Tokens:
    width = max(map(len, rows))
    ids = np.array([row + [0] * (width - len(row)) for row in rows])
    return spans.Tokens(ids, ids > 0)


def test_spans_by_hand():
    ref = tokens([2, 5, 6, 7, 3], [2, 5, 5, 5, 3], [2, 9, 3])
    alt = tokens([2, 5, 8, 7, 3], [2, 5, 5, 3], [2, 5, 6, 7, 8, 3])
    found = spans.find(ref, alt)
    assert np.stack(found, 1).tolist() == [[2, 1, 1], [3, 1, 0], [1, 1, 4]]
    assert spans.span_ids(alt, found.first, found.alt).tolist() == [[8, -1, -1, -1], [-1] * 4, [5, 6, 7, 8]]


def test_bpe_spans_cover_the_same_bases_and_hold_the_variant():
    rng = np.random.default_rng(1)
    lines = [seq.decode(rng.choice(4, 400, p=[0.4, 0.1, 0.1, 0.4]).astype(np.uint8)) for _ in range(30)]
    tok = kinds.train("bpe", map(seq.encode, lines), vocab_size=120, k=1)
    ref = rng.integers(0, 4, (200, 61)).astype(np.uint8)
    alt = ref.copy()
    alt[:, 30] = (alt[:, 30] + rng.integers(1, 4, 200)) % 4
    one, two = spans.Tokens(*tk.tokenize(tok, ref)), spans.Tokens(*tk.tokenize(tok, alt))
    found = spans.find(one, two)
    bases = spans.bases_in(tok, spans.span_ids(one, found.first, found.ref))
    assert (bases == spans.bases_in(tok, spans.span_ids(two, found.first, found.alt))).all()
    lengths = tk.base_lengths(tok)
    starts = np.array([lengths[ids[:first]].sum() for ids, first in zip(one.ids, found.first, strict=True)])
    assert ((starts <= 30) & (starts + bases > 30)).all()
    assert (found.ref != found.alt).any(), "byte pairs that never re-segment would test nothing"


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
    tok = kinds.train("char", [], vocab_size=0, k=1)
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
    chance = likelihoods.log_softmax(torch.tensor([[9.0, 9.0, 0.0, np.log(3.0), 7.0]]), lengths).exp()
    assert torch.allclose(chance, torch.tensor([[0, 0, 0.25, 0.75, 0]]))
