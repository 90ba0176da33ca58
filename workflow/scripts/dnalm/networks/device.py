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
    """The GPU where there is one. A job that was promised a GPU and finds none must not crawl on a CPU: UsageError.

    Where numbers may be rounded, autocast says so. In fp32 torch would round the factors of a convolution to three
    digits on a GPU (TF32), but not those of other products: a variant's effect is smaller than that.
    """
    if torch.cuda.is_available():
        torch.backends.cudnn.allow_tf32 = False
        return torch.device("cuda")
    configured = os.environ.get("DNALM_GPUS")  # `gpus` of the configuration, where it says
    slurm = os.environ.get("SLURM_JOB_GPUS") or os.environ.get("SLURM_GPUS_ON_NODE")
    if configured != "0" and (configured or slurm):
        who = f"Slurm gave this job GPU {slurm}" if slurm else f"the configuration has gpus: {configured}"
        raise UsageError(
            f"{who} but torch {torch.__version__} sees none; install a CUDA build of torch, or set gpus: 0 in "
            "config/config.yaml (or --config gpus=0) to run on the CPU"
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
