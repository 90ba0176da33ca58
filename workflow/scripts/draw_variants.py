"""Draw how each variant score is distributed over the classes of the variants."""

import dnalm.startup

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.figures import style, violins
from dnalm.variants.scores import SCORES, label

COLUMNS = 3  # panels in a row


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
            axes.set_xlabel(label(name, (report.get("units") or {}).get(name, "")))
            axes.set_title(heading(name, report), fontsize=9)


def classes(rows: pd.DataFrame) -> list[str]:
    """Classes that hold a scored variant, ordered by name from the top; empty where there is no class at all."""
    return sorted(rows[scored(rows)]["class"].dropna().unique(), reverse=True) if "class" in rows else []


def scored(rows: pd.DataFrame) -> pd.Series:
    """Whether each variant has any score; those that were skipped have none."""
    return rows[[name for name in SCORES if name in rows]].notna().any(axis=1)


def by_class(axes: Axes, rows: pd.DataFrame, groups: list[str], name: str, rng: np.random.Generator) -> None:
    """The score of each class, from the bottom up; counted are the variants that have any score."""
    counts = rows[scored(rows)]["class"].value_counts()
    values = {group: rows.loc[rows["class"] == group, name].dropna().to_numpy(float) for group in groups}
    violins.draw(axes, values, {group: int(counts[group]) for group in groups}, rng)


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
