"""Values of several classes below one another: a violin with median and quartiles, and some of the values as dots."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from scipy.stats import gaussian_kde

from dnalm.figures import style

POINTS = 200  # drawn a class; the violin shows the rest
FEWEST = 10  # a density of fewer values would be invention


def draw(axes: Axes, groups: Mapping[str, np.ndarray], counts: Mapping[str, int], rng: np.random.Generator) -> None:
    """A violin for each class, from the bottom up, its name and count beside it, and up to `POINTS` values as dots."""
    colours = style.palette(reversed(list(groups)))
    for y, (group, values) in enumerate(groups.items()):
        if len(values) == 0:
            axes.text(0.02, y, "no score", transform=axes.get_yaxis_transform(), color=style.FAINT, fontsize=8)
            continue
        violin(axes, values, y, colours[group])
        shown = rng.choice(values, min(POINTS, len(values)), replace=False)
        axes.scatter(shown, y - 0.12 - 0.2 * rng.random(len(shown)), s=5, color=colours[group], alpha=0.5, linewidth=0)
        low, median, high = np.quantile(values, [0.25, 0.5, 0.75])
        axes.plot([low, high], [y, y], color=style.INK, linewidth=2.5, solid_capstyle="butt")
        axes.plot(median, y, "o", color="white", markeredgecolor=style.INK, markersize=5, zorder=4)
    names = [f"{group.replace('_', ' ')}\nn {counts[group]:,}" for group in groups]
    axes.set_yticks(range(len(groups)), names)
    axes.set_ylim(-0.6, len(groups) - 0.3)
    axes.axvline(0, color=style.FAINT, linewidth=0.8, linestyle="--")
    axes.grid(axis="x")


def violin(axes: Axes, values: np.ndarray, y: float, colour: str) -> None:
    """The upper half of a violin at height `y`; nothing where there are too few values or they are all one."""
    if len(values) < FEWEST or np.ptp(values) == 0:
        return
    at = np.linspace(values.min(), values.max(), 200)
    density = gaussian_kde(values)(at)
    axes.fill_between(at, y, y + 0.42 * density / density.max(), color=colour, alpha=0.45, linewidth=0)
