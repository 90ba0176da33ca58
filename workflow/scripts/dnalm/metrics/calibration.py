"""From logits to probabilities, at the prevalence where they were fitted or at a stated one, and how true they are."""

from typing import NamedTuple

import numpy as np
import scipy  # its parts when they are used: figures read calibrated values and fit none

_LEAST_SCALE = 1e-3  # of standardised logits: a model that ranks the wrong way round is not turned by its calibration


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Logits to probabilities, without overflow."""
    return np.exp(-np.logaddexp(0, -np.asarray(logits, np.float64)))


def sigmoid_single(logits: np.ndarray) -> np.ndarray:
    """As `sigmoid`, reckoned in the precision of the logits: float32. Logits beyond -50 and 50 count as these.

    A linear model of many features has no more than seven digits to give; its tables keep the bits they always had.
    """
    return (1 / (1 + np.exp(-np.clip(logits, -50, 50)))).astype(np.float32)


def logit(probabilities: np.ndarray, least: float = 1e-7) -> np.ndarray:
    """Probabilities to logits; those nearer to 0 or 1 than `least` count as this near."""
    held = np.clip(np.asarray(probabilities, np.float64), least, 1 - least)
    return np.log(held) - np.log1p(-held)


def smoothed_targets(labels: np.ndarray) -> np.ndarray:
    """What a probability is fitted to: (n+ + 1) / (n+ + 2) for positives, 1 / (n- + 2) for negatives, float64 [n].

    So many windows cannot show more than that; with targets of 1 and 0, a set that the scores separate would make
    every probability 1 or 0 (Platt 1999).
    """
    labels = np.asarray(labels, bool)
    return np.where(labels, (labels.sum() + 1) / (labels.sum() + 2), 1 / ((~labels).sum() + 2))


def platt(logits: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """(scale, shift) by which sigmoid(scale * logit + shift) is the probability at the prevalence of these labels.

    Least cross-entropy to the `smoothed_targets` (Platt 1999; Lin, Lin and Weng, Machine Learning 2007), by L-BFGS on
    standardised logits. The scale is positive, so that no order changes. Labels need both classes.
    """
    logits, targets = np.asarray(logits, np.float64), smoothed_targets(labels)
    centre, spread = logits.mean(), logits.std() or 1.0
    standard = (logits - centre) / spread

    def loss(fit: np.ndarray) -> tuple[float, np.ndarray]:
        score = fit[0] * standard + fit[1]
        error = sigmoid(score) - targets
        return (np.logaddexp(0, score) - targets * score).mean(), np.array([(error * standard).mean(), error.mean()])

    prevalence = logit(np.mean(np.asarray(labels, bool)))
    bounds, start = [(_LEAST_SCALE, None), (None, None)], np.array([1.0, prevalence])
    found = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-14}).x
    scale = found[0] / spread
    return float(scale), float(found[1] - scale * centre)


class Beta(NamedTuple):
    """A map of probabilities: logit of the new one = low * log p - high * log(1 - p) + shift."""

    low: float
    high: float
    shift: float


def beta(probabilities: np.ndarray, labels: np.ndarray) -> Beta:
    """The `Beta` map of least cross-entropy to the `smoothed_targets`; `low` and `high` are never negative.

    Beta calibration: Platt's curve is the one of equal `low` and `high`, and the identity is among them, so that it
    does not spoil what is calibrated (Kull, Silva Filho and Flach, AISTATS 2017).
    """
    logs, targets = _logs(probabilities), smoothed_targets(labels)
    centre, spread = logs.mean(0), logs.std(0)
    spread = np.where(spread > 1e-9 * np.abs(centre), spread, 1.0)  # of equal numbers it need not be 0
    standard = (logs - centre) / spread

    def loss(fit: np.ndarray) -> tuple[float, np.ndarray]:
        score = standard @ fit[:2] + fit[2]
        partition = np.logaddexp(0, score)
        error = np.exp(score - partition) - targets
        return (partition - targets * score).mean(), np.r_[error @ standard / len(error), error.mean()]

    start = np.r_[1.0, 1.0, logit(np.mean(np.asarray(labels, bool)))]
    bounds = [(0.0, None), (0.0, None), (None, None)]
    # resamples fit hundreds: L-BFGS-B asks a BLAS of many threads for 3 x 3 matrices, and waits for them
    found = scipy.optimize.minimize(loss, start, jac=True, method="TNC", bounds=bounds, options={"maxfun": 1000}).x
    low, high = found[:2] / spread
    return Beta(float(low), float(high), float(found[2] - found[:2] / spread @ centre))


def by_beta(map_: Beta, probabilities: np.ndarray) -> np.ndarray:
    """Probabilities as a `Beta` map has them."""
    return sigmoid(_logs(probabilities) @ np.array([map_.low, map_.high]) + map_.shift)


def _logs(probabilities: np.ndarray, least: float = 1e-7) -> np.ndarray:
    """(log p, -log(1 - p)) of each, float64 [n, 2]; what is nearer to 0 or 1 than `least` counts as this near."""
    held = np.clip(np.asarray(probabilities, np.float64), least, 1 - least)
    return np.stack([np.log(held), -np.log1p(-held)], axis=1)


def platt_classes(logits: np.ndarray, labels: np.ndarray) -> tuple[float, list[float]]:
    """(scale, shift [K]) by which softmax(scale * logits + shift) are probabilities of K classes as frequent as here.

    What `platt` is for two: one scale for all, a shift for each, least cross-entropy to smoothed targets, of n windows
    of a class (n + 1) / (n + K) for it and 1 / (n + K) for each other. Labels are int [n], logits float [n, K].
    """
    logits = np.asarray(logits, np.float64)
    number = logits.shape[1]
    own = np.eye(number)[labels]
    targets = (1 + own * own.sum(0)) / (own.sum(0)[labels] + number)[:, None]
    centre, spread = logits.mean(0), logits.std() or 1.0
    standard = (logits - centre) / spread

    def loss(fit: np.ndarray) -> tuple[float, np.ndarray]:
        score = scipy.special.log_softmax(fit[0] * standard + fit[1:], axis=1)
        error = np.exp(score) - targets
        slope = np.r_[(error * standard).sum(1).mean(), error.mean(0)]
        return -(targets * score).sum(1).mean(), slope

    bounds = [(_LEAST_SCALE, None)] + [(None, None)] * number
    start = np.r_[1.0, np.log(targets.mean(0))]
    found = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-14}).x
    scale = found[0] / spread
    return float(scale), (found[1:] - scale * centre).tolist()


def shift(logits: np.ndarray, from_prevalence: float, to_prevalence: float) -> np.ndarray:
    """Logits that were calibrated at one prevalence, as they are at another: Bayes' rule, the odds' ratio added.

    A window that is bound four times in five among balanced windows is bound once in thirty where one bin in a hundred
    and twenty is. Holds where positives look alike in both places, and negatives do; order never changes.
    """
    return np.asarray(logits, np.float64) + logit(to_prevalence) - logit(from_prevalence)


def tenths(probabilities: np.ndarray, bins: int = 10) -> np.ndarray:
    """Which tenth of [0, 1] a probability lies in, int [n]; 1 belongs to the last."""
    return np.minimum((probabilities * bins).astype(int), bins - 1)


def reliability(
    labels: np.ndarray, probabilities: np.ndarray, bins: int = 10
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each tenth of [0, 1]: mean probability given, share observed positive (NaN where empty), rows."""
    place = tenths(probabilities, bins)
    count = np.bincount(place, minlength=bins)
    given, seen = (
        np.bincount(place, weights=values, minlength=bins) for values in (probabilities, labels.astype(float))
    )
    full = np.maximum(count, 1)
    return np.where(count, given / full, np.nan), np.where(count, seen / full, np.nan), count


def reliability_rows(labels: np.ndarray, probabilities: np.ndarray) -> list[dict]:
    """`reliability` for JSON: given, observed and n of each tenth that holds a row."""
    found = zip(*(column.tolist() for column in reliability(labels, probabilities)), strict=True)
    return [{"given": given, "observed": seen, "n": count} for given, seen, count in found if count]


def calibration_error(labels: np.ndarray, probabilities: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Expected calibration error: |probability given - share observed|, averaged over rows by tenths.

    `weights` count rows, as a resample does.
    """
    weights = np.ones(len(labels)) if weights is None else weights
    excess = np.bincount(tenths(probabilities), weights=weights * (probabilities - labels))
    return float(np.abs(excess).sum() / max(weights.sum(), 1))
