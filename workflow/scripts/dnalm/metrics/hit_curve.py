"""How often a peak of some height is true: what was seen, a smooth curve through it, and the two weighed.

Isotonic steps assume nothing but that higher is truer, and of a hundred true peaks they are a handful of flat pieces,
each careful at its upper end. A smooth curve (beta calibration) uses all heights at once and is wrong where it does not
fit: of a motif's scores, or of a network for which a decoy is as high as a site. How much of it is used is what
predicts stretches of the genome best that the fit has not seen (stacking: Wolpert, Neural Networks 1992), none where it
is no gain. However high, n true ones promise no more than n / (n + 1): a curve goes on where nothing was seen.
Heights are probabilities.
"""

from typing import NamedTuple

import numpy as np

from dnalm.metrics import calibration, fdr

FOLDS = 5
WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)  # of the smooth curve: a hundred true peaks do not tell finer


class Curve(NamedTuple):
    """Probability that what is this high is true: `weight` of the beta curve and the rest of the isotonic steps.

    What is higher than all that was seen, `top`, is worth what that was; nothing is worth more than `most`.
    """

    steps: fdr.Steps
    beta: calibration.Beta
    top: float
    most: float
    weight: float


def measured(heights: np.ndarray, hits: np.ndarray, blocks: np.ndarray) -> Curve:
    """The curve of maxima [n] that are true or not; `blocks` [n] are the stretches of the genome they lie in."""
    return _fitted(heights, hits, _weight(heights, hits, blocks))


def again(curve: Curve, heights: np.ndarray, hits: np.ndarray) -> Curve:
    """A curve of other maxima, such as a resample, weighed as this one is."""
    return _fitted(heights, hits, curve.weight)


def probability(curve: Curve, heights: np.ndarray) -> np.ndarray:
    """What the curve says of each height."""
    return _weighed(*_said(curve, heights), curve.weight)


def told(curve: Curve) -> dict:
    """The curve for JSON; `as_told` reads it."""
    return curve._asdict() | {"steps": fdr.told(curve.steps), "beta": curve.beta._asdict()}


def as_told(about: dict) -> Curve:
    """The curve that `told` has told."""
    return Curve(**about | {"steps": fdr.as_told(about["steps"]), "beta": calibration.Beta(**about["beta"])})


def _fitted(heights: np.ndarray, hits: np.ndarray, weight: float) -> Curve:
    true = int(np.sum(hits))
    steps, beta = fdr.measured(heights, hits), calibration.beta(heights, hits)
    return Curve(steps, beta, float(heights.max()), true / (true + 1), weight)


def _said(curve: Curve, heights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the steps and the smooth curve say, each by itself."""
    smooth = calibration.by_beta(curve.beta, np.minimum(heights, curve.top))
    return fdr.probability(curve.steps, heights), np.minimum(smooth, curve.most)


def _weighed(steps: np.ndarray, smooth: np.ndarray, weight: float) -> np.ndarray:
    return weight * smooth + (1 - weight) * steps


def _weight(heights: np.ndarray, hits: np.ndarray, blocks: np.ndarray) -> float:
    """The weight of least cross-entropy on blocks that the fit has not seen; none where there are too few blocks.

    What is said to be impossible, or certain, counts as one in as many as there are maxima.
    """
    if len(np.unique(blocks)) < FOLDS:
        return WEIGHTS[0]
    fold = np.unique(blocks, return_inverse=True)[1] % FOLDS
    said = np.empty((2, len(heights)))
    for number in range(FOLDS):
        seen = fold != number
        said[:, ~seen] = _said(_fitted(heights[seen], hits[seen], WEIGHTS[0]), heights[~seen])
    least = 1 / (len(heights) + 2)
    weighed = [np.clip(_weighed(*said, weight), least, 1 - least) for weight in WEIGHTS]
    return WEIGHTS[int(np.argmin([-np.log(np.where(hits, one, 1 - one)).sum() for one in weighed]))]
