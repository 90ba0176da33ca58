"""Genomes drawn in their shares, by weight and by balance."""

import numpy as np
import pandas as pd
import pytest

from dnalm.errors import InputError
from dnalm.tokens import kinds
from dnalm.training import batches, mixture
from dnalm.training.blocks import Blocks

SIZES = {"big": 9000, "small": 1000}


def index(split="train"):
    sizes = np.array(list(SIZES.values()))
    offset = np.cumsum(sizes) - sizes
    return pd.DataFrame(
        {"genome": list(SIZES), "start": 0, "end": sizes, "offset": offset, "tokens": sizes, "split": split}
    )


def cut(rows, seed):
    """Tokens of the big genome are A, those of the small one C."""
    tokens = np.repeat([5, 6], list(SIZES.values())).astype(np.uint16)
    return Blocks(tokens, np.zeros(len(tokens), np.uint8), rows, 10, seed)


def from_small(blocks, number):
    return np.array([blocks.sample(n)[0][0] == 6 for n in range(number)])


def test_shares_by_hand():
    assert mixture.shares(index(), {}, 1.0) == pytest.approx({"big": 0.9, "small": 0.1})
    assert mixture.shares(index(), {}, 0.0) == pytest.approx({"big": 0.5, "small": 0.5})
    assert mixture.shares(index(), {}, 0.5) == pytest.approx({"big": 0.75, "small": 0.25})
    assert mixture.shares(index(), {"small": 3.0}, 0.0) == pytest.approx({"big": 0.25, "small": 0.75})
    assert mixture.shares(index(), {"small": 9.0}, 1.0) == pytest.approx({"big": 0.5, "small": 0.5})


def test_by_default_an_epoch_holds_every_block_once():
    blocks = mixture.blocks(cut, index(), 0, {}, 1.0)
    assert isinstance(blocks, Blocks)
    assert from_small(blocks, len(blocks)).mean() == 0.1


@pytest.mark.parametrize("weights, balance, share", [({}, 0.0, 0.5), ({"small": 3.0}, 0.0, 0.75), ({}, 0.5, 0.25)])
def test_a_genome_is_drawn_in_its_share(weights, balance, share):
    drawn = from_small(mixture.blocks(cut, index(), 0, weights, balance), 2 * mixture.ROUND)
    assert drawn.mean() == pytest.approx(share, abs=1e-3)
    assert drawn[:400].mean() == pytest.approx(share, abs=0.1)  # well mixed
    changes = np.mean(drawn[1:] != drawn[:-1])
    assert changes == pytest.approx(2 * share * (1 - share), abs=0.03)


def test_each_genome_is_seen_whole_before_any_of_its_blocks_comes_again():
    blocks = mixture.blocks(cut, index(), 0, {}, 0.0)
    offsets = []
    for number in range(mixture.ROUND):
        drawn, within = blocks.round(0)
        if drawn[number] == 1:
            offsets.append(within[number])
    assert offsets == list(range(len(offsets)))  # the small genome's own samples, in order


def test_a_sample_depends_on_the_seed_and_its_number_alone():
    first, second = (mixture.blocks(cut, index(), 3, {"small": 2.0}, 0.5) for _ in range(2))
    tok = kinds.train("char", [], vocab_size=0, k=1)
    for step in range(5):
        batches.pretraining_batch(first, tok, step, 8, objective="mlm")
    far = mixture.ROUND * 7 // 8  # a batch in the seventh round
    ours, theirs = (batches.pretraining_batch(one, tok, far, 8, objective="mlm") for one in (first, second))
    assert all(np.array_equal(ours[name], theirs[name]) for name in ours)
    other = mixture.blocks(cut, index(), 4, {"small": 2.0}, 0.5)
    assert not np.array_equal(from_small(first, 200), from_small(other, 200))


def test_weights_of_an_unknown_genome():
    with pytest.raises(InputError, match="got tiny, wanted genomes that are trained on: big, small"):
        mixture.blocks(cut, index(), 0, {"tiny": 1.0}, 1.0)
