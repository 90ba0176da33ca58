"""The peer in training: transformers.Trainer on packed blocks of real tokens, as it comes or as an expert tunes it.

"As it comes" is what a user gets who changes nothing: fp32, eight blocks a batch, a learning rate of 5e-5 that falls in
a straight line without warm-up, AdamW, the architecture's own dropout. "Tuned" is what an expert would set: bf16 where
the hardware multiplies it fast, no dropout, and the recipe's batch, learning rate, warm-up, cosine, decay and betas.
Neither saves nor reports. Blocks are packed for both, which is kinder than the usual padded lines.
"""

import copy
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from accelerate.state import AcceleratorState
from packed import Collate
from torch import Tensor, nn
from torch.utils.data import Dataset
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments
from transformers.utils import ModelOutput

from dnalm.networks import device, registry

WARM = 1 / 3  # of the steps are not timed: memory is taken and kernels are chosen in them
FORETOLD = 1_000_000  # steps of a schedule that is read by time


@dataclass(frozen=True)
class Run:
    """One training run: `losses` are means over stretches of steps in order, `loss` is the last of them."""

    network: nn.Module
    steps: int
    seconds: float
    tokens_per_second: float
    losses: list[float]

    @property
    def loss(self) -> float:
        """The training loss at the end."""
        return self.losses[-1] if self.losses else float("nan")


def with_own_dropout(network: nn.Module, objective: str, seed: int) -> nn.Module:
    """A fresh network like `network`, with the dropout of its architecture's own defaults and its own first weights."""
    config = copy.deepcopy(network.config)
    for name, value in vars(type(config)()).items():
        if "dropout" in name and isinstance(value, float):
            setattr(config, name, value)
    torch.manual_seed(seed)
    return registry.HEADS[objective].from_config(config)


def train(
    network: nn.Module,
    data: Dataset,
    collate: Collate,
    objective: str,
    *,
    steps: int | None = None,
    seconds: float | None = None,
    tuned: dict[str, float] | None = None,
    rates: Sequence[float] | None = None,
    seed: int = 0,
    batch_size: int = 8,
) -> Run:
    """Train in place for `steps`, or for `seconds` of wall-clock; `tuned` holds learning_rate, warmup, weight_decay.

    In a budget of seconds the Trainer's own schedule runs over the time, as if its user had foretold to the step how
    many there would be. With `rates`, the learning rate of each step, the data are taken in order.
    """
    clock = _Clock(seconds, rates)
    settings = {"seed": seed, "per_device_train_batch_size": batch_size, "max_steps": steps or FORETOLD} | _quiet()
    settings |= {} if tuned is None else _expert(tuned, settings["max_steps"])
    settings |= {"logging_steps": max((steps or 400) // 20, 1)}
    settings |= {} if rates is None else {"train_sampling_strategy": "sequential", "logging_steps": 1}
    loss = _loss(objective) if network.config.model_type in registry.ours() else None
    torch.use_deterministic_algorithms(False)  # train.fit switches it on for the process; a user has it off
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(output_dir=folder, **settings)
        peer = Trainer(network, arguments, collate, data, compute_loss_func=loss, callbacks=[clock])
        peer.remove_callback(PrinterCallback)
        peer.train()
    AcceleratorState._reset_state(reset_partial_state=True)  # one of another precision may come next in this process
    losses = [row["loss"] for row in peer.state.log_history if "loss" in row]
    tokens = batch_size * data[0]["input_ids"].numel()
    return Run(network.eval(), peer.state.global_step, clock.marks[-1], tokens / clock.step(), losses)


def _quiet() -> dict[str, Any]:
    """Neither saved nor reported, which costs time and teaches nothing; a GPU is used where there is one."""
    gpu = device.device().type == "cuda"
    quiet = {"save_strategy": "no", "report_to": "none", "disable_tqdm": True, "remove_unused_columns": False}
    return quiet | {"use_cpu": not gpu, "dataloader_pin_memory": gpu}


def _expert(tuned: dict[str, float], steps: int) -> dict[str, Any]:
    """What an expert sets beside the batch size: precision, schedule and AdamW as in our own loop."""
    where = device.device()
    with device.autocast(where):
        fast = torch.is_autocast_enabled(where.type)
    return {
        "bf16": fast,
        "learning_rate": tuned["learning_rate"],
        "lr_scheduler_type": "cosine_with_min_lr",
        "lr_scheduler_kwargs": {"min_lr_rate": 0.1},
        "warmup_steps": round(tuned["warmup"] * steps),
        "weight_decay": tuned["weight_decay"],
        "adam_beta2": 0.98,
        "logging_nan_inf_filter": False,  # looks at every step's loss
    }


def _loss(objective: str) -> Callable[..., Tensor]:
    """The loss of networks that have none of their own: cross-entropy over what is to be predicted."""

    def loss(output: ModelOutput, labels: Tensor, num_items_in_batch: Tensor | None = None) -> Tensor:
        shift = int(objective == "clm")
        logits = output.logits[:, : labels.shape[1] - shift].float()
        return nn.functional.cross_entropy(logits.flatten(0, 1), labels[:, shift:].flatten())

    return loss


class _Clock(TrainerCallback):
    """Notes when each step ends, gives each its learning rate where rates are given, stops when the time is up."""

    def __init__(self, seconds: float | None, rates: Sequence[float] | None = None) -> None:
        self.budget, self.rates, self.marks = seconds or float("inf"), rates, []

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self.began = time.perf_counter()

    def on_step_begin(self, args: Any, state: Any, control: Any, **trainer: Any) -> None:
        schedule = getattr(trainer["lr_scheduler"], "scheduler", trainer["lr_scheduler"])
        groups = trainer["optimizer"].param_groups
        for group, peak, share in zip(groups, schedule.base_lrs, schedule.lr_lambdas, strict=True):
            if self.rates is not None:
                group["lr"] = self.rates[state.global_step]
            elif self.budget < float("inf"):
                gone = min((time.perf_counter() - self.began) / self.budget, 1.0)
                group["lr"] = peak * share(int(gone * FORETOLD))

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.marks.append(time.perf_counter() - self.began)
        if self.marks[-1] >= self.budget:
            control.should_training_stop = True

    def step(self) -> float:
        """Seconds a step, the first ones left out."""
        first = int(WARM * len(self.marks))
        return (self.marks[-1] - self.marks[first]) / max(len(self.marks) - 1 - first, 1) or self.marks[-1]
