"""The chance of each base, whatever the tokens: known models give back what they know, for every kind of tokenizer."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from language_models import byte_pairs, mixtral

from dnalm.dna import seq
from dnalm.networks import bases, models
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk


def tokenizer_of(kind):
    if kind == "bpe":
        return byte_pairs()
    if kind == "overlapping":
        return making.train("kmer", [], k=3, overlapping=True)
    return making.train(kind, [], k=3 if kind == "kmer" else 1)


KINDS = ("char", "kmer", "overlapping", "bpe")


class Constant(torch.nn.Module):
    """One distribution over the vocabulary everywhere; notes what it was shown."""

    def __init__(self, tokenizer, seed=0):
        super().__init__()
        self.logits = torch.nn.Parameter(torch.tensor(np.random.default_rng(seed).normal(size=len(tokenizer))).float())
        self.seen = []

    def forward(self, input_ids, attention_mask=None):
        self.seen.append(input_ids.clone())
        return SimpleNamespace(logits=self.logits.expand(*input_ids.shape, -1))


class Copying(torch.nn.Module):
    """Sure of the token that is there, and of nothing where it is hidden: what must never leak."""

    def __init__(self, tokenizer):
        super().__init__()
        self.scale, self.hidden, self.size = (
            torch.nn.Parameter(torch.tensor(30.0)),
            tokenizer.mask_token_id,
            len(tokenizer),
        )

    def forward(self, input_ids, attention_mask=None):
        there = torch.nn.functional.one_hot(input_ids, self.size).float()
        return SimpleNamespace(logits=self.scale * there * (input_ids != self.hidden)[..., None])


def windows(number=3, width=40, seed=0):
    return np.random.default_rng(seed).integers(0, 4, (number, width)).astype(np.uint8)


def by_hand(tokenizer, logits, offset):
    """Share of the words with each base at a place, among all words that have one."""
    mass = np.zeros(4)
    for number, word in tk.token_codes(tokenizer).items():
        if len(word) > offset and word[offset] < 4:
            mass[word[offset]] += np.exp(logits[number])
    return np.log(mass / mass.sum())


@pytest.mark.parametrize(
    "kind, objective", [*((kind, "mlm") for kind in KINDS), *((kind, "clm") for kind in KINDS if kind != "overlapping")]
)
def test_a_token_is_taken_apart_by_the_words_that_have_the_base_there(kind, objective):
    tokenizer = tokenizer_of(kind)
    model, codes = Constant(tokenizer), windows()
    logits = model.logits.detach().numpy()
    found = bases.log_chances(model, tokenizer, codes, objective)
    assert np.allclose(np.exp(found).sum(-1), 1, atol=1e-5)
    for row in range(len(codes)):
        plus, minus = (
            one[row] for one in (offsets(tokenizer, codes), offsets(tokenizer, seq.reverse_complement(codes)))
        )
        for place in range(codes.shape[1]):
            mean = by_hand(tokenizer, logits, plus[place]) + by_hand(tokenizer, logits, minus[::-1][place])[::-1]
            mean = mean / 2
            assert np.allclose(found[row, place], mean - np.log(np.exp(mean).sum()), atol=1e-4), (kind, place)


def offsets(tokenizer, codes):
    return bases.bases_of_tokens(tokenizer, *tk.tokenize(tokenizer, codes), codes.shape[1])[1]


class Bigram(torch.nn.Module):
    """A causal model of single bases: the next one by the last, from a table [4, 4]."""

    def __init__(self, tokenizer, chance):
        super().__init__()
        self.table = torch.nn.Parameter(torch.tensor(np.log(chance)).float())
        self.ids, self.size = [tokenizer.get_vocab()[base] for base in "ACGT"], len(tokenizer)

    def forward(self, input_ids, attention_mask=None):
        logits = torch.full((*input_ids.shape, self.size), -30.0)
        last = (input_ids[..., None] == torch.tensor(self.ids)).int().argmax(-1)  # A after what is no base
        logits[..., self.ids] = self.table[last]
        return SimpleNamespace(logits=logits)


@pytest.mark.parametrize("framed", [True, False])
def test_a_causal_model_is_asked_before_the_base_on_either_strand(framed):
    """Without a first token the first base of a strand is known from the other strand alone."""
    tokenizer, chance = making.train("char"), np.random.default_rng(1).dirichlet(np.ones(4), 4)
    tk.frame(tokenizer)
    if not framed:
        tk._KEPT[tokenizer]["frame"] = ([], [])
    codes = windows(2, 12)
    found = bases.log_chances(Bigram(tokenizer, chance), tokenizer, codes, "clm")
    for row, window in enumerate(codes):
        turned = 3 - window[::-1]
        for place in range(12):
            plus, minus = ([0, *strand] for strand in (window, turned))
            said = [np.log(chance[plus[place]])] if framed or place else []
            said += [np.log(chance[minus[11 - place]])[::-1]] if framed or place < 11 else []
            mean = np.mean(said, 0)
            assert np.allclose(found[row, place], mean - np.log(np.exp(mean).sum()), atol=1e-5), place


class Leaking(torch.nn.Module):
    """Of overlapping words: sure of a base that any word that is shown spells, blind where none does."""

    def __init__(self, tokenizer, k):
        super().__init__()
        self.scale, self.k = torch.nn.Parameter(torch.tensor(20.0)), k
        self.spelt = torch.tensor(bases.spelling(tokenizer))
        self.seen = []

    def forward(self, input_ids, attention_mask=None):
        self.seen.append(input_ids.clone())
        words = self.spelt[input_ids[:, 1:-1]]  # [b, L, k, 4]
        known = torch.zeros(len(words), words.shape[1] + self.k - 1, 4)
        for place in range(self.k):
            known[:, place : place + words.shape[1]] += words[:, :, place]
        known = (known > 0).float()
        logits = torch.zeros(*input_ids.shape, len(self.spelt))
        for place in range(self.k):
            here = known[:, place : place + words.shape[1]]
            logits[:, 1:-1] += self.scale * here @ self.spelt[:, place].T
        return SimpleNamespace(logits=logits)


def test_all_words_that_spell_a_base_are_hidden_and_no_more_than_one_in_seven():
    tokenizer = tokenizer_of("overlapping")
    model = Leaking(tokenizer, 3)
    found = bases.log_chances(model, tokenizer, windows(), "mlm")
    assert np.allclose(found, -np.log(4), atol=1e-4), "also of the last bases, which no word begins with"
    assert len(model.seen) == 2 * 7 * 3
    shown = torch.stack(model.seen)
    assert not (shown[..., [0, -1]] == tokenizer.mask_token_id).any(), "no special token is ever hidden"
    assert (shown == tokenizer.mask_token_id).float().mean() < 1 / 6


@pytest.mark.parametrize("kind", KINDS)
def test_no_base_is_read_while_a_token_that_spells_it_is_there(kind):
    """A network that copies knows nothing of what it is asked for, so the base itself must make no difference."""
    tokenizer = tokenizer_of(kind)
    codes = windows()
    found = bases.log_chances(Copying(tokenizer), tokenizer, codes, "mlm")
    flat = bases.log_chances(Constant(tokenizer), tokenizer, codes, "mlm")
    assert found.shape == flat.shape == (*codes.shape, 4)
    assert found.max() < np.log(0.9)


def test_copying_is_caught_where_nothing_is_hidden():
    tokenizer = tokenizer_of("char")
    found = bases.log_chances(Copying(tokenizer), tokenizer, windows(), "clm")
    assert found.max() > np.log(0.9)  # read as a causal model it says of each base what the one before it was


def test_each_token_is_hidden_once_and_one_in_seven_at_a_time():
    tokenizer = tokenizer_of("char")
    model, codes = Constant(tokenizer), windows(1, 70)
    bases.log_chances(model, tokenizer, codes, "mlm")
    assert len(model.seen) == 2 * 7
    hidden = torch.cat(model.seen[:7]) == tokenizer.mask_token_id
    assert hidden.sum(0)[1:-1].tolist() == [1] * 70
    assert hidden.sum(1).tolist() == [10] * 7


def test_n_has_no_value_and_its_neighbours_have():
    tokenizer = tokenizer_of("char")
    codes = windows()
    codes[0, 5] = seq.N
    found = bases.log_chances(Constant(tokenizer), tokenizer, codes, "mlm")
    assert np.isnan(found).all(-1).nonzero()[0].tolist() == [0]
    assert np.isnan(found[0, 5]).all()


@pytest.mark.parametrize("objective", ["mlm", "clm"])
def test_strands_batches_and_rows_do_not_matter(objective):
    tokenizer = byte_pairs() if objective == "clm" else tokenizer_of("char")
    sizes = {"hidden_size": 16, "num_hidden_layers": 2}
    model = (
        mixtral(tokenizer)
        if objective == "clm"
        else models.build("mlm", "dilated_conv", sizes, tokenizer, 64, seed=0).eval()
    )
    codes = windows(5)
    found = bases.log_chances(model, tokenizer, codes, objective)
    turned = bases.log_chances(model, tokenizer, seq.reverse_complement(codes), objective)[:, ::-1, ::-1]
    assert np.allclose(found, turned, atol=1e-5)
    alone = np.concatenate(
        [bases.log_chances(model, tokenizer, codes[[row]], objective, batch_size=1) for row in range(5)]
    )
    assert np.allclose(found, alone, atol=1e-5)
    assert found.std() > 0.01
