"""From logits to probabilities."""

import numpy as np


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Logits to probabilities, without overflow."""
    return np.exp(-np.logaddexp(0, -np.asarray(logits, np.float64)))
