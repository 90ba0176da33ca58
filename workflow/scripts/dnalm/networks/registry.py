"""NETWORKS: every architecture that something is to be said of, ours and transformers'; the only list of them.

Any `model_type` of transformers can be trained without a row here. A row says what else must be known of one (what it
can be trained for, how it attends and counts positions), and brings the classes of those that are ours, which are
registered with the Auto classes when this module is imported.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    PreTrainedConfig,
    PreTrainedTokenizerFast,
)

from dnalm.errors import InputError, UsageError, one_line
from dnalm.networks import alibi_bert, convnet, enformer_lite, esm_gated, hyena, proformer
from dnalm.tokens import tokenizer as tk

# Read by no score of ours, and in some checkpoints of one class but not in others.
SPARE = re.compile(r"(^|\.)(pooler|contact_head|seq_relationship|position_ids|rotary_embeddings\.inv_freq)(\.|$)")
HEADS = {"mlm": AutoModelForMaskedLM, "clm": AutoModelForCausalLM}


class Network(NamedTuple):
    """An architecture: what it can be pretrained for, its name for people, and its classes where it is ours.

    `heads` are classes by objective. `plain`: its attention is no more than softmax(q k) v, so that it may be written
    out as products (`attention`). `counts_from_padding`: its first position has the number after the padding id's.
    `binned`: its states are those of bins, not of tokens, so that it is trained on tracks and on nothing else.
    `local`: a token's state depends on those within its configuration's `receptive_field()` and on no other.
    """

    objectives: tuple[str, ...]
    label: str
    config: type[PreTrainedConfig] | None = None
    model: type[nn.Module] | None = None
    heads: dict[str, type[nn.Module]] | None = None
    plain: bool = False
    counts_from_padding: bool = False
    binned: bool = False
    local: bool = False


NETWORKS: dict[str, Network] = {
    "dilated_conv": Network(
        ("mlm",),
        "dilated convolutions, as in GPN",
        convnet.ConvNetConfig,
        convnet.ConvNetModel,
        {"mlm": convnet.ConvNetForMaskedLM},
        local=True,
    ),
    "alibi_bert": Network(
        ("mlm",),
        "encoder with linear distance penalties and gates, as in DNABERT-2",
        alibi_bert.AlibiBertConfig,
        alibi_bert.AlibiBertModel,
        {"mlm": alibi_bert.AlibiBertForMaskedLM},
    ),
    "esm_gated": Network(
        ("mlm",),
        "ESM with gates, as in the second Nucleotide Transformer",
        esm_gated.GatedEsmConfig,
        esm_gated.GatedEsmModel,
        {"mlm": esm_gated.GatedEsmForMaskedLM},
        plain=True,
        counts_from_padding=True,
    ),
    "hyena": Network(
        ("clm",),
        "implicit long convolutions, as in HyenaDNA",
        hyena.HyenaConfig,
        hyena.HyenaModel,
        {"clm": hyena.HyenaForCausalLM},
    ),
    "enformer_lite": Network(
        (),
        "convolutions down to bins of 128 bases and attention among these, as in Enformer",
        enformer_lite.EnformerLiteConfig,
        enformer_lite.EnformerLiteModel,
        binned=True,
    ),
    "proformer": Network(
        (),
        "Macaron blocks over sliding k-mers, as in Proformer",
        proformer.ProformerConfig,
        proformer.ProformerModel,
    ),
    "bert": Network(("mlm",), "encoder of DNABERT and GROVER", plain=True),
    "esm": Network(("mlm",), "encoder of the first Nucleotide Transformer", plain=True, counts_from_padding=True),
    "roberta": Network(("mlm",), "encoder", counts_from_padding=True),
    "modernbert": Network(("mlm",), "encoder with rotary positions and local attention"),
    "mixtral": Network(("clm",), "decoder with a mixture of experts, as in Mistral-DNA", plain=True),
    "mistral": Network(("clm",), "decoder"),
    "llama": Network(("clm",), "decoder of dnalm-base", plain=True),
    "gpt2": Network(("clm",), "decoder with learned positions"),
}


def reach(config: object, tokenizer: PreTrainedTokenizerFast) -> int:
    """Bases on either side that what is known of a base depends on; 0 where there is no end to it (attention).

    Nor is there where a token is more than a base: where it begins depends on all before it.
    """
    row = NETWORKS.get(config.model_type)
    of_bases = tk.words_a_base(tokenizer) == 1 == tk.base_lengths(tokenizer).max()
    return config.receptive_field() // 2 if row is not None and row.local and of_bases else 0


def ours() -> list[str]:
    """Architectures that transformers has not."""
    return [name for name, row in NETWORKS.items() if row.config is not None]


def register(name: str) -> None:
    """Let the Auto classes know one of ours."""
    row = NETWORKS[name]
    AutoConfig.register(name, row.config)
    AutoModel.register(row.config, row.model)
    for objective, head in (row.heads or {}).items():
        HEADS[objective].register(row.config, head)


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """What transformers says of a folder that is damaged or none of its own, as InputError in one line."""
    try:
        yield
    except (InputError, UsageError):
        raise
    except Exception as error:  # of a file, a class or a tensor: there is nothing narrower that all of them are
        said = f"{type(error).__name__}: {one_line(error, 200)}"
        raise InputError(f"{folder}: {said}; wanted whole config.json and model.safetensors, make it again") from None


def filled(kind: type, folder: Path) -> nn.Module:
    """The network in a folder by an Auto class, in fp32: from safetensors, and none of its weights left at random."""
    settings = {"local_files_only": True, "use_safetensors": True, "dtype": torch.float32, "output_loading_info": True}
    with reading(folder):
        model, report = kind.from_pretrained(str(folder), **settings)
    if missing := sorted(name for name in report["missing_keys"] if not SPARE.search(name)):
        raise InputError(
            f"{folder}: the weights lack {one_line(missing[0], 100)} ({len(missing)} in all), wanted all that its "
            "config.json speaks of; make it again"
        )
    return model


def drawn(kind: type, folder: Path, seed: int) -> nn.Module:
    """The same network by an Auto class with random weights, its twin: what it says was learnt from no sequence."""
    with reading(folder):
        config = AutoConfig.from_pretrained(str(folder), local_files_only=True)
    torch.manual_seed(seed)
    return kind.from_config(config, dtype=torch.float32)


def backbone(folder: Path, *, keep: float = 1.0) -> nn.Module:
    """The network in a folder without the head it was pretrained with: a share of its weights, the rest random.

    1 are its weights, 0 is the same network from random ones. In between each weight is the mean of the two by these
    shares: what was learned is still there, and no longer so loud that nothing else is learned (shrink and perturb;
    Ash and Adams, NeurIPS 2020).
    """
    if keep == 1:
        return filled(AutoModel, folder)
    with reading(folder):
        config = AutoConfig.from_pretrained(str(folder), local_files_only=True)
    fresh = fresh_backbone(config)
    if keep:
        learned = dict(filled(AutoModel, folder).named_parameters())
        with torch.no_grad():
            for name, values in fresh.named_parameters():
                values.lerp_(learned[name], keep)
    return fresh


def fresh_backbone(config: PreTrainedConfig) -> nn.Module:
    """The network that a configuration describes, with random weights in fp32, whatever it was published in."""
    return AutoModel.from_config(config, dtype=torch.float32)


for _name in ours():
    register(_name)
