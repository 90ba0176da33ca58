"""Pairs of windows: what is said of both, whether or not they can be read together."""

import numpy as np
import pytest
import torch
from shown import draw, indels, save, save_outputs, tokenizer

from dnalm.networks import models, paired, predict, readers


def asked(pairs):
    return tuple({"first": pairs.first[:, side], "count": pairs.count[:, side]} for side in (0, 1))


def windows_of(pairs):
    return paired.Windows(pairs.ref, pairs.site, pairs.alt, asked(pairs))


@pytest.mark.parametrize(
    ("architecture", "kind", "task"),
    [
        ("dilated_conv", "char", "embed"),
        ("dilated_conv", "char", "lm"),
        ("dilated_conv", "char", "classify"),
        ("dilated_conv", "kmer", "embed"),
        ("bert", "bpe", "embed"),
        ("hyena", "char", "classify"),
    ],
)
@pytest.mark.parametrize("moved", [False, True])
def test_each_window_is_answered_as_by_itself(tmp_path, architecture, kind, task, moved):
    """With three alternatives a site, or indels of which each window is another; in the order that was given."""
    pairs = indels(tmp_path) if moved else draw(three=True)
    tok, model = tokenizer(kind), models.load(save(tmp_path, architecture, kind, classify=task == "classify"), task)
    parts = [readers.window_embedding(tok)]
    parts += {"lm": [readers.near_entropy(tok)], "classify": [readers.window_answer(tok)]}.get(task, [])
    order = np.random.default_rng(0).permutation(len(pairs.alt))
    pairs = pairs._replace(**{name: getattr(pairs, name)[order] for name in ("site", "alt", "first", "count")})
    read = readers.together(parts)
    said = paired.answers(model, tok, windows_of(pairs), read)
    for side, windows, known in zip(said, (pairs.ref[pairs.site], pairs.alt), asked(pairs), strict=True):
        alone = predict.predict(model, tok, windows, read, both_strands=False, beside=known)
        assert alone.std(0).max() > 1e-3
        assert np.allclose(side, alone, atol=1e-5)


def test_no_pairs_get_no_answers(tmp_path):
    tok, model = tokenizer("char"), models.load(save(tmp_path, "dilated_conv", "char"), "embed")
    none = np.empty((0, 24), np.uint8)
    one, two = paired.answers(model, tok, paired.Windows(none, np.empty(0, int), none, ({}, {})), readers.hidden_states)
    assert one.shape == two.shape == (0,)


def test_a_window_of_several_pairs_is_read_once(tmp_path, monkeypatch):
    tok, model = tokenizer("char"), models.load(save(tmp_path, "dilated_conv", "char"), "embed")
    pairs, rows = draw(20, three=True), []
    watch = model.embeddings.register_forward_hook(lambda module, given, said: rows.append(given[0].shape))
    paired.answers(model, tok, windows_of(pairs), readers.together([readers.window_embedding(tok)]))
    watch.remove()
    assert rows == [torch.Size([20, 26]), torch.Size([60, 1])]


def test_an_ensemble_of_convolutions_reads_what_a_change_reaches(tmp_path):
    folder, pairs = save_outputs(tmp_path, "classes+"), draw(20, three=True)
    tok, model = tokenizer("char"), models.load(folder, "classify")
    read, rows = readers.together([readers.window_answer(tok)], None), []
    watch = model.members[1].backbone.embeddings.register_forward_hook(lambda *said: rows.append(said[1][0].shape))
    said = paired.answers(model, tok, windows_of(pairs), read)
    watch.remove()
    assert rows == [torch.Size([20, 26]), torch.Size([60, 1])]
    alone = predict.predict(model, tok, pairs.alt, read, both_strands=False, beside=asked(pairs)[1])
    assert np.allclose(said[1], alone, atol=1e-5)
