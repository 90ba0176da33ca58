"""What a masked model is asked: rates, fates, and no token without bases."""

import numpy as np
import pytest

from dnalm.training import batches, masking


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
