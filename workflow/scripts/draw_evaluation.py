"""Draw ROC, precision-recall and reliability of a fine-tuned model beside its baselines, on the test split."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from dnalm import cli, metrics, plots
from dnalm.cli import Input, Output

BASELINES = ("pwm", "kmer", "gc")
NAMES = {"model": "model", "pwm": "motif scan (PWM)", "kmer": "k-mer logistic", "gc": "GC content"}


def main(*, predictions: Input, baselines: Input, metrics: Input, out: Output, split: str = "test") -> None:
    """Draw the model's `predictions` beside those in the `baselines` folder, with the figures of `metrics`.

    Areas and intervals are those `evaluate_model` wrote; nothing is estimated twice.
    """
    table = join(
        plots.read_table(predictions, ["id", "split", "label", "score"]),
        plots.read_table(baselines / "predictions.tsv.gz", ["id"]),
        split,
    )
    report = plots.read_json(metrics).get(split) or {}
    with plots.figure(out, 13, 5.4) as figure:
        axes = figure.subplots(1, 3)
        for panel, draw in zip(axes, (roc, precision_recall, reliability), strict=True):
            draw(panel, table, report)


def join(predictions: pd.DataFrame, baselines: pd.DataFrame, split: str) -> pd.DataFrame:
    """One row per window of `split`: label, `model` (the score) and each baseline's score."""
    rows = predictions[predictions.split == split].rename(columns={"score": "model"})
    found = [name for name in BASELINES if name in baselines]
    return rows[["id", "label", "model"]].merge(baselines[["id", *found]], on="id", how="left", validate="1:1")


def counts(rows: pd.DataFrame, name: str) -> tuple[np.ndarray, np.ndarray]:
    """True and false positives when everything at or above each distinct score is called, highest score first."""
    count, _ = metrics.counter(rows.label.to_numpy(bool), rows[name].to_numpy(float))
    return count()


def methods(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Each method that scored at least one window of both classes, the model first, with the rows it scored."""
    found = [(name, table[table[name].notna()]) for name in ("model", *BASELINES) if name in table]
    return [(name, rows) for name, rows in found if rows.label.nunique() == 2]


def roc(axes: Axes, table: pd.DataFrame, report: dict) -> None:
    """True against false positive rate; the diagonal is a coin."""
    axes.plot([0, 1], [0, 1], color=plots.FAINT, linestyle="--", linewidth=1, label="chance, AUROC 0.500")
    for name, rows in methods(table):
        true, false = counts(rows, name)
        axes.plot(np.append(0, false) / false[-1], np.append(0, true) / true[-1], **look(name, "auroc", report))
    finish(axes, table, "false positive rate", "true positive rate", "ROC")


def precision_recall(axes: Axes, table: pd.DataFrame, report: dict) -> None:
    """Precision against recall; the dashed line is the share of positives, which a coin reaches."""
    prevalence = table.label.mean() if len(table) else 0.0
    axes.axhline(
        prevalence, color=plots.FAINT, linestyle="--", linewidth=1, label=f"chance (prevalence), {prevalence:.3f}"
    )
    for name, rows in methods(table):
        true, false = counts(rows, name)
        precision = true / (true + false)
        axes.step(
            np.append(0, true) / true[-1],
            np.append(precision[0], precision),
            where="pre",
            **look(name, "auprc", report),
        )
    finish(axes, table, "recall", "precision", "Precision and recall")


def reliability(axes: Axes, table: pd.DataFrame, report: dict) -> None:
    """Observed share of positives against predicted probability, in tenths; bars count windows."""
    given, seen, count = metrics.reliability(table.label.to_numpy(bool), table.model.to_numpy(float))
    axes.plot([0, 1], [0, 1], color=plots.FAINT, linestyle="--", linewidth=1, label="perfect calibration")
    axes.bar(
        np.arange(0.05, 1, 0.1),
        count / max(count.sum(), 1),
        width=0.085,
        color=plots.GRID,
        label="share of windows in each tenth",
    )
    ece = report.get("model", {}).get("ece")
    label = "model" if ece is None else f"model, expected calibration error {plots.interval(ece)}"
    axes.plot(given, seen, "o-", color=plots.BLUE, markersize=4, label=label)
    finish(axes, table, "predicted probability", "observed share of positives", "Reliability")


def look(name: str, metric: str, report: dict) -> dict:
    """Colour and legend of a method: its name and its figure as `evaluate_model` wrote it."""
    value = report.get(name, {}).get(metric)
    figure = "" if value is None else f", {metric.upper()} {plots.interval(value)}"
    return {
        "color": plots.COLOURS[name],
        "label": f"{NAMES[name]}{figure}",
        "linewidth": 2.2 if name == "model" else 1.4,
        "zorder": 3 if name == "model" else 2,
    }


def finish(axes: Axes, table: pd.DataFrame, xlabel: str, ylabel: str, heading: str) -> None:
    """Square unit axes and the legend; a split of one class only says so instead."""
    if table.label.nunique() < 2:
        axes.clear()
        plots.say(axes, f"not defined: {len(table):,} windows\nof one class only")
        return
    positives = int(table.label.sum())
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), xlabel=xlabel, ylabel=ylabel)
    axes.set_title(heading)
    axes.set_title(f"{positives:,} of {len(table):,} windows bound", loc="right", fontsize=8, fontweight="normal")
    axes.grid()
    plots.legend_below(axes)


if __name__ == "__main__":
    cli.run(main)
