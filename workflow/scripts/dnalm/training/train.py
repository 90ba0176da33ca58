"""The one training loop: pretraining and fine-tuning give it a batch and a loss for each step, and it does the rest.

A step's batch is a pure function of the step, so a run that was killed and resumed ends in the same bytes as one that
was not; see `checkpoint` for where its state is kept. Under torchrun each process takes its share of every batch, and
the gradient is that of the whole batch: the sum of all losses over the sum of all weights, however they are split.
"""

import math
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor, nn

from dnalm.errors import InputError
from dnalm.logs import log, progress
from dnalm.networks import device
from dnalm.training import checkpoint, descent, memory, optimizers, processes, schedules, throughput
from dnalm.training.descent import Batch, LossOf

FRESH = {"step": 0, "seconds": 0.0, "over": False, "evaluated": 0, "best": None, "bad": 0, "flops": 0}
LAG = 16  # steps after which a GPU is asked how it is: asking makes it wait


def fit(
    model: nn.Module,
    batch_at: Callable[[int, slice], Batch],
    loss_of: LossOf,
    *,
    batch_size: int,
    steps: int,
    learning_rate: float,
    checkpoints: Path,
    minutes: float = 0.0,
    micro_batch: int = 0,
    optimizer: str = "adamw",
    schedule: str = "cosine",
    warmup: float = 0.1,
    decay: float = 0.2,
    weight_decay: float = 0.01,
    clip: float = 1.0,
    attend: Callable[[nn.Module, bool], None] | None = None,
    evaluate: Callable[[nn.Module], dict[str, float]] | None = None,
    evaluations: int = 10,
    best: str | None = None,
    lowest: bool = False,
    patience: int = 0,
    per_step: dict[str, float] | None = None,
    save_seconds: float = 60.0,
) -> list[dict[str, float]]:
    """Train in place and return the history: a row for each evaluation, with the mean training loss since the last.

    `steps` end the training, or `minutes`, whichever comes first; the learning rate (see `schedules`) follows that.
    `batch_at` gives the rows asked for of a step's batch; `micro_batch` of them at a time go through the model (0:
    all), for a GPU that cannot hold more. With `best`, the weights of the row in which that value was highest (or
    `lowest`) are put back at the end; with `patience`, training stops after so many evaluations without a better one.
    `per_step` says what a step reads, for the rates in the log. On SIGTERM: save, exit status 143. Asked again when it
    is over, it takes the weights that it kept.
    `attend` is told when training begins and ends, which is when `models.write_out_attention` matters.
    Raises InputError when the loss is not a number for three steps running.
    """
    engine, where = processes.start(), device.device()
    memory.keep()
    model.to(where).train()
    torch.use_deterministic_algorithms(where.type == "cpu")
    torch.utils.deterministic.fill_uninitialized_memory = False  # a tenth of a step, to find bugs that are not here
    if over := checkpoint.finished(checkpoints, model):
        model.eval()
        return over["history"]
    if attend is not None:
        attend(model, True)
    optimisers = optimizers.build(model, optimizer, learning_rate, weight_decay)
    state = checkpoint.resume(checkpoints, model, optimisers) or FRESH | {"history": [], "losses": []}
    pieces = processes.rows(engine, batch_size, micro_batch)
    if per_step and not state["flops"]:
        state["flops"] = descent.operations(model, batch_at(0, pieces[0]), loss_of) * len(pieces) * engine.num_processes
    take = partial(descent.take, engine, processes.wrap(engine, model), optimisers, loss_of=loss_of, clip=clip)
    rate_at = partial(schedules.share, kind=schedule, warmup=warmup, decay=decay)
    lag = 1 if where.type == "cpu" else LAG
    most = throughput.peak(where) * engine.num_processes if per_step else math.inf
    now = time.monotonic()
    began, saved, paced = now - state["seconds"], now, (state["step"], now)
    with _Stop() as stop, progress("training", steps, "steps", done=state["step"]) as advance:
        while not state["over"]:
            losses = []
            for number in range(state["step"], min(state["step"] + lag, steps)):
                share = rate_at(_done(number + 0.5, steps, state["seconds"], minutes))
                optimizers.set_rate(optimisers, learning_rate * share)
                losses.append(take(number, [batch_at(number, piece) for piece in pieces]))
            _note(state, losses, learning_rate)
            advance(len(losses), f"loss {state['losses'][-1]:.4f}")
            stopping, state["seconds"] = processes.agree(engine, stop.wanted, time.monotonic() - began)
            done = _done(state["step"], steps, state["seconds"], minutes)
            state["over"] = done >= 1
            if math.floor(done * evaluations) > state["evaluated"]:
                state["evaluated"] = math.floor(done * evaluations)
                passed = state["step"] - paced[0], time.monotonic() - paced[1]
                rates = throughput.rates(*passed, per_step or {}, state["flops"], most)
                _evaluate(model, state, evaluate, learning_rate * share, rates)
                if best is not None:
                    _compare(engine, model, state, checkpoints, best, -1 if lowest else 1, patience)
                paced = state["step"], time.monotonic()
            if stopping or (time.monotonic() - saved > save_seconds and not state["over"]):
                if engine.is_main_process:
                    checkpoint.save(checkpoints, model, optimisers, state)
                saved = time.monotonic()
            if stopping:
                log.info(f"stopped by SIGTERM at step {state['step']}, saved; run the same command again to carry on")
                raise SystemExit(143)
    engine.wait_for_everyone()
    if state["best"] is not None:
        model.load_state_dict(checkpoint.load_best(checkpoints, state["best"]["step"]))
    engine.wait_for_everyone()
    if engine.is_main_process:
        checkpoint.finish(checkpoints, model, state)
    if attend is not None:
        attend(model, False)
    model.eval()
    return state["history"]


def _done(step: float, steps: int, seconds: float, minutes: float) -> float:
    """How much of the training is behind, 0 to 1: by steps, or by time where that is further."""
    return min(max(step / steps, seconds / (60 * minutes) if minutes else 0.0), 1.0)


def _note(state: dict, losses: list[Tensor], learning_rate: float) -> None:
    """Count the steps and keep their losses."""
    for loss in torch.stack(losses).tolist():
        state["step"] += 1
        state["losses"].append(loss)
        state["bad"] = 0 if math.isfinite(loss) else state["bad"] + 1
        if state["bad"] == 3:
            raise InputError(
                f"the loss is not a number at step {state['step']}; lower learning_rate (now {learning_rate:g})"
            )


def _evaluate(
    model: nn.Module,
    state: dict,
    evaluate: Callable[[nn.Module], dict[str, float]] | None,
    rate: float,
    rates: dict[str, float],
) -> None:
    row = {"step": state["step"], "seconds": round(state["seconds"], 1), "learning_rate": rate}
    row["loss"] = float(np.mean(state["losses"]))
    state["losses"] = []
    if evaluate is not None:
        model.eval()
        row |= evaluate(model)
        model.train()
    state["history"].append(row | rates)
    log.info(", ".join(f"{name} {value:.4g}" for name, value in state["history"][-1].items()))


def _compare(
    engine: Accelerator, model: nn.Module, state: dict, checkpoints: Path, best: str, sign: int, patience: int
) -> None:
    """Keep the weights if this row is the best so far; stop where none of the last `patience` was."""
    row, so_far = state["history"][-1], state["best"]
    if so_far is None or sign * row[best] > sign * so_far["value"]:
        state["best"] = {"step": row["step"], "value": row[best], "row": len(state["history"])}
        if engine.is_main_process:
            checkpoint.save_best(checkpoints, row["step"], model)
    elif patience and len(state["history"]) - so_far["row"] >= patience and not state["over"]:
        log.info(f"no better {best} in {patience} evaluations; stopping with that of step {so_far['step']}")
        state["over"] = True


class _Stop:
    """Becomes `wanted` on SIGTERM (a time limit, scancel, a requeue), so that the step in hand is finished first.

    Only while training lasts: a process that went on without its former handler could no longer be ended by SIGTERM.
    """

    def __init__(self) -> None:
        self.wanted = False

    def __enter__(self) -> "_Stop":
        self.before = signal.signal(signal.SIGTERM, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL if self.before is None else self.before)

    def _ask(self, signum: int, frame: object) -> None:
        self.wanted = True
