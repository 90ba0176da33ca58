"""The convolutional network as a baseline: trained on a target's windows by the one loop, kept as plain arrays.

It gets what a fine-tuned model gets (the same windows, splits, strands, and the best weights by validation), so that
what is left between the two is what the language model brought.
"""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from dnalm.dna import seq
from dnalm.metrics import calibration
from dnalm.networks import cnn, device, predict, readers
from dnalm.targets import answers, windows
from dnalm.targets.windows import Task
from dnalm.training import batches, finetuning, tasks, train
from dnalm.training.tasks import TASKS

BATCH, READ_AT_ONCE = 64, 128
LEARNING_RATE = 1e-3
SHIFT = 10  # bases that a window is shifted by at most, so that a motif's place says nothing
LOOKED_AT = 4000  # validation windows of an evaluation during training


def fit(task: Task) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Train on the training windows: (weights by name and the calibration's scale and shift, facts).

    An epoch is a pass over the rarest class, or over all windows where values were measured. The weights kept are those
    that do best on validation; where validation has one class they are the last, and probabilities are those at equal
    classes.
    """
    rows, held_out = (np.flatnonzero(task.split == name) for name in ("train", "validation"))
    looked_at = finetuning.some(held_out, LOOKED_AT)
    choosable, best = windows.choosable(task, looked_at), TASKS[task.learnt.task].best
    units = finetuning.units(task.labels[rows], task.learnt)
    finetuning.seed_everything(task.seed)
    network = cnn.WindowConvolutions(task.filters, len(task.learnt.names), task.places)
    groups = [rows[group] for group in batches.groups(task.labels[rows])]
    steps = max(round(task.epochs * len(groups) * min(map(len, groups)) / BATCH), 1)

    def evaluate(network: nn.Module) -> dict[str, float]:
        return {best: windows.quality(task, looked_at, _answers(network, task.codes[looked_at], both_strands=False))}

    with tempfile.TemporaryDirectory() as folder:
        history = train.fit(
            network,
            lambda step, part: _batch(task, units, groups, step, part),
            finetuning.loss_of(TASKS[task.learnt.task].loss, task.learnt),
            batch_size=BATCH,
            steps=steps,
            learning_rate=LEARNING_RATE,
            checkpoints=Path(folder) / "cnn",
            evaluate=evaluate if choosable else None,
            evaluations=20,
            best=best if choosable else None,
        )
    scale, shift = units
    if choosable and task.learnt.task != "regression":
        said = _answers(network, task.codes[held_out], task.both_strands)
        scale, shift = tasks.calibrated(said, task.labels[held_out], task.learnt)
    arrays = {name: values.cpu().numpy() for name, values in network.state_dict().items()}
    found = max((row[best] for row in history), default=None) if choosable else None
    facts = {"filters": task.filters, "steps": steps, f"validation_{best}": found, "training_windows": len(rows)}
    return arrays | {"scale": np.array(scale), "shift": np.array(shift)} | answers.kept(task), facts


def fit_ensemble(task: Task) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Train as many networks as the task has seeds: (arrays of each, and the calibration of their mean; facts)."""
    each = [fit(task._replace(seed=task.seed + number)) for number in range(task.seeds)]
    arrays = {f"{number}.{name}": values for number, (own, _) in enumerate(each) for name, values in own.items()}
    held_out = np.flatnonzero(task.split == "validation")
    scale, shift = 1.0, 0.0
    if windows.choosable(task, held_out):
        said = _mean(task.codes[held_out], arrays, task.seeds)
        scale, shift = tasks.calibrated(said, task.labels[held_out], task.learnt)
    arrays |= {"scale": np.array(scale), "shift": np.array(shift), "seeds": np.array(task.seeds)}
    return arrays | answers.kept(task), {"seeds": task.seeds, "each": [facts for _, facts in each]}


def ensemble_scores(codes: np.ndarray, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """As `scores`, by the mean of what the networks of `fit_ensemble` say: of logits, or of values."""
    mean = arrays["scale"] * _mean(codes, arrays, int(arrays["seeds"])) + arrays["shift"]
    return answers.said(mean, arrays) if "task" in arrays else calibration.sigmoid(mean).astype(np.float32)


def _mean(codes: np.ndarray, arrays: dict[str, np.ndarray], count: int) -> np.ndarray:
    """The mean of the calibrated logits [n], of the logarithms of probabilities [n, K], or of values [n, m]."""
    own = [
        {name.split(".", 1)[1]: one for name, one in arrays.items() if name.startswith(f"{n}.")} for n in range(count)
    ]
    said = [scores(codes, one) for one in own]
    return np.mean([calibration.logit(one) for one in said] if "task" not in arrays else said, axis=0)


def _batch(
    task: Task, units: tasks.Calibration, groups: list[np.ndarray], step: int, part: slice
) -> dict[str, np.ndarray]:
    """Rows of one step's batch: as many of each class, either strand, shifted; what is shifted in is unknown.

    Where places are told apart nothing is shifted.
    """
    rng = np.random.default_rng([task.seed, 5, step])
    drawn = batches.in_turn(groups, step, BATCH, task.seed, 5)
    most = 0 if task.places else SHIFT
    turn, shift = rng.random(BATCH) < 0.5, rng.integers(0, 2 * most + 1, BATCH)
    found = batches.shifted(task.codes[drawn], shift, most)
    if task.both_strands:
        found[turn] = seq.reverse_complement(found[turn])
    labels = ((task.labels[drawn] - units[1]) / units[0]).astype(np.float32)[part]
    return {"ids": found[part].astype(np.int64), "labels": labels, "weight": np.ones(len(labels), np.float32)}


def _answers(network: nn.Module, codes: np.ndarray, both_strands: bool = True) -> np.ndarray:
    """What the network says of windows [n, W] by the one inference loop: float32 [n], or [n, outputs]."""
    options = {"both_strands": both_strands, "batch_size": READ_AT_ONCE, "what": None}
    read = readers.answers if network.outputs else readers.class_logit
    return predict.predict(network.eval(), None, codes, read, **options)


def scores(codes: np.ndarray, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Probability of each window [n, W], any W, at the prevalence of the validation windows: float32 [n].

    Of other tasks what `answers.said` makes of the network's answers: float32 [n, outputs].
    """
    outputs = len(arrays["head.4.bias"]) if "task" in arrays else 0
    filters = len(arrays["read.bias"])
    places = (arrays["head.1.weight"].shape[1] - 2 * filters) // cnn.NEAR
    network = cnn.WindowConvolutions(filters, outputs, places)
    weights = {name: torch.from_numpy(arrays[name]) for name in network.state_dict()}
    network.load_state_dict(weights)
    found = _answers(network.to(device.device()), codes, answers.both_strands(arrays))
    found = arrays["scale"] * found + arrays["shift"]
    return answers.said(found, arrays) if outputs else calibration.sigmoid(found).astype(np.float32)
