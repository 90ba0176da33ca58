"""An ensemble says the mean of what its members say: of windows, in tiles, after it was saved; and refuses the rest."""

import numpy as np
import pytest
import torch

from dnalm.errors import UsageError
from dnalm.networks import ensemble, flanks, models, predict, readers, scorer, tiles
from dnalm.tokens import making

SIZES = {
    "dilated_conv": {"hidden_size": 8, "num_hidden_layers": 3},
    "llama": {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16},
}


@pytest.fixture(scope="module")
def tok():
    return making.train("char", [], vocab_size=0, k=1)


def member(tok, seed, architecture="dilated_conv", **answers):
    network = models.unpretrained(architecture, SIZES[architecture], tok, 64, seed, **answers).eval()
    torch.nn.init.normal_(network.head[-1].weight, generator=torch.Generator().manual_seed(seed))
    return network


def codes(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 4, shape).astype(np.uint8)


@pytest.mark.parametrize("architecture", SIZES)
@pytest.mark.parametrize("answers", [{}, {"learnt": "classes", "outputs": 3, "names": ["a", "b", "c"]}, {"places": 2}])
def test_it_says_the_calibrated_mean_and_is_loaded_as_it_was_saved(tok, tmp_path, architecture, answers):
    members, windows = [member(tok, seed, architecture, **answers) for seed in (0, 1, 2)], codes(7, 40)
    network = ensemble.of(members).eval()
    network.config.scale, network.config.shift = 1.5, -0.25
    each = [predict.predict(one, tok, windows, readers.answers, what=None) for one in members]
    assert np.std(each, axis=0).min() > 1e-4
    said = predict.predict(network, tok, windows, readers.answers, what=None)
    assert said == pytest.approx(1.5 * np.mean(each, axis=0) - 0.25, abs=1e-5)
    models.save(network, tok, tmp_path, "card")
    again = models.load(tmp_path, "classify")
    assert predict.predict(again, tok, windows, readers.answers, what=None) == pytest.approx(said, abs=1e-6)
    assert (again.config.outputs, again.config.names, again.config.places) == (
        members[0].config.outputs,
        members[0].config.names,
        members[0].config.places,
    )


def test_its_tiles_say_what_the_mean_of_the_members_tiles_is(tok, tmp_path):
    members, stretch = [member(tok, seed, margin=28) for seed in (0, 1)], codes(900)
    network = ensemble.of(members).eval()
    network.config.shift = 0.5
    models.save(network, tok, tmp_path, "card")
    read, margin = scorer.load_tiles(tmp_path, what=None)
    wanted = np.ones((900 - 40) // 10 + 1, bool)
    each = [tiles.logits(one, tok, stretch, 40, 10, wanted) for one in members]
    assert margin == 28
    assert read(stretch, 40, 10, wanted) == pytest.approx(np.mean(each, axis=0) + 0.5, abs=1e-5)
    padded = np.lib.stride_tricks.sliding_window_view(np.pad(stretch, 28, constant_values=flanks.NOTHING), 96)[::10]
    beside = flanks.answers(network, tok, padded, readers.class_logit)
    assert beside == pytest.approx(read(stretch, 40, 10, wanted), abs=1e-5)


def test_members_that_differ_and_single_ones_are_refused(tok):
    one = member(tok, 0)
    with pytest.raises(UsageError, match="got 1, wanted two fine-tuned models or more"):
        ensemble.of([one])
    with pytest.raises(UsageError, match="they differ in learnt, outputs, names; wanted the seeds of one recipe"):
        ensemble.of([one, member(tok, 1, learnt="classes", outputs=2, names=["a", "b"])])
    with pytest.raises(UsageError, match="got a EnsembleClassifier, wanted models that finetune_model has written"):
        ensemble.of([one, ensemble.of([one, member(tok, 1)])])


def test_it_has_no_single_embedding(tok, tmp_path):
    models.save(ensemble.of([member(tok, 0), member(tok, 1)]), tok, tmp_path, "card")
    with pytest.raises(UsageError, match="an embedding for each member; give the folder of one seed"):
        models.load(tmp_path, "embed")
