"""Draw how an evolutionary search improved its sequences, what independent judges say, and at what price in edits."""

import pandas as pd
from matplotlib.axes import Axes

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.figures import style as figures_style

COLOURS = {"evolution": figures_style.BLUE, "control": figures_style.FAINT}
NAMES = {"evolution": "evolution", "control": "control (mutation without selection)"}
MEASURES = {
    "probability": ("Prediction", "predicted probability (best sequence)"),
    "judge_pwm": ("Judge: motif", "best motif score (log odds, bits)"),
    "judge_kmer": ("Judge: k-mers", "k-mer regression (probability)"),
    "bits_per_base": ("Naturalness", "bits per base, Markov chain of the genome"),
}


def main(*, folder: Input, out: Output) -> None:
    """Draw trajectory.tsv and pareto.tsv of a `folder` that `optimise_sequence` wrote."""
    table = figures_style.read_table(
        folder / "trajectory.tsv", ["start", "search", "generation", "best", "mean", "edits"]
    )
    front = figures_style.read_table(folder / "pareto.tsv", ["start", "edits", "score"])
    with figures_style.figure(out, 13.5, 8.2) as figure:
        figure.get_layout_engine().set(h_pad=0.1, w_pad=0.06)
        panels = figure.subplots(2, 3).ravel()
        score(panels[0], table)
        for axes, name in zip(panels[[1, 3, 4, 5]], MEASURES, strict=True):
            measure(axes, table, name)
        pareto(panels[2], front)


def score(axes: Axes, table: pd.DataFrame) -> None:
    """What the search sees: the best so far of each start, and the mean of its population."""
    for name in reversed(COLOURS):
        over(axes, table, name, "best", f"{NAMES[name]}, best")
    over(axes, table, "evolution", "mean", "evolution, mean of the population", style="--")
    finish(axes, "Score", "score of the search (logit)")


def measure(axes: Axes, table: pd.DataFrame, column: str) -> None:
    """A measure of each start's best sequence that the search did not see."""
    heading, label = MEASURES[column]
    if column not in table or table[column].isna().all():
        figures_style.say(axes, f"{heading.lower()}: not given")
        return
    for name in reversed(COLOURS):
        over(axes, table, name, column, NAMES[name])
    finish(axes, heading, label)


def over(axes: Axes, table: pd.DataFrame, name: str, column: str, label: str, style: str = "-") -> None:
    """One thin line for each start over the generations, and their mean, whose ends stand in the legend."""
    rows = table[table.search == name].pivot(index="generation", columns="start", values=column).sort_index()
    if rows.empty:
        return
    if style == "-":
        axes.plot(rows.index, rows, color=COLOURS[name], linewidth=0.7, alpha=0.35)
    mean = rows.mean(axis=1)
    label = f"{label}: {mean.iloc[0]:.3g} → {mean.iloc[-1]:.3g}"
    axes.plot(rows.index, mean, color=COLOURS[name], linestyle=style, linewidth=2, label=label)


def finish(axes: Axes, heading: str, label: str) -> None:
    """What the panels over generations share."""
    axes.set(xlabel="generation", ylabel=label)
    axes.set_title(heading)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(axis="y")
    figures_style.legend_below(axes)


def pareto(axes: Axes, front: pd.DataFrame) -> None:
    """The best score for each number of edits that buys anything, one staircase a start."""
    if front.empty:
        figures_style.say(axes, "not defined: the front is empty")
        return
    starts = list(front.start.unique())
    for name, colour in figures_style.palette(starts).items():
        rows = front[front.start == name].sort_values("edits")
        label = f"{name.replace('_', ' ')}, {rows.score.iloc[-1]:.3g} with {rows.edits.iloc[-1]} edits"
        label = label if len(starts) <= 4 else None
        axes.step(rows.edits, rows.score, where="post", color=colour, linewidth=1.2)
        axes.plot(rows.edits, rows.score, "o", color=colour, markersize=3.5, label=label)
    axes.set(xlabel="substitutions from the start", ylabel="score of the search (logit)")
    axes.set_title("Pareto front")
    axes.grid(axis="y")
    if len(starts) > 4:
        axes.plot([], [], "o-", color=figures_style.FAINT, markersize=3.5, label=f"one line a start, n {len(starts)}")
    figures_style.legend_below(axes)


if __name__ == "__main__":
    cli.run(main)
