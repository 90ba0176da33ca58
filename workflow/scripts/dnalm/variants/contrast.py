"""Two classes of variants, as in exons and in introns: which scores higher, and what of it composition explains.

Exons have more GC than introns, other neighbours and other substitutions, and a model knows such things without any
idea of a gene. So the classes are compared as they are, and once more within strata (MATCHES) of alleles that are
alike: what is left there, composition cannot explain.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from dnalm.errors import UsageError
from dnalm.metrics import bootstrap, strata
from dnalm.variants import baselines, ranked

GC_BIN = 0.05
AREA = ("auroc",)


def by_trinucleotide(context: pd.DataFrame) -> np.ndarray:
    """Stratum of each allele: its substitution and both neighbours, of 96; another kind is a stratum each."""
    return pd.factorize(baselines.trinucleotide(context))[0]


def by_gc(context: pd.DataFrame) -> np.ndarray:
    """Stratum of each allele: the bin (GC_BIN wide) of its window's GC; -1 where that is unknown."""
    return np.floor(context.gc.fillna(-1).to_numpy(float) / GC_BIN + 1e-9).clip(-1).astype(np.int64)


def by_both(context: pd.DataFrame) -> np.ndarray:
    """Stratum of each allele by both of the above."""
    gc, trio = by_gc(context), by_trinucleotide(context)
    return np.where(gc < 0, -1, pd.factorize(trio * (gc.max(initial=0) + 1) + gc)[0])


MATCHES: dict[str, Callable[[pd.DataFrame], np.ndarray]] = {
    "trinucleotide": by_trinucleotide,
    "gc": by_gc,
    "trinucleotide_and_gc": by_both,
}


def compare(
    rows: pd.DataFrame,
    context: pd.DataFrame,
    classes: tuple[str, str],
    names: list[str],
    seed: int,
    less: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """How the alleles of the first class score against those of the second (column `class`), as they are and matched.

    `rows` and `context` have one row an allele, each allele once. For each way in which a score ranks, its `auroc` is
    the chance that one of the first class ranks above one of the second, with interval and p by resampled blocks (and
    `p_rows`, as if alleles were independent); `matched` is the mean of that within strata (van Elteren). `twin` is the
    same of random weights, and `minus_twin` the paired difference. With `less`, the scores of another allele for each
    row, what is compared is how far each ranks beyond that one.
    """
    if missing := [name for name in classes if not (rows["class"] == name).any()]:
        known = ", ".join(sorted(map(str, rows["class"].dropna().unique()))[:20])
        raise UsageError(f"no allele of class {', '.join(map(repr, missing))} has a score; the classes are {known}")
    chosen = rows["class"].isin(classes).to_numpy()
    rows, context = rows[chosen].reset_index(drop=True), context[chosen].reset_index(drop=True)
    less = None if less is None else less[chosen].reset_index(drop=True)
    first = (rows["class"] == classes[0]).to_numpy()
    blocks, size = ranked.blocks_of(rows)
    groups = {name: group(context) for name, group in MATCHES.items()}
    area = partial(_area, first, blocks, seed)

    def measured(values: np.ndarray, twin: np.ndarray | None = None) -> dict[str, Any]:
        medians = [None if np.isnan(values).any() else float(np.median(values[side])) for side in (first, ~first)]
        matched = {name: area(group, values, twin) for name, group in groups.items()}
        return {"median": medians, **area(np.zeros_like(blocks), values, twin), "matched": matched}

    values, words = ranked.ways(rows, names)
    others = ranked.twins(rows, names)
    if less is not None:
        values, others = _beyond(values, ranked.ways(less, names)[0]), _beyond(others, ranked.twins(less, names))
    return {
        "classes": list(classes),
        "n": [int(first.sum()), int((~first).sum())],
        "scores": {way: measured(one, others.get(way)) for way, one in values.items()},
        "ranked_by": words,
        "twin": {way: measured(one) for way, one in others.items()},
        "compared": {name: _compared(first, group) for name, group in groups.items()},
        "block_size": size,
        "blocks": int(blocks.max(initial=-1)) + 1,
    }


def beside_null(
    rows: pd.DataFrame,
    context: pd.DataFrame,
    null: pd.DataFrame,
    null_context: pd.DataFrame,
    classes: tuple[str, str],
    names: list[str],
    seed: int,
) -> dict[str, dict[str, Any]]:
    """`compare` three times: by the scores of the alleles, by those of a null allele each, and by the excess.

    `null` and its contexts have the scores of another allele at the same place, row by row. Where the null ranks the
    classes as the scores do, it is the windows that differ and not the variants: `excess` is what is beyond it.
    """
    others = null.assign(**{"class": rows["class"], "cluster": rows.cluster})
    return {
        "contrast": compare(rows, context, classes, names, seed),
        "null": compare(others, null_context, classes, names, seed),
        "excess": compare(rows, context, classes, names, seed, less=others),
    }


def _beyond(values: dict[str, np.ndarray], less: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {way: one - less[way] for way, one in values.items()}


def _compared(first: np.ndarray, group: np.ndarray) -> dict[str, int]:
    """How many alleles have one of the other class in their stratum, and the number of such strata."""
    return dict(zip(("alleles", "strata"), strata.shared(first, group), strict=True))


def _area(
    first: np.ndarray, blocks: np.ndarray, seed: int, group: np.ndarray, values: np.ndarray, twin: np.ndarray | None
) -> dict[str, Any]:
    """The AUROC within strata, both p, and the difference to that of the twin."""
    found = strata.sample(first, values, blocks, group, seed=seed)
    said = {
        **bootstrap.summary(found, AREA),
        "p": strata.p_of_blocks(found, blocks),
        "p_rows": strata.p_of_rows(first, values, group),
    }
    if twin is None:
        return said
    less = bootstrap.minus(found, strata.sample(first, twin, blocks, group, seed=seed))
    return said | {"minus_twin": bootstrap.summary(less, AREA)["auroc"]}
