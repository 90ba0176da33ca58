"""What a search makes large or small: OBJECTIVES is the only list, and a price may be put on unnatural words.

An objective takes windows (codes uint8 [n, W]) to numbers [n], whatever it asks: a fine-tuned model, the composition of
the genome, or both.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from dnalm.errors import UsageError

Score = Callable[[np.ndarray], np.ndarray]
DIRECTIONS = {"maximise": 1, "minimise": -1}


class Given(NamedTuple):
    """What an objective may ask of windows: the fine-tuned model's logit, bits per base under a chain of the genome."""

    model: Score | None = None
    genome: Score | None = None


class Objective(NamedTuple):
    """How an objective is made of what is given, its name on an axis, and what of `Given` it needs."""

    make: Callable[[Given], Score]
    label: str
    needs: tuple[str, ...] = ()


def fine_tuned(given: Given) -> Score:
    """The calibrated logit of the fine-tuned model: how surely it calls a window bound."""
    return given.model


def naturalness(given: Given) -> Score:
    """Minus the bits per base under a Markov chain of the genome: how much a window keeps to words the genome uses."""
    return lambda codes: -given.genome(codes)


OBJECTIVES: dict[str, Objective] = {
    "logit": Objective(fine_tuned, label="logit", needs=("model",)),
    "naturalness": Objective(naturalness, label="minus bits per base", needs=("genome",)),
}


def build(name: str, direction: str, price: float, given: Given) -> Score:
    """The score a search makes large: an objective turned to its direction, less `price` for each bit per base.

    Raises UsageError where the objective, or a price, needs what is not given.
    """
    asked = {one: f"--objective {name}" for one in OBJECTIVES[name].needs}
    asked |= {"genome": f"--naturalness {price:g}"} if price else {}
    for one, option in asked.items():
        if getattr(given, one) is None:
            raise UsageError(f"{option} needs --{one}; give it")
    score, sign = OBJECTIVES[name].make(given), DIRECTIONS[direction]

    def priced(codes: np.ndarray) -> np.ndarray:
        values = sign * score(codes)
        return values - price * given.genome(codes) if price else values

    return priced
