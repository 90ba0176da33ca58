"""What must hold on a GPU as on a CPU: logits, batches, training, sampling, and scores to the digit that fp32 has."""

import numpy as np
import pytest
import torch

from dnalm.designs import generate
from dnalm.dna import seq
from dnalm.networks import classifier, device, models, predict, readers
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk
from dnalm.training import pretraining, train
from dnalm.variants import evidence
from dnalm.variants import pairs as variants_pairs

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")]
BERT = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 128}
LLAMA = BERT | {"num_key_value_heads": 2}
CONV = {"hidden_size": 64, "num_hidden_layers": 4}
WINDOW = 40


@pytest.fixture(scope="module")
def tok():
    return making.train("char")


@pytest.fixture(scope="module")
def windows():
    found = np.random.default_rng(0).integers(0, 4, (96, WINDOW)).astype(np.uint8)
    found[::3, 7] = seq.N
    return found


def build(objective, architecture, sizes, tok):
    return models.build(objective, architecture, sizes, tok, 64, seed=0).eval()


def logits(network, tok, windows, **options):
    return predict.predict(network, tok, windows, readers.lm_logits, both_strands=False, **options)


@pytest.mark.parametrize(
    ("objective", "architecture", "sizes"),
    [("mlm", "bert", BERT), ("mlm", "dilated_conv", CONV), ("clm", "llama", LLAMA)],
)
def test_logits_are_those_of_a_cpu_as_far_as_bf16_goes(tok, windows, objective, architecture, sizes):
    network = build(objective, architecture, sizes, tok)
    here = logits(network, tok, windows)
    there = logits(network.to(device.device()), tok, windows)
    assert np.corrcoef(here.ravel(), there.ravel())[0, 1] > 0.999
    assert np.sqrt(((here - there) ** 2).mean()) < 0.02 * here.std()


def test_batch_size_does_not_matter(tok, windows):
    network = build("mlm", "bert", BERT, tok).to(device.device())
    alone, together = (logits(network, tok, windows, batch_size=size) for size in (1, 64))
    assert np.sqrt(((alone - together) ** 2).mean()) < 0.02 * alone.std()


@pytest.mark.parametrize(("objective", "optimizer"), [("mlm", "adamw"), ("clm", "muon")])
def test_training_learns(tmp_path, tok, objective, optimizer):
    """Always the same four blocks: what does not learn them by heart does not train."""
    ids, _ = tk.tokenize(tok, np.random.default_rng(1).integers(0, 4, (4, 62)).astype(np.uint8))
    labels = np.where(np.arange(64) % 5 == 2, ids, -100) if objective == "mlm" else ids.copy()
    labels[:, [0, -1]] = -100
    shown = np.where(labels >= 0, tok.mask_token_id, ids) if objective == "mlm" else ids
    batch = {"ids": shown, "labels": labels, "weight": np.ones(ids.shape, np.float32)}
    network = build(objective, *(("bert", BERT) if objective == "mlm" else ("llama", LLAMA)), tok)
    history = train.fit(
        network,
        lambda step, rows: {name: values[rows] for name, values in batch.items()},
        pretraining.loss_of(objective),
        batch_size=4,
        micro_batch=2,
        steps=128,
        learning_rate=3e-3,
        optimizer=optimizer,
        checkpoints=tmp_path,
    )
    assert next(network.parameters()).device.type == device.device().type
    assert history[-1]["loss"] < 0.7 * history[0]["loss"]


def test_sampled_sequences_are_bases_and_the_seed_says_which(tok):
    network = build("clm", "llama", LLAMA, tok).to(device.device())
    codes = generate.sample(network, tok, 5, 150, seed=1, batch_size=2)
    assert codes.shape == (5, 150)
    assert codes.max() < seq.N
    assert np.array_equal(codes, generate.sample(network, tok, 5, 150, seed=1, batch_size=2))


@pytest.mark.parametrize(("architecture", "sizes"), [("bert", BERT), ("dilated_conv", CONV)])
def test_scores_of_variants_are_those_of_a_cpu(tmp_path, monkeypatch, tok, windows, architecture, sizes):
    """These run in fp32, so that three digits agree."""
    known = np.where(windows == seq.N, 0, windows).astype(np.uint8)
    alt = known.copy()
    alt[:, WINDOW // 2] = (alt[:, WINDOW // 2] + 1) % 4
    shown = [variants_pairs.of_windows(known, alt)]
    models.save(build("mlm", architecture, sizes, tok), tok, tmp_path / "lm", "")
    torch.manual_seed(0)
    ours = classifier.from_backbone(tmp_path / "lm", list(tk.special_ids(tok))).eval()
    models.save(ours, tok, tmp_path / "ft", "")
    for folder, names in (("lm", ["l2", "l2_local", "l2_flank", "llr", "entropy"]), ("ft", ["delta"])):
        there = evidence.score(tmp_path / folder, lambda: shown, len(alt), names)[names]
        with monkeypatch.context() as patch:
            patch.setattr(device, "device", lambda: torch.device("cpu"))
            here = evidence.score(tmp_path / folder, lambda: shown, len(alt), names)[names]
        assert np.allclose(there, here, rtol=1e-3, atol=1e-5 * float(np.abs(here).max().max()) + 1e-6)
