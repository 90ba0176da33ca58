"""One training step, whole or in pieces, alone or with other processes: the same gradient however it is cut."""

import contextlib
from collections.abc import Callable

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor, nn

from dnalm.networks import device
from dnalm.training import processes, throughput

Batch = dict[str, np.ndarray]
LossOf = Callable[[nn.Module, dict[str, Tensor]], tuple[Tensor, Tensor]]  # sum of the losses, sum of their weights


def operations(model: nn.Module, arrays: Batch, loss_of: LossOf) -> int:
    """Floating-point operations of one piece of a batch, counted in a trial run that leaves no trace."""
    where = next(model.parameters()).device

    def trial() -> None:
        with device.autocast(where):
            loss_of(model, device.on(where, arrays))[0].backward()

    found = throughput.operations(trial)
    model.zero_grad(set_to_none=True)
    return found


def take(
    engine: Accelerator,
    model: nn.Module,
    optimisers: list[torch.optim.Optimizer],
    step: int,
    pieces: list[Batch],
    *,
    loss_of: LossOf,
    clip: float,
) -> Tensor:
    """Move the weights by one batch, which lies in pieces and on several processes; its mean loss, not waited for.

    Gradients are of sums; the sum of weights, which is known only when all have run, divides them together with the
    clipping. Where they are not finite the weights are left alone but for decay and momentum.
    """
    where = next(model.parameters()).device
    torch.manual_seed(step * engine.num_processes + engine.process_index)  # dropout, if any: exact on resume
    for optimizer in optimisers:
        optimizer.zero_grad(set_to_none=True)
    sums = torch.zeros(2, device=where)
    for number, arrays in enumerate(pieces):
        with contextlib.nullcontext() if number == len(pieces) - 1 else engine.no_sync(model):
            with device.autocast(where):
                loss, weight = loss_of(model, device.on(where, arrays))
            loss.backward()
        sums += torch.stack([loss.detach().float(), weight.float()])
    sums = processes.total(engine, sums)
    scale = engine.num_processes / sums[1].clamp(min=1e-6)  # the processes' gradients were averaged, not summed
    gradients = [one.grad for one in model.parameters() if one.grad is not None]
    norm = nn.utils.get_total_norm(gradients) * scale
    scale = torch.where(torch.isfinite(norm), scale * (clip / (norm + 1e-6)).clamp(max=1.0), 0.0)
    for gradient in gradients:
        gradient.mul_(scale)
        if where.type != "cpu" or not scale:
            gradient.nan_to_num_(0.0, 0.0, 0.0)
    for optimizer in optimisers:
        optimizer.step()
    return sums[0] / sums[1].clamp(min=1e-6)
