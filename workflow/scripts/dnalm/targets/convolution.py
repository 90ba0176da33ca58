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
from dnalm.metrics import calibration, ranking
from dnalm.networks import cnn, device, predict, readers
from dnalm.targets.windows import Task
from dnalm.training import batches, finetuning, train

BATCH, READ_AT_ONCE = 64, 128
LEARNING_RATE = 1e-3
SHIFT = 10  # bases that a window is shifted by at most, so that a motif's place says nothing
LOOKED_AT = 4000  # validation windows of an evaluation during training


def fit(task: Task) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Train on the training windows: (weights by name and the calibration's scale and shift, facts).

    An epoch is a pass over the rarer class. The weights kept are those of the best validation AUPRC; where validation
    has one class they are the last, and probabilities are those at equal classes.
    """
    codes, labels = task.codes, task.labels
    rows, held_out = (np.flatnonzero(task.split == name) for name in ("train", "validation"))
    looked_at = finetuning.some(held_out, LOOKED_AT)
    choosable = len(np.unique(labels[looked_at])) == 2
    finetuning.seed_everything(task.seed)
    network = cnn.WindowConvolutions(task.filters)
    classes = [rows[labels[rows] == label] for label in (1, 0)]
    steps = max(round(task.epochs * 2 * min(map(len, classes)) / BATCH), 1)

    def evaluate(network: nn.Module) -> dict[str, float]:
        return {"auprc": ranking.auprc(labels[looked_at], _logits(network, codes[looked_at], both_strands=False))}

    with tempfile.TemporaryDirectory() as folder:
        history = train.fit(
            network,
            lambda step, part: _batch(codes, classes, step, task.seed, part),
            finetuning.loss_of("cross_entropy"),
            batch_size=BATCH,
            steps=steps,
            learning_rate=LEARNING_RATE,
            checkpoints=Path(folder) / "cnn",
            evaluate=evaluate if choosable else None,
            evaluations=20,
            best="auprc" if choosable else None,
        )
    scale, shift = calibration.platt(_logits(network, codes[held_out]), labels[held_out]) if choosable else (1.0, 0.0)
    arrays = {name: values.cpu().numpy() for name, values in network.state_dict().items()}
    best = max((row["auprc"] for row in history), default=None) if choosable else None
    facts = {"filters": task.filters, "steps": steps, "validation_auprc": best, "training_windows": len(rows)}
    return arrays | {"scale": np.array(scale), "shift": np.array(shift)}, facts


def _batch(codes: np.ndarray, classes: list[np.ndarray], step: int, seed: int, part: slice) -> dict[str, np.ndarray]:
    """Rows of one step's batch: half of each class, either strand, shifted; what is shifted in is unknown."""
    rng = np.random.default_rng([seed, 5, step])
    half = BATCH // 2
    walks = [rows[batches.walk(len(rows), step * half, half, seed, 5 + tag)] for tag, rows in enumerate(classes)]
    drawn = np.concatenate(walks)
    turn, shift = rng.random(BATCH) < 0.5, rng.integers(0, 2 * SHIFT + 1, BATCH)
    windows = np.pad(codes[drawn], ((0, 0), (SHIFT, SHIFT)), constant_values=seq.N)
    windows = np.take_along_axis(windows, shift[:, None] + np.arange(codes.shape[1]), 1)
    windows[turn] = seq.reverse_complement(windows[turn])
    labels = np.repeat(np.float32([1, 0]), half)
    return {"ids": windows[part].astype(np.int64), "labels": labels[part], "weight": np.ones_like(labels[part])}


def _logits(network: nn.Module, windows: np.ndarray, both_strands: bool = True) -> np.ndarray:
    """Logits of windows [n, W] by the one inference loop, mean over both strands: float32 [n]."""
    options = {"both_strands": both_strands, "batch_size": READ_AT_ONCE, "what": None}
    return predict.predict(network.eval(), None, windows, readers.class_logit, **options)


def scores(codes: np.ndarray, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Probability of each window [n, W], any W, at the prevalence of the validation windows: float32 [n]."""
    network = cnn.WindowConvolutions(len(arrays["read.bias"]))
    weights = {name: torch.from_numpy(arrays[name]) for name in network.state_dict()}
    network.load_state_dict(weights)
    logits = _logits(network.to(device.device()), codes)
    return calibration.sigmoid(arrays["scale"] * logits + arrays["shift"]).astype(np.float32)
