"""Every model beside every other on the same labelled variants: the rows of a leaderboard, from summaries.

A summary (`summary.summarise`) says all of one model on one set. Here they stand under one another, a row a way of
ranking, with the baselines once, as those know of no model: their being the same in all summaries shows that all
models were measured on the same alleles.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from dnalm.metrics import bootstrap, strata
from dnalm.metrics.bootstrap import ENDS

ALL, HELD_OUT = "all", "held_out"  # labelled alleles: all, or of a fine-tuned model those on its test contigs
NO_LABEL = "no scored allele has a class that was named"
NONE_HELD_OUT = "no labelled allele lies on the test contigs"
NO_TWIN = "no twin was scored"
OTHERS = ("minus_best_baseline", "twin", "minus_twin")  # what stands beside a score, as a summary and a column name it
FIRST = ["variants", "alleles", "model", "stage", "kind", "ranked_by", "n", "n_positive", "prevalence"]


class Entry(NamedTuple):
    """A summary: of which set of variants, by which model (corpus/tokenizer/model) at which stage of its training."""

    variants: str
    model: str
    stage: str
    summary: Mapping[str, Any]


def rows(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Rows of models and of baselines, metrics as {value, low, high} or with a reason; sets in their order.

    Within a set all alleles come before those held out, and what ranks best by AUROC comes first, what has none last.
    """
    found = [row for entry in entries for row in _of_model(entry)]
    found += [row for group in _same_baselines(entries).values() for row in _of_baselines(*group[0])]
    order = list(dict.fromkeys(entry.variants for entry in entries))

    def rank(row: dict[str, Any]) -> tuple:
        value = row["auroc"]["value"]
        return order.index(row["variants"]), row["alleles"] != ALL, value is None, -(value or 0)

    return sorted(found, key=rank)


def unlike(entries: Sequence[Entry]) -> list[str]:
    """A sentence for each set whose models were not measured on the same alleles, as their baselines differ."""
    groups: dict[str, list[list[tuple[Entry, str, Mapping[str, Any]]]]] = {}
    for (name, alleles, _), group in _same_baselines(entries).items():
        if alleles == ALL:
            groups.setdefault(name, []).append(group)
    return [
        f"{name}: models were not measured on the same alleles, and their rows do not compare: "
        + "; ".join(f"{_counted(part[0][2])} by {_names([entry for entry, _, _ in part])}" for part in parts)
        for name, parts in groups.items()
        if len(parts) > 1
    ]


def table(found: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The rows as columns: a metric's value and ends, and why it has none in `reason`."""
    return pd.DataFrame([_cells(row) for row in found]).reindex(columns=columns())


def columns() -> list[str]:
    """The columns of a leaderboard."""
    beside = [f"{metric}_{other}{end}" for other in OTHERS for metric in strata.METRICS for end, _ in ENDS]
    return [
        *FIRST,
        *(f"{metric}{end}" for metric in strata.METRICS for end, _ in ENDS),
        "best_baseline",
        *beside,
        "pretraining_saw_test",
        "reason",
    ]


def _parts(entry: Entry) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    """What a summary ranks: all labelled alleles, and of a fine-tuned model those held out; None where none is."""
    yield ALL, entry.summary if "auroc" in entry.summary else None
    if "held_out" in entry.summary:
        yield HELD_OUT, entry.summary["held_out"]


def _of_model(entry: Entry) -> Iterator[dict[str, Any]]:
    """A row for each way in which a model's scores rank; one of nothing but a reason for alleles without a label."""
    for alleles, part in _parts(entry):
        named = {"variants": entry.variants, "alleles": alleles, "model": entry.model, "stage": entry.stage}
        named |= {"kind": "model", "pretraining_saw_test": entry.summary.get("pretraining_saw_test")}
        if part is None:
            nothing = dict.fromkeys(strata.METRICS, bootstrap.undefined(NO_LABEL if alleles == ALL else NONE_HELD_OUT))
            yield from (named | _sized(None) | {"ranked_by": way} | nothing for way in entry.summary["scores"])
            continue
        absent = dict.fromkeys(strata.METRICS, bootstrap.undefined(NO_TWIN))
        for way, words in part["ranked_by"].items():
            beside = {other: part[other].get(way, absent) for other in OTHERS}
            mine = {metric: part[metric][way] for metric in strata.METRICS}
            yield named | _sized(part) | {"ranked_by": words} | mine | {"best_baseline": part["best_baseline"]} | beside


def _of_baselines(entry: Entry, alleles: str, part: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    named = {"variants": entry.variants, "alleles": alleles, "stage": None, "kind": "baseline", "ranked_by": None}
    for name, measured in part["baseline"].items():
        metrics = {metric: measured[metric] for metric in strata.METRICS}
        yield named | _sized(part) | {"model": name, "n": measured["n"]} | metrics


def _sized(part: Mapping[str, Any] | None) -> dict[str, Any]:
    """How many labelled alleles there are, how many of them are positive, and which share that is."""
    if part is None:
        return {"n": 0, "n_positive": 0, "prevalence": None}
    positive = part["n_positive"]
    return {"n": positive + part["n_negative"], "n_positive": positive, "prevalence": part["prevalence"]}


def _same_baselines(entries: Sequence[Entry]) -> dict[tuple[str, str, str], list[tuple[Entry, str, Mapping[str, Any]]]]:
    """Summaries in groups of the same set, alleles and baselines, in order. Targets hold out other contigs each."""
    found: dict[tuple[str, str, str], list[tuple[Entry, str, Mapping[str, Any]]]] = {}
    for entry in entries:
        for alleles, part in _parts(entry):
            if part is not None:
                found.setdefault((entry.variants, alleles, _measured(part)), []).append((entry, alleles, part))
    return found


def _measured(part: Mapping[str, Any]) -> str:
    """The baselines in words, which are the same where the alleles are: their numbers and AUROCs."""
    found = {name: (one["n"], one["auroc"]["value"]) for name, one in sorted(part["baseline"].items())}
    return f"{_counted(part)} {[(name, n, value and round(value, 6)) for name, (n, value) in found.items()]}"


def _counted(part: Mapping[str, Any]) -> str:
    return f"{part['n_positive']:,} positive and {part['n_negative']:,} negative"


def _names(entries: Sequence[Entry]) -> str:
    more = f" and {len(entries) - 1:,} more" if len(entries) > 1 else ""
    return f"{entries[0].model} {entries[0].stage}{more}"


def _cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """One row of the table; reasons are given of what has no value, each once."""
    flat = {key: value for key, value in row.items() if key not in (*strata.METRICS, *OTHERS)}
    sides = {"": {metric: row[metric] for metric in strata.METRICS}}
    sides |= {f"_{other}": row[other] for other in OTHERS if other in row}
    for suffix, found in sides.items():
        flat |= bootstrap.cells(found, suffix)
    said: dict[str, list[str]] = {}
    for suffix, found in sides.items():
        for metric, one in found.items():
            if one.get("reason"):
                said.setdefault(one["reason"], []).append(f"{metric}{suffix}")
    return flat | {"reason": "; ".join(f"{', '.join(names)}: {reason}" for reason, names in said.items())}
