"""Draw what a language model knows without labels: maps of its tokens and of genome windows."""

import dnalm.startup

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.figures import style

COLOURS = colormaps["viridis"].with_extremes(bad=style.FAINT)
NAMED = 20  # up to this many tokens are written beside their dots
SMALLEST, LARGEST = 6, 220  # area of a token's dot in points²


def main(*, tokens: Input, windows: Input, out: Output, summary: Input | None = None) -> None:
    """Draw the first two principal components of the token vectors and of the window embeddings.

    With the `summary` of `map_embeddings` the axes say how much of the variance they show.
    """
    vocabulary = style.read_table(tokens, ["token", "pc1", "pc2", "gc", "frequency"])
    places = style.read_table(windows, ["pc1", "pc2", "gc", "repeats"])
    report = {} if summary is None else style.read_json(summary)
    with style.figure(out, 14, 4.8) as figure:
        left, middle, right = figure.subplots(1, 3)
        scatter(left, vocabulary, "gc", "GC content", areas(vocabulary.frequency), report.get("tokens"))
        if len(vocabulary) <= NAMED:
            name_tokens(left, vocabulary)
        left.set_title(f"{len(vocabulary):,} tokens (area: frequency)")
        for axes, column, name in ((middle, "gc", "GC content"), (right, "repeats", "share of repeats (soft-masked)")):
            scatter(axes, places, column, name, 9, report.get("windows"))
            axes.set_title(f"{len(places):,} windows")


def scatter(
    axes: Axes, table: pd.DataFrame, column: str, name: str, area: float | np.ndarray, report: dict | None
) -> None:
    """Dots at the first two components, coloured by a column; grey where it is not known."""
    if table.empty or table.pc1.isna().all():
        style.say(axes, "not defined: too few to have components")
        return
    y = table.pc2.fillna(0.0)
    colour = table[column].to_numpy(float)
    drawn = axes.scatter(
        table.pc1, y, s=area, c=colour, cmap=COLOURS, alpha=0.7, linewidth=0, plotnonfinite=True, rasterized=True
    )
    if np.isfinite(colour).any():
        axes.figure.colorbar(drawn, ax=axes, orientation="horizontal", label=name, shrink=0.8, aspect=30, pad=0.02)
    shares = (report or {}).get("share_of_variance") or []
    for number, label in enumerate((axes.set_xlabel, axes.set_ylabel)):
        known = number < len(shares) and style.known(shares[number])
        label(f"component {number + 1}" + (f" ({shares[number]:.0%} of variance)" if known else ""))


def areas(frequency: pd.Series) -> np.ndarray:
    """Area of each token's dot, in proportion to its frequency; the rare ones stay visible."""
    share = frequency.fillna(0).to_numpy(float)
    return SMALLEST + (LARGEST - SMALLEST) * share / max(share.max(initial=0), 1e-12)


def name_tokens(axes: Axes, table: pd.DataFrame) -> None:
    """Write each token right of its dot."""
    axes.margins(0.12)
    for row in table.itertuples():
        place = (row.pc1, 0.0 if pd.isna(row.pc2) else row.pc2)
        axes.annotate(row.token, place, (9, 0), textcoords="offset points", va="center", fontsize=8)


if __name__ == "__main__":
    cli.run(main)
