"""Memory that one training step frees and the next asks for again."""

import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h
MOST = 2**31 - 1  # bytes; the two are C integers


def keep() -> None:
    """Let this process keep the memory that it frees, for good.

    GNU's C library gives the large tensors of a training step back to the kernel, which clears every page again when
    the next step asks for it: a tenth of a step on a CPU. Other C libraries are left as they are.
    """
    process = ctypes.CDLL(None)
    if hasattr(process, "mallopt"):
        process.mallopt(M_MMAP_THRESHOLD, MOST)
        process.mallopt(M_TRIM_THRESHOLD, MOST)
