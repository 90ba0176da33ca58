"""What a set of variant scores says: counts, distributions, and how well each score ranks labelled variants (`ranked`).

Beside them stands the correlation with the number of changed tokens, which shows a score that measures the tokenizer
instead.
"""

from typing import Any

import pandas as pd
import scipy

from dnalm.metrics import bootstrap
from dnalm.variants import contrast, ranked, rarity, token_changes
from dnalm.variants.scores import SCORES

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
MOST_CLASSES = 30
SIDES = {"score": "", "twin": "_twin", "residual": "_residual"}  # what is held against the tokens that change


def summarise(
    table: pd.DataFrame, context: pd.DataFrame, labels: pd.Series, names: list[str], seed: int, **options: Any
) -> dict[str, Any]:
    """Counts over alleles as read; statistics over distinct scored alleles, so that duplicates weigh once.

    `table` has one row an allele with its scores and `edit` (`alleles.with_scores`), `context` one row an edit
    (`contexts.describe`); `labels` are 1, 0 or NaN for each allele. Where one record of a change has a label and
    another has none the label counts, where they contradict each other the change is left out (`contradicted`).
    With a column `split`, of a model that was fine-tuned, the ranking is also given of the test places alone: elsewhere
    the model may have been taught the very site. `options` are those of `ranked.rank_labels`.
    """
    skipped = table.skipped[table.skipped != ""].value_counts()
    scored = int((table.skipped == "").sum())
    assert scored + int(skipped.sum()) == len(table)
    once = table[table.edit >= 0].drop_duplicates("edit")
    summary = {
        "alleles": len(table),
        "scored": scored,
        "distinct": len(once),
        "sites": len(once[["chrom", "pos"]].drop_duplicates()),
        "kinds": {kind: int(count) for kind, count in context.kind.value_counts().sort_index().items()},
        "edge": int(table.edge.sum()),
        "skipped": {reason: int(count) for reason, count in skipped.items()},
        "scores": names,
        "quantiles": quantiles(once, names),
        "classes": by_class(table[table.edit >= 0].drop_duplicates(["edit", "class"]), names),
        "changed_tokens_spearman": {
            name: {column: token_correlation(once, name, ending) for column, ending in SIDES.items()} for name in names
        },
    }
    if labels.notna().any():
        labelled, summary["contradicted"] = _labelled(table, labels)
        summary |= _ranked(labelled, context, labels, names, seed, options)
        if "split" in table:
            held_out = labelled[labelled.split == "test"]
            summary["held_out"] = _ranked(held_out, context, labels, names, seed, options) if len(held_out) else None
    if "split" in table:
        summary["splits"] = {name: int(count) for name, count in once.split.value_counts().sort_index().items()}
    return summary


def _labelled(table: pd.DataFrame, labels: pd.Series) -> tuple[pd.DataFrame, int]:
    """The first record with a label of each distinct change, and how many changes are left out.

    These are the ones that some records call positive and others negative.
    """
    known = table[(table.edit >= 0) & labels.notna()]
    agreed = labels[known.index].groupby(known.edit).transform("nunique") == 1
    return known[agreed].drop_duplicates("edit"), int(known[~agreed].edit.nunique())


def _ranked(
    rows: pd.DataFrame, context: pd.DataFrame, labels: pd.Series, names: list[str], seed: int, options: dict[str, Any]
) -> dict[str, Any]:
    """How many labelled alleles there are of each class, and how well the scores rank them."""
    context = context.iloc[rows.edit].reset_index(drop=True)
    truth = labels[rows.index].to_numpy(int)
    counts = {"n_positive": int(truth.sum()), "n_negative": int((1 - truth).sum())}
    return counts | ranked.rank_labels(rows, truth, context, names, seed, **options)


def compared(
    table: pd.DataFrame, context: pd.DataFrame, classes: list[str], names: list[str], seed: int
) -> dict[str, Any]:
    """How two classes of alleles score against each other, each distinct change once; see `contrast.compare`."""
    first, second = classes
    labels = table["class"].map({first: 1.0, second: 0.0})
    once, contradicted = _labelled(table, labels)
    others = table[(table.edit >= 0) & labels.isna()]  # to be named where a class is not there
    rows = pd.concat([once, others]).reset_index(drop=True)
    found = contrast.compare(rows, context.iloc[rows.edit].reset_index(drop=True), (first, second), names, seed)
    return found | {"contradicted": contradicted}


def rarity_of(
    table: pd.DataFrame, context: pd.DataFrame, frequency: pd.Series, limits: rarity.Rarity, names: list[str], seed: int
) -> dict[str, Any]:
    """How well the scores tell rare alleles from common ones, each distinct change once; see `rarity.assess`.

    `frequency` is that of each allele of `table` in a population, NaN where nobody says.
    """
    labels = rarity.label(frequency, limits)
    once, contradicted = _labelled(table, labels)
    truth, rows = labels[once.index].to_numpy(int), once.reset_index(drop=True)
    found = rarity.assess(rows, truth, context.iloc[once.edit].reset_index(drop=True), names, seed)
    said = {"rare_below": limits.rare_below, "common_above": limits.common_above}
    return found | said | {"contradicted": contradicted}


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


def token_correlation(table: pd.DataFrame, name: str, ending: str = "") -> dict[str, Any]:
    """Spearman correlation of a score with what the variant does to the tokens of both strands, where that varies.

    Distances are held against the number of tokens that differ, signed scores against tokens gained or lost. With an
    `ending`, of the column beside the score: its twin or its residual.
    """
    if f"{name}{ending}" not in table:
        return bootstrap.undefined("it was not asked for")
    changed = token_changes.gained(table) if SCORES[name].signed else token_changes.total(table)
    return _spearman(table[f"{name}{ending}"], changed)


def _spearman(values: pd.Series, changed: pd.Series) -> dict[str, Any]:
    if changed.nunique() < 2:
        return bootstrap.undefined(
            "every variant changes equally many tokens" if len(changed) else "nothing was scored"
        )
    if values.nunique() < 2:
        return bootstrap.undefined("all scores are equal")
    return {"value": float(scipy.stats.spearmanr(values, changed).statistic)}
