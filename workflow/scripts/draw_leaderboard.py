"""Draw every model of a target beside the baselines: AUPRC and AUROC with their intervals."""

import dnalm.startup

import pandas as pd
from matplotlib.axes import Axes

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.figures import style
from dnalm.targets.baselines import BASELINES

LOOKS = {name: style.look(row) for name, row in BASELINES.items()}


def main(*, table: Input, out: Output) -> None:
    """Draw the leaderboard that `rank_models` wrote, best AUPRC on top."""
    rows = style.read_table(table, ["model", "auprc", "auroc", "prevalence"])
    rows = rows.sort_values("auprc", na_position="first", kind="stable").reset_index(drop=True)
    with style.figure(out, 11.5, 1.3 + 0.32 * max(len(rows), 2)) as figure:
        left, right = figure.subplots(1, 2, sharey=True)
        panel(left, rows, "auprc", rows.prevalence.max(), "prevalence")
        panel(right, rows, "auroc", 0.5, "chance")


def panel(axes: Axes, rows: pd.DataFrame, metric: str, chance: float | None, name: str) -> None:
    """One metric of every row as a dot with its interval; a dashed line where a coin would be."""
    if rows.empty:
        style.say(axes, "not defined: no model was evaluated")
        return
    for y, row in enumerate(rows.to_dict("records")):
        ends = {"low": row.get(f"{metric}_low"), "high": row.get(f"{metric}_high"), "reason": "see its metrics.json"}
        style.dot(axes, y, {"value": row[metric]} | ends, LOOKS.get(row["model"], style.MODEL).colour)
    if style.known(chance):
        axes.axvline(chance, color=style.FAINT, linestyle="--", linewidth=1)
    axes.set_yticks(range(len(rows)), [LOOKS[name].label if name in LOOKS else name for name in rows.model])
    label = f"{metric.upper()} (dashed: {name} {chance:.3g})" if style.known(chance) else metric.upper()
    axes.set(xlim=(0, 1), ylim=(-0.6, len(rows) - 0.4), xlabel=label)
    axes.grid(axis="x")


if __name__ == "__main__":
    cli.run(main)
