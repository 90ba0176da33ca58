"""Where a model runs and in which precision: chosen when it is run, never on import."""

import contextlib
import os
from collections.abc import Iterator
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
    return torch.autocast(where.type, torch.bfloat16) if fast_bf16(where) else contextlib.nullcontext()


def fast_bf16(where: torch.device) -> bool:
    """Whether a device multiplies bf16 faster than fp32."""
    return where.type == "cuda" or (where.type == "cpu" and fast_on_cpu())


def fast_fp32(where: torch.device) -> contextlib.AbstractContextManager:
    """Products of fp32 by oneDNN in place of MKL where that is slow, for work in large batches."""
    return _by_onednn() if where.type == "cpu" and slow_mkl() else contextlib.nullcontext()


@cache
def slow_mkl() -> bool:
    """Whether MKL, torch's first choice, multiplies fp32 at half the pace of oneDNN on this CPU, and no more exactly.

    So it is on AMD's with AVX-512 (110 and 245 GFLOP/s a core). torch asks oneDNN only where bf16 would do, too; it
    takes bf16 where a matrix unit makes that faster, which no such CPU has. A product is tried, in case one will.
    """
    if "AuthenticAMD" not in _cpu() or torch.backends.cpu.get_cpu_capability() != "AVX512":
        return False
    one, other = torch.linspace(1, 2, 2 * 256 * 256).view(2, 256, 256)
    with _by_onednn():
        found = one @ other
    return torch.allclose(found.double(), one.double() @ other.double(), rtol=1e-5)


@contextlib.contextmanager
def _by_onednn() -> Iterator[None]:
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")  # a leave, not an order: see `slow_mkl`
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def fast_on_cpu() -> bool:
    """Whether this CPU multiplies bf16 faster than fp32."""
    capable = torch.backends.cpu.get_cpu_capability() in ("AVX512", "AMX")
    return capable and any(flag in _flags() for flag in ("avx512_bf16", "amx_bf16"))


@cache
def _cpu() -> str:
    with contextlib.suppress(OSError):
        return Path("/proc/cpuinfo").read_text(encoding="utf-8")
    return ""


def _flags() -> str:
    return _cpu().split("flags", 1)[-1].split("\n", 1)[0]
