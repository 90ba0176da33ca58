"""A published checkpoint as a network that the rest of the chain can use, with every weight accounted for.

BERT, ESM, Mixtral and the rest of transformers are loaded by their own classes; DNABERT-2, the second Nucleotide
Transformer and HyenaDNA by ours (`published.names`). A weight left at random would spoil each result without a word.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
import transformers
from torch import nn
from transformers import AutoConfig, PreTrainedConfig, PreTrainedTokenizerFast

from dnalm.errors import InputError, one_line
from dnalm.logs import log
from dnalm.networks import registry
from dnalm.published import names as published_names
from dnalm.published import rows, trial
from dnalm.published.folder import Published

NATIVE = {
    "mlm": transformers.MODEL_FOR_MASKED_LM_MAPPING,
    "clm": transformers.MODEL_FOR_CAUSAL_LM_MAPPING,
    "classify": transformers.MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING,
}


def network(found: Published, tokenizer: PreTrainedTokenizerFast) -> nn.Module:
    """The model of a checkpoint, for its tokenizer, tried on a window and ready to be saved.

    Raises InputError, one line, for code of its own that no map stands for, weights that are missing, left over, of
    another shape or not finite, a tokenizer of another size, and a classifier that does not say yes or no.
    """
    torch.manual_seed(0)  # what is spare and absent starts from the same numbers each time
    system = _system(found)
    model = (_ours(system, found) if system else _native(found)).eval()
    trial.check_numbers(found.folder, model, found.tensors)
    if found.objective == "classify" and model.config.num_labels != 2:
        raise InputError(f"{found.folder}: got a classifier of {model.config.num_labels} labels, wanted 2: no and yes")
    if found.objective == "mlm" and tokenizer.mask_token_id is None:
        raise InputError(f"{found.folder}: the tokenizer names no mask token, wanted one for a masked model; add it to "
                         "special_tokens_map.json")  # fmt: skip
    for key, token in (("pad", "pad"), ("bos", "cls"), ("eos", "sep"), ("mask", "mask")):
        setattr(model.config, f"{key}_token_id", getattr(tokenizer, f"{token}_token_id"))
    _fit(found, model, len(tokenizer))
    trial.check_window(found.folder, model, tokenizer, found.objective)
    return model


def _system(found: Published) -> str | None:
    """The system of ours that a checkpoint is of, or None for a class of transformers."""
    path = found.folder / "config.json"
    try:
        system = published_names.find(found.config, found.tensors)
    except (TypeError, AttributeError, ValueError) as error:  # a key of the wrong kind
        raise InputError(f"{path}: its keys are not what they were ({one_line(error)}); fetch it again") from None
    if not system and "auto_map" in found.config:
        raise InputError(
            f"{path}: auto_map: got a model with code of its own, which is never run, wanted one of "
            f"{', '.join(published_names.MAPS)} or a model_type of transformers; convert it to such a class"
        )
    return system


def _fit(found: Published, model: nn.Module, tokens: int) -> None:
    """As many rows of the embedding as there are tokens: those that pad it to a multiple are cut off."""
    size = model.get_input_embeddings().weight.shape[0]
    if size in rows.padded(tokens):
        rows.cut(model, tokens)
        log.info(f"{size - tokens} rows that pad the embedding of {tokens:,} tokens to {size:,} are cut off")
    elif size != tokens:
        raise InputError(
            f"{found.folder}: the tokenizer has {tokens:,} tokens, wanted {size:,}, the rows of the embedding (or as "
            f"many as become {size:,} when padded to a multiple of {', '.join(map(str, rows.MULTIPLES))}); put the "
            "tokenizer that was published with these weights beside them"
        )


def _ours(system: str, found: Published) -> nn.Module:
    one, path = published_names.MAPS[system], found.folder / "config.json"
    if found.objective != one.objective:
        raise InputError(
            f"{found.folder}: got a {system} checkpoint for {found.objective}, wanted {one.objective}; import the "
            "pretrained model and fine-tune it here"
        )
    try:
        config = AutoConfig.for_model(one.architecture, **one.sizes(found.config, found.tensors))
        trial.check_size(path, config, registry.NETWORKS[one.architecture].heads[one.objective], found.tensors)
        model = registry.HEADS[one.objective].from_config(config)
        tensors, ours = published_names.renamed(system, found.config, found.tensors), model.state_dict()
    except InputError as error:
        raise InputError(f"{found.folder}: {error}" if str(found.folder) not in str(error) else str(error)) from None
    except Exception as error:  # a size of the wrong kind fails wherever it is first used
        raise _unmade(path, system, error) from None
    _account(found, set(ours) - set(tensors), set(tensors) - set(ours))
    for name, tensor in tensors.items():
        if tensor.shape != ours[name].shape:
            _misshapen(found, name, tuple(tensor.shape), tuple(ours[name].shape))
    model.load_state_dict(tensors, strict=False)
    return model


def _native(found: Published) -> nn.Module:
    kind, path = found.config.get("model_type"), found.folder / "config.json"
    wanted = InputError(
        f"{path}: model_type: got {one_line(repr(kind), 60)} for {found.objective}, wanted one that transformers "
        f"{transformers.__version__} has, or one of {', '.join(published_names.MAPS)}"
    )
    if not isinstance(kind, str) or kind not in transformers.CONFIG_MAPPING:
        raise wanted
    try:
        config = AutoConfig.from_pretrained(str(found.folder), local_files_only=True, trust_remote_code=False)
        if type(config) not in NATIVE[found.objective]:
            raise wanted
        named = NATIVE[found.objective][type(config)]
        config.use_cache = found.objective == "clm"
        trial.check_size(path, config, named, found.tensors)
    except InputError:
        raise
    except Exception as error:  # each class has its own way to fail on a value of the wrong kind or size
        raise _unmade(path, kind, error) from None
    model, report = _filled(found, named, config)
    if size := _padded_rows(report["mismatched_keys"], config.vocab_size):
        config.vocab_size = size  # it was written before the padding
        model, report = _filled(found, named, config)
    for name, theirs, ours in sorted(report["mismatched_keys"]):
        _misshapen(found, name, tuple(theirs), tuple(ours))
    _account(found, set(report["missing_keys"]), set(report["unexpected_keys"]))
    return model


def _filled(found: Published, named: type[nn.Module], config: PreTrainedConfig) -> tuple[nn.Module, dict[str, Any]]:
    """A network of a class of transformers with the weights, and which of them did not fit."""
    options = {"output_loading_info": True, "ignore_mismatched_sizes": True, "dtype": torch.float32}
    try:
        return named.from_pretrained(None, config=config, state_dict=dict(found.tensors), **options)
    except Exception as error:  # RuntimeError of what does not fit, and whatever a conversion raises of shapes
        raise InputError(
            f"{found.folder}: the weights do not make a whole {named.__name__} ({one_line(error, 160)}); wanted "
            "all that its config.json speaks of, fetch them again"
        ) from None


def _padded_rows(mismatched: Iterable[tuple[str, Sequence[int], Sequence[int]]], tokens: int) -> int | None:
    """Rows of the weights where all that does not fit has a row a token, padded to a multiple; None otherwise."""
    found = {theirs[0] if theirs[1:] == ours[1:] and ours[0] == tokens else 0 for _, theirs, ours in mismatched}
    return next(iter(found)) if len(found) == 1 and found <= set(rows.padded(tokens)) else None


def _unmade(path: Path, kind: str, error: Exception) -> InputError:
    said = f"{type(error).__name__}: {one_line(error, 200)}"
    return InputError(f"{path}: {kind}: no network can be made by it ({said}); fetch it again")


def _misshapen(found: Published, name: str, got: tuple, wanted: tuple) -> None:
    raise InputError(f"{found.folder}: {name}: got shape {got}, wanted {wanted} by config.json; fetch both again")


def _account(found: Published, missing: set[str], extra: set[str]) -> None:
    """Refuse weights that the model lacks, and weights that it has no place for."""
    for names, words in ((missing, "the weights lack"), (extra, "the weights hold more than the model, such as")):
        if left := sorted(name for name in names if not registry.SPARE.search(name)):
            raise InputError(
                f"{found.folder}: {words} {left[0]} ({len(left)} in all); wanted those that config.json speaks of, "
                "fetch both again"
            )
