"""Tracks by bins: pooled by hand, turned with the strand, saved whole; Poisson's loss where its least is."""

import numpy as np
import pytest
import torch

from dnalm.dna import seq
from dnalm.errors import InputError, UsageError
from dnalm.networks import models, poisson, track_model
from dnalm.tokens import making

TOWER = {"hidden_size": 16, "stem_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "bases_a_state": 8}
CASES = [("enformer_lite", TOWER), ("dilated_conv", {"hidden_size": 16, "num_hidden_layers": 2})]


@pytest.fixture(scope="module")
def tok():
    return making.train("char")


def model(tok, architecture, sizes):
    backbone = models.fresh(architecture, sizes, tok, 66, 0)
    return track_model.on(backbone, tok, ["a", "b"], np.array([1.0, 10.0]), 16).eval()


@pytest.fixture(scope="module")
def windows():
    return np.random.default_rng(0).integers(0, 4, (3, 64)).astype(np.uint8)


@pytest.mark.parametrize("architecture, sizes", CASES)
def test_the_other_strand_has_the_same_bins_from_right_to_left(tok, windows, architecture, sizes):
    network = model(tok, architecture, sizes)
    found = track_model.heights(network, tok, windows)
    turned = track_model.heights(network, tok, seq.reverse_complement(windows))
    assert found.shape == (3, 4, 2)
    assert np.allclose(found, turned[:, ::-1], atol=1e-4)
    one_strand = track_model.heights(network, tok, windows, both_strands=False)
    assert not np.allclose(one_strand, found, atol=1e-4)


@pytest.mark.parametrize("architecture, sizes", CASES)
def test_it_survives_a_save(tok, windows, tmp_path, architecture, sizes):
    network = model(tok, architecture, sizes)
    models.save(network, tok, tmp_path, "card")
    there = track_model.load(tmp_path)
    assert there.config.tracks == ["a", "b"]
    assert np.array_equal(track_model.heights(there, tok, windows), track_model.heights(network, tok, windows))


def test_states_of_bases_are_averaged_over_each_bin_without_the_special_tokens(tok, windows):
    network = model(tok, *CASES[1])
    ids = torch.from_numpy(tok_ids(tok, windows))
    with torch.no_grad():
        states = network.backbone(input_ids=ids).last_hidden_state[:, 1:-1]
        by_hand = network.head(states[:, 16:32].mean(1))
        assert torch.allclose(network(input_ids=ids).logits[:, 1], by_hand, atol=1e-5)


def tok_ids(tok, windows):
    return np.array([[tok.cls_token_id, *(5 + row), tok.sep_token_id] for row in windows.astype(np.int64)])


def test_a_bin_of_bases_depends_on_what_its_outermost_bases_see(tok, windows):
    network = model(tok, *CASES[1])
    field = track_model.receptive_field(network)
    assert field == 16 + 8 * (1 + 2)
    found = track_model.heights(network, tok, windows[:1], both_strands=False)
    low = 32 - (field - 16) // 2  # the third bin begins at 32
    reached = []
    for place in range(64):
        other = windows[:1].copy()
        other[0, place] = (other[0, place] + 1) % 4
        gap = np.abs(track_model.heights(network, tok, other, both_strands=False) - found)
        reached += [place] if gap[0, 2].max() > 1e-6 else []
    assert reached == list(range(low, low + field))


def test_to_begin_with_a_head_says_the_mean_of_each_track(tok, windows):
    network = model(tok, *CASES[1])
    with torch.no_grad():
        network.head.weight.zero_()
    assert track_model.heights(network, tok, windows)[0, 0].tolist() == pytest.approx([1.0, 10.0])


def test_poisson_loss_by_hand_and_least_at_the_count():
    logits = torch.tensor([0.0, 1.0])
    rates = np.log1p(np.exp([0.0, 1.0]))
    counts = torch.tensor([2.0, 0.0])
    assert poisson.loss(logits, counts).tolist() == pytest.approx([rates[0] - 2 * np.log(rates[0]), rates[1]], abs=1e-4)
    along = torch.linspace(-5, 9, 2001)
    best = along[poisson.loss(along, torch.full_like(along, 3.0)).argmin()]
    assert float(poisson.rate(best)) == pytest.approx(3.0, abs=0.02)
    assert float(poisson.rate(torch.tensor(-90.0))) >= 0


def test_what_gives_no_bins_is_refused(tok):
    backbone = models.fresh("enformer_lite", TOWER, tok, 66, 0)
    with pytest.raises(UsageError, match="bin: got 12 bases, wanted a multiple of the network's 8 a state"):
        track_model.on(backbone, tok, ["a"], np.ones(1), 12)
    with pytest.raises(UsageError, match="read off single bases; got a tokenizer of kind kmer, use char"):
        track_model.on(backbone, making.train("kmer", k=3), ["a"], np.ones(1), 8)


def test_another_kind_of_model_is_refused(tok, tmp_path):
    models.save(models.build("mlm", *CASES[1], tok, 66, 0), tok, tmp_path, "card")
    with pytest.raises(InputError, match="holds a ConvNetModel, wanted a model made by train_tracks"):
        track_model.load(tmp_path)
