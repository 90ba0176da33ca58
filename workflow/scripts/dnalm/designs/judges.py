"""Judges of designed sequences: what took no part in the search says what became of them.

A search finds whatever its score rewards, a model's blind spots included, so each of its sequences is also put before
the baselines that know the factor, a Markov chain of the genome, and GC content.
"""

from collections.abc import Callable

import numpy as np

from dnalm.dna import seq
from dnalm.metrics import calibration
from dnalm.targets.baselines import BASELINES, Arrays

Measure = Callable[[np.ndarray], np.ndarray]


def names() -> list[str]:
    """Columns of the baselines that judge."""
    return sorted(f"judge_{name}" for name, row in BASELINES.items() if row.judges)


def measures(logits: Measure, bits: Measure | None, fitted: dict[str, Arrays]) -> dict[str, Measure]:
    """What is measured on sequences: the model, and what never guided the search. `fitted` from `baselines.load`."""
    found: dict[str, Measure] = {"logit": logits, "gc": seq.gc_content}
    for column in names():
        name = column.removeprefix("judge_")
        if name in fitted:
            found[column] = lambda codes, name=name: BASELINES[name].score(codes, fitted[name])
    if bits is not None:
        found["bits_per_base"] = bits
    return found


def measured(codes: np.ndarray, found: dict[str, Measure]) -> dict[str, np.ndarray]:
    """Every measure of sequences [n, W], each distinct sequence measured once; NaN for a judge that was not given."""
    distinct, which = np.unique(codes, axis=0, return_inverse=True)
    values = {name: measure(distinct)[which.ravel()] for name, measure in found.items()}
    values["probability"] = calibration.sigmoid(values["logit"])
    return values | {name: np.full(len(codes), np.nan) for name in (*names(), "bits_per_base") if name not in values}
