"""How well predicted values follow measured ones: correlations, and the share of the variance that is explained.

Measured and predicted are float [n], or [n, m] for m outputs, weights counts [n]. Whatever is undefined (values that do
not vary) is NaN.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dnalm.metrics import bootstrap

METRICS = ("pearson", "spearman", "r2")
NO_SPREAD = "the values measured, or those predicted, do not vary"


def pearson(measured: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Pearson's r: 1 where the prediction is a rising line of what was measured, whatever its scale."""
    weights = np.ones(len(measured)) if weights is None else weights
    one, other = (_centred(values, weights) for values in (measured, predicted))
    spread = np.sqrt((weights @ one**2) * (weights @ other**2))
    return float(weights @ (one * other) / spread) if spread > 0 else np.nan


def spearman(measured: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Spearman's rho: Pearson's r of the ranks, ties sharing theirs; 1 where the order is the same."""
    weights = np.ones(len(measured)) if weights is None else weights
    return pearson(*(_ranker(values)(weights) for values in (measured, predicted)), weights)


def r_squared(measured: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Share of the variance explained, 1 - residual / total: unlike r it asks for the values, and may be negative."""
    weights = np.ones(len(measured)) if weights is None else weights
    total = weights @ _centred(measured, weights) ** 2
    return float(1 - weights @ (measured - predicted) ** 2 / total) if total > 0 else np.nan


def _centred(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Values less their mean; zeros where they differ by no more than their last digits."""
    mean = weights @ values / max(weights.sum(), 1e-12)
    return np.where(np.abs(values - mean).max(initial=0, where=weights > 0) > 1e-12 * abs(mean), values - mean, 0.0)


def _ranker(values: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """From weights to the mean rank of each value among all, as if each row stood there as often as it weighs."""
    place = np.unique(values, return_inverse=True)[1].reshape(-1)

    def ranks(weights: np.ndarray) -> np.ndarray:
        tied = np.bincount(place, weights)
        return (np.cumsum(tied) - tied / 2 + 0.5)[place]

    return ranks


def names(outputs: Sequence[str]) -> tuple[str, ...]:
    """METRICS, which are means over the outputs; then those of each output, where there are several."""
    apart = tuple(f"{metric}:{output}" for output in outputs for metric in METRICS) if len(outputs) > 1 else ()
    return METRICS + apart


def measure(measured: np.ndarray, predicted: np.ndarray) -> list[float]:
    """METRICS (`names`) of rows [n, m], each once."""
    return measurer(measured, predicted)(np.ones(len(measured)))


def measurer(measured: np.ndarray, predicted: np.ndarray) -> Callable[[np.ndarray], list[float]]:
    """From weights of the rows to metrics, in the order of `names`; of values [n, m]."""
    pairs = list(zip(np.asarray(measured, np.float64).T, np.asarray(predicted, np.float64).T, strict=True))
    ranked = [(_ranker(one), _ranker(other)) for one, other in pairs]

    def found(weights: np.ndarray) -> list[float]:
        each = [
            (
                pearson(one, other, weights),
                pearson(*(ranks(weights) for ranks in rankers), weights),
                r_squared(one, other, weights),
            )
            for (one, other), rankers in zip(pairs, ranked, strict=True)
        ]
        means = np.mean(each, axis=0).tolist()
        return means + [value for row in each for value in row] if len(each) > 1 else means

    return found


def sample(
    measured: np.ndarray, predicted: np.ndarray, blocks: np.ndarray, outputs: Sequence[str], **options: Any
) -> bootstrap.Sample:
    """Measure predictions [n, m] on rows and on their resamples; `options` are those of `bootstrap.resampled`."""
    wanted = names(outputs)
    if len(measured) and np.isnan(predicted).any():
        return bootstrap.resampled(None, wanted, bootstrap.NO_SCORE, blocks, **options)
    made = measurer(measured, predicted) if len(measured) > 1 else None
    return bootstrap.resampled(made, wanted, NO_SPREAD, blocks, **options)
