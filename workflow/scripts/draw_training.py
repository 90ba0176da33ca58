"""Draw how a model learned: bits per base for pretraining, loss and average precision for fine-tuning."""

import dnalm.startup

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.figures import style as figures_style

CHOSEN_BY = {"auprc": "AUPRC (average precision)", "mcc": "MCC", "pearson": "Pearson r"}
NOISY = 60  # from this many points on, a curve is drawn faint with its running mean over it


def main(*, metrics: Input, out: Output, markov_bits: float | None = None, loss_label: str = "loss") -> None:
    """Draw the learning curves of `metrics` (history.tsv of a fine-tuning, metrics.tsv of a pretraining).

    `markov_bits` adds the bits per base that a Markov chain fitted on the same genome needs: a language model that
    stays above it has learned less than base composition. `loss_label` is what a fine-tuning made small,
    by its label in LOSSES.
    """
    table = figures_style.read_table(metrics, ["step", "split", "loss"])
    pretraining = "bits_per_base" in table and table.bits_per_base.notna().any()
    apart = pretraining and any(name in table and table[name].notna().any() for name in ("bits_repeat", "bits_unique"))
    panels = 2 if apart or not pretraining else 1
    with figures_style.figure(out, 5.2 * panels, 4.2) as figure:
        axes = figure.subplots(1, panels, squeeze=False, sharey=bool(apart))[0]
        if pretraining:
            bits(axes[0], table, markov_bits)
            if apart:
                repeats(axes[1], table)
                axes[1].label_outer()
        else:
            loss(axes[0], table, loss_label)
            precision(axes[1], table)


def bits(axes: Axes, table: pd.DataFrame, markov_bits: float | None) -> None:
    """Bits per base of training and validation, with what a uniform guess (and a Markov chain) needs."""
    for split in ("train", "validation"):
        curve(axes, table[table.split == split], "bits_per_base", split, figures_style.COLOURS[split])
    by_genome = [name for name in table if name.startswith("bits_in_")]
    for name, colour in figures_style.palette(by_genome).items():
        curve(axes, table[table.split == "validation"], name, f"validation, {name[8:]}", colour)
    reference(axes, 2.0, "uniform guess, 2 bits", "--")
    if markov_bits is not None:
        reference(axes, markov_bits, f"Markov chain, {markov_bits:.3f} bits", ":")
    finish(axes, table, "bits per base", "All bases")


def repeats(axes: Axes, table: pd.DataFrame) -> None:
    """Bits per base in repeats and in unique sequence: a falling average may be repeats learned by heart."""
    rows = table[table.split == "validation"]
    for column, name, colour in (
        ("bits_repeat", "repeats", figures_style.VERMILION),
        ("bits_unique", "unique sequence", figures_style.GREEN),
    ):
        if column in rows:
            curve(axes, rows, column, name, colour)
    reference(axes, 2.0, "uniform guess, 2 bits", "--")
    finish(axes, table, "bits per base", "Validation, by kind of sequence")


def reference(axes: Axes, bits: float, label: str, style: str) -> None:
    """A level to compare curves with, where there are any."""
    if axes.lines:
        axes.axhline(bits, color=figures_style.FAINT, linestyle=style, linewidth=1, label=label)


def loss(axes: Axes, table: pd.DataFrame, label: str) -> None:
    """Loss of the fine-tuning; a history of validation rows alone holds the mean training loss in them."""
    splits = ("train", "validation") if (table.split == "train").any() else ("validation",)
    for split in splits:
        name = split if len(splits) == 2 else "train (mean since the last evaluation)"
        curve(axes, table[table.split == split], "loss", name, figures_style.COLOURS[name.split()[0]])
    finish(axes, table, label, "Loss")
    if axes.lines:
        axes.set_ylim(bottom=0)


def precision(axes: Axes, table: pd.DataFrame) -> None:
    """Average precision on validation, or what else weights are chosen by; the step that was kept is marked."""
    rows, metric = table[table.split == "validation"], next((one for one in CHOSEN_BY if one in table), "auprc")
    rows = rows[rows[metric].notna()] if metric in rows else rows.iloc[:0]
    if rows.empty:
        figures_style.say(axes, "not defined: no validation AUPRC\nin the history")
        return
    curve(axes, rows, metric, "validation", figures_style.BLUE)
    best = rows.loc[rows[metric].idxmax()]
    at = "layer" if seen(table) == "layer" else "step"
    label = f"best, {best[metric]:.3f} at {at} {best[at]:,.0f}"
    axes.plot(best[seen(table)], best[metric], "o", color=figures_style.VERMILION, label=label)
    finish(axes, table, CHOSEN_BY[metric], "Validation")
    axes.set_ylim(min(0, rows[metric].min()), 1)


def curve(axes: Axes, rows: pd.DataFrame, column: str, name: str, colour: str) -> None:
    """One curve over bases seen, its last value in the legend; nothing where the column is empty."""
    along = seen(rows)
    rows = rows[rows[column].notna()].sort_values(along, kind="stable")
    if rows.empty:
        return
    x, y = rows[along].to_numpy(float), rows[column].to_numpy(float)
    if noisy := len(y) >= NOISY:
        axes.plot(x, y, color=colour, alpha=0.3, linewidth=0.7)
        y = figures_style.smooth(y, len(y) // 20)
    marker = None if noisy or len(y) > NOISY // 2 else "o"
    axes.plot(x, y, color=colour, label=f"{name}, {y[-1]:.3f} at the end", marker=marker, markersize=3)


def seen(table: pd.DataFrame) -> str:
    """What the x axis counts: a probe's layers, or bases where there are any, as steps of two models do not compare."""
    if "layer" in table:
        return "layer"
    return "bases" if "bases" in table and table.bases.notna().any() else "step"


def finish(axes: Axes, table: pd.DataFrame, ylabel: str, heading: str) -> None:
    """Axes, grid and legend that all panels share."""
    if not axes.lines:
        figures_style.say(axes, "not defined: the table holds no value")
        return
    axes.set_ylabel(ylabel)
    axes.set_title(heading)
    axes.grid(axis="y")
    if seen(table) == "bases":
        axes.xaxis.set_major_formatter(EngFormatter(unit="b"))
    axes.set_xlabel({"bases": "bases seen", "step": "training step", "layer": "layer that is read"}[seen(table)])
    figures_style.legend_below(axes)


if __name__ == "__main__":
    cli.run(main)
