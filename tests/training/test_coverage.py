"""Batches of long windows, and that the loop learns where a planted word stands."""

import numpy as np
import pytest

from dnalm.dna import seq
from dnalm.networks import models, track_model
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk
from dnalm.training import coverage, train

WORD = seq.encode("CCGCGAGGTGGC")


@pytest.fixture(scope="module")
def tok():
    return making.train("char")


def planted(number, seed):
    """Windows of eight bins of 32 and a track that is high where a word was planted, on either strand."""
    rng = np.random.default_rng(seed)
    codes, values = rng.integers(0, 4, (number, 256)).astype(np.uint8), np.full((number, 8, 1), 0.2, np.float32)
    for row, place in enumerate(rng.integers(0, 8, number)):
        start = place * 32 + 10
        codes[row, start : start + len(WORD)] = WORD if rng.random() < 0.5 else seq.reverse_complement(WORD)
        values[row, place] = 5
    return codes, values


def test_a_batch_is_a_function_of_its_step_and_can_be_cut(tok):
    codes, values = planted(40, 0)
    whole, again = (coverage.batch(codes, values, tok, 3, 8, 1) for _ in range(2))
    assert all(np.array_equal(whole[name], again[name]) for name in whole)
    parts = [coverage.batch(codes, values, tok, 3, 8, 1, slice(*ends)) for ends in ((0, 3), (3, 8))]
    assert all(np.array_equal(np.concatenate([part[name] for part in parts]), whole[name]) for name in whole)
    assert not np.array_equal(coverage.batch(codes, values, tok, 4, 8, 1)["ids"], whole["ids"])


def test_no_window_is_drawn_twice_before_all_were_drawn(tok):
    values = np.arange(40, dtype=np.float32)[:, None, None].repeat(8, 1)
    drawn = [coverage.batch(planted(40, 0)[0], values, tok, step, 8, 1)["labels"][:, 0, 0] for step in range(5)]
    assert sorted(np.concatenate(drawn)) == list(range(40))


def test_bins_turn_with_their_strand_and_hardly_move(tok):
    """A base of its own at the start of the first bin of each window is found at the end of the last of one turned."""
    codes = np.zeros((64, 256), np.uint8)
    codes[:, :32] = seq.encode("C")
    values = np.tile(np.arange(8, dtype=np.float32)[None, :, None], (64, 1, 1))
    found = coverage.batch(codes, values, tok, 0, 64, 0)
    letters = found["ids"][:, 1:-1]
    cytosine, guanine = tok.convert_tokens_to_ids(["C", "G"])
    turned = found["labels"][:, 0, 0] == 7
    assert 0 < turned.sum() < 64
    assert (letters[turned][:, -28:-4] == guanine).all()
    assert (letters[~turned][:, 4:28] == cytosine).all()
    assert len({tuple(row[:8]) for row in letters[~turned]}) > 1  # some were shifted


def test_the_one_loop_learns_where_a_word_stands(tok, tmp_path):
    sizes = {"hidden_size": 24, "stem_size": 24, "num_hidden_layers": 0, "bases_a_state": 32}
    codes, values = planted(256, 1)
    scale = coverage.scales(values, ["toy"])
    assert scale == pytest.approx(values.mean())
    network = track_model.on(models.fresh("enformer_lite", sizes, tok, 258, 0), tok, ["toy"], scale, 32)
    held_out = planted(60, 2)
    passed = train.fit(
        network,
        lambda step, part: coverage.batch(codes, values / scale, tok, step, 16, 0, part),
        coverage.loss_of("poisson"),
        batch_size=16,
        steps=60,
        learning_rate=6e-3,
        checkpoints=tmp_path,
        evaluate=lambda network: coverage.measure(network, tok, *held_out),
        evaluations=2,
        best="pearson",
    )
    assert passed[-1]["pearson"] == passed[-1]["pearson_toy"] > 0.8
    found = track_model.heights(network, tok, held_out[0])
    high = held_out[1] > 1
    assert found[high].mean() > 3 * found[~high].mean()
    assert coverage.weights(network) == sum(one.numel() for one in network.parameters())


def test_a_track_without_signal_is_named():
    with pytest.raises(ValueError, match=r"^dead$"):
        coverage.scales(np.stack([np.ones((3, 4)), np.zeros((3, 4))], 2), ["live", "dead"])


def test_ids_have_no_token_but_bases_inside(tok):
    found = coverage.batch(*planted(8, 0), tok, 0, 8, 0)
    assert np.isin(found["ids"][:, 1:-1], tk.special_ids(tok)).sum() == 0
