"""How fast a training goes, and how much of the machine it uses: its operations beside what the machine can do."""

import time
from collections.abc import Callable

import torch
from torch.utils.flop_counter import FlopCounterMode, sdpa_backward_flop_count, sdpa_flop_count

from dnalm.networks import device

_ATEN = torch.ops.aten
_ATTENTION_ON_CPU = {
    _ATEN._scaled_dot_product_flash_attention_for_cpu: lambda q, k, v, *_, **__: sdpa_flop_count(q, k, v),
    _ATEN._scaled_dot_product_flash_attention_for_cpu_backward: lambda grad, q, k, v, *_, **__: (
        sdpa_backward_flop_count(grad, q, k, v)
    ),
}


def operations(function: Callable[[], object]) -> int:
    """Floating-point operations of a function's matrix products, convolutions and attention.

    Activations that are computed again count again; Fourier transforms do not count.
    """
    with FlopCounterMode(display=False, custom_mapping=_ATTENTION_ON_CPU) as counter:
        function()
    return counter.get_total_flops()


def peak(where: torch.device) -> float:
    """Operations a second that one large matrix product reaches here, in the precision that training uses.

    Measured, so that no table of devices has to be kept; a data sheet's figure is a quarter higher on a large GPU.
    """
    size, tries = (8192, 10) if where.type == "cuda" else (1024, 3)
    left, right = torch.rand(2, size, size, device=where)
    best = 0.0
    with torch.no_grad(), device.autocast(where):
        left, right = (one.to((left[:1] @ right[:, :1]).dtype) for one in (left, right))
        for _ in range(tries):
            _finish(where)
            began = time.perf_counter()
            left @ right
            _finish(where)
            best = max(best, 2 * size**3 / (time.perf_counter() - began))
    return best


def _finish(where: torch.device) -> None:
    """Wait for a GPU, which is told what to do and answers later."""
    if where.type == "cuda":
        torch.cuda.synchronize()


def rates(steps: int, seconds: float, per_step: dict[str, float], flops: int, most: float) -> dict[str, float]:
    """What is read a second, by name, and the share of the machine's peak in use (model FLOPs utilisation, "mfu")."""
    pace = steps / max(seconds, 1e-9)
    found = {f"{name}_per_second": pace * each for name, each in per_step.items()}
    return found | ({"mfu": pace * flops / most} if flops else {})
