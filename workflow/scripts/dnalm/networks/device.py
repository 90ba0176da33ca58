"""Where a model runs and in which precision: chosen when it is run, never on import."""

import contextlib
import os
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from dnalm.errors import UsageError


def device() -> torch.device:
    """The GPU where there is one. A job that asked Slurm for a GPU and got none must not crawl on a CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    asked = os.environ.get("SLURM_JOB_GPUS") or os.environ.get("SLURM_GPUS_ON_NODE")
    if asked and os.environ.get("DNALM_ALLOW_CPU") != "1":
        raise UsageError(
            f"Slurm gave this job GPU {asked} but torch sees none; install a CUDA build of torch, or set "
            "DNALM_ALLOW_CPU=1 to run on the CPU all the same"
        )
    return torch.device("cpu")


def on(where: torch.device, arrays: dict[str, np.ndarray]) -> dict[str, Tensor]:
    """A batch as tensors on a device."""
    return {name: torch.from_numpy(values).to(where, non_blocking=True) for name, values in arrays.items()}


def autocast(where: torch.device) -> contextlib.AbstractContextManager:
    """bf16 where the hardware multiplies it fast, fp32 elsewhere; losses are taken in fp32 by their functions."""
    fast = where.type == "cuda" or (where.type == "cpu" and fast_on_cpu())
    return torch.autocast(where.type, torch.bfloat16) if fast else contextlib.nullcontext()


def fast_on_cpu() -> bool:
    """Whether this CPU multiplies bf16 faster than fp32."""
    capable = torch.backends.cpu.get_cpu_capability() in ("AVX512", "AMX")
    return capable and any(flag in _cpu_flags() for flag in ("avx512_bf16", "amx_bf16"))


@cache
def _cpu_flags() -> str:
    with contextlib.suppress(OSError):
        return Path("/proc/cpuinfo").read_text(encoding="utf-8").split("flags", 1)[-1].split("\n", 1)[0]
    return ""
