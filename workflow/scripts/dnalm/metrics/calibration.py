"""From logits to probabilities."""

import numpy as np


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Logits to probabilities, without overflow."""
    return np.exp(-np.logaddexp(0, -np.asarray(logits, np.float64)))


def sigmoid_single(logits: np.ndarray) -> np.ndarray:
    """As `sigmoid`, reckoned in the precision of the logits: float32. Logits beyond -50 and 50 count as these.

    A linear model of many features has no more than seven digits to give; its tables keep the bits they always had.
    """
    return (1 / (1 + np.exp(-np.clip(logits, -50, 50)))).astype(np.float32)
