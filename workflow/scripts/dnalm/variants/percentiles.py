"""What a variant's score means: its percentile among random variants of the same genome that are alike in context.

A log-likelihood ratio of -3 may be what any CpG transition gets. Against random variants of its own kind and context
(`nulls`, `contexts`) each score has one scale, whatever the score, the model and the variant are: how many of a hundred
look less harmful, and how likely one that was drawn at random would look as harmful (p).
"""

import itertools
from typing import NamedTuple

import numpy as np
import pandas as pd

from dnalm.variants import contexts as variants_contexts
from dnalm.variants.scores import rankings

CRITERIA = ("kind", "change", "context", "repeat", "region", "gc")
"""By what variants are matched, in this order: what comes later divides only what there is enough of.

`change`: the folded substitution and CpG or not; of others the size class of what is gained or lost. `context`: the
trinucleotide; of others tandem or not. `gc`: thirds of the null variants.
"""
LEAST = 100  # null variants of a group: p can be 0.01, and a percentile is known to 5


class Null(NamedTuple):
    """Scored null variants: their `contexts` (`contexts.describe`), a column a score, and the weight of each [m].

    A score that a variant lacks is NaN; such a variant is not in the null of that score.
    """

    contexts: pd.DataFrame
    scores: pd.DataFrame
    weights: np.ndarray


class Groups(NamedTuple):
    """Which null variants each variant is compared with: those of its group.

    `group` [n], -1 where those of its kind are too few; `null` [m]: the group of each null variant; `matched` [n]: null
    variants in the group, 0 for none; `held` bool [n, criteria]: in which of CRITERIA all of the group are as the
    variant is.
    """

    group: np.ndarray
    null: np.ndarray
    matched: np.ndarray
    held: np.ndarray


def match(contexts: pd.DataFrame, null_contexts: pd.DataFrame, least: int = LEAST) -> Groups:
    """Groups of at least `least` null variants, divided by one of CRITERIA after the other while enough are left.

    What is too rare for a group of its own is put with all else that is, and if that is too little, with the least
    common of what is not. So groups do not overlap, and a null variant is put into its own by the same rule. Were the
    rare ones compared with all that share the other criteria, common ones would be in the null of rare ones and never
    the other way round, and random variants would not rank evenly. Only kinds are never mixed. Both tables are told by
    one window and one set of regions.
    """
    edges = np.nanquantile(null_contexts.gc, [1 / 3, 2 / 3]) if len(null_contexts) else np.zeros(2)
    both = pd.concat([_criteria(table, edges) for table in (contexts, null_contexts)], ignore_index=True)
    node, held, number = np.zeros(len(both), np.int64), [], len(contexts)
    for name in CRITERIA:
        code = pd.factorize(both[name])[0]
        values, first, child = np.unique(
            node * (code.max(initial=0) + 1) + code, return_index=True, return_inverse=True
        )
        count = np.bincount(child[number:], minlength=len(values))
        into, alone = (np.arange(len(values)), count >= least) if not held else _joined(node[first], count, least)
        held.append((alone[child] & (both[name] != "").to_numpy())[:number])
        node = np.unique(into[child], return_inverse=True)[1]
    matched = np.bincount(node[number:], minlength=node.max(initial=0) + 1)[node[:number]]
    enough = matched >= max(least, 1)
    held = np.array(held).T & enough[:, None]
    return Groups(np.where(enough, node[:number], -1), node[number:], np.where(enough, matched, 0), held)


def _joined(parent: np.ndarray, count: np.ndarray, least: int) -> tuple[np.ndarray, np.ndarray]:
    """Where each value of a criterion goes within its group `parent` [values], and whether it stays alone.

    `count` [values] are null variants.
    """
    small, number = count < least, len(count)
    pooled = np.bincount(parent, np.where(small, count, 0))
    by_count = np.lexsort((count, parent))
    by_count = by_count[~small[by_count]]
    groups, first = np.unique(parent[by_count], return_index=True)
    smallest = np.full(len(pooled), -1)
    smallest[groups] = by_count[first]  # of what is common enough
    joins = (pooled < least) & (smallest >= 0)
    into = np.where(small, np.where(joins[parent], smallest[parent], number + parent), np.arange(number))
    joined = joins[parent] & (pooled[parent] > 0) & (smallest[parent] == np.arange(number))
    return into, ~small & ~joined


def _criteria(contexts: pd.DataFrame, edges: np.ndarray) -> pd.DataFrame:
    """The columns CRITERIA of each variant, as text."""
    snv = (contexts.kind == "snv").to_numpy()
    size = variants_contexts.size_class(contexts.change.to_numpy())
    changed = contexts.substitution.astype(str) + np.where(contexts.cpg, " CpG", "")
    third = np.searchsorted(edges, contexts.gc)
    found = {
        "kind": contexts.kind,
        "change": np.where(snv, changed, size.astype(str)),
        "context": np.where(snv, contexts.trinucleotide, contexts.tandem.astype(str)),
        "repeat": contexts.repeat,
        "region": contexts.region,
        "gc": np.where(np.isnan(contexts.gc), -1, third),
    }
    return pd.DataFrame({name: np.asarray(found[name]).astype(str) for name in CRITERIA})


def told(groups: Groups) -> np.ndarray:
    """By which criteria each variant was matched, as text [n]: "kind, change, repeat", or "none"."""
    rows, row = np.unique(groups.held, axis=0, return_inverse=True)
    texts = [", ".join(itertools.compress(CRITERIA, one)) or "none" for one in rows]
    return np.array(texts, object)[row.reshape(-1)] if texts else np.zeros(0, object)


def percentile(
    scores: np.ndarray, null_scores: np.ndarray, groups: Groups, weights: np.ndarray | None = None
) -> pd.DataFrame:
    """`percentile` (0 to 100) and `p` of each score [n] among the null scores [m] of its group; higher is rarer.

    The percentile counts those below and half of those that are equal; p = (1 + number at least as high) / (1 + number)
    is never zero (Phipson and Smyth 2010). With weights [m] each null variant counts for as many as it weighs, and the
    one that is added for the heaviest of its group, so that p holds for a variant of any stratum (weighted
    exchangeability: Tibshirani et al., NeurIPS 2019). No null score is NaN; where a score is, or without a group, so
    are both.
    """
    found = np.full((2, len(scores)), np.nan)
    weights = np.ones(len(null_scores)) if weights is None else np.asarray(weights, float)
    rank = np.unique(np.concatenate([scores, null_scores]), return_inverse=True)[1].astype(np.int64)
    rows = np.flatnonzero((groups.group >= 0) & ~np.isnan(scores))
    high, group = int(rank.max(initial=0)) + 1, groups.group[rows]
    place = groups.null * high + rank[len(scores) :]
    order = np.argsort(place, kind="stable")
    place, total = place[order], np.r_[0.0, np.cumsum(weights[order])]
    own = group * high + rank[rows]
    first, below, upto, last = (
        total[np.searchsorted(place, at, side)]
        for at, side in ((group * high, "left"), (own, "left"), (own, "right"), ((group + 1) * high, "left"))
    )
    heaviest = np.zeros(groups.null.max(initial=0) + 1)
    np.maximum.at(heaviest, groups.null, weights)
    found[0, rows] = np.minimum(100 * ((below + upto) / 2 - first) / (last - first), 100)
    found[1, rows] = (heaviest[group] + last - below) / (heaviest[group] + last - first)
    return pd.DataFrame(found.T, columns=["percentile", "p"])


def against(scores: pd.DataFrame, contexts: pd.DataFrame, null: Null, least: int = LEAST) -> pd.DataFrame:
    """Percentile and p of each column of `scores` (of SCORES), by each way in which it ranks by harm.

    Columns `{way}_percentile` and `{way}_p` (ways: `scores.rankings`), and for each score how many null variants a
    variant was compared with (`{score}_null`) and by which criteria (`{score}_matched_by`).
    """
    columns, matches = {}, {}
    for name in scores:
        known = null.scores[name].notna().to_numpy()
        if known.tobytes() not in matches:  # mostly each has every score, and the match is the same for all
            groups = match(contexts, null.contexts[known], least)
            matches[known.tobytes()] = groups, told(groups)
        groups, by = matches[known.tobytes()]
        theirs, mine = null.scores[name].to_numpy(float)[known], scores[name].to_numpy(float)
        for way, (_, turned) in rankings(name).items():
            found = percentile(turned(mine), turned(theirs), groups, null.weights[known])
            columns |= {f"{way}_{column}": found[column].to_numpy() for column in found}
        columns |= {f"{name}_null": groups.matched, f"{name}_matched_by": by}
    return pd.DataFrame(columns, index=scores.index)
