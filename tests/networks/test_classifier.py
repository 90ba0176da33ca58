"""The classifier of windows does not see padding."""

import json

import numpy as np
import pytest
import torch

from dnalm.dna import edits
from dnalm.errors import UsageError
from dnalm.networks import classifier, device, models, predict, readers, scorer
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk


@pytest.fixture(scope="module")
def tok():
    return making.train("char", [], vocab_size=0, k=1)


@pytest.fixture(scope="module")
def windows():
    return np.random.default_rng(0).integers(0, 4, (3, 40)).astype(np.uint8)


@pytest.mark.parametrize("places", [0, 8])
def test_padding_changes_nothing(tok, windows, places):
    sizes = {"hidden_size": 16, "num_hidden_layers": 2}
    network = classifier.WindowClassifier(
        classifier.WindowClassifierConfig(
            backbone=models.build("mlm", "dilated_conv", sizes, tok, 64, 0).config.to_dict(),
            special_ids=[int(one) for one in tk.special_ids(tok)],
            places=places,
        )
    ).eval()
    ids, mask = (torch.tensor(one) for one in tk.tokenize(tok, windows))
    padded = torch.nn.functional.pad(ids, (0, 9), value=tok.pad_token_id)
    with torch.no_grad():
        short = network(input_ids=ids, attention_mask=mask.long()).logits
        long = network(input_ids=padded, attention_mask=torch.nn.functional.pad(mask.long(), (0, 9))).logits
    assert torch.allclose(short, long, atol=1e-6)


def made(tok, **answers):
    sizes = {"hidden_size": 8, "num_hidden_layers": 2}
    return models.unpretrained("dilated_conv", sizes, tok, 64, 0, **answers).eval()


def test_a_folder_of_before_classes_is_loaded_as_it_was(tmp_path, tok, windows):
    models.save(made(tok), tok, tmp_path, "card")
    before = scorer.load_classifier(tmp_path)(windows)
    path = tmp_path / "config.json"
    config = {
        k: v for k, v in json.loads(path.read_text()).items() if k not in ("learnt", "outputs", "names", "strands")
    }
    path.write_text(json.dumps(config))
    loaded = models.load(tmp_path, "classify")
    assert (loaded.config.learnt, loaded.config.outputs) == ("binary", 1)
    assert np.array_equal(scorer.load_classifier(tmp_path)(windows), before)


def test_logits_that_are_subtracted_or_ranked_are_not_rounded(tmp_path, tok, windows, monkeypatch):
    """Where bf16 is fast, too: of the 600 mutants of a window of the demo it left 92 values."""
    models.save(made(tok), tok, tmp_path, "card")
    mutants = edits.mutants(windows[0])
    monkeypatch.setattr(device, "fast_on_cpu", lambda: False)
    wanted = scorer.load_classifier(tmp_path)(mutants)
    monkeypatch.setattr(device, "fast_on_cpu", lambda: True)
    assert np.allclose(scorer.load_classifier(tmp_path)(mutants), wanted, rtol=0, atol=1e-6)
    assert np.abs(scorer.load_classifier(tmp_path, rounded=True)(mutants) - wanted).max() > 1e-5


@pytest.mark.parametrize("kind", [("char", 0), ("kmer", 3)])
@pytest.mark.parametrize("at_once", [1, 4096])
def test_what_a_mutant_adds_is_its_logit_less_the_windows(tmp_path, monkeypatch, kind, at_once):
    """On both strands, however many are read together, of a network that reaches a part of the window alone."""
    tok = making.train(kind[0], [], vocab_size=0, k=kind[1] or 1)
    network = models.unpretrained("dilated_conv", {"hidden_size": 8, "num_hidden_layers": 2}, tok, 256, 0).eval()
    models.save(network, tok, tmp_path, "card")
    monkeypatch.setitem(predict.TOKENS, "cpu", at_once)
    window = np.random.default_rng(1).integers(0, 4, 150).astype(np.uint8)
    mutants = edits.mutants(window)[::7]
    score, change = scorer.load_with_changes(tmp_path)
    assert np.array_equal(score(mutants), scorer.load_classifier(tmp_path)(mutants))
    wanted = score(mutants) - score(window[None])
    assert np.abs(wanted).min() > 0
    assert np.allclose(change(window, mutants), wanted, rtol=0, atol=2e-6)


def test_several_outputs_come_in_their_units(tmp_path, tok, windows):
    network = made(tok, learnt="regression", outputs=2, names=["liver", "brain"], strands="given")
    plain = predict.predict(network, tok, windows, readers.answers)
    assert plain.shape == (3, 2)
    network.config.scale, network.config.shift = [10.0, 0.5], [3.0, -1.0]
    models.save(network, tok, tmp_path, "card")
    loaded = models.load(tmp_path, "classify")
    found = predict.predict(loaded, tok, windows, readers.answers)
    assert found == pytest.approx(plain * [10, 0.5] + [3, -1], abs=1e-5)
    with pytest.raises(UsageError, match=r"its task is regression \(liver, brain\), and scans, designs"):
        scorer.load_classifier(tmp_path)
