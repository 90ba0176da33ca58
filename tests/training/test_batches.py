"""Batches are pure functions of (seed, step), and what is masked is what is asked for."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

import pretrain_model
from dnalm.errors import InputError
from dnalm.tokens import kinds
from dnalm.tokens import tokenizer as tk
from dnalm.training import batches, masking
from dnalm.training.blocks import Blocks


@pytest.fixture
def tok():
    return kinds.train("char", [], vocab_size=0, k=1)


def blocks(size=1000, length=30, seed=0):
    tokens = (np.random.default_rng(0).integers(0, 4, size) + 5).astype(np.uint16)
    index = pd.DataFrame({"offset": [0, 600], "tokens": [600, size - 600], "split": "train"})
    return Blocks(tokens, np.zeros(size, np.uint8), index, length, seed)


def same(a, b):
    return all(np.array_equal(a[name], b[name]) for name in a)


def test_a_step_gives_the_same_batch_whatever_came_before(tok):
    first, second = blocks(), blocks()
    for step in range(5):
        batches.pretraining_batch(first, tok, step, 8, objective="mlm")
    ours = batches.pretraining_batch(first, tok, 7, 8, objective="mlm")
    assert same(ours, batches.pretraining_batch(second, tok, 7, 8, objective="mlm"))
    assert not same(ours, batches.pretraining_batch(blocks(seed=1), tok, 7, 8, objective="mlm"))


def test_an_epoch_sees_each_block_once_and_the_next_shifts_the_cuts():
    cut = blocks(size=1010)
    assert len(cut) == 20 + 13
    starts = np.sort(cut.epoch(0))
    assert (np.diff(starts) >= 30).all()
    assert not np.array_equal(starts, np.sort(cut.epoch(1)))
    assert cut.epoch(1).max() + 30 <= 1010


def hidden(ids, rate=0.15, span=1, random=0.1, keep=0.1, words=range(5, 9), seed=0):
    """(inputs, labels) of one row; [MASK] is 4."""
    inputs, labels = ids[None].copy(), np.empty((1, len(ids)), np.int64)
    bearing = np.arange(20) >= 5
    masking.hide(
        inputs, labels, masking.draws(seed, np.arange(1)), rate, span, random, keep, 4, np.array(words), bearing
    )
    return inputs[0], labels[0]


def test_masking_rate_and_fates():
    ids = np.full(200_000, 5)
    inputs, labels = hidden(ids)
    chosen = labels != masking.IGNORE
    assert chosen.mean() == pytest.approx(0.15, abs=0.005)
    assert (inputs[chosen] == 4).mean() == pytest.approx(0.8, abs=0.01)
    drawn = np.bincount(inputs[chosen], minlength=9)[5:] / chosen.sum()
    assert drawn == pytest.approx([0.125, 0.025, 0.025, 0.025], abs=0.005)  # a tenth stays, a tenth is drawn of four
    assert (inputs[~chosen] == 5).all()
    assert (labels[chosen] == 5).all()


def test_what_is_hidden_depends_on_seed_and_number_alone():
    first, again, other = (masking.draws(seed, np.array([7, 8])) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not set(first.tolist()) & set(other.tolist())
    assert masking.draws(0, np.array([8]))[0] == first[1]
    chosen = [hidden(np.full(5000, 5), seed=seed)[1] != masking.IGNORE for seed in (0, 1)]
    assert (chosen[0] & chosen[1]).mean() == pytest.approx(
        0.15**2, abs=0.01
    )  # as of two that know nothing of each other


def test_one_token_at_least_is_chosen_and_never_one_without_bases():
    for seed in range(20):
        ids = np.array([2, 6, 3, 7, 3])
        labels = hidden(ids, rate=1e-6, seed=seed)[1]
        assert (labels != masking.IGNORE).sum() == 1
        assert labels[labels != masking.IGNORE][0] in (6, 7)
    inputs, labels = hidden(np.array([2, 3, 3]), rate=0.9)
    assert (labels == masking.IGNORE).all()
    assert inputs.tolist() == [2, 3, 3]


def test_a_model_is_measured_on_hidden_tokens_only():
    inputs, labels = hidden(np.full(20_000, 6), random=0.0, keep=0.0)
    chosen = labels != masking.IGNORE
    assert (inputs[chosen] == 4).all()
    assert (inputs[~chosen] == 6).all()


def test_pretraining_measures_itself_so(tok):
    make = partial(batches.pretraining_batch, tokenizer=tok, size=8, objective="mlm")
    rows = pd.DataFrame({"genome": ["a", "b"]})
    found = pretrain_model.validation_batches(rows, lambda _: blocks(), make, 4)
    assert [len(found[name]) for name in "ab"] == [2, 2]
    for batch in (*found["a"], *found["b"]):
        assert (batch["ids"][batch["labels"] != batches.IGNORE] == tok.mask_token_id).all()


def test_runs_keep_the_rate_and_share_their_fate():
    inputs, labels = hidden(np.full(200_000, 5), span=6, random=0.2, keep=0.1, words=range(6, 9))
    chosen = labels != batches.IGNORE
    assert chosen.mean() == pytest.approx(0.15, abs=0.005)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], chosen, [0]])))
    assert np.diff(edges.reshape(-1, 2)).min() == 6
    alone = [inputs[start:end] for start, end in edges.reshape(-1, 2) if end - start == 6]
    masked, kept = (np.mean([(run == number).all() for run in alone]) for number in (4, 5))
    assert masked == pytest.approx(0.7, abs=0.02)
    assert kept == pytest.approx(0.1, abs=0.02)
    assert np.mean([(run >= 6).all() for run in alone]) == pytest.approx(0.2, abs=0.02)


def test_a_run_of_overlapping_words_hides_a_base():
    """With one word masked its neighbours spell it out; with k in a row one base at least is spelt by no word."""
    words = kinds.train("kmer", k=3, overlapping=True)
    assert (tk.words_a_base(words), tk.words_a_base(kinds.train("kmer", k=3))) == (3, 1)
    tokens = tk.encode(words, np.random.default_rng(0).integers(0, 4, 2002).astype(np.uint8))
    index = pd.DataFrame({"offset": [0], "tokens": [2000], "split": "train"})
    cut = Blocks(tokens, np.zeros(2000, np.uint8), index, 40, 0)
    batch = batches.pretraining_batch(cut, words, 0, 8, objective="mlm", mask_random=0.0, mask_keep=0.0)
    for ids in batch["ids"][:, 1:-1]:
        shown = np.zeros(42, int)
        for offset in range(3):
            shown[offset : offset + 40] += ids != words.mask_token_id
        assert (shown == 0).any()
    assert same(batch, batches.pretraining_batch(cut, words, 0, 8, objective="mlm", mask_random=0.0, mask_keep=0.0))


def test_causal_labels_are_the_tokens_themselves(tok):
    batch = batches.pretraining_batch(blocks(), tok, 0, 4, objective="clm")
    assert np.array_equal(batch["labels"][:, 1:-1], batch["ids"][:, 1:-1])
    assert (batch["labels"][:, [0, -1]] == batches.IGNORE).all()


def test_turning_twice_gives_the_block_back(tok):
    tokens = np.array([[5, 6, 7, 3, 8, 9, 5]])  # A C G [SEP] T N A
    assert batches._turned(tokens, tok).tolist() == [[8, 9, 5, 3, 6, 7, 8]]  # T N A [SEP] C G T
    assert np.array_equal(batches._turned(batches._turned(tokens, tok), tok), tokens)


def test_half_of_the_blocks_are_turned_with_their_repeats(tok):
    cut = blocks()
    cut.repeats[::3] = 1
    plain, turned = (
        batches.pretraining_batch(cut, tok, 0, 64, objective="clm", reverse_complement=flag) for flag in (False, True)
    )
    round_about = (plain["ids"] != turned["ids"]).any(1)
    assert 16 < round_about.sum() < 48
    for row in np.flatnonzero(round_about):
        assert np.array_equal(13 - plain["ids"][row, 1:-1], turned["ids"][row, -2:0:-1])  # A 5 and T 8, C 6 and G 7
        assert np.array_equal(plain["repeat"][row], turned["repeat"][row, ::-1])


def test_rows_of_a_batch_are_those_of_the_whole(tok):
    whole = batches.pretraining_batch(blocks(), tok, 3, 8, objective="mlm")
    parts = [batches.pretraining_batch(blocks(), tok, 3, 8, objective="mlm", rows=slice(n, n + 4)) for n in (0, 4)]
    assert same(whole, {name: np.concatenate([part[name] for part in parts]) for name in whole})


def test_short_stretches_are_laid_end_to_end(tok):
    """Ten stretches of 7 with a [SEP] after each: a row of 80, two blocks of 30 of it, and nothing twice."""
    tokens = np.arange(100, 170).astype(np.uint16)
    index = pd.DataFrame({"offset": np.arange(0, 70, 7), "tokens": 7, "split": "train"})
    cut = Blocks(tokens, (tokens % 2).astype(np.uint8), index, 30, 0, separator=3)
    assert len(cut) == 2
    row = np.concatenate([cut.sample(number)[0] for number in np.argsort(-cut.epoch(0))])  # packed 0 is -1, 1 is -2
    assert np.flatnonzero(row == 3).tolist() == list(range(7, 60, 8))
    for start in range(0, 56, 8):
        word = row[start : start + 7]
        assert np.array_equal(word, word[0] + np.arange(7))
        assert word[0] % 7 == 100 % 7
    assert len(set(row[row != 3])) == (row != 3).sum()
    for number in range(4):
        words, soft = cut.sample(number)
        assert np.array_equal(soft, np.where(words == 3, 0, words % 2))
    assert not np.array_equal(cut.row(0)[0], cut.row(1)[0])


def test_long_and_short_stretches_together():
    tokens = np.arange(100, 200).astype(np.uint16)
    index = pd.DataFrame({"offset": [0, 65, 85], "tokens": [65, 20, 15], "split": "train"})
    cut = Blocks(tokens, np.zeros(100, np.uint8), index, 30, 0)
    assert len(cut) == 2 + 1
    seen = np.concatenate([cut.sample(number)[0] for number in range(3)])
    assert len(set(seen[seen != 3])) == (seen != 3).sum()
    assert ((seen >= 165) & (seen < 200)).sum() + (seen == 3).sum() == 30


def test_repeats_weigh_less(tok):
    cut = blocks()
    cut.repeats[:] = 1
    batch = batches.pretraining_batch(cut, tok, 0, 2, objective="mlm", repeat_weight=0.1)
    assert np.allclose(batch["weight"][:, 1:-1], 0.1)


def test_no_stretch_long_enough_is_an_error_with_a_next_step():
    with pytest.raises(InputError, match="no block of 1200 tokens: the 2 stretches hold 1000 together; lower the"):
        blocks(length=1200)


def test_labelled_batches_are_half_bound(tok):
    codes = np.random.default_rng(0).integers(0, 4, (50, 20)).astype(np.uint8)
    labels = np.array([1] * 5 + [0] * 45)
    batch = batches.labelled_batch(codes, labels, tok, 3, 8, seed=0)
    assert batch["labels"].sum() == 4
    assert same(batch, batches.labelled_batch(codes, labels, tok, 3, 8, seed=0))
