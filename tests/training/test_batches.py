"""Batches are pure functions of (seed, step): turned, weighted, shared out, labelled."""

import numpy as np
import pandas as pd
import pytest
from stores import blocks

from dnalm.errors import UsageError
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk
from dnalm.training import batches
from dnalm.training.blocks import Blocks


@pytest.fixture
def tok():
    return making.train("char", [], vocab_size=0, k=1)


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
    words = making.train("kmer", k=3, overlapping=True)
    assert (tk.words_a_base(words), tk.words_a_base(making.train("kmer", k=3))) == (3, 1)
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


def bound(positives, negatives):
    """Windows that spell their own number, so that a batch says which windows it holds."""
    numbers = np.arange(positives + negatives)
    codes = np.stack([numbers // 4**place % 4 for place in range(5)] + [0 * numbers], 1).astype(np.uint8)
    return np.concatenate([codes, 0 * codes], 1), (numbers < positives).astype(int)


def seen(tok, steps, size, positives, negatives, **options):
    """How often each window is read in some steps."""
    codes, labels = bound(positives, negatives)
    spelt = {row.tobytes(): number for number, row in enumerate(codes)}
    counts = np.zeros(len(codes), int)
    for step in steps:
        batch = batches.labelled_batch(codes, labels, tok, step, size, seed=1, **options)
        for ids in batch["ids"][:, 1:-1] - 5:
            one = ids.astype(np.uint8)
            forth, back = one.tobytes(), (3 - one[::-1]).tobytes()
            counts[spelt[forth if forth in spelt else back]] += 1
    return counts


def test_no_negative_comes_twice_before_each_came_once(tok):
    """45 negatives, four a step: after eleven steps and one window each was read once, some positives ten times."""
    counts = seen(tok, range(12), 8, 5, 45)
    assert (counts[5:].min(), counts[5:].max(), counts[5:].sum()) == (1, 2, 48)
    assert seen(tok, range(11), 8, 5, 45)[5:].max() == 1
    assert set(counts[:5]) == {9, 10}
    assert (seen(tok, range(45), 8, 5, 45)[5:] == 4).all()


def test_an_order_is_fresh_each_round_and_each_seed(tok):
    first, second = (seen(tok, range(at, at + 5), 8, 5, 40)[5:].nonzero()[0].tolist() for at in (0, 10))
    assert first != second
    other = batches.labelled_batch(*bound(5, 40), tok, 0, 8, seed=2)["ids"]
    assert not np.array_equal(batches.labelled_batch(*bound(5, 40), tok, 0, 8, seed=1)["ids"], other)


def test_weights_in_place_of_sampling_read_the_set_as_it_is(tok):
    counts = seen(tok, range(5), 10, 5, 45, balance="weights")
    assert (counts == 1).all()
    codes, labels = bound(5, 45)
    parts = [batches.labelled_batch(codes, labels, tok, step, 10, seed=1, balance="weights") for step in range(5)]
    label, weight = (np.concatenate([part[name] for part in parts]) for name in ("labels", "weight"))
    assert weight[label == 1].tolist() == [5.0] * 5  # .5 / (5 / 50)
    assert weight[label == 1].sum() == pytest.approx(weight[label == 0].sum())


def test_rows_of_a_labelled_batch_are_those_of_the_whole(tok):
    codes, labels = bound(5, 45)
    whole = batches.labelled_batch(codes, labels, tok, 3, 8, seed=0)
    parts = [batches.labelled_batch(codes, labels, tok, 3, 8, seed=0, rows=slice(n, n + 4)) for n in (0, 4)]
    assert same(whole, {name: np.concatenate([part[name] for part in parts]) for name in whole})


def test_each_of_several_classes_has_its_share(tok):
    codes, labels = np.zeros((60, 6), np.uint8), np.repeat([0, 1, 2], [40, 15, 5])
    drawn = [batches.labelled_batch(codes, labels, tok, step, 8, seed=0)["labels"] for step in range(3)]
    assert [np.bincount(one.astype(int)).tolist() for one in drawn] == [[3, 3, 2]] * 3
    weighed = batches.labelled_batch(codes, labels, tok, 0, 60, seed=0, balance="weights")
    sums = np.bincount(weighed["labels"].astype(int), weighed["weight"])
    assert sums == pytest.approx([20, 20, 20])
    with pytest.raises(UsageError, match="batch_size: got 2, wanted at least 3, one window of each class"):
        batches.labelled_batch(codes, labels, tok, 0, 2, seed=0)


def test_measured_values_are_walked_through_as_they_are_on_the_strand_given(tok):
    codes = np.tile(np.arange(12, dtype=np.uint8)[:, None] % 3, (1, 6))
    values = np.stack([np.arange(12.0), -np.arange(12.0)], 1)
    parts = [batches.labelled_batch(codes, values, tok, step, 4, seed=0, both_strands=False) for step in range(3)]
    found = np.concatenate([part["labels"] for part in parts])
    assert sorted(found[:, 0].tolist()) == list(range(12))
    assert (found[:, 1] == -found[:, 0]).all()
    ids = np.concatenate([part["ids"][:, 1] for part in parts])
    assert (ids - 5 == found[:, 0] % 3).all()  # no base is turned
    assert all((part["weight"] == 1).all() for part in parts)
