"""Rank all models of one target, and the baselines, on the same test windows: seeds pooled, differences paired."""

import dnalm.startup

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from dnalm import cli, files, texts
from dnalm.cli import Input, Output
from dnalm.errors import UsageError
from dnalm.logs import log
from dnalm.metrics import bootstrap
from dnalm.metrics.bootstrap import COMPARED, METRICS, Sample
from dnalm.targets import comparison
from dnalm.targets.baselines import in_order

NO_TWIN = "no twin was trained"
ENDS = (("", "value"), ("_low", "low"), ("_high", "high"))
COLUMNS = ["model", "kind", "seeds", "split", *(f"{name}{end}" for name in METRICS for end, _ in ENDS)]
COLUMNS += ["prevalence", "n", "baseline", "twin"]
COLUMNS += [f"{name}_minus_{other}{end}" for other in ("baseline", "twin") for name in COMPARED for end, _ in ENDS]
COLUMNS += ["pretraining_saw_test"]


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
    from random weights (`twins`: by model, its twin or why there is none). Best AUPRC first; what is undefined is an
    empty cell. With `relatives` all again for the test windows that have no relative in training.
    """
    if not len(metrics) == len(predictions) == len(names) == len(set(names)):
        raise UsageError(
            f"got {len(metrics)} metrics and {len(predictions)} predictions for {len(names)} names; give one each, all "
            "names different"
        )
    table = comparison.join(dict(zip(names, predictions, strict=True)), baselines / "predictions.tsv.gz")
    seen = {name: saw_test(path) for name, path in zip(names, metrics, strict=True)}
    entries = contestants(names, seen, twins or {})
    for name, entry in entries.items():
        if entry.kind == "ensemble":
            table[name] = comparison.ensemble(table, entries[name.removesuffix(" ensemble")].columns)
    at = comparison.choose(table, [column for column in table if column not in ("id", "split", "label", "kind")])
    best = comparison.best_baseline(table)
    test = table[table.split == "test"]
    sets = {"test": test}
    if relatives is not None:
        sets["test, without relatives"] = comparison.without_relatives(test, relatives)
    ranked = []
    for split, rows in sets.items():
        samples, facts = comparison.measure(rows, at, resamples, seed)
        board = pd.DataFrame([line(entries, name, samples, best) for name in entries])
        ranked.append(board.assign(split=split, prevalence=facts["prevalence"], n=facts["n"]))
    board = pd.concat([one.sort_values("auprc", ascending=False, kind="stable") for one in ranked])
    files.write_table(out, board.reindex(columns=COLUMNS))
    tell(ranked[0])


def saw_test(path: Path) -> str:
    """Whether pretraining saw the test contigs, as `evaluate_model` wrote it: no, yes and which, unknown."""
    return texts.read_json(path).get("pretraining_saw_test", "unknown")


def contestants(names: list[str], seen: dict[str, str], twins: dict[str, str]) -> dict[str, Contestant]:
    """The rows by name: models with their seeds, ensembles of two seeds or more, baselines."""
    models: dict[str, list[str]] = {}
    for name in names:
        models.setdefault(name.rpartition(" ")[0] or name, []).append(name)
    found = {}
    for model, columns in models.items():
        twin, saw = twins.get(model, NO_TWIN), seen[columns[0]]
        found[model] = Contestant("model", columns, len(columns), twin, saw)
        if len(columns) > 1:
            paired = f"{twin} ensemble" if len(models.get(twin, [])) > 1 else NO_TWIN if twin in models else twin
            name = f"{model} ensemble"
            found[name] = Contestant("ensemble", [name], len(columns), paired, saw)
    return found | {name: Contestant("baseline", [name]) for name in in_order()}


def line(entries: dict[str, Contestant], name: str, samples: dict[str, Sample], best: str | None) -> dict:
    """One row: metrics, and paired differences to the best baseline and to the twin, where there are these."""
    entry = entries[name]
    mine = pooled(entry, samples, 0)
    row = {"model": name, "kind": entry.kind, "seeds": entry.seeds or None, "baseline": None, "twin": entry.twin}
    row |= cells(bootstrap.summary(mine), "")
    for label, other in (("baseline", best), ("twin", entry.twin)):
        if other in entries and entry.kind != "baseline":
            row[label] = other
            against = bootstrap.minus(mine, pooled(entries[other], samples, 1))
            row |= cells(bootstrap.summary(against, COMPARED), f"_minus_{label}")
    return row | {"pretraining_saw_test": entry.seen}


def pooled(entry: Contestant, samples: dict[str, Sample], seed: int) -> Sample:
    """The mean over a contestant's seeds; two that are compared draw theirs apart."""
    return bootstrap.over_seeds([samples[column] for column in entry.columns], seed)


def cells(found: dict, suffix: str) -> dict:
    """Columns of a summary: value, low and high of each metric."""
    return {f"{name}{suffix}{end}": one[key] for name, one in found.items() for end, key in ENDS}


def tell(board: pd.DataFrame) -> None:
    """Log each model's AUPRC and its difference to the best baseline and to its twin."""
    for row in board[board.kind != "baseline"].to_dict("records"):
        parts = [f"AUPRC {row['auprc']:.4f}"] if row["auprc"] is not None else ["AUPRC undefined"]
        for label in ("baseline", "twin"):
            ends = [row.get(f"auprc_minus_{label}{end}") for end, _ in ENDS]
            text = " (" + " to ".join(f"{end:+.4f}" for end in ends[1:]) + ")" if pd.notna(ends[1]) else ""
            parts.append(f"{ends[0]:+.4f}{text} to {row[label]}" if pd.notna(ends[0]) else row[label] or "no baseline")
        log.info(f"{row['model']}, seeds {row['seeds']:.0f}: {'; '.join(parts)}")


if __name__ == "__main__":
    cli.run(main)
