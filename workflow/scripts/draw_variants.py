"""Draw how each variant score is distributed over the classes of the variants."""

import dnalm.startup

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy.stats import gaussian_kde

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.figures import style
from dnalm.variants.scores import SCORES

COLUMNS = 3  # panels in a row
POINTS = 200  # drawn a class; the violin shows the rest
FEWEST = 10  # a density of fewer values would be invention


def main(*, table: Input, summary: Input, out: Output, seed: int = 0) -> None:
    """Draw the scores of `table` by its column `class`, with the AUROC of each score where `summary` has one."""
    rows = style.read_table(table, ["chrom", "pos"])
    report = style.read_json(summary)
    scores = [name for name in reversed(SCORES) if name in rows and rows[name].notna().any()]
    groups = classes(rows)
    columns = min(max(len(scores), 1), COLUMNS)
    rows_of_panels = -(-max(len(scores), 1) // columns)
    height = rows_of_panels * (1.5 + 0.5 * max(len(groups), 4))
    with style.figure(out, 2.0 + 3.6 * columns, height) as figure:
        figure.get_layout_engine().set(h_pad=0.08)
        panels = figure.subplots(
            rows_of_panels, columns, squeeze=False, sharey="row" if len(groups) > 1 else "none"
        ).ravel()
        if not scores:
            style.say(panels[0], "not defined: no variant has a score")
        for axes in panels[len(scores) :]:
            axes.set_axis_off()
        for axes, name in zip(panels, scores, strict=False):
            if len(groups) > 1:
                by_class(axes, rows, groups, name, np.random.default_rng(seed))
            else:
                histogram(axes, rows[name].dropna(), style.PALETTE[SCORES[name].colour])
            axes.set_xlabel(SCORES[name].label)
            axes.set_title(heading(name, report), fontsize=9)


def classes(rows: pd.DataFrame) -> list[str]:
    """Classes that hold a scored variant, ordered by name from the top; empty where there is no class at all."""
    return sorted(rows[scored(rows)]["class"].dropna().unique(), reverse=True) if "class" in rows else []


def scored(rows: pd.DataFrame) -> pd.Series:
    """Whether each variant has any score; those that were skipped have none."""
    return rows[[name for name in SCORES if name in rows]].notna().any(axis=1)


def by_class(axes: Axes, rows: pd.DataFrame, groups: list[str], name: str, rng: np.random.Generator) -> None:
    """A violin with median and quartiles for each class, and up to `POINTS` of its variants as dots."""
    colours = style.palette(reversed(groups))
    for y, group in enumerate(groups):
        values = rows.loc[rows["class"] == group, name].dropna().to_numpy(float)
        if len(values) == 0:
            axes.text(0.02, y, "no score", transform=axes.get_yaxis_transform(), color=style.FAINT, fontsize=8)
            continue
        violin(axes, values, y, colours[group])
        shown = rng.choice(values, min(POINTS, len(values)), replace=False)
        axes.scatter(shown, y - 0.12 - 0.2 * rng.random(len(shown)), s=5, color=colours[group], alpha=0.5, linewidth=0)
        low, median, high = np.quantile(values, [0.25, 0.5, 0.75])
        axes.plot([low, high], [y, y], color=style.INK, linewidth=2.5, solid_capstyle="butt")
        axes.plot(median, y, "o", color="white", markeredgecolor=style.INK, markersize=5, zorder=4)
    counts = rows[scored(rows)]["class"].value_counts()
    axes.set_yticks(range(len(groups)), [f"{group.replace('_', ' ')}\nn {counts[group]:,}" for group in groups])
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


def histogram(axes: Axes, values: pd.Series, colour: str) -> None:
    """Without classes: how the score is distributed over all variants."""
    axes.hist(values, bins=40, color=colour)
    axes.axvline(0, color=style.FAINT, linewidth=0.8, linestyle="--")
    axes.set(yscale="log", ylabel=f"variants, of {len(values):,}")


def heading(name: str, report: dict) -> str:
    """The score's AUROC as `score_variants` wrote it, and what it ranks by; nothing where no label was given."""
    score = (report.get("auroc") or {}).get(name)
    if score is None:
        return ""
    by = (report.get("ranked_by") or {}).get(name, name).replace("-", "−")
    return f"AUROC {style.interval(score)}" + (f", by {by}" if by != name else "")


if __name__ == "__main__":
    cli.run(main)
