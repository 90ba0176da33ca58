"""Build, load and save models as Hugging Face folders."""

import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
import transformers
from torch import nn
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForSequenceClassification,
    PreTrainedConfig,
    PreTrainedTokenizerFast,
)

from dnalm import files
from dnalm.errors import InputError, UsageError, one_line
from dnalm.networks import attention, classifier, device, ensemble, objectives, outputs, registry
from dnalm.networks.outputs import Outputs
from dnalm.networks.registry import HEADS, NETWORKS
from dnalm.tokens import tokenizer as tk

# By what a model was trained for, what it can be loaded for.
USES = {"mlm": ("lm", "embed"), "clm": ("lm", "embed"), "classify": ("classify", "embed"), "tracks": ("tracks",)}

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()


def write_out_attention(model: nn.Module, written: bool = True) -> None:
    """Train with attention as matrix products where that is faster; with `written` false all is as it was."""
    if next(model.parameters()).device.type == "cpu" and device.fast_on_cpu():
        attention.write_out(model, written)


def configure(architecture: str, sizes: dict, tokenizer: PreTrainedTokenizerFast, context: int) -> PreTrainedConfig:
    """The configuration of a fresh network: `architecture` is a row of NETWORKS or any model_type of transformers.

    `sizes` are that architecture's configuration keys; the vocabulary, special ids and context are filled in. Dropout
    is off unless asked for: one pass over a genome does not overfit, and dropout slows a CPU by half.
    """
    config = _config(architecture, sizes)
    for key in [key for key in vars(config) if "dropout" in key and key not in sizes]:
        if isinstance(getattr(config, key), float):
            setattr(config, key, 0.0)
    config.vocab_size = len(tokenizer)
    config.pad_token_id, config.bos_token_id = tokenizer.pad_token_id, tokenizer.cls_token_id
    config.eos_token_id, config.mask_token_id = tokenizer.sep_token_id, tokenizer.mask_token_id
    row = NETWORKS.get(architecture)
    longest = context + tokenizer.pad_token_id + 1 if row and row.counts_from_padding else context
    config.max_position_embeddings = max(longest, sizes.get("max_position_embeddings", 0))
    heads, shared = (getattr(config, f"num_{one}_heads", 1) for one in ("attention", "key_value"))
    if heads % shared:
        raise InputError(
            f"config: num_key_value_heads: got {shared}, wanted a divisor of {heads}, the num_attention_heads"
        )
    return config


def described(
    pretrained: Path | None, architecture: str | None, sizes: dict, tokenizer: PreTrainedTokenizerFast, context: int
) -> PreTrainedConfig:
    """The configuration of the network in a folder or, without one, of a fresh one; see `configure` for the rest."""
    if pretrained is None:
        return configure(architecture, sizes, tokenizer, context)
    with registry.reading(pretrained):
        return AutoConfig.from_pretrained(str(pretrained), local_files_only=True)


def build(
    objective: str, architecture: str, sizes: dict, tokenizer: PreTrainedTokenizerFast, context: int, seed: int
) -> nn.Module:
    """A fresh language model for an objective, "mlm" or "clm"; see `configure` for the rest."""
    config = configure(architecture, sizes, tokenizer, context)
    config.use_cache = objective == "clm"
    if type(config) not in HEADS[objective]._model_mapping:
        raise InputError(f"architecture {architecture!r} has no {objective} head; choose one that has")
    return _made(HEADS[objective].from_config, config, seed)


def unpretrained(
    architecture: str, sizes: dict, tokenizer: PreTrainedTokenizerFast, context: int, seed: int, **answers: object
) -> classifier.WindowClassifier:
    """A window classifier on a fresh network whose states are those of tokens; see `configure` for the rest.

    `answers`: what it says of a window, as `classifier.from_backbone` takes it.
    """
    if architecture in NETWORKS and NETWORKS[architecture].binned:
        raise UsageError(f"{architecture} answers bin by bin, not for a window; name its target under tracks")
    config, special = configure(architecture, sizes, tokenizer, context), list(tk.special_ids(tokenizer))
    config.use_cache = False
    return _made(lambda config: classifier.fresh(config, special, **answers), config, seed)


def fresh(architecture: str, sizes: dict, tokenizer: PreTrainedTokenizerFast, context: int, seed: int) -> nn.Module:
    """A fresh network without any head, of any architecture; see `configure` for the rest."""
    config = configure(architecture, sizes, tokenizer, context)
    config.use_cache = False
    return _made(registry.fresh_backbone, config, seed)


def _made(make: Callable[[PreTrainedConfig], nn.Module], config: PreTrainedConfig, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    try:
        return make(config)
    except ValueError as error:
        raise InputError(f"config: the sizes do not fit together: {error}; change them in the model preset") from None


def _config(architecture: str, sizes: dict) -> PreTrainedConfig:
    try:
        return AutoConfig.for_model(architecture, **sizes)
    except ValueError:
        raise InputError(
            f"architecture {architecture!r} is neither one of {', '.join(registry.ours())} nor a model_type of "
            "transformers; see https://huggingface.co/docs/transformers for the list"
        ) from None
    except Exception as error:  # a key of the wrong kind: the library exports nothing narrower
        said = " ".join(str(error).split())[:300]
        raise InputError(
            f"config: {architecture} does not take it: {said}; see the keys of its configuration class"
        ) from None


def read_config(folder: Path) -> PreTrainedConfig:
    """The configuration of the model in a folder."""
    if not (Path(folder) / "config.json").exists():
        raise InputError(f"{folder}: holds no config.json; give a folder written by pretrain_model or finetune_model")
    with registry.reading(folder):
        return AutoConfig.from_pretrained(str(folder), local_files_only=True)


def read_objective(folder: Path) -> str:
    """What the model in a folder was trained for, a row of USES, by its config's `architectures`."""
    named = read_config(folder).architectures
    if objective := objectives.objective_of(named, objectives.OURS):
        return objective
    raise InputError(
        f"{Path(folder) / 'config.json'}: architectures says {one_line(named, 80)}; wanted a masked or causal language "
        "model or a classifier"
    )


def read_outputs(folder: Path) -> Outputs:
    """What the model in a folder says of a window, where it was fine-tuned."""
    return outputs.of(read_config(folder))


def load(folder: Path, task: str, *, twin: int | None = None) -> nn.Module:
    """A model ready for inference: `task` is "lm" (logits), "embed" (hidden states) or "classify" (a logit a window).

    A model that was fine-tuned on classes or values says an answer for each in place of the logit, one of "tracks" for
    each bin of each. With a seed for its `twin` it is the same network from random weights, an ensemble one of twins.
    Safetensors only: a pickle can run code when it is read.
    """
    made = registry.filled if twin is None else partial(registry.drawn, seed=twin)
    objective = read_objective(folder)
    if task not in USES[objective]:
        raise UsageError(f"{folder}: a {objective} model cannot be used to {task}")
    if task == "lm":
        model = made(HEADS[objective], folder)
    elif objective == "classify":
        model = made(AutoModelForSequenceClassification, folder)
        if task == "embed":
            ensemble.check_embedding(model, folder)
            model = model.base_model
    else:
        model = made(AutoModel, folder)
    model.config.output_router_logits = False  # the balance of experts is for training
    where = device.device()
    if where.type == "cpu" and device.slow_mkl() and (task != "lm" or objective == "mlm"):
        attention.write_out(model)  # but for a causal one, which writes on a token at a time
    return model.eval().to(where)


def save(model: nn.Module, tokenizer: PreTrainedTokenizerFast, out: Path, card: str) -> None:
    """Write a Hugging Face folder file by file, each one whole; the weights come last and mark it complete."""
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    staging = out / ".saving"
    with files.whole(staging) as beside:
        model.save_pretrained(beside, safe_serialization=True)
        tokenizer.save_pretrained(beside)
        (beside / "README.md").write_text(card, encoding="utf-8")
    for path in sorted(staging.iterdir(), key=lambda path: path.suffix == ".safetensors"):
        with files.whole(out / path.name) as beside:
            os.replace(path, beside)
    shutil.rmtree(staging)
