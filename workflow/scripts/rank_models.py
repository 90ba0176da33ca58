"""Rank all models of one target, and the baselines, by how they do on the same test windows."""

import dnalm.startup

import json
from pathlib import Path

import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.errors import InputError, UsageError
from dnalm.targets.baselines import in_order

COLUMNS = ["model", "split", "auroc", "auroc_low", "auroc_high", "auprc", "auprc_low", "auprc_high"]
COLUMNS += ["mcc", "recall_at_fdr10", "prevalence", "n"]


def main(*, metrics: list[Input], names: list[str], out: Output) -> None:
    """Write leaderboard.tsv from metrics.json files of `evaluate_model`, one row a name and one a baseline.

    Best AUPRC first; what is undefined is an empty cell, at the end. Refuses models that were tested on other windows.
    """
    if len(metrics) != len(names) or len(set(names)) != len(names):
        raise UsageError(f"got {len(metrics)} metrics for {len(names)} names; give one name each, all different")
    reports = [json.loads(Path(path).read_text(encoding="utf-8"))["test"] for path in metrics]
    for path, report in zip(metrics, reports, strict=True):
        if fingerprint(report) != fingerprint(reports[0]):
            raise InputError(f"{path}: other test windows than {metrics[0]}; evaluate all models on the same target")
    rows = [row(name, report["model"], report) for name, report in zip(names, reports, strict=True)]
    rows += [row(name, reports[0][name], reports[0]) for name in in_order()]
    table = pd.DataFrame(rows, columns=COLUMNS)
    files.write_table(out, table.sort_values("auprc", ascending=False, na_position="last", kind="stable"))


def fingerprint(report: dict) -> tuple:
    """What is equal for all models of one target: the windows, seen through the baselines."""
    return (report["n"], report["positives"], *(report[name]["auroc"]["value"] for name in in_order()))


def row(name: str, found: dict, report: dict) -> dict:
    """One line of the leaderboard."""
    areas = {
        f"{metric}{end}": found[metric][key]
        for metric in ("auroc", "auprc")
        for end, key in (("", "value"), ("_low", "low"), ("_high", "high"))
    }
    rest = {metric: found[metric]["value"] for metric in ("mcc", "recall_at_fdr10")}
    return {"model": name, "split": "test", **areas, **rest, "prevalence": report["prevalence"], "n": report["n"]}


if __name__ == "__main__":
    cli.run(main)
