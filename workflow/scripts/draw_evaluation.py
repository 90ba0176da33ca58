"""Draw how well a fine-tuned model does beside its baselines, on the test split: curves, a confusion, a scatter."""

import dnalm.startup

import numpy as np
import pandas as pd

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.figures import answers, curves, style
from dnalm.metrics import classes
from dnalm.targets import baselines as targets_baselines
from dnalm.targets import windows
from dnalm.targets.negatives import NEGATIVES
from dnalm.training import tasks
from dnalm.training.tasks import LABELS, TASKS

LOOKS = style.beside_model(targets_baselines.BASELINES, targets_baselines.in_order())
KINDS = {kind: row.label for kind, row in NEGATIVES.items()}
MOST = 4  # outputs that are drawn, of several


def main(*, predictions: Input, baselines: Input, metrics: Input, out: Output, split: str = "test") -> None:
    """Draw the model's `predictions` beside those in the `baselines` folder, with the figures of `metrics`.

    Of bound and unbound windows ROC, precision and recall, reliability; of classes what they are called, of measured
    values what is predicted. Areas and intervals are those `evaluate_model` wrote; nothing is estimated twice.
    """
    found = style.read_json(metrics)
    learnt = tasks.of(found, metrics)
    wanted = ["score"] if learnt.task == "binary" else tasks.columns(TASKS[learnt.task].prefix, learnt)
    measured = windows.values_of(learnt)
    rows = style.read_table(predictions, ["id", "split", "label", *wanted, *measured])
    report = found.get(split) or {}
    if learnt.task == "binary":
        table = join(rows, style.read_table(baselines / "predictions.tsv.gz", ["id"]), split)
        bound(out, table, report, found.get("by_negatives") or {})
        return
    rows = rows[rows.split == split]
    outputs = list(zip(learnt.names, measured, wanted, strict=True))[:MOST] if measured else []
    with style.figure(out, 5.4 * max(len(outputs), 1) + 5.6, 4.6) as figure:
        figure.get_layout_engine().set(w_pad=0.08)
        panels = figure.subplots(1, max(len(outputs), 1) + 1)
        if learnt.task == "classes":
            called = rows[wanted].to_numpy(float).argmax(1) if len(rows) else np.zeros(0, int)
            answers.confusion(panels[0], classes.confusion(rows.label.to_numpy(int), called, len(wanted)), learnt.names)
        for axes, (name, known, said) in zip(panels, outputs, strict=False):
            mine = f"pearson:{name}" if len(learnt.names) > 1 else "pearson"
            told = f"r {style.interval((report.get('model') or {}).get(mine))}"
            answers.scatter(axes, rows[known].to_numpy(float), rows[said].to_numpy(float), name, told)
        best = TASKS[learnt.task].best
        answers.scores(panels[-1], report, LOOKS, best, f"{LABELS[best]} (dashed: chance)", 0.0)


def bound(out: Output, table: pd.DataFrame, report: dict, kinds: dict) -> None:
    """The four panels of bound and unbound windows; `kinds` are the report against each kind of negative."""
    with style.figure(out, 10.4, 10.6) as figure:
        figure.get_layout_engine().set(h_pad=0.1, w_pad=0.06)
        panels = figure.subplots(2, 2).ravel()
        for axes, draw in zip(panels, (curves.roc, curves.precision_recall), strict=False):
            draw(axes, table, report, LOOKS)
        curves.reliability(panels[2], table, report)
        curves.by_negatives(panels[3], kinds, LOOKS, KINDS)


def join(predictions: pd.DataFrame, baselines: pd.DataFrame, split: str) -> pd.DataFrame:
    """One row per window of `split`: label, `model` (the score) and each baseline's score."""
    rows = predictions[predictions.split == split].rename(columns={"score": "model"})
    found = [name for name in LOOKS if name in baselines]
    return rows[["id", "label", "model"]].merge(baselines[["id", *found]], on="id", how="left", validate="1:1")


if __name__ == "__main__":
    cli.run(main)
