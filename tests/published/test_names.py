"""Published weights compute under our names what they computed under theirs."""

import math

import pytest
import torch
from checkpoints import DNABERT2, HYENADNA, NT2, SYSTEMS, dnabert2_shapes, hyenadna_shapes, nt2_shapes
from torch.nn import functional as F

from dnalm.errors import InputError
from dnalm.networks import models, registry
from dnalm.published import names as published_names


def ours(system, config, tensors):
    """Our network, filled with the weights."""
    one = published_names.MAPS[system]
    found = models.AutoConfig.for_model(one.architecture, **one.sizes(config, tensors))
    network = registry.HEADS[one.objective].from_config(found)
    filled = network.load_state_dict(published_names.renamed(system, config, tensors), strict=True)
    assert not filled.missing_keys
    assert not filled.unexpected_keys
    return network.eval()


def layer(tensors, name, hidden):
    return F.linear(hidden, tensors[f"{name}.weight"], tensors.get(f"{name}.bias"))


def normed(tensors, name, hidden, eps):
    return F.layer_norm(hidden, hidden.shape[-1:], tensors[f"{name}.weight"], tensors[f"{name}.bias"], eps)


def attended(question, key, value, bias=0.0):
    """[b, L, heads, d] three times to [b, L, heads * d]."""
    scores = torch.einsum("bihd,bjhd->bhij", question, key) / math.sqrt(question.shape[-1]) + bias
    return torch.einsum("bhij,bjhd->bihd", scores.softmax(-1), value).flatten(2)


def published_dnabert2(tensors, config, ids):
    """Zhou et al.: fused questions, keys and values; ALiBi; GELU of the first half times the second; norm after."""
    heads, inner, eps = config["num_attention_heads"], config["intermediate_size"], config["layer_norm_eps"]
    words = tensors["bert.embeddings.word_embeddings.weight"]
    hidden = words[ids] + tensors["bert.embeddings.token_type_embeddings.weight"][0]
    hidden = normed(tensors, "bert.embeddings.LayerNorm", hidden, eps)
    place = torch.arange(ids.shape[1])
    steep = torch.tensor([2.0**-4, 2.0**-8, 2.0**-2])  # Press et al. for three heads: two, and every other of four
    bias = -steep[:, None, None] * (place[:, None] - place).abs()
    for number in range(config["num_hidden_layers"]):
        name = f"bert.encoder.layer.{number}"
        parts = layer(tensors, f"{name}.attention.self.Wqkv", hidden).chunk(3, -1)
        seen = attended(*(part.unflatten(-1, (heads, -1)) for part in parts), bias)
        seen = layer(tensors, f"{name}.attention.output.dense", seen)
        hidden = normed(tensors, f"{name}.attention.output.LayerNorm", seen + hidden, eps)
        both = layer(tensors, f"{name}.mlp.gated_layers", hidden)
        thought = layer(tensors, f"{name}.mlp.wo", F.gelu(both[..., :inner]) * both[..., inner:])
        hidden = normed(tensors, f"{name}.mlp.layernorm", thought + hidden, eps)
    hidden = F.gelu(layer(tensors, "cls.predictions.transform.dense", hidden))
    hidden = normed(tensors, "cls.predictions.transform.LayerNorm", hidden, 1e-12)
    return layer(tensors, "cls.predictions.decoder", hidden)


def turned(states):
    """Rotary positions on [b, L, heads, d], base 10,000, the halves paired."""
    half = states.shape[-1] // 2
    speed = 10000.0 ** -(torch.arange(half) / half)
    angle = torch.arange(states.shape[1])[:, None] * speed
    cos, sin = (value[None, :, None] for value in (angle.cos(), angle.sin()))
    first, second = states[..., :half], states[..., half:]
    return torch.cat([first * cos - second * sin, second * cos + first * sin], -1)


def published_nt2(tensors, config, ids):
    """Dalla-Torre et al.: ESM with rotary positions; swish of the first half times the second; norm before."""
    heads, inner, eps = config["num_attention_heads"], config["intermediate_size"], config["layer_norm_eps"]
    hidden = tensors["esm.embeddings.word_embeddings.weight"][ids]
    for number in range(config["num_hidden_layers"]):
        name = f"esm.encoder.layer.{number}"
        read = normed(tensors, f"{name}.attention.LayerNorm", hidden, eps)
        parts = [layer(tensors, f"{name}.attention.self.{part}", read) for part in ("query", "key", "value")]
        question, key, value = (part.unflatten(-1, (heads, -1)) for part in parts)
        seen = attended(turned(question), turned(key), value)
        hidden = hidden + layer(tensors, f"{name}.attention.output.dense", seen)
        both = layer(tensors, f"{name}.intermediate.dense", normed(tensors, f"{name}.LayerNorm", hidden, eps))
        hidden = hidden + layer(tensors, f"{name}.output.dense", F.silu(both[..., :inner]) * both[..., inner:])
    hidden = normed(tensors, "esm.encoder.emb_layer_norm_after", hidden, eps)
    hidden = normed(tensors, "lm_head.layer_norm", F.gelu(layer(tensors, "lm_head.dense", hidden)), eps)
    return F.linear(hidden, tensors["lm_head.decoder.weight"], tensors["lm_head.bias"])


def published_hyenadna(tensors, config, ids):
    """Nguyen et al.: two gates round a long causal convolution, here taken term by term."""
    width, length, context = config["d_model"], ids.shape[1], config["max_seq_len"]
    place = torch.arange(length)[:, None]
    bands = torch.tensor([1e-4, 1.0])
    waves = torch.cat(
        [place / (context - 1), *(f(-bands * 2 * math.pi * place / context) for f in (torch.cos, torch.sin))], 1
    )
    fade = torch.linspace(math.log(0.01) / 1.5, math.log(0.01) / 0.3, width).abs()
    words = tensors["hyena.backbone.embeddings.word_embeddings.weight"]
    hidden = words[ids]
    for number in range(config["n_layer"]):
        name = f"hyena.backbone.layers.{number}"
        filters = f"{name}.mixer.filter_fn"
        values = waves
        for step in (0, 2, 4):
            raw = layer(tensors, f"{filters}.implicit_filter.{step}", values)
            values = torch.sin(tensors[f"{filters}.implicit_filter.1.freq"] * raw)
        kernel = layer(tensors, f"{filters}.implicit_filter.6", values) * (
            torch.exp(-place / (context - 1) * fade) + 0.05
        )
        read = layer(tensors, f"{name}.mixer.in_proj", normed(tensors, f"{name}.norm1", hidden, 1e-5))
        short, bias = (tensors[f"{name}.mixer.short_filter.{part}"] for part in ("weight", "bias"))
        before = F.pad(read, (0, 0, 2, 0))
        read = sum(before[:, back : back + length] * short[:, 0, back] for back in range(3)) + bias
        first, second, value = read.split(width, -1)
        value = value * second
        carried = torch.zeros_like(value)
        for here in range(length):
            for back in range(here + 1):
                carried[:, here] += kernel[back] * value[:, here - back]
        carried = carried + tensors[f"{filters}.bias"] * value
        hidden = hidden + layer(tensors, f"{name}.mixer.out_proj", carried * first)
        thought = F.gelu(
            layer(tensors, f"{name}.mlp.fc1", normed(tensors, f"{name}.norm2", hidden, 1e-5)), approximate="tanh"
        )
        hidden = hidden + layer(tensors, f"{name}.mlp.fc2", thought)
    hidden = normed(tensors, "hyena.backbone.ln_f", hidden, 1e-5)
    return F.linear(hidden, tensors.get("lm_head.weight", words))


PUBLISHED = {
    "DNABERT-2": published_dnabert2,
    "Nucleotide Transformer 2": published_nt2,
    "HyenaDNA": published_hyenadna,
}


@pytest.mark.parametrize("system, left_out", [*((system, None) for system in SYSTEMS), ("HyenaDNA", "lm_head.weight")])
def test_the_published_function_is_computed(system, left_out):
    config, make = SYSTEMS[system]
    tensors = {name: value for name, value in make().items() if name != left_out}
    assert published_names.find(config, tensors) == system
    ids = torch.randint(0, config["vocab_size"], (2, 17), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        logits = ours(system, config, tensors)(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
    wanted = PUBLISHED[system](tensors, config, ids)[..., : config["vocab_size"]]
    assert wanted.std() > 0.1
    assert torch.allclose(logits, wanted, atol=2e-4, rtol=1e-4)


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_published_tensor_matters_or_is_named_as_unused(system):
    """Change any one tensor and the logits change, unless the map says that nothing reads it."""
    config, make = SYSTEMS[system]
    tensors, one = make(), published_names.MAPS[system]
    spare = (*one.unused, "esm.contact_head")
    ids = torch.randint(0, config["vocab_size"], (1, 9), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        before = ours(system, config, tensors)(input_ids=ids).logits
        for name in tensors:
            if any(published_names.re.match(pattern, name) for pattern in (*spare, *one.copies)):
                continue
            other = dict(tensors)
            # a number of its own in each place: softmax and norms do not see what is added everywhere
            other[name] = tensors[name] + torch.linspace(0.1, 0.9, tensors[name].numel()).view(tensors[name].shape)
            if name == "bert.embeddings.word_embeddings.weight":
                other["cls.predictions.decoder.weight"] = other[name]
            found = published_names.renamed(system, config, other)
            network = ours(system, config, tensors)
            network.load_state_dict(found)
            assert (network(input_ids=ids).logits - before).abs().max() > 1e-5, name


def test_the_counts_are_those_published():
    """DNABERT-2-117M holds 142 tensors; NT-v2-50M 55,905,164 numbers; HyenaDNA tiny 438,144 weights."""
    assert len(dnabert2_shapes(DNABERT2 | {"num_hidden_layers": 12})) == 142
    sizes = {"hidden_size": 512, "num_hidden_layers": 12, "num_attention_heads": 16, "intermediate_size": 2048}
    shapes = nt2_shapes(NT2 | sizes | {"vocab_size": 4107, "max_position_embeddings": 2050})
    assert sum(map(math.prod, shapes.values())) == 55_905_164
    shapes = hyenadna_shapes(HYENADNA | {"d_model": 128, "d_inner": 512, "filter_order": 64, "max_seq_len": 1026})
    buffers = ("pos_emb", "deltas")
    assert sum(math.prod(shape) for name, shape in shapes.items() if not any(one in name for one in buffers)) == 438_144


def test_a_filters_sines_may_be_kept_three_times_but_must_agree():
    config, make = SYSTEMS["HyenaDNA"]
    tensors = make()
    name = "hyena.backbone.layers.0.mixer.filter_fn.implicit_filter"
    tensors[f"{name}.3.freq"] = tensors[f"{name}.1.freq"].clone()
    assert len(published_names.renamed("HyenaDNA", config, tensors)) == len(
        published_names.renamed("HyenaDNA", config, make())
    )
    tensors[f"{name}.3.freq"] += 1
    with pytest.raises(InputError, match=r"implicit_filter\.3\.freq: differs from its copy model\.blocks\.0\.filter"):
        published_names.renamed("HyenaDNA", config, tensors)


@pytest.mark.parametrize(
    "system, changed, words",
    [
        ("HyenaDNA", {"hyena_order": 3}, r"hyena_order: got 3, wanted 2"),
        ("DNABERT-2", {"hidden_act": "relu"}, r"hidden_act: got 'relu', wanted 'gelu'"),
        ("Nucleotide Transformer 2", {"emb_layer_norm_before": True}, r"emb_layer_norm_before: got True, wanted False"),
    ],
)
def test_a_variant_that_we_do_not_compute_is_refused(system, changed, words):
    config, _ = SYSTEMS[system]
    with pytest.raises(InputError, match=words):
        published_names.MAPS[system].sizes(config | changed, {})


def test_an_unknown_tensor_and_an_untied_head_are_refused():
    config, make = SYSTEMS["DNABERT-2"]
    with pytest.raises(InputError, match=r"bert\.extra: got a tensor that DNABERT-2 has no place for"):
        published_names.renamed("DNABERT-2", config, make() | {"bert.extra": torch.zeros(2)})
    tensors = make()
    tensors["cls.predictions.decoder.weight"] += 1
    with pytest.raises(InputError, match=r"decoder\.weight: differs from its copy model\.embeddings\.weight"):
        published_names.renamed("DNABERT-2", config, tensors)
    config = {key: value for key, value in config.items() if key != "hidden_size"}
    with pytest.raises(InputError, match=r"config\.json: lacks hidden_size"):
        published_names.MAPS["DNABERT-2"].sizes(config, {})


def test_other_checkpoints_are_of_none_of_the_systems():
    assert published_names.find({"model_type": "esm", "intermediate_size": 24}, {}) is None
    plain = {"esm.encoder.layer.0.intermediate.dense.weight": torch.zeros(24, 16)}
    assert published_names.find({"model_type": "esm", "intermediate_size": 24}, plain) is None
