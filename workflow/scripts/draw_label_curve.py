"""Draw what pretraining buys: each method over the number of labels, and the difference to random weights."""

import dnalm.startup

import pandas as pd
from matplotlib.axes import Axes

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.figures import style
from dnalm.targets.baselines import BASELINES
from dnalm.training.tasks import LABELS

NEEDED = ["line", "kind", "windows", "seeds", "metric", "prevalence"]
NEEDED += [f"{name}{end}" for name in ("value", "minus_twin") for end in ("", "_low", "_high")]


def main(*, table: Input, out: Output) -> None:
    """Draw what `measure_label_curve` wrote: left a line a method, right the paired difference to the random twin."""
    rows = style.read_table(table, NEEDED)
    lines = list(dict.fromkeys(rows.line))
    known = {name: style.look(row).colour for name, row in BASELINES.items()}
    colours = style.palette(lines, known)
    with style.figure(out, 12, 4.6) as figure:
        left, right = figure.subplots(1, 2)
        curve(left, rows, colours, "value")
        metric, chance = LABELS.get(rows.metric.iloc[0], rows.metric.iloc[0]), rows.prevalence.max()
        left.set(ylim=(min(0, rows.value.min()), 1), ylabel=f"{metric} of the test windows")
        if metric == "AUPRC" and style.known(chance):
            left.axhline(chance, color=style.FAINT, linestyle="--", linewidth=1)
            left.set_ylabel(f"{metric} of the test windows (dashed: prevalence)")
        left.legend(loc="lower right")
        compared = rows[rows.minus_twin.notna()]
        if compared.empty:
            style.say(right, "not defined: no recipe has a twin from random weights")
        else:
            curve(right, compared, colours, "minus_twin")
            right.axhline(0, color=style.FAINT, linestyle="--", linewidth=1)
            right.set(ylabel=f"{metric} minus the same network from random weights, paired")
            right.legend(loc="best")


def curve(axes: Axes, rows: pd.DataFrame, colours: dict[str, str], column: str) -> None:
    """A line for each method over the number of labels, with its intervals."""
    for line, mine in rows.groupby("line", sort=False):
        mine = mine.sort_values("windows")
        middle = mine[column]
        beside = [middle - mine[f"{column}_low"].fillna(middle), mine[f"{column}_high"].fillna(middle) - middle]
        dashed = "--" if (mine.kind == "baseline").all() else "-"
        axes.errorbar(
            mine.windows,
            middle,
            yerr=[part.clip(lower=0) for part in beside],
            color=colours[line],
            linestyle=dashed,
            marker="o",
            markersize=4,
            capsize=2,
            label=name(line, mine),
        )
    ticks = sorted(rows.windows.unique())
    axes.set_xscale("log")
    axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel("training windows with a label")
    axes.grid(axis="y")


def name(line: str, rows: pd.DataFrame) -> str:
    """A line in the legend: the baseline's own name, or the model's, with its seeds."""
    text = BASELINES[line].label if line in BASELINES else line
    return f"{text}, {rows.seeds.min()} seeds" if rows.seeds.min() > 1 else text


if __name__ == "__main__":
    cli.run(main)
