"""Rank all models of one target, and the baselines, on the same test windows: seeds pooled, differences paired."""

import dnalm.startup

from typing import NamedTuple

import pandas as pd

from dnalm import cli, files, texts
from dnalm.cli import Input, Output
from dnalm.errors import UsageError
from dnalm.logs import log
from dnalm.metrics import bootstrap
from dnalm.metrics.bootstrap import ENDS, Sample
from dnalm.targets import comparison
from dnalm.training import tasks
from dnalm.training.tasks import LABELS, TASKS, Learnt

NO_TWIN = "no twin was trained"


class Contestant(NamedTuple):
    """A row of the leaderboard: the scores (a column each) that are pooled in it, and what it is compared with."""

    kind: str
    columns: list[str]
    seeds: int = 0
    twin: str = ""
    seen: str = "no"


def main(
    *,
    metrics: list[Input],
    predictions: list[Input],
    names: list[str],
    baselines: Input,
    out: Output,
    twins: dict | None = None,
    relatives: Input | None = None,
    resamples: int = 200,
    seed: int = 0,
) -> None:
    """Write leaderboard.tsv: a row a model (its seeds pooled), one its ensemble over seeds, one a baseline.

    `names` are `corpus/tokenizer/model recipe seed0`; the last word tells seeds apart. Intervals resample seeds and
    blocks of the genome. Differences are paired, to the baseline that is best on validation and to the model's twin
    from random weights (`twins`: by model, its twin or why there is none). Best first, by AUPRC, or by MCC of classes
    and Pearson's r of measured values, which are told by the `metrics`; what is undefined is an empty cell. With
    `relatives` all again for the test windows that have no relative in training; and for each kind of negative.
    """
    if not len(metrics) == len(predictions) == len(names) == len(set(names)):
        raise UsageError(
            f"got {len(metrics)} metrics and {len(predictions)} predictions for {len(names)} names; give one each, all "
            "names different"
        )
    reports = [texts.read_json(path) for path in metrics]
    learnt = tasks.of(reports[0], metrics[0]) if reports else tasks.BINARY
    table = comparison.join(dict(zip(names, predictions, strict=True)), baselines / "predictions.tsv.gz", learnt)
    seen = {name: report.get("pretraining_saw_test", "unknown") for name, report in zip(names, reports, strict=True)}
    entries = contestants(names, seen, twins or {}, comparison.competing(table, learnt))
    for name, entry in entries.items():
        if entry.kind == "ensemble":
            said = comparison.ensemble(table, entries[name.removesuffix(" ensemble")].columns, learnt)
            table[tasks.columns(name, learnt)] = said.reshape(len(table), -1)
    scored = dict.fromkeys(column for entry in entries.values() for column in entry.columns)
    at = comparison.choose(table, list(scored), learnt)
    best = comparison.best_baseline(table, learnt)
    test = table[table.split == "test"]
    sets = {"test": test}
    if relatives is not None:
        sets["test, without relatives"] = comparison.without_relatives(test, relatives)
    if learnt.task == "binary":
        sets |= {f"test: {kind}": rows for kind, rows in comparison.by_kind(test).items() if len(rows) < len(test)}
    ranked = []
    for split, rows in sets.items():
        samples, facts = comparison.measure(rows, at, resamples, seed, learnt)
        board = pd.DataFrame([line(entries, name, samples, best, learnt) for name in entries])
        ranked.append(board.assign(split=split, prevalence=facts.get("prevalence"), n=facts["n"]))
    first = TASKS[learnt.task].best
    board = pd.concat([one.sort_values(first, ascending=False, kind="stable") for one in ranked])
    files.write_table(out, board.reindex(columns=columns(learnt)))
    tell(ranked[0], first)


def columns(learnt: Learnt = tasks.BINARY) -> list[str]:
    """The columns of a leaderboard; the prevalence, where a coin would be, is of bound and unbound alone."""
    found = ["model", "kind", "seeds", "split", *(f"{name}{end}" for name in tasks.metrics(learnt) for end, _ in ENDS)]
    found += (["prevalence"] if learnt.task == "binary" else []) + ["n", "baseline", "twin"]
    others, compared = ("baseline", "twin"), TASKS[learnt.task].compared
    found += [f"{name}_minus_{other}{end}" for other in others for name in compared for end, _ in ENDS]
    return [*found, "pretraining_saw_test"]


def contestants(
    names: list[str], seen: dict[str, str], twins: dict[str, str], baselines: list[str]
) -> dict[str, Contestant]:
    """The rows by name: models with their seeds, ensembles of two seeds or more, baselines."""
    models, found = comparison.by_model(names), {}
    for model, columns in models.items():
        twin, saw = twins.get(model, NO_TWIN), seen[columns[0]]
        found[model] = Contestant("model", columns, len(columns), twin, saw)
        if len(columns) > 1:
            paired = f"{twin} ensemble" if len(models.get(twin, [])) > 1 else NO_TWIN if twin in models else twin
            name = f"{model} ensemble"
            found[name] = Contestant("ensemble", [name], len(columns), paired, saw)
    return found | {name: Contestant("baseline", [name]) for name in baselines}


def line(
    entries: dict[str, Contestant], name: str, samples: dict[str, Sample], best: str | None, learnt: Learnt
) -> dict:
    """One row: metrics, and paired differences to the best baseline and to the twin, where there are these."""
    entry = entries[name]
    mine = pooled(entry, samples, 0)
    row = {"model": name, "kind": entry.kind, "seeds": entry.seeds or None, "baseline": None, "twin": entry.twin}
    row |= bootstrap.cells(bootstrap.summary(mine))
    for label, other in (("baseline", best), ("twin", entry.twin)):
        if other in entries and entry.kind != "baseline":
            row[label] = other
            against = bootstrap.minus(mine, pooled(entries[other], samples, 1))
            row |= bootstrap.cells(bootstrap.summary(against, TASKS[learnt.task].compared), f"_minus_{label}")
    return row | {"pretraining_saw_test": entry.seen}


def pooled(entry: Contestant, samples: dict[str, Sample], seed: int) -> Sample:
    """The mean over a contestant's seeds; two that are compared draw theirs apart."""
    return bootstrap.over_seeds([samples[column] for column in entry.columns], seed)


def tell(board: pd.DataFrame, metric: str) -> None:
    """Log each model's best metric and its difference to the best baseline and to its twin."""
    for row in board[board.kind != "baseline"].to_dict("records"):
        parts = [f"{LABELS[metric]} {row[metric]:.4f}" if row[metric] is not None else f"{LABELS[metric]} undefined"]
        for label in ("baseline", "twin"):
            ends = [row.get(f"{metric}_minus_{label}{end}") for end, _ in ENDS]
            text = " (" + " to ".join(f"{end:+.4f}" for end in ends[1:]) + ")" if pd.notna(ends[1]) else ""
            parts.append(f"{ends[0]:+.4f}{text} to {row[label]}" if pd.notna(ends[0]) else row[label] or "no baseline")
        log.info(f"{row['model']}, seeds {row['seeds']:.0f}: {'; '.join(parts)}")


if __name__ == "__main__":
    cli.run(main)
