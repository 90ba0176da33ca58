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
from dnalm.errors import InputError, UsageError
from dnalm.metrics import calibration
from dnalm.networks import flanks, poisson, readers
from dnalm.training import batches, tasks
from dnalm.training.tasks import BINARY, Learnt


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
    least. Values [n, m] that were measured are drawn as they come. Raises InputError where so many there are not.
    """
    if not count:
        return rows
    groups = batches.groups(labels)
    least = max(len(groups), 2)
    if not least <= count <= len(rows):
        wanted = f"{least} to {len(rows):,}, the training windows of the target, or 0"
        raise InputError(f"labels: got {count:,}, wanted {wanted}")
    rng, kept, left, still = np.random.default_rng([seed, 4]), [], count, len(rows)
    for place, group in enumerate(groups):
        after, still = len(groups) - place - 1, still - len(group)  # classes, and windows, that are drawn from later
        share = int(left * len(group) / (len(group) + still) + 0.5)
        share = min(max(share, 1, left - still), left - after, len(group))
        kept.append(rng.permutation(group)[:share])
        left -= share
    return rows[np.sort(np.concatenate(kept))]


def seed_everything(seed: int) -> None:
    """Fresh weights (a new head, a network from scratch) come from torch's generator."""
    torch.manual_seed(seed)


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of each window in nats [b]: what a probability of being bound, or of each class, is trained by.

    Logits are [b] for bound or unbound (labels 1 or 0), [b, K] for K classes (labels are their numbers).
    """
    if logits.ndim == 2:
        return nn.functional.cross_entropy(logits, labels.long(), reduction="none")
    return nn.functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")


def squared_error(answers: Tensor, values: Tensor) -> Tensor:
    """Squared error of each window [b], mean over its outputs [b, m]: what a measured value is predicted by."""
    return ((answers - values) ** 2).mean(1)


class Loss(NamedTuple):
    """What fine-tuning makes small: a function of answers and labels, [b] or [b, m], to [b], and its name on an axis.

    `tasks`: the rows of TASKS that it fits.
    """

    function: Callable[[Tensor, Tensor], Tensor]
    label: str
    tasks: tuple[str, ...] = ("binary",)


LOSSES: dict[str, Loss] = {
    "cross_entropy": Loss(cross_entropy, label="cross-entropy (nats per window)", tasks=("binary", "classes")),
    "squared_error": Loss(squared_error, label="squared error (of standardised values)", tasks=("regression",)),
    "poisson": Loss(poisson.loss, label="Poisson loss (nats per bin)", tasks=("coverage",)),
}


def chosen(loss: str | None, learnt: Learnt) -> str:
    """The loss that is asked for, or the task's own; UsageError for one that does not fit the task."""
    name = loss or tasks.TASKS[learnt.task].loss
    if learnt.task not in LOSSES[name].tasks:
        fits = ", ".join(one for one, row in LOSSES.items() if learnt.task in row.tasks)
        raise UsageError(f"loss: got {name}, wanted {fits} for windows whose task is {learnt.task}; leave it out")
    return name


def reader_of(learnt: Learnt) -> readers.Read:
    """What is read off a model of a task: one logit a window [b], or an answer for each name [b, m]."""
    return readers.class_logit if learnt.task == "binary" else readers.answers


def loss_of(name: str, learnt: Learnt = BINARY) -> Callable[[nn.Module, dict[str, Tensor]], tuple[Tensor, Tensor]]:
    """A loss of LOSSES for the training loop: summed over the windows of a batch by weight, and the weights' sum."""
    read = reader_of(learnt)

    def loss(model: nn.Module, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        each = LOSSES[name].function(read(model, batch), batch["labels"])
        return (each * batch["weight"]).sum(), batch["weight"].sum()

    return loss


def measure(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerFast,
    codes: np.ndarray,
    labels: np.ndarray,
    learnt: Learnt = BINARY,
) -> dict[str, float]:
    """How well a model does on validation windows while it is trained; one strand, which is half the work.

    A model that has a margin is given the windows with what is beside them.
    """
    scores = flanks.answers(model, tokenizer, codes, reader_of(learnt), both_strands=False, what="windows")
    row = tasks.TASKS[learnt.task]
    return {row.best: row.quick(labels, scores)}


def settings(learnt: Learnt, strands: str) -> dict[str, object]:
    """What a classifier of a task says of a window, as its configuration has it."""
    names = list(learnt.names)
    return {"learnt": learnt.task, "outputs": max(len(names), 1), "names": names, "strands": strands}


def described(labels: np.ndarray, learnt: Learnt) -> str:
    """What the training windows are, for the log."""
    if learnt.task == "binary":
        return f"{labels.mean():.1%} bound"
    return f"{len(learnt.names)} {'classes' if learnt.task == 'classes' else 'output(s)'}"


def units(values: np.ndarray, learnt: Learnt) -> tasks.Calibration:
    """Deviation and mean [m] of the training windows' values [n, m], by which a network learns standardised ones.

    They are the scale and shift that put what it says back into the units of the table. A value that does not vary has
    the deviation 1; of classes there is none, (1, 0).
    """
    if learnt.task != "regression":
        return 1.0, 0.0
    spread = values.std(0)
    return np.where(spread > 1e-12 * np.abs(values).max(0), spread, 1.0).tolist(), values.mean(0).tolist()


def calibrate(
    model: nn.Module,
    answers: np.ndarray,
    labels: np.ndarray,
    learnt: Learnt = BINARY,
    known: tasks.Calibration = (1, 0),
) -> None:
    """Fit scale and shift of the logits on validation windows, which undoes the balanced batches.

    The sigmoid is then the probability at the prevalence of those windows, which stands in the configuration beside
    them: in a genome bound windows are far rarer, and `calibration.shift` says what a logit means there. Values that
    were measured take the `units`, `known` since before the training.
    """
    regression = learnt.task == "regression"
    model.config.scale, model.config.shift = known if regression else tasks.calibrated(answers, labels, learnt)
    model.config.prevalence = float(labels.mean()) if learnt.task == "binary" else None


def write_predictions(
    path: Path, table: pd.DataFrame, answers: np.ndarray, config: object, learnt: Learnt = BINARY
) -> None:
    """What a model says of each validation and test window, beside id, split, label and kind of the `table`.

    Binary: the calibrated logit and its probability (the logit tells windows apart whose probabilities are written
    alike). Classes: a calibrated logit:{class} each, and the class that is called. Values: value:{name} as measured
    and predicted:{name}, in the same units.
    """
    if learnt.task == "binary":
        logit = config.scale * answers + config.shift
        files.write_table(path, table.assign(logit=logit, score=calibration.sigmoid(logit)))
        return
    answers = np.asarray(config.scale) * answers + np.asarray(config.shift)
    found = dict(zip(tasks.columns(tasks.TASKS[learnt.task].prefix, learnt), answers.T, strict=True))
    if learnt.task == "classes":
        found["call"] = np.array(learnt.names)[answers.argmax(1)]
    files.write_table(path, table.assign(**found))
