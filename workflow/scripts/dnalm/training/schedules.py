"""Learning-rate schedules: the share of the peak rate at a share of the training.

They know nothing of steps, so that training for a time follows the same curve as training for a number of steps.
"""

import math
from collections.abc import Callable


def cosine(rest: float, decay: float) -> float:
    """Half a cosine down to a tenth (Loshchilov and Hutter 2017)."""
    return 0.1 + 0.45 * (1 + math.cos(math.pi * rest))


def wsd(rest: float, decay: float) -> float:
    """Flat, then a straight fall to nothing over the last `decay` (warm-up, stable, decay; Hu et al. 2024)."""
    return min(1.0, (1 - rest) / decay)


def linear(rest: float, decay: float) -> float:
    """A straight fall to nothing."""
    return 1 - rest


SCHEDULES: dict[str, Callable[[float, float], float]] = {"cosine": cosine, "wsd": wsd, "linear": linear}


def share(done: float, kind: str, warmup: float, decay: float) -> float:
    """Share of the peak learning rate when `done` of the training (0 to 1) is behind.

    A straight rise over `warmup` of it, then the schedule `kind`, which sees how much of the rest is behind.
    """
    if done < warmup:
        return done / warmup
    rest = (done - warmup) / max(1 - warmup, 1e-9)
    return SCHEDULES[kind](rest, decay / max(1 - warmup, 1e-9))
