"""A published checkpoint as a network that the rest of the chain can use, with every weight accounted for.

BERT, ESM, Mixtral and the rest of transformers are loaded by their own classes; DNABERT-2, the second Nucleotide
Transformer and HyenaDNA by ours (`published.names`). A weight left at random would spoil each result without a word.
"""

import re

import torch
import transformers
from torch import nn
from transformers import AutoConfig, PreTrainedTokenizerFast

from dnalm.errors import InputError
from dnalm.networks import registry
from dnalm.published import names as published_names
from dnalm.published.folder import Published

NATIVE = {
    "mlm": transformers.MODEL_FOR_MASKED_LM_MAPPING,
    "clm": transformers.MODEL_FOR_CAUSAL_LM_MAPPING,
    "classify": transformers.MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING,
}
# Read by no score of ours, and in some checkpoints of one class but not in others.
SPARE = re.compile(r"(^|\.)(pooler|contact_head|seq_relationship|position_ids|rotary_embeddings\.inv_freq)(\.|$)")


def network(found: Published, tokenizer: PreTrainedTokenizerFast) -> nn.Module:
    """The model of a checkpoint, for its tokenizer, ready to be saved.

    Raises InputError, one line, for code of its own that no map stands for, weights that are missing, left over or of
    another shape, a tokenizer of another size, and a classifier that does not say yes or no.
    """
    torch.manual_seed(0)  # what is spare and absent starts from the same numbers each time
    system = published_names.find(found.config, found.tensors)
    if not system and "auto_map" in found.config:
        raise InputError(
            f"{found.folder}/config.json: auto_map: got a model with code of its own, which is never run, wanted one "
            f"of {', '.join(published_names.MAPS)} or a model_type of transformers; convert it to such a class"
        )
    model = _ours(system, found) if system else _native(found)
    rows = model.get_input_embeddings().weight.shape[0]
    if rows != len(tokenizer):
        raise InputError(
            f"{found.folder}: the tokenizer has {len(tokenizer):,} tokens, wanted {rows:,}, the rows of the embedding; "
            "put the tokenizer that was published with these weights beside them"
        )
    if found.objective == "classify" and model.config.num_labels != 2:
        raise InputError(f"{found.folder}: got a classifier of {model.config.num_labels} labels, wanted 2: no and yes")
    if found.objective == "mlm" and tokenizer.mask_token_id is None:
        raise InputError(f"{found.folder}: the tokenizer names no mask token, wanted one for a masked model; add it to "
                         "special_tokens_map.json")  # fmt: skip
    for key, token in (("pad", "pad"), ("bos", "cls"), ("eos", "sep"), ("mask", "mask")):
        setattr(model.config, f"{key}_token_id", getattr(tokenizer, f"{token}_token_id"))
    return model


def _ours(system: str, found: Published) -> nn.Module:
    one = published_names.MAPS[system]
    if found.objective != one.objective:
        raise InputError(
            f"{found.folder}: got a {system} checkpoint for {found.objective}, wanted {one.objective}; import the "
            "pretrained model and fine-tune it here"
        )
    config = AutoConfig.for_model(one.architecture, **one.sizes(found.config, found.tensors))
    model = registry.HEADS[one.objective].from_config(config)
    tensors, ours = published_names.renamed(system, found.config, found.tensors), model.state_dict()
    _account(found, set(ours) - set(tensors), set(tensors) - set(ours))
    for name, tensor in tensors.items():
        if tensor.shape != ours[name].shape:
            _misshapen(found, name, tuple(tensor.shape), tuple(ours[name].shape))
    model.load_state_dict(tensors, strict=False)
    return model


def _native(found: Published) -> nn.Module:
    kind = found.config.get("model_type")
    try:
        config = AutoConfig.from_pretrained(str(found.folder), local_files_only=True, trust_remote_code=False)
        named = NATIVE[found.objective][type(config)]
    except (ValueError, KeyError):
        raise InputError(
            f"{found.folder}/config.json: model_type: got {kind!r} for {found.objective}, wanted one that transformers "
            f"{transformers.__version__} has, or one of {', '.join(published_names.MAPS)}"
        ) from None
    config.use_cache = found.objective == "clm"
    options = {"output_loading_info": True, "ignore_mismatched_sizes": True, "dtype": torch.float32}
    try:
        model, report = named.from_pretrained(None, config=config, state_dict=dict(found.tensors), **options)
    except RuntimeError as error:
        raise InputError(
            f"{found.folder}: the weights do not make a whole {named.__name__} ({str(error).splitlines()[0]}); wanted "
            "all that its config.json speaks of, fetch them again"
        ) from None
    for name, theirs, ours in sorted(report["mismatched_keys"]):
        _misshapen(found, name, tuple(theirs), tuple(ours))
    _account(found, set(report["missing_keys"]), set(report["unexpected_keys"]))
    return model


def _misshapen(found: Published, name: str, got: tuple, wanted: tuple) -> None:
    raise InputError(f"{found.folder}: {name}: got shape {got}, wanted {wanted} by config.json; fetch both again")


def _account(found: Published, missing: set[str], extra: set[str]) -> None:
    """Refuse weights that the model lacks, and weights that it has no place for."""
    for names, words in ((missing, "the weights lack"), (extra, "the weights hold more than the model, such as")):
        if left := sorted(name for name in names if not SPARE.search(name)):
            raise InputError(
                f"{found.folder}: {words} {left[0]} ({len(left)} in all); wanted those that config.json speaks of, "
                "fetch both again"
            )
