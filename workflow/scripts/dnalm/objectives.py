"""What a language model is trained for: the loss, and held-out bits per base with repeats and unique sequence apart."""

import math
from collections.abc import Callable, Collection

import numpy as np
import torch
from torch import Tensor, nn

from dnalm import batches
from dnalm import model as models
from dnalm.predict import lm_output


def token_losses(logits: Tensor, labels: Tensor, objective: str) -> tuple[Tensor, Tensor]:
    """(losses in nats, labels) of each position [b, L or L - 1]; 0 and -100 where nothing is predicted.

    A causal model's logits at a position say what comes next, so labels move up by one; a masked model's say what
    stands there.
    """
    if objective == "clm":
        logits, labels = logits[:, :-1], labels[:, 1:]
    flat = nn.functional.cross_entropy(
        logits.float().flatten(0, 1), labels.flatten(), ignore_index=batches.IGNORE, reduction="none"
    )
    return flat.view(labels.shape), labels


def loss_of(objective: str) -> Callable[[nn.Module, dict[str, Tensor]], Tensor]:
    """The training loss: the mean over predicted tokens, each with its weight (soft-masked ones may count less).

    A mixture of experts adds the loss that keeps its experts equally busy, weighed as its configuration says.
    """

    def loss(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        output = lm_output(model, batch)
        losses, labels = token_losses(output.logits, batch["labels"], objective)
        weight = batch["weight"][:, -labels.shape[1] :] * (labels != batches.IGNORE)
        mean = (losses * weight).sum() / weight.sum().clamp(min=1e-6)
        balance = getattr(output, "aux_loss", None)
        return mean if balance is None else mean + model.config.router_aux_loss_coef * balance

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
        batch = {name: torch.from_numpy(values).to(where) for name, values in arrays.items()}
        with torch.no_grad(), models.autocast(where):
            found = token_losses(lm_output(model, batch).logits, batch["labels"], objective)
        losses, labels = (value.cpu().numpy() for value in found)
        repeat = arrays["repeat"][:, -labels.shape[1] :] > 0
        spans = lengths[np.maximum(labels, 0)] * (labels != batches.IGNORE)
        for part, inside in enumerate((repeat, ~repeat)):
            bits[part] += losses[inside].sum() / math.log(2)
            bases[part] += spans[inside].sum()
    return np.stack([bits, bases])
