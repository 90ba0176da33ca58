"""What fine-tuning adds to the one training loop: labelled windows, the loss, calibration, predictions."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast

from dnalm import files
from dnalm.errors import InputError
from dnalm.metrics import calibration, ranking
from dnalm.networks import poisson, predict, readers


def rows_of(table: pd.DataFrame, split: str) -> np.ndarray:
    """Row numbers of a split."""
    return np.flatnonzero(table.split == split)


def some(rows: np.ndarray, most: int) -> np.ndarray:
    """At most `most` rows, evenly spread, for evaluations during training."""
    return rows[np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(int)]


def fewer(rows: np.ndarray, labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Of training rows with their labels [n], `count`, the classes in proportion, in the order given (0: all).

    What a model makes of few labels is what pretraining is for. Draws of one seed are nested: those of 100 are among
    those of 300, so a curve over the number of labels is not moved by luck of the draw. Of each class there is one at
    least. Raises InputError where so many there are not.
    """
    if not count:
        return rows
    ours, others = (np.flatnonzero(labels == one) for one in (1, 0))
    if not 2 <= count <= len(rows):
        raise InputError(f"labels: got {count:,}, wanted 2 to {len(rows):,}, the training windows of the target, or 0")
    positive = min(max(int(count * len(ours) / len(rows) + 0.5), 1, count - len(others)), count - 1, len(ours))
    rng = np.random.default_rng([seed, 4])
    kept = [rng.permutation(ours)[:positive], rng.permutation(others)[: count - positive]]
    return rows[np.sort(np.concatenate(kept))]


def seed_everything(seed: int) -> None:
    """Fresh weights (a new head, a network from scratch) come from torch's generator."""
    torch.manual_seed(seed)


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Binary cross-entropy of each window in nats [b]: what a probability of being bound is trained by."""
    return nn.functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")


class Loss(NamedTuple):
    """What fine-tuning makes small: a function of logits [b] and labels [b] to [b], and its name on an axis."""

    function: Callable[[Tensor, Tensor], Tensor]
    label: str


LOSSES: dict[str, Loss] = {
    "cross_entropy": Loss(cross_entropy, label="cross-entropy (nats per window)"),
    "poisson": Loss(poisson.loss, label="Poisson loss (nats per bin)"),
}


def loss_of(name: str) -> Callable[[nn.Module, dict[str, Tensor]], tuple[Tensor, Tensor]]:
    """A loss of LOSSES for the training loop: summed over the windows of a batch by weight, and the weights' sum."""

    def loss(model: nn.Module, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        each = LOSSES[name].function(readers.class_logit(model, batch), batch["labels"])
        return (each * batch["weight"]).sum(), batch["weight"].sum()

    return loss


def measure(
    model: nn.Module, tokenizer: PreTrainedTokenizerFast, codes: np.ndarray, labels: np.ndarray
) -> dict[str, float]:
    """How well a model does on validation windows while it is trained; one strand, which is half the work."""
    scores = predict.predict(model, tokenizer, codes, readers.class_logit, both_strands=False)
    return {"auprc": ranking.auprc(labels, scores)}


def best(rows: list[dict[str, float]]) -> float:
    """The validation AUPRC of the weights that a training kept, by its history."""
    return max(row["auprc"] for row in rows)


def calibrate(model: nn.Module, answer: pd.DataFrame) -> None:
    """Fit scale and shift of the logit on the validation windows, which undoes the balanced batches.

    The sigmoid is then the probability at the prevalence of those windows, which stands in the configuration beside
    them: in a genome bound windows are far rarer, and `calibration.shift` says what a logit means there.
    """
    held_out = answer[answer.split == "validation"]
    model.config.scale, model.config.shift = calibration.platt(held_out.logit.to_numpy(), held_out.label.to_numpy())
    model.config.prevalence = float(held_out.label.mean())


def write_predictions(path: Path, answer: pd.DataFrame, config: object) -> None:
    """id, split, label, kind, the calibrated logit and its probability of each validation and test window.

    The logit tells windows apart whose probabilities are written alike.
    """
    logit = config.scale * answer.logit + config.shift
    files.write_table(path, answer.assign(logit=logit, score=calibration.sigmoid(logit)))
