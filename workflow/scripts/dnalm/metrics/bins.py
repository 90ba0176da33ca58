"""How well coverage is predicted, bin by bin: correlations and the Poisson deviance, resampled by blocks of the genome.

Neighbouring bins are alike, so whole blocks are drawn. Everything measured is a function of sums over bins, which are
taken once for each block: a resample is a weighted sum of blocks, however many bins there are.
"""

import numpy as np

from dnalm.metrics import bootstrap
from dnalm.metrics.bootstrap import Sample

METRICS = ("pearson", "pearson_log1p", "deviance_explained")
FLAT = "the track, or what is predicted of it, is the same in every bin"
_LEAST = 1e-6  # of a prediction, in units of the mean, inside a logarithm


def sample(
    measured: np.ndarray,
    predicted: np.ndarray,
    blocks: np.ndarray,
    mean: float,
    *,
    resamples: int = 200,
    seed: int = 0,
) -> Sample:
    """METRICS of predicted heights [bins] for measured ones, as they are and of each resample of their blocks.

    Pearson r of the heights and of log(1 + height); the share of the Poisson deviance round `mean`, the track's in
    training, that the prediction explains (1: all, 0: no more than the mean, below: less). The same blocks and seed
    give the same resamples, so that samples can be subtracted.
    """
    y, x = (np.asarray(one, np.float64) for one in (measured, predicted))
    columns = [*_moments(y, x), *_moments(np.log1p(y), np.log1p(x)), _deviance(y, x, mean), _deviance(y, mean, mean)]
    number = int(blocks.max(initial=-1)) + 1
    sums = np.stack([np.bincount(blocks, column, number) for column in columns], 1)
    totals = np.concatenate([np.ones((1, number)), bootstrap.draws(blocks, resamples, seed)]) @ sums
    with np.errstate(divide="ignore", invalid="ignore"):
        explained = 1 - totals[:, 12] / totals[:, 13]
        found = np.stack([_pearson(totals[:, :6]), _pearson(totals[:, 6:12]), explained], 1)
    return Sample(np.where(np.isfinite(found), found, np.nan), dict.fromkeys(METRICS, FLAT), METRICS)


def _moments(y: np.ndarray, x: np.ndarray) -> list[np.ndarray]:
    """What Pearson's r is made of, by bin; both less their means, so that no digits are lost."""
    y, x = (one - one.mean() if np.ptp(one) else np.zeros_like(one) for one in (y, x))
    return [np.ones_like(y), y, x, y * y, x * x, y * x]


def _pearson(sums: np.ndarray) -> np.ndarray:
    """Pearson r of each row of sums [draws, 6]; NaN where one of both does not vary."""
    number, y, x, yy, xx, yx = sums.T
    spread = np.maximum(yy - y * y / number, 0) * np.maximum(xx - x * x / number, 0)
    return np.where(spread > 0, (yx - y * x / number) / np.sqrt(spread), np.nan)


def _deviance(y: np.ndarray, x: np.ndarray | float, mean: float) -> np.ndarray:
    """Poisson deviance of each bin, over two."""
    x = np.maximum(x, _LEAST * mean)
    return np.where(y > 0, y * np.log(np.maximum(y, 1e-300) / x), 0.0) - (y - x)
