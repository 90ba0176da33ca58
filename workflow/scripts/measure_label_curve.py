"""What each method makes of few labels: pretrained, from random weights, and baselines that get the same windows."""

import dnalm.startup

import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.errors import InputError, UsageError
from dnalm.logs import log
from dnalm.metrics import bootstrap
from dnalm.metrics.bootstrap import Sample
from dnalm.targets import comparison, few_labels
from dnalm.targets import windows as labelled
from dnalm.training.tasks import LABELS, TASKS, Learnt

UNTAUGHT = ("pwm",)  # baselines that need no labels: the same at any number of them


def main(
    *,
    windows: Input,
    summary: Input,
    predictions: list[Input],
    names: list[str],
    recipes: dict,
    baselines: Input,
    few: Input,
    out: Output,
    resamples: int = 200,
    seed: int = 0,
) -> None:
    """Write label_curve.tsv: a row a line of the curve and number of labels, on the same test windows, seeds pooled.

    `names` are `corpus/tokenizer/model recipe seed0`; `recipes` says of each without its seed which `line` it belongs
    to, its `labels` (0: all) and its `twin` from random weights, to which its paired difference is taken. `few` are
    the baselines of `train_few_labels`. The metric is the one that the best weights are chosen by, AUPRC for most;
    `summary` is the windows.json. Intervals resample seeds and stretches of the genome.
    """
    if not len(predictions) == len(names) == len(set(names)):
        raise UsageError(f"got {len(predictions)} predictions for {len(names)} names; give one each, all different")
    learnt = labelled.learnt(summary)
    table = comparison.join(dict(zip(names, predictions, strict=True)), baselines / "predictions.tsv.gz", learnt)
    table, taught = with_few(table, few)
    entries = [
        {"line": recipes[model]["line"], "kind": "model", "labels": recipes[model]["labels"], "columns": columns}
        | {"name": model, "twin": recipes[model]["twin"]}
        for model, columns in comparison.by_model(names).items()
    ]
    entries += taught
    counts = sorted({entry["labels"] for entry in entries})
    entries += [
        {"line": name, "kind": "baseline", "labels": count, "columns": [name], "name": f"{name} {count}", "twin": ""}
        for name in UNTAUGHT
        if learnt.task == "binary" and table[name].notna().all()
        for count in counts
    ]
    rows = measured(table, entries, learnt, resamples, seed)
    split = pd.read_csv(windows, sep="\t", usecols=["split"], dtype=str).split
    rows["windows"] = rows.labels.where(rows.labels > 0, int((split == "train").sum()))
    files.write_table(out, rows)
    for row in rows.to_dict("records"):
        text = f"{LABELS[row['metric']]} {row['value']:.4f}"
        log.info(f"{row['windows']:,} labels: {row['line']} {text} ({row['seeds']} seeds)")


def with_few(table: pd.DataFrame, few: Input) -> tuple[pd.DataFrame, list[dict]]:
    """The held-out windows with the columns of the baselines of few labels, and what these are."""
    read = pd.read_csv(few, sep="\t", dtype={"id": str, "kind": str}).set_index("id")
    if not read.index.is_unique or not table.id.isin(read.index).all():
        raise InputError(f"{few}: not the windows that the models were measured on; make the older of the two again")
    read = read.drop(columns=["split", "label", "kind"]).loc[table.id]
    parts = few_labels.parsed(list(read.columns))
    found = [
        {"line": name, "kind": "baseline", "labels": count, "columns": list(rows.column)}
        | {"name": f"{name} {count}", "twin": ""}
        for (name, count), rows in parts.groupby(["name", "labels"], sort=False)
    ]
    return pd.concat([table, read.reset_index(drop=True)], axis=1), found


def measured(table: pd.DataFrame, entries: list[dict], learnt: Learnt, resamples: int, seed: int) -> pd.DataFrame:
    """A row an entry: its metric, and the paired difference to its twin where there is one."""
    columns = list(dict.fromkeys(column for entry in entries for column in entry["columns"]))
    at, metric = comparison.choose(table, columns, learnt), TASKS[learnt.task].best
    samples, facts = comparison.measure(table[table.split == "test"], at, resamples, seed, learnt)
    pooled = {entry["name"]: pool(entry, samples, 0) for entry in entries}
    apart = {entry["name"]: pool(entry, samples, 1) for entry in entries}  # of two compared, seeds are drawn apart
    rows = []
    for entry in entries:
        row = {name: entry[name] for name in ("line", "kind", "labels")} | {"seeds": len(entry["columns"])}
        own = bootstrap.summary(pooled[entry["name"]], [metric])[metric]
        twin = apart.get(entry["twin"])
        against = bootstrap.undefined("no twin")
        if twin is not None:
            against = bootstrap.summary(bootstrap.minus(pooled[entry["name"]], twin), [metric])[metric]
        row |= {"metric": metric} | bootstrap.cells({"value": own, "minus_twin": against})
        rows.append(row | {"prevalence": facts.get("prevalence"), "n": facts["n"]})
    return pd.DataFrame(rows)


def pool(entry: dict, samples: dict[str, Sample], seed: int) -> Sample:
    """The mean over an entry's seeds."""
    return bootstrap.over_seeds([samples[column] for column in entry["columns"]], seed)


if __name__ == "__main__":
    cli.run(main)
