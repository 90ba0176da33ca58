"""A tile says of each window what the window says with the bases beside it; and a window pooled by hand."""

import numpy as np
import pytest
import torch

from dnalm.dna import seq
from dnalm.errors import UsageError
from dnalm.networks import flanks, heads, models, predict, readers, scorer, tiles
from dnalm.tokens import making

SIZES = {"hidden_size": 8, "num_hidden_layers": 3}  # each state depends on 28 bases on either side


@pytest.fixture(scope="module")
def tok():
    return making.train("char", [], vocab_size=0, k=1)


def made(tok, margin=28, **sizes):
    network = models.unpretrained("dilated_conv", SIZES | sizes, tok, 64, 0, margin=margin).eval()
    torch.nn.init.normal_(network.head[-1].weight, generator=torch.Generator().manual_seed(1))
    return network


def flanked(codes, window, stride, margin):
    """The windows of a stretch with what lies beside them, nothing beyond its ends."""
    padded = np.pad(codes, margin, constant_values=flanks.NOTHING)
    return np.lib.stride_tricks.sliding_window_view(padded, window + 2 * margin)[::stride]


@pytest.mark.parametrize(("window", "stride"), [(40, 10), (40, 13), (40, 40), (40, 50), (41, 1)])
def test_sliding_pools_each_window(window, stride):
    hidden = torch.randn(2, 200 + 7, 3, generator=torch.Generator().manual_seed(0))
    count = (207 - window) // stride + 1
    hidden = hidden[:, : window + (count - 1) * stride]
    found = heads.sliding(hidden, window, stride)
    assert found.shape == (2, count, 6)
    everywhere = torch.ones(2, window, dtype=torch.bool)
    for number in range(count):
        own = heads.pooled(hidden[:, number * stride : number * stride + window], everywhere)
        assert torch.allclose(found[:, number], own, atol=1e-6)


@pytest.mark.parametrize(("window", "stride"), [(40, 10), (40, 13), (40, 50)])
def test_tiles_say_what_windows_say_with_the_bases_beside_them(tok, window, stride, monkeypatch):
    """In tiles of several sizes, with N, from a contig's first window to its last."""
    network = made(tok)
    codes = np.random.default_rng(1).integers(0, 5, 1503).astype(np.uint8)
    windows = flanked(codes, window, stride, 28)
    wanted = np.ones(len(windows), bool)
    wanted[5:9] = False
    expected = flanks.answers(network, tok, windows[wanted], readers.class_logit)
    assert expected.std() > 0.1
    for size in (300, 4096):
        monkeypatch.setattr(tiles, "TILE", size)
        found = tiles.logits(network, tok, codes, window, stride, wanted)
        assert found == pytest.approx(expected, abs=1e-5)


@pytest.mark.usefixtures("fp32")
def test_what_lies_beside_a_stretch_is_read_and_has_no_window(tok):
    network, codes = made(tok), np.random.default_rng(2).integers(0, 4, 600).astype(np.uint8)
    whole = tiles.logits(network, tok, codes, 40, 10, np.ones(57, bool))
    part = tiles.logits(network, tok, codes[172:428], 40, 10, np.ones(17, bool), beside=(28, 28))
    assert part == pytest.approx(whole[20:37], abs=1e-5)
    alone = tiles.logits(network, tok, codes[200:400], 40, 10, np.ones(17, bool))
    assert abs(alone - part)[[0, -1]].min() > 1e-3
    assert alone[8] == pytest.approx(part[8], abs=1e-5)


def test_the_tiles_of_the_other_strand_are_the_same_turned_round(tok):
    network, codes = made(tok), np.random.default_rng(3).integers(0, 5, 40 + 10 * 99).astype(np.uint8)
    wanted = np.ones(100, bool)
    plus, minus = (tiles.logits(network, tok, one, 40, 10, wanted) for one in (codes, seq.reverse_complement(codes)))
    assert plus == pytest.approx(minus[::-1], abs=1e-5)


def test_tiles_without_a_wanted_window_are_not_read(tok, monkeypatch):
    monkeypatch.setattr(tiles, "TILE", 300)
    read, network = [], made(tok)
    forward = predict.forward
    monkeypatch.setattr(predict, "forward", lambda *given, **more: read.append(0) or forward(*given, **more))
    wanted = np.zeros(400, bool)
    assert len(tiles.logits(network, tok, np.full(4030, seq.N, np.uint8), 40, 10, wanted)) == 0
    assert not read
    wanted[200] = True
    assert len(tiles.logits(network, tok, np.zeros(4030, np.uint8), 40, 10, wanted)) == 1
    assert len(read) == 2


@pytest.mark.usefixtures("fp32")
def test_nothing_beside_a_window_is_as_a_window_that_ends(tok):
    """Masked places say nothing to their neighbours: the same as a shorter array."""
    network = made(tok)
    codes = np.random.default_rng(4).integers(0, 4, (3, 40)).astype(np.uint8)
    padded = np.pad(codes, ((0, 0), (28, 28)), constant_values=flanks.NOTHING)
    found = flanks.answers(network, tok, padded, readers.class_logit, both_strands=False)
    with torch.no_grad():
        expected = network(torch.tensor(flanks.ids(tok, codes))).logits.numpy()
    assert found == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("side", [0, 1])
def test_a_window_at_a_contigs_end_has_nothing_on_one_side(tok, side):
    """Alone in its batch, too: nothing of a window is cut away for what is missing before it."""
    network = made(tok)
    codes = np.random.default_rng(7).integers(0, 4, 68).astype(np.uint8)
    padded = np.pad(codes, (28, 0) if side == 0 else (0, 28), constant_values=flanks.NOTHING)[None]
    found = flanks.answers(network, tok, padded, readers.class_logit)
    beside = (0, 28) if side == 0 else (28, 0)
    assert found == pytest.approx(tiles.logits(network, tok, codes, 40, 10, np.ones(1, bool), beside), abs=1e-5)


def test_what_lies_beside_a_window_is_read_and_not_pooled(tok):
    """Beyond the network's reach a base beside the window changes nothing; within it, it does."""
    network = made(tok, margin=30)
    codes = np.random.default_rng(5).integers(0, 4, (1, 100)).astype(np.uint8)
    said = []
    for place in (None, 0, 10):
        other = codes.copy()
        if place is not None:
            other[0, place] = 3 - other[0, place]
        said.append(float(flanks.answers(network, tok, other, readers.class_logit, both_strands=False)[0]))
    assert said[1] == pytest.approx(said[0], abs=1e-6)
    assert abs(said[2] - said[0]) > 1e-4


def test_a_model_trained_on_windows_alone_has_no_tiles(tok, tmp_path):
    models.save(made(tok, margin=0), tok, tmp_path, "card")
    assert scorer.load_tiles(tmp_path) is None
    with pytest.raises(
        UsageError, match=r"was trained on windows by themselves.*by a recipe with flanked, such as 0.5"
    ):
        scorer.load_tiles(tmp_path, needed=True)
    models.save(made(tok), tok, tmp_path, "card")
    read, margin = scorer.load_tiles(tmp_path, what=None)
    codes = np.random.default_rng(6).integers(0, 4, 400).astype(np.uint8)
    wanted = np.ones(37, bool)
    assert margin == 28
    assert np.array_equal(read(codes, 40, 10, wanted, (0, 0)), tiles.logits(made(tok), tok, codes, 40, 10, wanted))
