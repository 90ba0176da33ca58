"""Blocks of a token store: each once an epoch, short stretches end to end."""

import numpy as np
import pandas as pd
import pytest
from stores import blocks

from dnalm.errors import InputError
from dnalm.tokens import kinds
from dnalm.training.blocks import Blocks


@pytest.fixture
def tok():
    return kinds.train("char", [], vocab_size=0, k=1)


def test_an_epoch_sees_each_block_once_and_the_next_shifts_the_cuts():
    cut = blocks(size=1010)
    assert len(cut) == 20 + 13
    starts = np.sort(cut.epoch(0))
    assert (np.diff(starts) >= 30).all()
    assert not np.array_equal(starts, np.sort(cut.epoch(1)))
    assert cut.epoch(1).max() + 30 <= 1010


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


def test_no_stretch_long_enough_is_an_error_with_a_next_step():
    with pytest.raises(InputError, match="no block of 1200 tokens: the 2 stretches hold 1000 together; lower the"):
        blocks(length=1200)
