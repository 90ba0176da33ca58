"""A probe finds the layer that knows, and is written down as a classifier that says what the regression said."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from small_networks import network

from dnalm.networks import classifier, models, predict, scorer
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk
from dnalm.training import probing


@pytest.fixture
def tok():
    return making.train("char")


def windows(n, seed):
    """Half of the windows are rich in G: any layer that keeps the bases tells them apart."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    rich = rng.choice(4, (n, 30), p=[0.2, 0.2, 0.4, 0.2]), rng.choice(4, (n, 30), p=[0.3, 0.2, 0.2, 0.3])
    return np.where(labels[:, None] == 1, *rich).astype(np.uint8), labels


def on(backbone, tok):
    return classifier._on(backbone, list(tk.special_ids(tok)))


def test_the_layer_that_knows_is_found(tok):
    backbone = network("dilated_conv")

    def forget(module, given, said):
        return torch.zeros_like(said)

    backbone.blocks[1].register_forward_hook(forget)  # layers 2 and 3 see nothing
    found = probing.fit(on(backbone, tok), tok, windows(120, 0), windows(80, 1))
    assert [one.layer for one in found] == [1, 2, 3]
    assert found[0].quality > 0.8
    assert found[1].quality == found[2].quality == pytest.approx(0.5)  # one value for all: the prevalence


def test_a_probe_is_a_classifier_that_says_the_same(tok, fp32, tmp_path):
    asked = windows(20, 1)
    network_ = on(network("dilated_conv"), tok)
    before = {name: value.clone() for name, value in network_.backbone.state_dict().items()}
    found = probing.fit(network_, tok, windows(60, 0), asked)
    written = probing.written(network_, found[1])
    models.save(written, tok, tmp_path, "card")
    logits = scorer.load_classifier(tmp_path)(asked[0])
    states = predict.predict(network_.backbone, tok, asked[0], probing.reader([2], network_.config.special_ids))[:, 0]
    assert np.allclose(logits, states @ found[1].weight + found[1].bias, atol=1e-4)
    loaded = models.load(tmp_path, "classify")
    assert (loaded.config.layer, loaded.config.head) == (2, "linear")
    assert all(torch.equal(loaded.backbone.state_dict()[name], value) for name, value in before.items())


def test_a_regression_on_standardised_states_is_written_for_them_as_they_are():
    rng = np.random.default_rng(0)
    states = rng.normal([0, 500], [1, 100], (60, 2))
    labels = (states[:, 0] + rng.normal(0, 0.5, 60) > 0).astype(int)
    one = probing._probe(1, states, labels, states, labels, 0.1)
    scaled = (states - states.mean(0)) / states.std(0)
    model = LogisticRegression(C=0.1, class_weight="balanced", max_iter=1000).fit(scaled, labels)
    assert np.allclose(states @ one.weight + one.bias, model.decision_function(scaled))
