"""Models save and load to the same numbers and refuse what they cannot use."""

import numpy as np
import pytest
import shown
import torch

from dnalm.errors import InputError, UsageError
from dnalm.networks import classifier, device, models, registry
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk

OBJECTIVE = {"dilated_conv": "mlm", "bert": "mlm", "mixtral": "clm"}
SIZES = {architecture: shown.SIZES[architecture] for architecture in OBJECTIVE}


@pytest.fixture(scope="module")
def tok():
    return making.train("char", [], vocab_size=0, k=1)


@pytest.fixture(scope="module")
def windows():
    return np.random.default_rng(0).integers(0, 4, (3, 40)).astype(np.uint8)


def logits(network, tok, windows):
    ids, mask = tk.tokenize(tok, windows)
    with torch.no_grad():
        return network(input_ids=torch.tensor(ids), attention_mask=torch.tensor(mask).long()).logits


def same_weights_and_logits(network, again, tok, windows):
    """Bit by bit."""
    states, others = network.state_dict(), again.state_dict()
    assert states.keys() == others.keys()
    assert all(torch.equal(value, others[name]) for name, value in states.items())
    assert torch.equal(logits(network, tok, windows), logits(again, tok, windows))


@pytest.mark.parametrize("architecture", SIZES)
def test_saved_and_loaded_language_model_gives_the_same_logits(tmp_path, tok, windows, architecture):
    network = models.build(OBJECTIVE[architecture], architecture, SIZES[architecture], tok, 64, seed=1).eval()
    models.save(network, tok, tmp_path, "card")
    assert models.read_objective(tmp_path) == OBJECTIVE[architecture]
    same_weights_and_logits(network, models.load(tmp_path, "lm"), tok, windows)


@pytest.mark.parametrize("architecture", SIZES)
def test_classifier_keeps_the_pretrained_backbone_and_survives_a_save(tmp_path, tok, windows, architecture):
    network = models.build(OBJECTIVE[architecture], architecture, SIZES[architecture], tok, 64, seed=1)
    models.save(network, tok, tmp_path / "lm", "card")
    ours = classifier.from_backbone(tmp_path / "lm", list(tk.special_ids(tok))).eval()
    there = models.load(tmp_path / "lm", "embed").state_dict()
    assert all(
        torch.equal(value, there[name]) for name, value in ours.backbone.state_dict().items() if "pooler" not in name
    )
    ours.config.scale, ours.config.shift = 2.0, -1.0
    models.save(ours, tok, tmp_path / "classifier", "card")
    same_weights_and_logits(ours, models.load(tmp_path / "classifier", "classify"), tok, windows)
    fresh = classifier.from_backbone(tmp_path / "lm", list(tk.special_ids(tok)), keep=0)
    assert any(
        not torch.equal(value, there[name]) for name, value in fresh.backbone.state_dict().items() if name in there
    )


@pytest.mark.parametrize("keep", [0, 0.5])
def test_random_weights_are_fp32_whatever_the_pretrained_ones_are(tmp_path, tok, keep):
    """The twin of a checkpoint that was published in bf16 was trained in bf16, and fell behind for that alone."""
    network = models.build("mlm", "bert", SIZES["bert"], tok, 64, seed=1)
    models.save(network.bfloat16(), tok, tmp_path / "lm", "card")
    torch.manual_seed(0)
    ours = registry.backbone(tmp_path / "lm", keep=keep)
    assert {one.dtype for one in ours.parameters()} == {torch.float32}
    torch.manual_seed(0)
    fresh = registry.backbone(tmp_path / "lm", keep=0).get_input_embeddings().weight
    kept = registry.backbone(tmp_path / "lm", keep=1).get_input_embeddings().weight
    assert torch.allclose(ours.get_input_embeddings().weight, (1 - keep) * fresh + keep * kept)
    assert not torch.equal(fresh, kept)


def test_the_same_seed_gives_the_same_weights(tok):
    first, second, other = (
        models.build("mlm", "dilated_conv", SIZES["dilated_conv"], tok, 64, seed) for seed in (1, 1, 2)
    )
    pairs = list(zip(first.parameters(), second.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b in pairs)
    assert any(not torch.equal(a, b) for a, b in zip(first.parameters(), other.parameters(), strict=True))


def test_unknown_architecture_and_missing_head(tok):
    with pytest.raises(InputError, match=r"neither one of dilated_conv, .* nor a model_type"):
        models.build("mlm", "no_such_net", {}, tok, 64, 0)
    with pytest.raises(InputError, match="has no clm head"):
        models.build("clm", "dilated_conv", {}, tok, 64, 0)


def test_a_language_model_does_not_classify(tmp_path, tok):
    models.save(models.build("mlm", "dilated_conv", SIZES["dilated_conv"], tok, 64, 0), tok, tmp_path, "card")
    with pytest.raises(UsageError, match="cannot be used to classify"):
        models.load(tmp_path, "classify")
    with pytest.raises(InputError, match=r"holds no config\.json"):
        models.load(tmp_path / "nowhere", "lm")


@pytest.mark.parametrize(
    "architecture, sizes, said",
    [
        ("bert", {"hidden_size": "wide"}, r"config: bert does not take it: .*hidden_size.*; see the keys of its"),
        ("bert", {"hidden_size": 32, "num_attention_heads": 3}, r"config: the sizes do not fit together: .*\(32\).*3"),
        ("t5", {}, r"architecture 't5' has no mlm head; choose one that has"),
        (
            "mixtral",
            {"num_attention_heads": 2},
            r"config: num_key_value_heads: got 8, wanted a divisor of 2, the num_a",
        ),
    ],
)
def test_sizes_that_no_network_has_are_an_error_of_the_preset(tok, architecture, sizes, said):
    with pytest.raises(InputError, match=said):
        models.build("clm" if architecture == "mixtral" else "mlm", architecture, sizes, tok, 64, 0)


@pytest.mark.parametrize("architecture", ["llama", "mixtral"])
@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_no_decoder_looks_ahead_however_its_attention_is_computed(tok, architecture, attention):
    sizes = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    network = models.build("clm", architecture, sizes | {"num_key_value_heads": 2}, tok, 64, 0).eval()
    network.set_attn_implementation(attention)
    ids = torch.randint(5, 9, (1, 40), generator=torch.Generator().manual_seed(0))
    other = ids.clone()
    other[0, 20] = 5 + (other[0, 20] - 4) % 4
    with torch.no_grad():
        gap = (network(input_ids=ids).logits - network(input_ids=other).logits)[0].abs().amax(-1)
    assert gap[:20].max() < 1e-6
    assert gap[20:].min() > 1e-6


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize(
    ("objective", "architecture", "task", "by"),
    [
        ("mlm", "bert", "lm", "products"),
        ("clm", "llama", "embed", "products"),
        ("clm", "llama", "lm", "sdpa"),
    ],
)
def test_a_loaded_model_attends_by_what_is_fast_and_says_the_same(
    monkeypatch, tok, tmp_path, slow, objective, architecture, task, by
):
    sizes = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}
    network = models.build(objective, architecture, sizes, tok, 64, 0).eval()
    models.save(network, tok, tmp_path / "model", "")
    ids = torch.randint(5, 9, (3, 12), generator=torch.Generator().manual_seed(0))
    mask = torch.ones_like(ids)
    mask[1, 7:] = 0
    monkeypatch.setattr(device, "slow_mkl", lambda: slow)
    loaded = models.load(tmp_path / "model", task)
    assert loaded.config._attn_implementation == (by if slow else "sdpa")
    with torch.inference_mode():
        for asked in ({}, {"attention_mask": mask}):
            found, wanted = (
                one(input_ids=ids, output_hidden_states=True, **asked).hidden_states[-1] for one in (loaded, network)
            )
            assert torch.allclose(found[mask == 1], wanted[mask == 1], atol=1e-5)


@pytest.mark.parametrize(
    "sizes, context, written",
    [
        ({"hidden_size": 64, "num_attention_heads": 2}, 64, True),
        ({"hidden_size": 32, "num_attention_heads": 2}, 64, False),  # narrow heads
        ({"hidden_size": 64, "num_attention_heads": 2}, 2048, False),  # long
    ],
)
def test_attention_is_written_out_where_that_is_faster(monkeypatch, tok, sizes, context, written):
    config = {"num_hidden_layers": 1, "intermediate_size": 16} | sizes
    network = models.build("mlm", "bert", config, tok, context, 0)
    ids = torch.randint(5, 9, (2, 12), generator=torch.Generator().manual_seed(0))
    before = network(input_ids=ids).logits
    monkeypatch.setattr(device, "fast_on_cpu", lambda: False)
    models.write_out_attention(network)
    assert network.config._attn_implementation == "sdpa"
    monkeypatch.setattr(device, "fast_on_cpu", lambda: True)
    models.write_out_attention(network)
    assert network.config._attn_implementation == ("products" if written else "sdpa")
    assert torch.allclose(network(input_ids=ids).logits, before, atol=1e-5)
    models.write_out_attention(network, False)
    assert torch.equal(network(input_ids=ids).logits, before)
    outer = torch.nn.Sequential(models.build("mlm", "bert", config, tok, context, 0).bert)  # as in a classifier
    models.write_out_attention(outer)
    assert outer[0].config._attn_implementation == ("products" if written else "sdpa")
