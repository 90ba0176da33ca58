"""Likelihoods of alleles: those of a known model, sites read once, special tokens left out."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from dnalm.dna import seq
from dnalm.networks import readers
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk
from dnalm.variants import likelihoods
from dnalm.variants import pairs as variants_pairs
from dnalm.variants.pairs import Pairs


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
    site = np.array([0, 0, 1])
    alt = windows[site]
    alt[:, 3] = [0, 2, 1]
    middle, ones = np.full((3, 2), 3), np.ones((3, 2), np.int64)
    pairs = Pairs(windows, site, alt, middle, ones, np.arange(3)[:, None])
    found = likelihoods.span_likelihoods(model, tok, pairs)
    assert np.allclose(found[:, 0], np.log([chance[3, 3], chance[3, 3], chance[1, 0]]), atol=1e-5)
    assert np.allclose(found[:, 1], np.log([chance[3, 0], chance[3, 2], chance[1, 1]]), atol=1e-5)
    assert model.seen == 2


class Oracle(torch.nn.Module):
    """Gives a token the product of its bases' chances, .4 .3 .2 .1, wherever it stands; counts what is hidden."""

    def __init__(self, tokenizer: tk.PreTrainedTokenizerFast) -> None:
        super().__init__()
        words = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
        special = set(tk.special_ids(tokenizer).tolist())
        logs = [
            LOGS[seq.encode(word)].sum() if number not in special and set(word) <= set("ACGT") else -1e4
            for number, word in enumerate(words)
        ]
        self.logits = torch.nn.Parameter(torch.tensor(logs, dtype=torch.float32))
        self.mask, self.hidden = tokenizer.mask_token_id, set()

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None) -> SimpleNamespace:
        self.hidden |= set((input_ids == self.mask).sum(1).tolist())
        return SimpleNamespace(logits=self.logits.expand(*input_ids.shape, -1))


LOGS = np.log([0.4, 0.3, 0.2, 0.1])


@pytest.mark.parametrize(("kind", "k"), [("char", 1), ("kmer", 3), ("overlapping", 3), ("bpe", 1)])
def test_an_oracles_ratio_is_returned_exactly_for_every_kind_of_token(kind: str, k: int):
    """Bases that are independent: the ratio is that of the bases that change, whatever they are spelt with."""
    rng = np.random.default_rng(3)
    lines = [rng.choice(4, 400, p=[0.4, 0.3, 0.2, 0.1]).astype(np.uint8) for _ in range(20)]
    name = "kmer" if kind == "overlapping" else kind
    tok = making.train(name, lines, vocab_size=60, k=k, overlapping=kind == "overlapping")
    ref = rng.integers(0, 4, (60, 31)).astype(np.uint8)
    alt = ref.copy()
    alt[:30, 15] = (alt[:30, 15] + rng.integers(1, 4, 30)) % 4
    alt[30:, 14:17] = 3 - alt[30:, 14:17]  # three bases in a row
    pairs, model = variants_pairs.of_windows(ref, alt), Oracle(tok)
    normal = model.logits.detach()[torch.tensor(tk.base_lengths(tok) > 0)].logsumexp(0).item()
    found = likelihoods.span_likelihoods(model, tok, pairs)
    tokens = [tk.tokenize(tok, windows)[1].sum(1) for windows in (ref, alt)]
    extra = (tokens[0] - tokens[1]) * normal  # byte pairs are not one length, so their chances have to be scaled
    assert np.allclose(found[:, 1] - found[:, 0] - extra, (LOGS[alt] - LOGS[ref]).sum(1), atol=1e-4)


def test_equally_many_are_hidden_for_either_allele_of_an_indel():
    """A deletion in single bases: as many bases of either window, from where it begins, all hidden at once."""
    tok = making.train("char", [], vocab_size=0, k=1)
    ref, alt = seq.encode("GATTACAGT")[None], seq.encode("GATAGTCCC")[None]  # TACA is lost, then CCC follows
    pairs = Pairs(ref, np.zeros(1, int), alt, np.array([[3, 3]]), np.array([[3, 0]]), np.zeros((1, 1), int))
    model = Oracle(tok)
    found = likelihoods.span_likelihoods(model, tok, pairs)
    assert np.allclose(found, [[LOGS[seq.encode("TAC")].sum(), LOGS[seq.encode("AGT")].sum()]], atol=1e-5)
    assert model.hidden == {3}


def test_where_byte_pairs_cut_the_alleles_differently_one_token_is_hidden_at_a_time():
    rng = np.random.default_rng(3)
    tok = making.train("bpe", [rng.choice(4, 400).astype(np.uint8) for _ in range(20)], vocab_size=60, k=1)
    ref = rng.integers(0, 4, (200, 31)).astype(np.uint8)
    alt = ref.copy()
    alt[:, 15] = (alt[:, 15] + 1) % 4
    counts = np.stack([tk.tokenize(tok, windows)[1].sum(1) for windows in (ref, alt)], 1)
    uneven = counts[:, 0] != counts[:, 1]
    model = Oracle(tok)
    likelihoods.span_likelihoods(model, tok, variants_pairs.of_windows(ref[uneven], alt[uneven]))
    assert model.hidden == {1}
    likelihoods.span_likelihoods(model, tok, variants_pairs.of_windows(ref[~uneven], alt[~uneven]))
    assert max(model.hidden) > 1


def test_probabilities_leave_special_tokens_out():
    lengths = torch.tensor([0, 0, 1, 3])
    chance = readers.log_softmax(torch.tensor([[9.0, 9.0, 0.0, np.log(3.0), 7.0]]), lengths).exp()
    assert torch.allclose(chance, torch.tensor([[0, 0, 0.25, 0.75, 0]]))
