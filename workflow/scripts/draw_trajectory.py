"""Draw how a search improved its sequences, what independent judges say, and at what price in edits."""

import dnalm.startup

from typing import Annotated

import pandas as pd
from matplotlib.axes import Axes

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.designs.objectives import OBJECTIVES
from dnalm.designs.searches import SEARCHES
from dnalm.figures import style
from dnalm.targets.baselines import BASELINES, in_order

MEASURES = {
    "probability": ("Prediction", "predicted probability (best sequence)"),
    **{f"judge_{name}": BASELINES[name].judges for name in in_order() if BASELINES[name].judges},
    "bits_per_base": ("Naturalness", "bits per base, Markov chain of the genome"),
}
COLUMNS = 3  # panels in a row

Looks = dict[str, style.Look]


def main(
    *,
    folder: Input,
    out: Output,
    objective: Annotated[str, OBJECTIVES] = "logit",
    search: Annotated[str, SEARCHES] = "evolution",
) -> None:
    """Draw trajectory.tsv and pareto.tsv of a `folder` that `optimise_sequence` wrote."""
    table = style.read_table(folder / "trajectory.tsv", ["start", "search", "generation", "best", "mean", "edits"])
    front = style.read_table(folder / "pareto.tsv", ["start", "edits", "score"])
    looks, label = looks_of(search), OBJECTIVES[objective].label
    rows = -(-(len(MEASURES) + 2) // COLUMNS)
    with style.figure(out, 4.5 * COLUMNS, 4.1 * rows) as figure:
        figure.get_layout_engine().set(h_pad=0.1, w_pad=0.06)
        panels = list(figure.subplots(rows, COLUMNS).ravel())
        score(panels.pop(0), table, looks, label)
        pareto(panels.pop(1), front, label)
        for axes, name in zip(panels, MEASURES, strict=False):
            measure(axes, table, name, looks)
        for axes in panels[len(MEASURES) :]:
            axes.set_axis_off()


def looks_of(search: str) -> Looks:
    """How a search and its control are drawn, by what the column `search` says."""
    method = SEARCHES[search]
    control = style.Look(f"control ({method.without})", "control", style.FAINT)
    return {search: style.look(method), "control": control}


def score(axes: Axes, table: pd.DataFrame, looks: Looks, label: str) -> None:
    """What the search sees: the best so far of each start, and the mean of its population."""
    for name, look in reversed(looks.items()):
        over(axes, table[table.search == name], "best", look._replace(label=f"{look.label}, best"))
    name, look = next(iter(looks.items()))
    mean = look._replace(label=f"{look.label}, mean of the population")
    over(axes, table[table.search == name], "mean", mean, line="--")
    finish(axes, "Score", f"score of the search ({label})")


def measure(axes: Axes, table: pd.DataFrame, column: str, looks: Looks) -> None:
    """A measure of each start's best sequence that the search did not see."""
    heading, label = MEASURES[column]
    if column not in table or table[column].isna().all():
        style.say(axes, f"{heading.lower()}: not given")
        return
    for name, look in reversed(looks.items()):
        over(axes, table[table.search == name], column, look)
    finish(axes, heading, label)


def over(axes: Axes, table: pd.DataFrame, column: str, look: style.Look, line: str = "-") -> None:
    """One thin line for each start over the generations, and their mean, whose ends stand in the legend."""
    rows = table.pivot(index="generation", columns="start", values=column).sort_index()
    if rows.empty:
        return
    if line == "-":
        axes.plot(rows.index, rows, color=look.colour, linewidth=0.7, alpha=0.35)
    mean = rows.mean(axis=1)
    label = f"{look.label}: {mean.iloc[0]:.3g} → {mean.iloc[-1]:.3g}"
    axes.plot(rows.index, mean, color=look.colour, linestyle=line, linewidth=2, label=label)


def finish(axes: Axes, heading: str, label: str) -> None:
    """What the panels over generations share."""
    axes.set(xlabel="generation", ylabel=label)
    axes.set_title(heading)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(axis="y")
    style.legend_below(axes)


def pareto(axes: Axes, front: pd.DataFrame, label: str) -> None:
    """The best score for each number of edits that buys anything, one staircase a start."""
    if front.empty:
        style.say(axes, "not defined: the front is empty")
        return
    starts = list(front.start.unique())
    for name, colour in style.palette(starts).items():
        rows = front[front.start == name].sort_values("edits")
        said = f"{name.replace('_', ' ')}, {rows.score.iloc[-1]:.3g} with {rows.edits.iloc[-1]} edits"
        said = said if len(starts) <= 4 else None
        axes.step(rows.edits, rows.score, where="post", color=colour, linewidth=1.2)
        axes.plot(rows.edits, rows.score, "o", color=colour, markersize=3.5, label=said)
    axes.set(xlabel="substitutions from the start", ylabel=f"score of the search ({label})")
    axes.set_title("Pareto front")
    axes.grid(axis="y")
    if len(starts) > 4:
        axes.plot([], [], "o-", color=style.FAINT, markersize=3.5, label=f"one line a start, n {len(starts)}")
    style.legend_below(axes)


if __name__ == "__main__":
    cli.run(main)
