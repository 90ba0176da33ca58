"""What fine-tuning adds to the one training loop: labelled windows, the loss, calibration, predictions."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

from dnalm import files
from dnalm.metrics import calibration
from dnalm.networks import readers


def rows_of(table: pd.DataFrame, split: str) -> np.ndarray:
    """Row numbers of a split."""
    return np.flatnonzero(table.split == split)


def some(rows: np.ndarray, most: int) -> np.ndarray:
    """At most `most` rows, evenly spread, for evaluations during training."""
    return rows[np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(int)]


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


LOSSES: dict[str, Loss] = {"cross_entropy": Loss(cross_entropy, label="cross-entropy (nats per window)")}


def loss_of(name: str) -> Callable[[nn.Module, dict[str, Tensor]], tuple[Tensor, Tensor]]:
    """A loss of LOSSES for the training loop: summed over the windows of a batch, and how many there are."""

    def loss(model: nn.Module, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        labels = batch["labels"]
        total = LOSSES[name].function(readers.class_logit(model, batch), labels).sum()
        return total, torch.tensor(float(len(labels)), device=labels.device)

    return loss


def calibrate(model: nn.Module, answer: pd.DataFrame) -> None:
    """Fit scale and shift of the logit on the validation windows (Platt 1999), which undoes the balanced batches."""
    held_out = answer[answer.split == "validation"]
    fit = LogisticRegression(C=1e4).fit(held_out[["logit"]].to_numpy(), held_out.label.to_numpy())
    model.config.scale = max(float(fit.coef_[0, 0]), 1e-3)
    model.config.shift = float(fit.intercept_[0])


def write_predictions(path: Path, answer: pd.DataFrame, config: object) -> None:
    """id, split, label, kind and the calibrated probability of each validation and test window."""
    score = calibration.sigmoid(config.scale * answer.logit + config.shift)
    files.write_table(path, answer.drop(columns="logit").assign(score=score))
