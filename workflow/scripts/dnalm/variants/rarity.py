"""Rare alleles against common ones: whether a score finds, untold, what selection keeps rare.

The odds of being rare among the alleles with the most extreme scores are held against those among the rest: the
measure of GPN (Benegas et al., PNAS 2023). How many of a class are rare hangs on how often it mutates, too; so all is
measured a second time within the 96 classes of substitution and neighbours.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from dnalm.errors import UsageError
from dnalm.metrics import bootstrap, strata
from dnalm.variants import baselines, ranked

TAILS = (0.001, 0.01, 0.05, 0.1)
LEAST = 10  # alleles in a tail, to say anything of it
FEW = f"fewer than {LEAST} alleles in so small a share"
ALIKE = "no class of substitution has both rare and common alleles, inside the tail and outside"


class Rarity(NamedTuple):
    """Which alleles are rare, and which common; the others, such as those in between, are left out.

    Rare is a frequency below `rare_below`, or with `rare_count` that many copies at most: 1 for singletons. Common is
    a frequency above `common_above`. What the population lacks (frequency or count 0) is neither.
    """

    rare_below: float = 0.005
    common_above: float = 0.05
    rare_count: int | None = None


def label(frequency: pd.Series, rarity: Rarity, count: pd.Series | None = None) -> pd.Series:
    """1 for rare, 0 for common, NaN for neither, of the frequency in a population and, if wanted, the `count` there.

    Where a VCF of one isolate has the frequencies of a population, its counts are the isolate's own: go by frequency.
    """
    rare_below, common_above, rare_count = rarity
    if not 0 < rare_below <= common_above < 1:
        raise UsageError(f"rare below {rare_below:g}, common above {common_above:g}; wanted 0 < rare <= common < 1")
    if (rare_count is None) != (count is None):
        raise UsageError("rare by count needs both a largest count (rare_count) and the counts (INFO key AC)")
    rare = (frequency > 0) & (frequency < rare_below)
    if count is not None:
        rare = (count > 0) & (count <= rare_count)
    labels = pd.Series(np.nan, index=frequency.index)
    labels[frequency > common_above] = 0
    labels[rare] = 1
    return labels


def assess(
    rows: pd.DataFrame,
    labels: np.ndarray,
    context: pd.DataFrame,
    names: list[str],
    seed: int,
    *,
    given: dict[str, str] | None = None,
    resamples: int = 200,
) -> dict[str, Any]:
    """AUROC and odds ratios of rare (1) against common (0) alleles by each score, its twin and the baselines.

    `rows`, `labels` and `context` have one row an allele, as in `ranked.rank_labels`. Each score has `auroc`,
    `odds_ratio` {share: …}, and both once more within classes (`_within`); `beside_twin` is how much greater the AUROC
    is than the twin's, and how many times as great the odds ratio. Of a class's own rate nothing is left within it.
    """
    labels = np.asarray(labels, np.int64)
    blocks, size = ranked.blocks_of(rows)
    classes = pd.factorize(baselines.trinucleotide(context))[0]
    based = baselines.of_alleles(rows, context, labels, blocks, given or {})
    values, words = ranked.ways(rows, names)

    def measured(found: dict[str, baselines.Values]) -> dict[str, bootstrap.Sample]:
        return {
            name: sample(labels, one, classes, blocks, resamples=resamples, seed=seed) for name, one in found.items()
        }

    def scored(turned: dict[str, np.ndarray]) -> dict[str, bootstrap.Sample]:
        whole = np.zeros(len(rows), np.int64)
        return measured({way: baselines.Values(one, whole, False) for way, one in turned.items()})

    scores, twin = scored(values), scored(ranked.twins(rows, names))
    return {
        "n_rare": int(labels.sum()),
        "n_common": int((1 - labels).sum()),
        "classes": len(np.unique(classes)),
        "scores": {way: summary(one) for way, one in scores.items()},
        "ranked_by": words,
        "twin": {way: summary(one) for way, one in twin.items()},
        "beside_twin": {way: summary(bootstrap.minus(scores[way], one)) for way, one in twin.items()},
        "baseline": {name: summary(one) for name, one in measured(based).items()},
        "block_size": size,
        "blocks": int(blocks.max(initial=-1)) + 1,
    }


def _name(share: float | None, within: bool) -> str:
    """Name of a measure: the AUROC, or the log odds ratio of a share, of all alleles or within classes."""
    return ("auroc" if share is None else f"log odds {share:g}") + (" within" if within else "")


NAMES = tuple(_name(share, within) for share in (None, *TAILS) for within in (False, True))


def sample(
    labels: np.ndarray, one: baselines.Values, classes: np.ndarray, blocks: np.ndarray, **options: Any
) -> bootstrap.Sample:
    """NAMES of a score, each over all alleles and within `classes` [n]; of rows and of their resamples."""
    kept = one.strata >= 0
    if len(labels) and (not kept.any() or np.isnan(one.values[kept]).any()):
        return bootstrap.resampled(None, NAMES, one.missing, blocks, **options)
    if len(np.unique(labels[kept])) < 2:
        return bootstrap.resampled(None, NAMES, bootstrap.ONE_CLASS, blocks, **options)
    shares = np.array([share for share in TAILS if share * kept.sum() >= LEAST])
    measure = _measurer(labels[kept], one.values[kept], one.strata[kept], classes[kept], shares)
    found = bootstrap.resampled(lambda weights: measure(weights[kept]), NAMES, ALIKE, blocks, **options)
    found.reasons.update({_name(share, within): FEW for share in TAILS if share not in shares for within in (0, 1)})
    return found


def _measurer(
    labels: np.ndarray, values: np.ndarray, folds: np.ndarray, classes: np.ndarray, shares: np.ndarray
) -> Callable[[np.ndarray], list[float]]:
    """From weights of the rows to NAMES; the log odds of all but `shares` are NaN.

    What is learnt is compared, and its tail taken, within each of its folds.
    """
    both = folds * (classes.max() + 1) + classes
    both = np.unique(both, return_inverse=True)[1].reshape(-1)
    areas = [strata.measurer(labels, values, one) for one in (folds, both)]
    tail, missing = strata.tails(values, folds), [np.nan] * 2 * (len(TAILS) - len(shares))

    def measure(weights: np.ndarray) -> list[float]:
        found = [area(weights)[0] for area in areas]
        odds = [
            float(np.log(strata.odds_ratio(labels, inside, weights, one)))
            for inside in tail(weights, shares)
            for one in (np.zeros_like(both), both)
        ]
        return found + missing + odds  # the smallest shares come first

    return measure


def summary(found: bootstrap.Sample) -> dict[str, Any]:
    """{auroc, auroc_within, odds_ratio: {share: …}, odds_ratio_within: {share: …}}, each with its interval."""
    known, said = bootstrap.summary(found), {}
    for within, after in ((False, ""), (True, "_within")):
        said[f"auroc{after}"] = known[_name(None, within)]
        said[f"odds_ratio{after}"] = {f"{share:g}": _ratio(known[_name(share, within)]) for share in TAILS}
    return said


def _ratio(log: dict[str, Any]) -> dict[str, Any]:
    """A ratio and its interval from those of its logarithm."""
    return {key: math.exp(value) if isinstance(value, float) else value for key, value in log.items()}
