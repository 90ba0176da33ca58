"""Batches are pure functions of (seed, step): turned, weighted, shared out, labelled."""

import numpy as np
import pandas as pd
import pytest
from stores import blocks

from dnalm.tokens import kinds
from dnalm.tokens import tokenizer as tk
from dnalm.training import batches
from dnalm.training.blocks import Blocks


@pytest.fixture
def tok():
    return kinds.train("char", [], vocab_size=0, k=1)


def same(a, b):
    return all(np.array_equal(a[name], b[name]) for name in a)


def test_a_step_gives_the_same_batch_whatever_came_before(tok):
    first, second = blocks(), blocks()
    for step in range(5):
        batches.pretraining_batch(first, tok, step, 8, objective="mlm")
    ours = batches.pretraining_batch(first, tok, 7, 8, objective="mlm")
    assert same(ours, batches.pretraining_batch(second, tok, 7, 8, objective="mlm"))
    assert not same(ours, batches.pretraining_batch(blocks(seed=1), tok, 7, 8, objective="mlm"))


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


def test_repeats_weigh_less(tok):
    cut = blocks()
    cut.repeats[:] = 1
    batch = batches.pretraining_batch(cut, tok, 0, 2, objective="mlm", repeat_weight=0.1)
    assert np.allclose(batch["weight"][:, 1:-1], 0.1)


def test_labelled_batches_are_half_bound(tok):
    codes = np.random.default_rng(0).integers(0, 4, (50, 20)).astype(np.uint8)
    labels = np.array([1] * 5 + [0] * 45)
    batch = batches.labelled_batch(codes, labels, tok, 3, 8, seed=0)
    assert batch["labels"].sum() == 4
    assert same(batch, batches.labelled_batch(codes, labels, tok, 3, 8, seed=0))
