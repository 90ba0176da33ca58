"""The one training loop: pretraining and fine-tuning give it a batch and a loss for each step, and it does the rest.

A step's batch is a pure function of the step, so a run that was killed and resumed ends in the same bytes as one that
was not; see `checkpoint` for where its state is kept.
"""

import math
import signal
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from dnalm import checkpoint
from dnalm import model as models
from dnalm.errors import InputError
from dnalm.logs import log, progress

Batch = dict[str, np.ndarray]


def fit(
    model: nn.Module,
    batch_at: Callable[[int], Batch],
    loss_of: Callable[[nn.Module, dict[str, Tensor]], Tensor],
    *,
    steps: int,
    learning_rate: float,
    checkpoints: Path,
    warmup: float = 0.1,
    weight_decay: float = 0.01,
    clip: float = 1.0,
    evaluate: Callable[[nn.Module], dict[str, float]] | None = None,
    evaluations: int = 10,
    best: str | None = None,
    save_seconds: float = 60.0,
) -> list[dict[str, float]]:
    """Train in place and return the history: a row for each evaluation, with the mean training loss since the last.

    AdamW, linear warm-up over the first `warmup` of the steps, cosine to a tenth. With `best`, the weights of the row
    in which that value was highest are put back at the end. On SIGTERM: save, exit status 143.
    Raises InputError when the loss is not a number for three steps running.
    """
    where = models.device()
    model.to(where).train()
    torch.use_deterministic_algorithms(where.type == "cpu")
    torch.utils.deterministic.fill_uninitialized_memory = False  # a tenth of a step, to find bugs that are not here
    optimizer = _optimizer(model, learning_rate, weight_decay)
    state = checkpoint.resume(checkpoints, model, optimizer) or {"step": 0, "history": [], "best": None, "losses": []}
    every = max(steps // evaluations, 1)
    stop = _Stop()
    saved, bad, began = time.monotonic(), 0, time.monotonic() - state.get("seconds", 0.0)
    with progress("training", steps, "steps", done=state["step"]) as advance:
        while state["step"] < steps:
            step = state["step"]
            for group in optimizer.param_groups:
                group["lr"] = learning_rate * schedule(step, steps, warmup)
            loss = _step(model, optimizer, batch_at(step), loss_of, clip, where)
            bad = 0 if math.isfinite(loss) else bad + 1
            if bad == 3:
                raise InputError(
                    f"the loss is not a number at step {step}; lower learning_rate (now {learning_rate:g})"
                )
            state["losses"].append(loss)
            state["step"] += 1
            state["seconds"] = time.monotonic() - began
            if state["step"] % every == 0 or state["step"] == steps:
                _evaluate(model, state, evaluate, best, checkpoints, optimizer)
            advance(1, f"loss {loss:.4f}")
            if stop.asked or (time.monotonic() - saved > save_seconds and state["step"] < steps):
                checkpoint.save(checkpoints, model, optimizer, state)
                saved = time.monotonic()
            if stop.asked:
                log.info(f"stopped by SIGTERM at step {state['step']}, saved; run the same command again to carry on")
                raise SystemExit(143)
    if best is not None and state["best"] is not None:
        model.load_state_dict(checkpoint.load_best(checkpoints, state["best"]["step"]))
    model.eval()
    return state["history"]


def schedule(step: int, steps: int, warmup: float) -> float:
    """Share of the peak learning rate at a step: a linear rise, then a cosine down to a tenth."""
    rise = max(round(warmup * steps), 1)
    if step < rise:
        return (step + 1) / rise
    return 0.1 + 0.45 * (1 + math.cos(math.pi * (step - rise) / max(steps - rise, 1)))


def _optimizer(model: nn.Module, learning_rate: float, weight_decay: float) -> torch.optim.Optimizer:
    """AdamW; norms and biases are not decayed, and what needs no gradient (a frozen backbone) is left out."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [one for one in trained if one.ndim > 1], "weight_decay": weight_decay},
        {"params": [one for one in trained if one.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=learning_rate, betas=(0.9, 0.98))


def _step(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    arrays: Batch,
    loss_of: Callable[[nn.Module, dict[str, Tensor]], Tensor],
    clip: float,
    where: torch.device,
) -> float:
    batch = {name: torch.from_numpy(values).to(where, non_blocking=True) for name, values in arrays.items()}
    with models.autocast(where):
        loss = loss_of(model, batch)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.item()


def _evaluate(
    model: nn.Module,
    state: dict,
    evaluate: Callable[[nn.Module], dict[str, float]] | None,
    best: str | None,
    checkpoints: Path,
    optimizer: torch.optim.Optimizer,
) -> None:
    row = {
        "step": state["step"],
        "seconds": round(state["seconds"], 1),
        "learning_rate": optimizer.param_groups[0]["lr"],
        "loss": float(np.mean(state["losses"])),
    }
    state["losses"] = []
    if evaluate is not None:
        model.eval()
        row |= evaluate(model)
        model.train()
    state["history"].append(row)
    log.info(", ".join(f"{name} {value:.4g}" for name, value in row.items()))
    if best is not None and (state["best"] is None or row[best] > state["best"]["value"]):
        state["best"] = {"step": state["step"], "value": row[best]}
        checkpoint.save_best(checkpoints, state["step"], model)


class _Stop:
    """Becomes `asked` on SIGTERM (a time limit, scancel, a requeue), so that the step in hand is finished first."""

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, signum: int, frame: object) -> None:
        self.asked = True
