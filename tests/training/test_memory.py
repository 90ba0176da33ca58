"""Memory that a training step frees is still there for the next one."""

import os
import platform
import resource
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from dnalm.training import memory

HUGE = Path("/sys/kernel/mm/transparent_hugepage/enabled")
PAGES = 16_384  # of 64 MiB


def faults(rounds: int) -> int:
    """Pages that the kernel had to clear for tensors of 64 MiB, one after the other."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(rounds):
        torch.empty(2**26, dtype=torch.uint8).fill_(1)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries are left as they are")
@pytest.mark.skipif(HUGE.exists() and "[always]" in HUGE.read_text(), reason="pages are large here")
def test_what_is_freed_is_kept():
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run([sys.executable, __file__], capture_output=True, text=True, check=True, env=env)
    fresh, kept = map(int, told.stdout.split())
    assert fresh >= 5 * PAGES
    assert kept < PAGES


if __name__ == "__main__":  # a process of its own: what is kept is kept for good
    fresh = faults(5)
    memory.keep()
    faults(20)  # until the gaps between what is kept are filled
    print(fresh, faults(5))
