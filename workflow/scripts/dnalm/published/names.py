"""Published weights under our names, where the network is one of ours: DNABERT-2, Nucleotide Transformer 2, HyenaDNA.

Those checkpoints come with code of their own, which is never run. Our classes compute the same function, so a table of
names is all that is needed. Every published tensor is used, is a copy of one that is, or is listed as not needed.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from dnalm.errors import InputError


class Map(NamedTuple):
    """How a system's checkpoints are recognised, and where its configuration and its tensors go.

    `names` are patterns and what they become in our network; `copies` are patterns and the tensor that must be equal;
    `unused` are patterns of tensors that the published function does not read, or computes anew.
    """

    architecture: str
    objective: str
    known: Callable[[dict[str, Any], dict[str, Tensor]], bool]
    sizes: Callable[[dict[str, Any], dict[str, Tensor]], dict[str, Any]]
    names: dict[str, str]
    copies: dict[str, str]
    unused: tuple[str, ...]
    shape: Callable[[str, Tensor, dict[str, Any]], Tensor] = lambda name, tensor, config: tensor


def _sizes(config: dict[str, Any], **keys: str) -> dict[str, Any]:
    """Our key from the published one, where that is given; InputError where one without a default is not."""
    if missing := [theirs for theirs in keys.values() if theirs not in config]:
        raise InputError(f"config.json: lacks {', '.join(missing)}; wanted the published file, fetch it again")
    return {ours: config[theirs] for ours, theirs in keys.items()}


def _only(config: dict[str, Any], **wanted: Any) -> None:
    """Refuse a variant of the network that our class does not compute."""
    for key, value in wanted.items():
        if config.get(key, value) != value:
            raise InputError(f"config.json: {key}: got {config[key]!r}, wanted {value!r}, which is all our network has")


SAME = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size", "layer_norm_eps")


def _dnabert2(config: dict[str, Any], tensors: dict[str, Tensor]) -> dict[str, Any]:
    _only(config, hidden_act="gelu")
    longest = config.get("alibi_starting_size", config.get("max_position_embeddings", 512))
    return _sizes(config, **dict(zip(SAME, SAME, strict=True))) | {
        "token_types": True,
        "max_position_embeddings": longest,
    }


def _nt2(config: dict[str, Any], tensors: dict[str, Tensor]) -> dict[str, Any]:
    _only(config, position_embedding_type="rotary", emb_layer_norm_before=False)
    kept = ("max_position_embeddings", "pad_token_id", "mask_token_id")
    switches = {
        "token_dropout": config.get("token_dropout", False),
        "add_bias_fnn": config.get("add_bias_fnn", True),
        "tie_word_embeddings": False,
        "emb_layer_norm_before": False,
    }
    return _sizes(config, **{key: key for key in (*SAME, *kept)}) | switches


def _hyenadna(config: dict[str, Any], tensors: dict[str, Tensor]) -> dict[str, Any]:
    _only(config, hyena_order=2, num_inner_mlps=2, short_filter_order=3, layer_norm_epsilon=1e-5)
    found = _sizes(
        config,
        vocab_size="vocab_size",
        hidden_size="d_model",
        num_hidden_layers="n_layer",
        filter_size="filter_order",
        max_position_embeddings="max_seq_len",
    )
    bands, frequency = (config.get("emb_dim", 3) - 1) // 2, float(config.get("activation_freq", 1))
    inner = config.get("d_inner") or 4 * config["d_model"]
    return (
        found
        | {"intermediate_size": inner, "filter_bands": bands, "filter_frequency": frequency}
        | {
            "own_head": "lm_head.weight" in tensors  # equal to the embeddings or not: both are computed
        }
    )


def _hyenadna_shape(name: str, tensor: Tensor, config: dict[str, Any]) -> Tensor:
    """Frequencies as a row; of the tables, which are padded to a multiple of eight rows, those that are tokens."""
    if name.endswith(".frequency"):
        return tensor.reshape(-1)
    return tensor[: config["vocab_size"]] if name in ("model.embeddings.weight", "head.weight") else tensor


BERT, HYENA = r"bert\.encoder\.layer\.(\d+)\.", r"hyena\.backbone\.layers\.(\d+)\."
MAPS = {
    "DNABERT-2": Map(
        "alibi_bert",
        "mlm",
        lambda config, tensors: any(".mlp.gated_layers." in name for name in tensors),
        _dnabert2,
        {
            r"bert\.embeddings\.word_embeddings\.": "model.embeddings.",
            r"bert\.embeddings\.token_type_embeddings\.weight": "model.token_type",
            r"bert\.embeddings\.LayerNorm\.": "model.norm.",
            rf"{BERT}attention\.self\.Wqkv\.": r"model.layers.\1.question.",
            rf"{BERT}attention\.output\.dense\.": r"model.layers.\1.answer.",
            rf"{BERT}attention\.output\.LayerNorm\.": r"model.layers.\1.attention_norm.",
            rf"{BERT}mlp\.gated_layers\.": r"model.layers.\1.gate.",
            rf"{BERT}mlp\.wo\.": r"model.layers.\1.out.",
            rf"{BERT}mlp\.layernorm\.": r"model.layers.\1.out_norm.",
            r"cls\.predictions\.transform\.dense\.": "head.0.",
            r"cls\.predictions\.transform\.LayerNorm\.": "head.2.",
            r"cls\.predictions\.decoder\.bias": "bias",
        },
        {r"cls\.predictions\.decoder\.weight": "model.embeddings.weight", r"cls\.predictions\.bias": "bias"},
        (r"bert\.pooler\.", r"cls\.seq_relationship\."),
        # a sequence alone is of type 0
        lambda name, tensor, config: tensor[0] if name == "model.token_type" else tensor,
    ),
    "Nucleotide Transformer 2": Map(
        "esm_gated",
        "mlm",
        lambda config, tensors: (
            config.get("model_type") == "esm"
            and (first := tensors.get("esm.encoder.layer.0.intermediate.dense.weight")) is not None
            and len(first) == 2 * config.get("intermediate_size", 0)
        ),
        _nt2,
        {
            r"esm\.encoder\.layer\.0\.attention\.self\.rotary_embeddings\.": "esm.rotary_embeddings.",
            r"(esm\.embeddings\.word_embeddings\.)": r"\1",
            r"(esm\.encoder\.(?!.*rotary_embeddings))": r"\1",
            r"(esm\.contact_head\.)": r"\1",
            r"(lm_head\.)": r"\1",
        },
        {
            r"esm\.encoder\.layer\.\d+\.attention\.self\.rotary_embeddings\.inv_freq": "esm.rotary_embeddings.inv_freq",
        },
        (r"esm\.embeddings\.position_embeddings\.", r"esm\.embeddings\.position_ids", r"esm\.pooler\."),
    ),
    "HyenaDNA": Map(
        "hyena",
        "clm",
        lambda config, tensors: any(".mixer.filter_fn." in name for name in tensors),
        _hyenadna,
        {
            r"hyena\.backbone\.embeddings\.word_embeddings\.": "model.embeddings.",
            rf"{HYENA}mixer\.in_proj\.": r"model.blocks.\1.views.",
            rf"{HYENA}mixer\.short_filter\.": r"model.blocks.\1.near.",
            rf"{HYENA}mixer\.out_proj\.": r"model.blocks.\1.out.",
            rf"{HYENA}mixer\.filter_fn\.bias": r"model.blocks.\1.own",
            rf"{HYENA}mixer\.filter_fn\.implicit_filter\.0\.": r"model.blocks.\1.filter.layers.0.",
            rf"{HYENA}mixer\.filter_fn\.implicit_filter\.2\.": r"model.blocks.\1.filter.layers.1.",
            rf"{HYENA}mixer\.filter_fn\.implicit_filter\.4\.": r"model.blocks.\1.filter.layers.2.",
            rf"{HYENA}mixer\.filter_fn\.implicit_filter\.6\.": r"model.blocks.\1.filter.out.",
            rf"{HYENA}mixer\.filter_fn\.implicit_filter\.[135]\.freq": (
                r"model.blocks.\1.filter.frequency"  # the three sines of a filter are one; any may be in the file
            ),
            rf"{HYENA}norm1\.": r"model.blocks.\1.operator_norm.",
            rf"{HYENA}norm2\.": r"model.blocks.\1.think_norm.",
            rf"{HYENA}mlp\.fc1\.": r"model.blocks.\1.think.0.",
            rf"{HYENA}mlp\.fc2\.": r"model.blocks.\1.think.2.",
            r"hyena\.backbone\.ln_f\.": "model.norm.",
            r"lm_head\.": "head.",
        },
        {},
        (r".*\.pos_emb\.[zt]", r".*\.modulation\.deltas"),
        _hyenadna_shape,
    ),
}


def find(config: dict[str, Any], tensors: dict[str, Tensor]) -> str | None:
    """The system of MAPS that a checkpoint is of, by its configuration and the names in it."""
    return next((name for name, one in MAPS.items() if one.known(config, tensors)), None)


def renamed(system: str, config: dict[str, Any], tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors under our names, in our shapes. Raises InputError for one that is not expected, or not what it was.

    A tensor that should be a copy of another and is not would be lost without a word, so it is refused.
    """
    one, found = MAPS[system], {}
    for name, tensor in tensors.items():
        if any(re.match(pattern, name) for pattern in one.unused):
            continue
        for pattern, ours in (*one.names.items(), *one.copies.items()):
            if match := re.match(pattern, name):
                ours = match.expand(ours) + name[match.end() :]
                tensor = one.shape(ours, tensor, config)
                if ours in found and not torch.equal(found[ours], tensor):
                    raise InputError(f"{name}: differs from its copy {ours}, wanted the same numbers; fetch it again")
                found[ours] = tensor
                break
        else:
            raise InputError(f"{name}: got a tensor that {system} has no place for; wanted its published weights")
    return found
