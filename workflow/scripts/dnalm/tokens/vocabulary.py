"""The size of a vocabulary chosen by rule: a smooth curve through accuracy over size, and its top.

GROVER's rule (Sanabria et al., Nature Machine Intelligence 2024): train a model for each candidate size, fine-tune it
to predict the next bases, keep the size at the top of the curve. A point is a noisy measurement, a curve through all of
them less so; the interval of the top says how much the data can tell.
"""

import numpy as np

SOURCE = "Sanabria et al. 2024, hg19, next 6 bases after 50, 400,000 training and 100,000 test sequences"
PUBLISHED = (  # tokens is None where the method has no vocabulary of tokens; at_most where only a bound is given
    {"model": "GROVER", "tokens": 601, "k": 6, "accuracy": 0.02, "at_most": False},
    {"model": "TF-IDF", "tokens": None, "k": 6, "accuracy": 0.011, "at_most": False},
    {"model": "DNABERT-2", "tokens": 4096, "k": 6, "accuracy": 0.006, "at_most": False},
    {"model": "6-mers", "tokens": 4096, "k": 6, "accuracy": 0.004, "at_most": True},
)


def smooth(sizes: np.ndarray, accuracy: np.ndarray) -> np.ndarray:
    """Coefficients (square, slope, constant) of the parabola in log2 of the size that fits best, by least squares."""
    return np.polyfit(np.log2(sizes), accuracy, 2)


def height(coefficients: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The smooth's accuracy at each size."""
    return np.polyval(coefficients, np.log2(sizes))


def top(coefficients: np.ndarray, smallest: float, largest: float) -> float:
    """The size at which the smooth is highest between two sizes: its vertex, or the better end."""
    ends = np.log2([smallest, largest])
    places = [*ends]
    if coefficients[0] < 0:
        places.append(float(np.clip(-coefficients[1] / (2 * coefficients[0]), *ends)))
    return float(2 ** max(places, key=lambda place: np.polyval(coefficients, place)))


def curve(sizes: np.ndarray, accuracy: np.ndarray, n: np.ndarray, *, draws: int = 1000, seed: int = 0) -> dict:
    """The smooth, its top and the top's 95 % interval; all arrays [sizes], `n` the sequences behind each accuracy.

    The interval redraws each accuracy from its binomial distribution. `at_edge` says that the top is the smallest or
    the largest size tried, so that the best may lie outside; `flat` that the interval spans all sizes, so that these
    sequences cannot tell them apart.
    """
    coefficients = smooth(sizes, accuracy)
    smallest, largest = float(sizes.min()), float(sizes.max())
    drawn = np.random.default_rng(seed).binomial(n, accuracy, (draws, len(sizes))) / n
    tops = [top(smooth(sizes, one), smallest, largest) for one in drawn]
    low, high = np.quantile(tops, [0.025, 0.975])
    best = top(coefficients, smallest, largest)
    return {
        "coefficients": [float(one) for one in coefficients],
        "top": best,
        "low": float(low),
        "high": float(high),
        "at_edge": bool(np.isclose(best, smallest) or np.isclose(best, largest)),
        "flat": bool(np.isclose(low, smallest) and np.isclose(high, largest)),
    }


def nearest(sizes: np.ndarray, best: float) -> int:
    """Place of the size tried that is nearest to the top, in log size."""
    return int(np.argmin(np.abs(np.log2(sizes) - np.log2(best))))
