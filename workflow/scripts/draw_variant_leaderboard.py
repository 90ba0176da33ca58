"""Draw every model of a configuration on each set of labelled variants, beside the baselines."""

import dnalm.startup

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.figures import style
from dnalm.metrics.bootstrap import ENDS
from dnalm.variants.baselines import BASELINES
from dnalm.variants.leaderboard import ALL, HELD_OUT

LABELS = {"auroc": "AUROC", "auprc": "AUPRC"}
TEXT = ("variants", "alleles", "model", "stage", "kind", "ranked_by", "reason", "best_baseline", "pretraining_saw_test")
SETS = {ALL: "", HELD_OUT: ", on test contigs alone"}
SEEN = {"no": "", "unknown": ", transductive: unknown"}  # whatever else names the contigs that were seen


def main(*, table: Input, out: Output) -> None:
    """Draw the leaderboard that `rank_variants` wrote: for each set a line of panels, best on top.

    A model is a blue dot with its interval, by what it ranks; the hollow one below it is the same network with random
    weights. Baselines are grey.
    """
    rows = style.read_table(table, [*TEXT, "n", "prevalence", *LABELS]).astype(dict.fromkeys(TEXT, object))
    sets = [part.iloc[::-1].reset_index(drop=True) for _, part in rows.groupby(["variants", "alleles"], sort=False)]
    heights = [1.0 + 0.3 * len(part) if part.n.any() else 0.4 for part in sets] or [1.5]
    with style.figure(out, 15, 0.3 + sum(heights)) as figure:
        lines = figure.subplots(max(len(sets), 1), len(LABELS), squeeze=False, sharey="row", height_ratios=heights)
        if not sets:
            style.say(lines[0, 0], "not defined: no set of variants names a positive class")
            lines[0, 1].set_axis_off()
        for line, part in zip(lines, sets, strict=False):
            draw(line, part)
        if told := [line for line, part in zip(lines, sets, strict=False) if part.n.any()]:
            legend(told[0][0])


def draw(line: np.ndarray, rows: pd.DataFrame) -> None:
    """The panels of one set of alleles, one a metric; of a set without one, as on test contigs, a line."""
    for axes, metric in zip(line, LABELS, strict=True):
        panel(axes, rows, metric) if rows.n.any() else axes.set_axis_off()
    first = rows.iloc[-1]
    models = rows[rows.kind == "model"]
    sizes = sorted(models.n.unique())
    count = f"{sizes[0]:,.0f}" if len(sizes) == 1 else f"{sizes[0]:,.0f} to {sizes[-1]:,.0f}"
    said = f"{count} labelled alleles" if rows.n.any() else "no labelled allele"
    line[0].set_title(f"{first.variants}{SETS.get(first.alleles, first.alleles)}: {said}", pad=20)


def panel(axes: Axes, rows: pd.DataFrame, metric: str) -> None:
    """One metric of every row as a dot with its interval, its twin hollow below it; dashed where a coin would be."""
    for y, row in enumerate(rows.to_dict("records")):
        is_model = row["kind"] == "model"
        style.dot(axes, y, ends(row, metric), style.MODEL.colour if is_model else style.FAINT)
        twin = ends(row, f"{metric}_twin")
        if style.known(twin["value"]):
            hollow(axes, y - 0.28, twin)
    chance = 0.5 if metric == "auroc" else rows.prevalence.max()
    named = {"auroc": "chance", "auprc": "prevalence"}[metric]
    if style.known(chance):
        axes.axvline(chance, color=style.FAINT, linestyle="--", linewidth=1)
    names = [label(row, counted=rows.n.nunique() > 1) for row in rows.to_dict("records")]
    axes.set_yticks(range(len(rows)), names)
    said = f" (dashed: {named} {chance:.3g})" if style.known(chance) else ""
    axes.set(xlim=(0, 1), ylim=(-0.7, len(rows) - 0.4), xlabel=f"{LABELS[metric]}{said}")
    axes.grid(axis="x")


def hollow(axes: Axes, y: float, found: dict) -> None:
    """The twin: a hollow dot with a thin interval."""
    if style.known(found["low"]):
        axes.plot([found["low"], found["high"]], [y, y], color=style.FAINT, linewidth=1)
    axes.plot(found["value"], y, "o", color="white", markeredgecolor=style.MODEL.colour, markersize=4)


def ends(row: dict, metric: str) -> dict:
    """A metric of a row with its interval, and the row's reason."""
    return {key: row.get(f"{metric}{end}") for end, key in ENDS} | {"reason": reason(row, metric)}


def reason(row: dict, metric: str) -> str:
    """Why a row has no value of a metric, out of what it says of all of them (`metric, metric: reason; …`)."""
    for part in str(row["reason"]).split("; ") if style.known(row["reason"]) else []:
        names, _, why = part.partition(": ")
        if metric in names.split(", "):
            return why
    return "see its summary"


def label(row: dict, *, counted: bool = False) -> str:
    """A row's name: the baseline's label, or a model with its stage, what it ranks by, and what pretraining saw.

    `counted`: also its number of alleles, where rows differ in it.
    """
    number = f", n {row['n']:,.0f}" if counted else ""
    if row["kind"] == "baseline":
        known = BASELINES.get(row["model"])
        return (known.label.replace("\n", " ") if known else row["model"]) + number
    seen = row["pretraining_saw_test"]
    saw = SEEN.get(seen, ", transductive") if style.known(seen) else ""
    stage = row["stage"].removeprefix("finetuned/").replace("/", " ")
    return f"{row['model']}, {stage}, by {row['ranked_by'].replace('-', '−')}{number}{saw}"


def legend(axes: Axes) -> None:
    """What the dots say, at the right above the first panel."""
    blue, grey = style.MODEL.colour, style.FAINT
    looks = {"model": (blue, blue), "the same network, random weights": ("white", blue), "baseline": (grey, grey)}
    handles = [
        Line2D([], [], marker="o", linestyle="", markersize=5, color=fill, markeredgecolor=edge, label=name)
        for name, (fill, edge) in looks.items()
    ]
    axes.legend(handles=handles, loc="lower right", bbox_to_anchor=(1, 1), ncols=3, borderaxespad=0.2)


if __name__ == "__main__":
    cli.run(main)
