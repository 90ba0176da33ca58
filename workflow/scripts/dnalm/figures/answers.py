"""Panels that say how well classes are called and values predicted: a confusion, a scatter, dots with intervals."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from dnalm.figures import style

_DENSE = 2000  # from this many windows on, dots are small and faint


def scatter(axes: Axes, measured: np.ndarray, predicted: np.ndarray, name: str, told: str) -> None:
    """Predicted against measured values of one output, a dot a window; the dashed line is a perfect prediction.

    `told` is its correlation, as text.
    """
    if not len(measured):
        style.say(axes, f"{name} not defined: no window")
        return
    both = np.concatenate([measured, predicted])
    low, high = both.min(), both.max()
    edge = 0.03 * max(high - low, 1e-6)
    ends = (low - edge, high + edge)
    axes.plot(ends, ends, color=style.FAINT, linestyle="--", linewidth=1)
    dense = len(measured) >= _DENSE
    axes.plot(measured, predicted, "o", color=style.BLUE, markersize=2 if dense else 3, alpha=0.35, markeredgewidth=0)
    axes.set(xlim=ends, ylim=ends, xlabel=f"{name}, measured", ylabel=f"{name}, predicted")
    axes.set_title(told)
    axes.set_title(f"{len(measured):,} windows", loc="right", fontsize=8, fontweight="normal")
    axes.grid()


def confusion(axes: Axes, table: np.ndarray, names: Sequence[str]) -> None:
    """What windows of each class (row) are called (column): the share of the row as colour, counts as numbers."""
    if not table.sum():
        style.say(axes, "not defined: no window")
        return
    shares = table / np.maximum(table.sum(1, keepdims=True), 1)
    colours = LinearSegmentedColormap.from_list("calls", ["white", style.BLUE])
    axes.imshow(shares, cmap=colours, vmin=0, vmax=1)
    size = 8 if len(names) < 8 else 6
    for row, column in np.ndindex(*table.shape):
        colour = "white" if shares[row, column] > 0.6 else style.INK
        axes.text(column, row, f"{int(table[row, column]):,}", ha="center", va="center", color=colour, fontsize=size)
    axes.set_xticks(range(len(names)), names, rotation=30 if max(map(len, names)) > 4 else 0, ha="center")
    axes.set_yticks(range(len(names)), [f"{name}, n {int(n):,}" for name, n in zip(names, table.sum(1), strict=True)])
    axes.set(xlabel="class called", ylabel="class")
    axes.set_title("Calls (colour: share of the class)")
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)


def scores(axes: Axes, report: dict, looks: Mapping[str, style.Look], metric: str, label: str, chance: float) -> None:
    """One metric of the model and of each baseline with its interval, as `evaluate_model` wrote it; dashed: chance."""
    rows = [name for name in reversed(looks) if style.known((report.get(name, {}).get(metric) or {}).get("value"))]
    if not rows:
        style.say(axes, f"{label} not defined")
        return
    for y, name in enumerate(rows):
        style.dot(axes, y, report[name][metric], looks[name].colour)
    ends = [report[name][metric].get(end) for name in rows for end in ("value", "low")]
    axes.axvline(chance, color=style.FAINT, linestyle="--", linewidth=1)
    axes.set_yticks(range(len(rows)), [looks[name].label for name in rows])
    axes.set(xlim=(min([0.0, *filter(style.known, ends)]), 1), ylim=(-0.6, len(rows) - 0.4), xlabel=label)
    axes.grid(axis="x")
