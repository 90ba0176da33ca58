"""What a set of variant scores says: counts, distributions, and how well each score ranks labelled variants.

Beside each ranking stand what it must beat: the kind of substitution and its CpG context, which need no model, and the
correlation with the number of changed tokens, which shows a score that measures the tokenizer instead.
"""

from typing import Any

import numpy as np
import pandas as pd
import scipy

from dnalm.metrics import bootstrap
from dnalm.variants.alleles import Pairs
from dnalm.variants.scores import SCORES, rankings

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
FOLDS = 5
MOST_CLASSES = 30


def summarise(table: pd.DataFrame, pairs: Pairs, labels: pd.Series, names: list[str], seed: int) -> dict[str, Any]:
    """Counts over alleles as read; statistics over distinct scored alleles, so that duplicates weigh once.

    `table` has one row an allele with its scores and `pair` (`alleles.with_scores`); `labels` are 1, 0 or NaN for each.
    With a column `split`, of a model that was fine-tuned, the ranking is also given of the test places alone: elsewhere
    the model may have been taught the very site.
    """
    skipped = table.skipped[table.skipped != ""].value_counts()
    scored = int((table.skipped == "").sum())
    assert scored + int(skipped.sum()) == len(table)
    once = table[table.pair >= 0].drop_duplicates("pair")
    summary = {
        "alleles": len(table),
        "scored": scored,
        "distinct": len(once),
        "sites": len(pairs.windows),
        "edge": int(table.edge.sum()),
        "skipped": {reason: int(count) for reason, count in skipped.items()},
        "scores": names,
        "quantiles": quantiles(once, names),
        "classes": by_class(once, names),
        "changed_tokens_spearman": token_correlation(once, names),
    }
    labelled = once[labels[once.index].notna()]
    if labels.notna().any():
        summary |= _ranked(labelled, pairs, labels, names, seed)
        if "split" in table:
            held_out = labelled[labelled.split == "test"]
            summary["held_out"] = _ranked(held_out, pairs, labels, names, seed) if len(held_out) else None
    if "split" in table:
        summary["splits"] = {name: int(count) for name, count in once.split.value_counts().sort_index().items()}
    return summary


def _ranked(rows: pd.DataFrame, pairs: Pairs, labels: pd.Series, names: list[str], seed: int) -> dict[str, Any]:
    """How many labelled alleles there are of each class, and how well the scores rank them."""
    context = contexts(pairs).iloc[rows.pair].reset_index(drop=True)
    truth = labels[rows.index].to_numpy(int)
    counts = {"n_positive": int(truth.sum()), "n_negative": int((1 - truth).sum())}
    return counts | rank_labels(rows, truth, context, names, seed)


def contexts(pairs: Pairs) -> pd.DataFrame:
    """For each pair: substitution, transition or not, and whether the reference base stands in a CpG.

    Substitutions are read on the strand where the reference is a pyrimidine (C>T stands for G>A too).
    """
    centre = pairs.windows.shape[1] // 2
    before, ref, after = (pairs.windows[pairs.site, centre + step] for step in (-1, 0, 1))
    purine = (ref == 0) | (ref == 2)
    folded_ref, folded_alt = np.where(purine, 3 - ref, ref), np.where(purine, 3 - pairs.alt, pairs.alt)
    letters = np.array(list("ACGTN"))
    cpg = ((ref == 1) & (after == 2)) | ((ref == 2) & (before == 1))
    change = pd.Series(letters[folded_ref]) + ">" + letters[folded_alt]
    return pd.DataFrame({"substitution": change, "transition": change.isin(["C>T", "T>C"]), "cpg": cpg})


def rank_labels(
    scored: pd.DataFrame, labels: np.ndarray, context: pd.DataFrame, names: list[str], seed: int
) -> dict[str, Any]:
    """AUROC and AUPRC of each score and of the baselines over labelled alleles, each once, with block-bootstrap CI."""
    blocks, size = bootstrap.place_blocks(pd.factorize(scored.chrom)[0].astype(np.int64), scored.pos.to_numpy())
    ways = {way: (name, *how) for name in names for way, how in rankings(name).items()}
    ways = {way: ways[way] for way in [*names, *(way for way in ways if way not in names)]}
    turned = {way: turn(scored[name].to_numpy(float)) for way, (name, _, turn) in ways.items()}
    baselines = {name: context[name].to_numpy(float) for name in ("transition", "cpg")}
    baselines["substitution_rate"] = _substitution_rate(context, labels, blocks)
    found = {name: bootstrap.assess(labels, values, blocks, seed=seed) for name, values in turned.items()}
    based = {name: bootstrap.assess(labels, values, blocks, seed=seed) for name, values in baselines.items()}
    return {
        "auroc": {name: one["auroc"] for name, one in found.items()},
        "auprc": {name: one["auprc"] for name, one in found.items()},
        "prevalence": float(labels.mean()) if len(labels) else None,
        "ranked_by": {way: words for way, (_, words, _) in ways.items()},
        "baseline": {name: {key: one[key] for key in ("auroc", "auprc")} for name, one in based.items()},
        "block_size": size,
    }


def _substitution_rate(context: pd.DataFrame, labels: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """Share of positives among the alleles of the same substitution and CpG context, learnt from other blocks."""
    kind = pd.factorize(context.substitution + context.cpg.astype(str))[0]
    rate = np.full(len(labels), np.nan)
    for fold in range(FOLDS):
        here = blocks % FOLDS == fold
        seen, positive = (np.bincount(kind[~here], weight, kind.max(initial=0) + 1) for weight in _ones(labels[~here]))
        overall = labels[~here].mean() if (~here).any() else 0.0
        rate[here] = ((positive + overall) / (seen + 1))[kind[here]]
    return rate


def _ones(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.ones(len(labels)), labels.astype(float)


def quantiles(table: pd.DataFrame, names: list[str]) -> dict[str, Any]:
    """Number of alleles and quantiles of each score."""
    values = {
        name: {f"{q:g}": float(table[name].quantile(q)) for q in QUANTILES} if len(table) else None for name in names
    }
    return {"n": len(table), **values}


def by_class(table: pd.DataFrame, names: list[str]) -> dict[str, Any]:
    """`quantiles` of each class, of the most frequent ones where there are many (a number is no class)."""
    frequent = table["class"].value_counts().index[:MOST_CLASSES]
    return {name: quantiles(table[table["class"] == name], names) for name in sorted(frequent)}


def token_correlation(table: pd.DataFrame, names: list[str]) -> dict[str, Any]:
    """Spearman correlation of each score with what the variant does to the tokens, where that varies.

    Distances are held against the number of tokens that differ, signed scores against tokens gained or lost: each
    token more is one more factor below 1 in a likelihood.
    """
    total, gained = table.n_tokens_alt + table.n_tokens_ref, table.n_tokens_alt - table.n_tokens_ref
    return {name: _spearman(table[name], gained if SCORES[name].signed else total) for name in names}


def _spearman(values: pd.Series, changed: pd.Series) -> dict[str, Any]:
    if changed.nunique() < 2:
        return bootstrap.undefined(
            "every variant changes equally many tokens" if len(changed) else "nothing was scored"
        )
    if values.nunique() < 2:
        return bootstrap.undefined("all scores are equal")
    return {"value": float(scipy.stats.spearmanr(values, changed).statistic)}
