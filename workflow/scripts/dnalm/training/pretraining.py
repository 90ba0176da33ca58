"""What a language model is trained for: the loss, and held-out bits per base with repeats and unique sequence apart."""

import math
from collections.abc import Callable, Collection
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from dnalm.networks import device, last_layer, readers
from dnalm.training import batches as training_batches


class Predicted(NamedTuple):
    """What a model said of the places where something was to be predicted, n in all."""

    losses: Tensor  # nats, float32 [n]
    labels: Tensor  # int64 [n]
    where: Tensor  # their places in the flattened [b, L] (int64 [n])
    balance: Tensor | None  # from a mixture of experts in training: how unequally its experts are busy


def predicted(model: nn.Module, batch: dict[str, Tensor], objective: str) -> Predicted:
    """Run the model and take the loss of each predicted token.

    A masked model's logits at a position say what stands there, and what comes after its last look at other tokens is
    run on the predicted ones alone: the same numbers for less work. A causal model's logits say what comes next, so
    labels move up by one.
    """
    labels = batch["labels"].flatten()
    where = (labels != training_batches.IGNORE).nonzero()[:, 0]
    if objective == "clm":
        output = readers.output(model, batch)
        logits = output.logits.flatten(0, 1)[where - 1]  # [CLS] has no label, so none of these is another row's
    else:
        with last_layer.only(model, where):
            output = readers.output(model, batch)
        logits = output.logits if output.logits.ndim == 2 else output.logits.flatten(0, 1)[where]
    losses = nn.functional.cross_entropy(logits.float(), labels[where], reduction="none")
    return Predicted(losses, labels[where], where, getattr(output, "aux_loss", None))


def loss_of(objective: str) -> Callable[[nn.Module, dict[str, Tensor]], tuple[Tensor, Tensor]]:
    """The training loss as (sum, weight): of predicted tokens, each with its weight (soft-masked ones may count less).

    A mixture of experts adds the loss that keeps its experts equally busy, weighed as its configuration says.
    """

    def loss(model: nn.Module, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        found = predicted(model, batch, objective)
        weight = batch["weight"].flatten()[found.where]
        total, share = (found.losses * weight).sum(), weight.sum()
        if found.balance is None:
            return total, share
        config = getattr(model, "module", model).config
        return total + config.router_aux_loss_coef * found.balance * share, share

    return loss


def bits_per_base(
    model: nn.Module,
    held_out: dict[str, list[dict[str, np.ndarray]]],
    objective: str,
    lengths: np.ndarray,
    pooled: Collection[str],
) -> dict[str, float]:
    """Held-out bits per base: in all, in soft-masked repeats and in unique sequence (2 bits is a blind guess).

    `held_out` are batches by genome. The three figures are of the genomes in `pooled`; where there are several, each
    has a figure of its own too, `bits_in_{genome}`. Per base, not per token, because a tokenizer with longer tokens has
    harder tokens and fewer of them. Where a part has no token its value is NaN.
    """
    counted = {genome: _counted(model, batches, objective, lengths) for genome, batches in held_out.items()}
    bits, bases = sum(counted[genome] for genome in pooled)
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = bits / bases
        each = {f"bits_in_{genome}": one[0].sum() / one[1].sum() for genome, one in counted.items()}
    figures = {"bits_per_base": bits.sum() / bases.sum(), "bits_repeat": apart[0], "bits_unique": apart[1]}
    return figures | (each if len(each) > 1 else {})


def _counted(
    model: nn.Module, held_out: list[dict[str, np.ndarray]], objective: str, lengths: np.ndarray
) -> np.ndarray:
    """Bits and bases [2], each in repeats and in unique sequence [2]."""
    where = next(model.parameters()).device
    bits, bases = np.zeros(2), np.zeros(2)
    for arrays in held_out:
        batch = device.on(where, arrays)
        with torch.no_grad(), device.autocast(where):
            found = predicted(model, batch, objective)
        losses, labels, places = (value.cpu().numpy() for value in found[:3])
        repeat = arrays["repeat"].ravel()[places] > 0
        for part, inside in enumerate((repeat, ~repeat)):
            bits[part] += losses[inside].sum() / math.log(2)
            bases[part] += lengths[labels[inside]].sum()
    return np.stack([bits, bases])
