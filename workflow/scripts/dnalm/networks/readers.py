"""What is read off a model for one batch: hidden states, logits, one number a window, vectors of a window.

A reader is a function of (model, batch) that the one inference loop, `networks.predict`, is given.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast
from transformers.utils import ModelOutput

from dnalm.networks import heads
from dnalm.tokens import tokenizer as tk

LOCAL = 16  # bases on either side of a variant that the score l2_local looks at

Read = Callable[[nn.Module, dict[str, Tensor]], Tensor]


def output(model: nn.Module, batch: dict[str, Tensor]) -> ModelOutput:
    """What a model makes of a batch; the mask is left out where nothing is padded (faster, same numbers).

    Training blocks are full and bring no mask. A mixture of experts in training adds its balance loss to the logits.
    Of windows that are read with the bases beside them, `inside` says which tokens are the window's.
    """
    mask = batch.get("mask")
    more = {"inside": batch["inside"]} if "inside" in batch else {}
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
    logits = output(model, batch).logits.float()
    return logits[:, 1] - logits[:, 0] if logits.ndim == 2 else logits


def answers(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
    """All that a fine-tuned model says of each window [b, m]: a logit a class, or the values of its outputs."""
    return output(model, batch).logits.float()


def mean_embedding(special: np.ndarray) -> Read:
    """A reader: mean hidden state over the tokens that bear bases [b, D]; `special` from `tokenizer.special_ids`."""

    def read(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        return heads.mean(hidden_states(model, batch).float(), heads.bearing(batch["ids"], batch["mask"], special))

    return read


def window_embedding(tokenizer: PreTrainedTokenizerFast, width: int) -> Read:
    """Reader of two means of the hidden states [b, 2, D]: over all base-bearing tokens, and near the window's centre.

    The near stretch, [W // 2 - 16, W - W // 2 + 16), is the same on both strands; a token counts by the bases it has
    in it, so that another segmentation of the same bases weighs the same.
    """
    table = torch.from_numpy(tk.base_lengths(tokenizer))
    low, high = width // 2 - LOCAL, width - width // 2 + LOCAL

    def read(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        hidden = hidden_states(model, batch).float()
        bases = table.to(batch["ids"].device)[batch["ids"]] * batch["mask"]
        ends = bases.cumsum(1)
        near = (ends.clamp(max=high) - (ends - bases).clamp(min=low)).clamp(min=0)
        return heads.weighted(hidden, torch.stack([(bases > 0).float(), near.float()], 1))

    return read
