"""What is read off a model for one batch: hidden states, logits, one number a window, vectors of a window.

A reader is a function of (model, batch) that the one inference loop, `networks.predict`, is given.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast
from transformers.utils import ModelOutput

from dnalm.networks import heads, layers, outputs, poisson
from dnalm.tokens import tokenizer as tk

LOCAL = 16  # bases on either side of a change that are near it

Read = Callable[[nn.Module, dict[str, Tensor]], Tensor]


def output(model: nn.Module, batch: dict[str, Tensor]) -> ModelOutput:
    """What a model makes of a batch; the mask is left out where nothing is padded (faster, same numbers).

    Training blocks are full and bring no mask. A mixture of experts in training adds its balance loss to the logits.
    Of windows that are read with the bases beside them, `inside` says which tokens are the window's; rows that are
    `like` others say so where the network can make use of it (`networks.paired`).
    """
    mask = batch.get("mask")
    more = {name: batch[name] for name in ("inside", "like") if name in batch}
    return model(input_ids=batch["ids"], attention_mask=None if mask is None or mask.all() else mask.long(), **more)


def hidden_states(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
    """Last hidden states [b, L, D] of a batch."""
    return output(model, batch).last_hidden_state


def lm_logits(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
    """Language-model logits [b, L, vocabulary] in fp32: a log-softmax in half precision loses small differences."""
    return output(model, batch).logits.float()


def log_softmax(logits: Tensor, lengths: Tensor) -> Tensor:
    """Log-probabilities among the tokens that bear bases (`lengths` > 0); special tokens take no share."""
    extra = logits.shape[-1] - len(lengths)  # embeddings are often padded beyond the vocabulary
    bearing = torch.nn.functional.pad(lengths, (0, extra)) > 0
    return logits.float().masked_fill(~bearing, -torch.inf).log_softmax(-1)


def exact(read: Read) -> Read:
    """The same reader in fp32."""

    def read_exactly(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        with torch.autocast(batch["ids"].device.type, enabled=False):
            return read(model, batch)

    return read_exactly


def class_logit(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
    """One logit a window [b]: calibrated, of a model fine-tuned here; log-odds, of a published one with two labels."""
    return _one(output(model, batch).logits.float())


def _one(logits: Tensor) -> Tensor:
    return logits[:, 1] - logits[:, 0] if logits.ndim == 2 else logits


def answers(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
    """All that a fine-tuned model says of each window [b, m]: a logit a class, or the values of its outputs."""
    return output(model, batch).logits.float()


def mean_embedding(special: np.ndarray) -> Read:
    """A reader: mean hidden state over the tokens that bear bases [b, D]; `special` from `tokenizer.special_ids`."""

    def read(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        return heads.mean(hidden_states(model, batch).float(), heads.bearing(batch["ids"], batch["mask"], special))

    return read


def _weights(tokenizer: PreTrainedTokenizerFast) -> Callable[[dict[str, Tensor]], Tensor]:
    """Of a batch whose changed stretches are its `first` and `count`: weights of each token, float [b, 3, L].

    How many bases a token has in the whole window (1 for one that has any), in the stretch with `LOCAL` bases on either
    side of it, and in these flanks alone. The flanks are the same bases for both alleles of a variant.
    """
    table = torch.from_numpy(tk.base_lengths(tokenizer))

    def weigh(batch: dict[str, Tensor]) -> Tensor:
        bases = table.to(batch["ids"].device)[batch["ids"]] * batch["mask"]
        ends, starts = bases.cumsum(1), bases.cumsum(1) - bases
        low, high = batch["first"][:, None], (batch["first"] + batch["count"])[:, None]

        def shared(low: Tensor, high: Tensor) -> Tensor:
            return (torch.minimum(ends, high) - torch.maximum(starts, low)).clamp(min=0)

        near = shared(low - LOCAL, high + LOCAL)
        return torch.stack([bases > 0, near, near - shared(low, high)], 1).float()

    return weigh


class Said(NamedTuple):
    """What a model made of a batch: hidden states [b, L, D] where a part asks, its answer where it has a head (logits).

    `learnt` is what the answer is of (`networks.outputs`).
    """

    hidden: Tensor | None
    logits: Tensor | None
    learnt: str = "binary"


Part = Callable[[Said, dict[str, Tensor]], Tensor]


def together(parts: Sequence[Part], layer: int | None = 0) -> Read:
    """A reader of several things in one pass, [b, sum of their sizes]: each part's answer, flattened, after the other.

    Parts see the hidden states of the last layer, or of the one that is counted from 1 (`networks.layers`); without a
    layer none, which is all that there is of an ensemble.
    """

    def read(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        with layers.heard(model.base_model, [] if layer is None else [layer]) as heard:
            said = output(model, batch)
        logits, learnt = getattr(said, "logits", None), outputs.of(getattr(model, "config", None)).learnt
        both = Said(heard.get(layer), None if logits is None else logits.float(), learnt)
        return torch.cat([part(both, batch).flatten(1) for part in parts], 1)

    return read


def window_embedding(tokenizer: PreTrainedTokenizerFast) -> Part:
    """Three means of the hidden states [b, 3, D]: over the window, near the change, and on its flanks.

    In the window each token counts once, near the change by the bases it has there (see `_weights`), so that another
    segmentation of the same bases weighs the same.
    """
    weigh = _weights(tokenizer)
    return lambda said, batch: heads.weighted(said.hidden.float(), weigh(batch))


def near_entropy(tokenizer: PreTrainedTokenizerFast) -> Part:
    """Mean entropy [b, 1], in nats, of what a language model says of each token near the change.

    A masked model reads the tokens as they are, a causal one says what comes next; each counts by its bases there.
    """
    weigh, lengths = _weights(tokenizer), torch.from_numpy(tk.base_lengths(tokenizer))

    def part(said: Said, batch: dict[str, Tensor]) -> Tensor:
        chance = log_softmax(said.logits, lengths.to(batch["ids"].device))
        entropy = -(chance.exp() * chance.clamp(min=-100)).sum(-1)
        return heads.weighted(entropy[..., None], weigh(batch)[:, 1:2])[:, 0]

    return part


def window_answer(tokenizer: PreTrainedTokenizerFast) -> Part:
    """What a fine-tuned model says of a window [b, outputs] (`networks.outputs`).

    The logit of a classifier as `class_logit` has it, a logit a class, the values that were measured; of each track its
    signal summed over the bins of the window, in units of the track's mean, the same on either strand.
    """

    def part(said: Said, batch: dict[str, Tensor]) -> Tensor:
        if said.learnt == "binary":
            return _one(said.logits)[:, None]
        return poisson.rate(said.logits).sum(1) if said.learnt == outputs.TRACKS else said.logits

    return part
