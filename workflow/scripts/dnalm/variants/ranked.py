"""How well scores rank labelled variants, and how much better than what needs no model or has learnt nothing.

Each score stands beside the baselines (`baselines`) and beside its twin, the same network with random weights, where
the table has one. Differences are paired: both sides are measured on the same alleles in the same resamples. Resampled
are stretches of the genome, or the genes or loci that a column `cluster` names, as variants of one are not independent.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from dnalm.errors import UsageError
from dnalm.metrics import bootstrap, strata
from dnalm.variants import baselines
from dnalm.variants.baselines import Values
from dnalm.variants.scores import rankings

Measure = Callable[..., bootstrap.Sample]
NO_BASELINE = "no baseline is defined for these alleles"


def blocks_of(rows: pd.DataFrame) -> tuple[np.ndarray, int | None]:
    """What is resampled: the block of each allele, and the size of blocks in bases, None where `cluster` names them.

    An allele without a cluster is one by itself.
    """
    if "cluster" not in rows:
        return bootstrap.place_blocks(pd.factorize(rows.chrom)[0].astype(np.int64), rows.pos.to_numpy())
    known = rows.cluster.notna().to_numpy()
    blocks = pd.factorize(rows.cluster)[0]
    blocks[~known] = blocks.max(initial=-1) + 1 + np.arange((~known).sum())
    return blocks, None


def ways(rows: pd.DataFrame, names: list[str], suffix: str = "") -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Every way in which the scores rank alleles by harm: the values [n], worst highest, and the words for each.

    Each score's own way comes first, under its name. With a `suffix`, of those scores whose column has one.
    """
    all_ways = {way: (name, *how) for name in names for way, how in rankings(name).items()}
    ordered = [*names, *(way for way in all_ways if way not in names)]
    there = {way: all_ways[way] for way in ordered if f"{all_ways[way][0]}{suffix}" in rows}
    values = {way: turn(rows[f"{name}{suffix}"].to_numpy(float)) for way, (name, _, turn) in there.items()}
    return values, {way: words for way, (_, words, _) in there.items()}


def twins(rows: pd.DataFrame, names: list[str]) -> dict[str, np.ndarray]:
    """`ways` of the scores by a network of random weights, columns `{score}_twin`, where there are any."""
    return ways(rows, names, "_twin")[0]


def rank_labels(
    scored: pd.DataFrame,
    labels: np.ndarray,
    context: pd.DataFrame,
    names: list[str],
    seed: int,
    *,
    given: dict[str, str] | None = None,
    against: str | None = None,
) -> dict[str, Any]:
    """AUROC and AUPRC of each score, the baselines and the twins over labelled alleles, each once, with intervals.

    `scored` has one row an allele, as `labels` (1 or 0) and `context` have. `given` are baselines more, {label: column
    of `scored`}. `minus_best_baseline` is the difference to the baseline named by `against`, or to the one that ranks
    these very alleles best, either way round: chosen by hindsight, it flatters the baseline, never the score.
    """
    blocks, size = blocks_of(scored)
    measure = partial(strata.sample, labels, blocks=blocks, seed=seed)
    values, words = ways(scored, names)
    found = {way: measure(one) for way, one in values.items()}
    twin = {way: measure(one) for way, one in twins(scored, names).items()}
    based = baselines.of_alleles(scored, context, labels, blocks, given or {})
    known = {name: _of_baseline(measure, one) for name, one in based.items()}
    best = best_baseline(known, based, against)
    return {
        **{metric: {way: bootstrap.summary(one)[metric] for way, one in found.items()} for metric in strata.METRICS},
        "prevalence": float(labels.mean()) if len(labels) else None,
        "ranked_by": words,
        "baseline": {name: bootstrap.summary(one) | _number(based[name]) for name, one in known.items()},
        "best_baseline": best,
        "minus_best_baseline": _minus_baseline(measure, values, based, best),
        "twin": {way: bootstrap.summary(one) for way, one in twin.items()},
        "minus_twin": {way: bootstrap.summary(bootstrap.minus(found[way], one)) for way, one in twin.items()},
        "block_size": size,
        "blocks": int(blocks.max(initial=-1)) + 1,
    }


def _of_baseline(measure: Measure, one: Values) -> bootstrap.Sample:
    return measure(one.values, strata=one.strata, missing=one.missing)


def _number(one: Values) -> dict[str, int]:
    """How many alleles a baseline has a value for, which others may have published of some only."""
    return {"n": int((one.strata >= 0).sum())}


def best_baseline(known: dict[str, bootstrap.Sample], based: dict[str, Values], against: str | None) -> str | None:
    """Name of the baseline to compare with, with "-" before it where it ranks the other way round; None for none.

    What is learnt has its direction from other folds; of the others nobody says which way they rank, and the better
    one is taken. Raises UsageError where `against` names none.
    """
    if against is not None:
        if against.removeprefix("-") not in based:
            raise UsageError(f"no baseline {against!r} to compare with; there are {', '.join(based)}")
        return against
    areas = {name: one.values[0, 0] for name, one in known.items() if not np.isnan(one.values[0, 0])}
    turned = {f"-{name}": 1 - area for name, area in areas.items() if not based[name].learnt}
    both = areas | turned
    return max(both, key=lambda name: both[name]) if both else None


def _minus_baseline(
    measure: Measure, values: dict[str, np.ndarray], based: dict[str, Values], best: str | None
) -> dict[str, Any]:
    """Each score minus the baseline, on the alleles that have one and, as it is, within folds where it is learnt."""
    if best is None:
        return {way: {name: bootstrap.undefined(NO_BASELINE) for name in strata.METRICS} for way in values}
    one = based[best.removeprefix("-")]
    if best.startswith("-"):
        one = one._replace(values=-one.values)
    other = _of_baseline(measure, one)
    return {
        way: bootstrap.summary(bootstrap.minus(measure(own, strata=one.strata), other)) for way, own in values.items()
    }
