"""Several processes, on one machine or many, that train one model together; torchrun starts them.

Alone, every function here gives back what it was given.
"""

import torch
from accelerate import Accelerator, DistributedDataParallelKwargs
from torch import Tensor, nn

from dnalm.errors import UsageError


def start() -> Accelerator:
    """Join the other processes, if there are any. Precision and devices stay ours to choose."""
    unused = DistributedDataParallelKwargs(find_unused_parameters=True)  # an expert that no token was sent to
    on_cpu = not torch.cuda.is_available()
    return Accelerator(cpu=on_cpu, mixed_precision="no", device_placement=False, kwargs_handlers=[unused])


def wrap(engine: Accelerator, model: nn.Module) -> nn.Module:
    """The model with its gradients averaged over the processes."""
    return engine.prepare_model(model, device_placement=False) if engine.num_processes > 1 else model


def rows(engine: Accelerator, batch_size: int, micro_batch: int) -> list[slice]:
    """Which rows of every batch this process reads, in the pieces that go through the model one after another."""
    each, odd = divmod(batch_size, engine.num_processes)
    if odd:
        raise UsageError(
            f"batch_size: got {batch_size} for {engine.num_processes} processes; choose a multiple of their number"
        )
    first = engine.process_index * each
    piece = min(micro_batch or each, each)
    return [slice(start, min(start + piece, first + each)) for start in range(first, first + each, piece)]


def total(engine: Accelerator, values: Tensor) -> Tensor:
    """The sum over the processes."""
    return engine.reduce(values, "sum") if engine.num_processes > 1 else values


def agree(engine: Accelerator, stop: bool, seconds: float) -> tuple[bool, float]:
    """Whether any process was asked to stop, and the first one's clock: all must act alike or they wait for ever."""
    if engine.num_processes == 1:
        return stop, seconds
    mine = [float(stop), seconds if engine.is_main_process else 0.0]
    found = engine.reduce(torch.tensor(mine, device=engine.device), "sum").tolist()
    return found[0] > 0, found[1]
