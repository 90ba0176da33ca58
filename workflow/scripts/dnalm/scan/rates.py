"""How true a false discovery rate is: what was asked, what was called, and how much of it was false on held-out places.

Model and baselines go through the same rule: maxima of a signal, a rate measured at the validation places, judged at
the test places.
"""

import numpy as np
import pandas as pd

from dnalm.metrics import exact
from dnalm.scan import calling

ASKED = (0.01, 0.05, 0.1, 0.2, 0.3)


def of_signal(
    found: pd.DataFrame,
    sites: pd.DataFrame,
    listed: pd.DataFrame | None,
    tolerance: int,
    seed: int = 0,
    regions: list[str] | None = None,
) -> dict:
    """A row for each rate of ASKED, of candidates (chrom summit signal split) of validation and test; or the reason.

    `regions` are the test places, as in `judged`.
    """
    test = (found.split == "test").to_numpy()
    estimate = calling.by_validation(found, test, sites, listed, tolerance)
    if estimate.reason:
        return {"rows": [], "reason": estimate.reason}
    rows = judged(found[test], estimate.q[test], sites, listed, tolerance, seed, regions)
    return {"rows": rows, "reason": ""}


def judged(
    test: pd.DataFrame,
    q: np.ndarray,
    sites: pd.DataFrame,
    listed: pd.DataFrame | None,
    tolerance: int,
    seed: int = 0,
    regions: list[str] | None = None,
) -> list[dict]:
    """For each rate of ASKED: how many of the candidates of `test` have so low a q, how many of these find a site.

    `observed` is the share that does not, `low` and `high` its 2.5th and 97.5th percentile over resamples of stretches
    of the genome, exact limits where these cannot tell (`interval`); None where nothing is called.
    A candidate on a site that does not count, listed or outside the `regions`, is not among them (`calling.judged`).
    """
    rows = []
    for asked in ASKED:
        called = test[q <= asked].reset_index(drop=True)
        hit, counts = calling.judged(called, sites, listed, tolerance, regions)
        called, hit = called[counts], hit[counts]
        row: dict = {"asked": asked, "called": len(called), "true": int(hit.sum())}
        if len(called):
            low, high = interval(called, hit, seed)
            row |= {"observed": float(1 - hit.mean()), "low": low, "high": high}
        else:
            row |= dict.fromkeys(("observed", "low", "high"))
        rows.append(row)
    return rows


def interval(called: pd.DataFrame, hit: np.ndarray, seed: int) -> list[float]:
    """The share of false calls on resamples, 2.5th and 97.5th percentile, or wider (`exact.least`)."""
    block = calling.blocks(called)
    number = np.bincount(block)
    false = np.bincount(block, weights=~hit)
    drawn = np.random.default_rng(seed).integers(0, len(number), (calling.RESAMPLES, len(number)))
    shares = false[drawn].sum(1) / number[drawn].sum(1)
    return exact.widened(shares, exact.least(int((~hit).sum()), len(hit), len(number)))
