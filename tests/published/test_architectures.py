"""Each architecture that something is said of can be imported from what its own class saves, padded or in wrappers."""

import json

import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from dnalm.errors import InputError
from dnalm.networks import models, registry
from dnalm.published import folder as published
from dnalm.published import network as published_network
from dnalm.published import tokenizer as published_tokenizer
from dnalm.tokens import making

WORDS = [*making.SPECIAL, *"ACGTN"]
SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
SIZES |= {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "max_position_embeddings": 64}
OTHER = {
    "mixtral": {"num_key_value_heads": 2, "num_local_experts": 2},
    "mistral": {"num_key_value_heads": 2},
    "llama": {"num_key_value_heads": 2},
    "modernbert": {"cls_token_id": 2, "sep_token_id": 3},
}
CASES = [(name, objective) for name, row in registry.NETWORKS.items() for objective in row.objectives]


def saved(folder, architecture, objective, rows=10):
    """A network of random numbers as its own class saves it, beside ten words, and the network."""
    config = models.AutoConfig.for_model(architecture, vocab_size=rows, **SIZES | OTHER.get(architecture, {}))
    torch.manual_seed(1)
    network = registry.HEADS[objective].from_config(config).eval()
    network.save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    return network


def take(folder):
    found = published.read(folder)
    return published_network.network(found, published_tokenizer.read(folder, found.config)), found.objective


def logits(network):
    ids = torch.randint(5, 9, (2, 20), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        return network(input_ids=ids, attention_mask=torch.ones_like(ids)).logits


@pytest.mark.parametrize("rows", [10, 16])
@pytest.mark.parametrize("architecture, objective", CASES)
def test_what_its_own_class_saves_is_imported_and_says_the_same(tmp_path, architecture, objective, rows):
    there = saved(tmp_path / "theirs", architecture, objective, rows)
    network, found = take(tmp_path / "theirs")
    assert found == objective
    assert network.config.vocab_size == 10
    assert logits(network).shape == (2, 20, 10)
    assert torch.allclose(logits(network), logits(there)[..., :10], atol=1e-6)
    tokenizer = published_tokenizer.read(tmp_path / "theirs", network.config.to_dict())
    models.save(network, tokenizer, tmp_path / "ours", "card")
    assert torch.allclose(logits(models.load(tmp_path / "ours", "lm")), logits(network), atol=1e-6)


@pytest.mark.parametrize("architecture, objective", [("bert", "mlm"), ("gpt2", "clm"), ("llama", "clm")])
def test_a_configuration_written_before_the_padding(tmp_path, architecture, objective):
    there = saved(tmp_path, architecture, objective, 64)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"vocab_size": 10}))
    network, _ = take(tmp_path)
    assert torch.allclose(logits(network), logits(there)[..., :10], atol=1e-6)
    (tmp_path / "config.json").write_text(json.dumps(config | {"vocab_size": 70, "pad_token_id": None}))
    with pytest.raises(InputError, match=r"got shape \(64, 16\), wanted \(70, 16\) by config\.json"):
        take(tmp_path)


@pytest.mark.parametrize("before", ["_orig_mod.", "module.", "module._orig_mod.", "_orig_mod.module."])
@pytest.mark.parametrize("architecture, objective", [("bert", "mlm"), ("gpt2", "clm"), ("dilated_conv", "mlm")])
def test_what_training_put_before_each_name_is_taken_off(tmp_path, architecture, objective, before):
    there = saved(tmp_path, architecture, objective)
    path = tmp_path / "model.safetensors"
    save_file({before + name: value for name, value in load_file(path).items()}, path)
    assert torch.allclose(logits(take(tmp_path)[0]), logits(there), atol=1e-6)


def test_wrappers_within_names_are_taken_off(tmp_path):
    there = saved(tmp_path, "llama", "clm")
    path = tmp_path / "model.safetensors"
    tensors = load_file(path)
    inside = {name.replace(".self_attn.", "._orig_mod.self_attn."): value for name, value in tensors.items()}
    save_file({f"_fsdp_wrapped_module.{name}": value for name, value in inside.items()}, path)
    assert torch.allclose(logits(take(tmp_path)[0]), logits(there), atol=1e-6)
    save_file(tensors | {f"_orig_mod.{name}": value.clone() for name, value in tensors.items()}, path)
    with pytest.raises(InputError, match="got two tensors of one name"):
        take(tmp_path)


def test_a_prefix_of_some_tensors_alone_is_no_wrapper(tmp_path):
    saved(tmp_path, "bert", "mlm")
    path = tmp_path / "model.safetensors"
    tensors = load_file(path)
    name = next(iter(tensors))
    save_file({key if key != name else f"module.{key}": value for key, value in tensors.items()}, path)
    with pytest.raises(InputError, match=rf"the weights lack {name}"):
        take(tmp_path)


@pytest.mark.parametrize("named, sizes", [
    ("OpenAIGPTLMHeadModel", {"n_embd": 16, "n_layer": 1, "n_head": 2, "n_positions": 64}),
    ("OPTForCausalLM", {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "ffn_dim": 16,
                        "word_embed_proj_dim": 16, "max_position_embeddings": 64}),
    ("GPTNeoXForCausalLM", {**SIZES}),
    ("BertLMHeadModel", {**SIZES, "is_decoder": True}),
])  # fmt: skip
def test_causal_models_by_other_names(tmp_path, named, sizes):
    kind = getattr(transformers, named)
    special = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3}
    torch.manual_seed(1)
    there = kind(kind.config_class(**sizes | {"vocab_size": 10} | special)).eval()
    there.save_pretrained(tmp_path)
    (tmp_path / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    network, objective = take(tmp_path)
    assert objective == "clm"
    assert torch.allclose(logits(network), logits(there), atol=1e-6)


def test_a_causal_model_that_sees_what_comes_after_is_refused(tmp_path):
    """BertLMHeadModel reads both ways unless its configuration calls it a decoder; its scores would be far too good."""
    config = transformers.BertConfig(vocab_size=10, is_decoder=False, initializer_range=0.5, **SIZES)
    transformers.BertLMHeadModel(config).save_pretrained(tmp_path)
    (tmp_path / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    with pytest.raises(InputError, match=r"got a causal model, but it reads the bases after those that it predicts"):
        take(tmp_path)


def test_a_head_that_is_either_kind_is_not_guessed(tmp_path):
    with pytest.raises(InputError, match=r"architectures: got XLMWithLMHeadModel, wanted one ending in ForMaskedLM"):
        published.objective_of({"architectures": ["XLMWithLMHeadModel"]}, tmp_path)
