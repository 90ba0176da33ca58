"""How sure a share is of which resamples can only say again what was seen: all of it, none of it, or one stretch.

Six variants ranked above two without an error are not ranked so for sure, and one true call does not tell that none is
ever false. There an interval is at least as wide as the exact one of so few (Clopper and Pearson, Biometrika 1934).
Elsewhere it is left to the resamples, which as a rule are wider: neighbours on a genome are more alike than the
independent draws of the exact one.
"""

import numpy as np
import scipy  # its parts when they are used

NINETY_FIVE, NINETY = (0.025, 0.975), (0.05, 0.95)  # ends of an interval


def share(count: int, number: int, ends: tuple[float, float] = NINETY_FIVE) -> tuple[float, float]:
    """Limits of a share, `count` of `number`: there so many, or so few, are as rare as `ends` say."""
    low = scipy.stats.beta.ppf(ends[0], count, number - count + 1) if count else 0.0
    high = scipy.stats.beta.ppf(ends[1], count + 1, number - count) if count < number else 1.0
    return float(low), float(high)


def area(value: float, pairs: int) -> tuple[float, float] | None:
    """Limits of an AUROC of 1 or 0 by `pairs` of a positive and a negative of which no two share a row; else None.

    There are as many as the smaller class has rows (of each stratum), and all are ranked right with a chance of
    AUROC ** pairs. None for another value, which resamples can tell.
    """
    return share(round(value * pairs), int(pairs)) if value in (0, 1) else None


def least(count: int, number: int, blocks: int, ends: tuple[float, float] = NINETY_FIVE) -> tuple[float, float] | None:
    """Limits of a share, where resamples of so many blocks can only return what was seen; else None."""
    return share(count, number, ends) if blocks < 2 or count in (0, number) else None


def widened(
    drawn: np.ndarray, limits: tuple[float, float] | None, ends: tuple[float, float] = NINETY_FIVE
) -> list[float]:
    """Ends of what resamples say (`drawn`), or of `limits` where there are any and they are wider."""
    low, high = np.quantile(drawn, ends).tolist()
    return [min(low, limits[0]), max(high, limits[1])] if limits else [low, high]
