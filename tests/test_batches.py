"""Batches are pure functions of (seed, step), and what is masked is what is asked for."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

import pretrain_model
from dnalm import batches
from dnalm import tokenizer as tk
from dnalm.errors import InputError


@pytest.fixture
def tok():
    return tk.train("char", [], vocab_size=0, k=1)


def blocks(size=1000, length=30, seed=0):
    tokens = (np.random.default_rng(0).integers(0, 4, size) + 5).astype(np.uint16)
    index = pd.DataFrame({"offset": [0, 600], "tokens": [600, size - 600], "split": "train"})
    return batches.Blocks(tokens, np.zeros(size, np.uint8), index, length, seed)


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


def test_masking_rate_and_fates(tok):
    ids = np.full(200_000, 5)
    inputs, labels = batches.mask_tokens(ids, 0.15, tok.mask_token_id, np.arange(5, 9), np.random.default_rng(0))
    chosen = labels != batches.IGNORE
    assert chosen.mean() == pytest.approx(0.15, abs=0.005)
    assert (inputs[chosen] == tok.mask_token_id).mean() == pytest.approx(0.8, abs=0.01)
    assert (inputs[~chosen] == 5).all()
    assert (labels[chosen] == 5).all()


def test_a_model_is_measured_on_hidden_tokens_only(tok):
    ids = np.full(20_000, 6)
    inputs, labels = batches.mask_tokens(
        ids, 0.15, tok.mask_token_id, np.arange(5, 9), np.random.default_rng(0), 1, 0.0, 0.0
    )
    chosen = labels != batches.IGNORE
    assert (inputs[chosen] == tok.mask_token_id).all()
    assert (inputs[~chosen] == 6).all()


def test_pretraining_measures_itself_so(tok):
    make = partial(batches.pretraining_batch, tokenizer=tok, size=8, objective="mlm")
    rows = pd.DataFrame({"genome": ["a", "b"]})
    found = pretrain_model.validation_batches(rows, lambda _: blocks(), make, 4)
    assert [len(found[name]) for name in "ab"] == [2, 2]
    for batch in (*found["a"], *found["b"]):
        assert (batch["ids"][batch["labels"] != batches.IGNORE] == tok.mask_token_id).all()


def test_runs_keep_the_rate_and_share_their_fate():
    ids = np.full(200_000, 5)
    inputs, labels = batches.mask_tokens(ids, 0.15, 4, np.arange(6, 9), np.random.default_rng(0), 6, 0.2, 0.1)
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
    words = tk.train("kmer", k=3, overlapping=True)
    assert (tk.words_a_base(words), tk.words_a_base(tk.train("kmer", k=3))) == (3, 1)
    tokens = tk.encode(words, np.random.default_rng(0).integers(0, 4, 2002).astype(np.uint8))
    index = pd.DataFrame({"offset": [0], "tokens": [2000], "split": "train"})
    cut = batches.Blocks(tokens, np.zeros(2000, np.uint8), index, 40, 0)
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


def test_turning_twice_gives_the_block_back():
    tokens = np.array([5, 6, 7, 8, 9, 5], np.uint16)  # A C G T N A
    assert batches._turned(tokens).tolist() == [8, 9, 5, 6, 7, 8]  # T N A C G T
    assert np.array_equal(batches._turned(batches._turned(tokens)), tokens)


def test_repeats_weigh_less(tok):
    cut = blocks()
    cut.repeats[:] = 1
    batch = batches.pretraining_batch(cut, tok, 0, 2, objective="mlm", repeat_weight=0.1)
    assert np.allclose(batch["weight"][:, 1:-1], 0.1)


def test_no_stretch_long_enough_is_an_error_with_a_next_step():
    with pytest.raises(InputError, match="lower the model's context"):
        blocks(length=700)


def test_labelled_batches_are_half_bound(tok):
    codes = np.random.default_rng(0).integers(0, 4, (50, 20)).astype(np.uint8)
    labels = np.array([1] * 5 + [0] * 45)
    batch = batches.labelled_batch(codes, labels, tok, 3, 8, seed=0)
    assert batch["labels"].sum() == 4
    assert same(batch, batches.labelled_batch(codes, labels, tok, 3, 8, seed=0))
