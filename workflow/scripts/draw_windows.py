"""Draw how well the negatives match the positives: GC, repeat share and mappability of each kind of window."""

import dnalm.startup

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.dna import seq
from dnalm.figures import style
from dnalm.targets.negatives import NEGATIVES
from dnalm.training import tasks
from dnalm.training.tasks import BINARY, Learnt

COLOURS = style.COLOURS | {kind: style.look(row).colour for kind, row in NEGATIVES.items()}
MEASURES = {"gc": "GC content", "repeats": "share of repeats (soft-masked bases)", "mappability": "mappability"}


def main(*, windows: Input, summary: Input, out: Output) -> None:
    """Draw the labelled `windows` by kind, with the Kolmogorov-Smirnov distances that `summary` holds.

    Negatives that differ from the positives in GC or repeats make any model look good, so this comes first.
    """
    table = style.read_table(windows, ["kind", "label", "sequence"])
    report = style.read_json(summary)
    known = {"gc": gc(table), "repeats": repeats(table)}
    known["mappability"] = table.mappability.to_numpy(float) if "mappability" in table else None
    measures = {name: values for name, values in known.items() if values is not None}
    with style.figure(out, 5.6 * len(measures), 4.4) as figure:
        panels = figure.subplots(1, len(measures), squeeze=False)[0]
        for axes, (name, values) in zip(panels, measures.items(), strict=True):
            draw(axes, kinds(table, tasks.of(report, summary)), values, name, report.get("ks") or {})


def kinds(table: pd.DataFrame, learnt: Learnt = BINARY) -> np.ndarray:
    """What each window is: positive, a kind of negative, or, of a given set, which of its classes."""
    if learnt.task != "binary":
        return np.array(learnt.names)[table.label] if learnt.task == "classes" else np.full(len(table), "given")
    given = np.where(table.label == 1, "given positive", "given negative")
    return np.where(table.kind == "given", given, table.kind)


def gc(table: pd.DataFrame) -> np.ndarray:
    """GC content of each window, from its column or else from its sequence."""
    if "gc" in table:
        return table.gc.to_numpy(float)
    return np.array([seq.gc_content(seq.encode(text)) for text in table.sequence], float)


def repeats(table: pd.DataFrame) -> np.ndarray | None:
    """Share of soft-masked bases of each window; None where nothing is masked, or sequences are all upper case."""
    if "repeats" in table:
        return table.repeats.to_numpy(float)
    lower = table.sequence.str.count("[a-z]") / table.sequence.str.len()
    return lower.to_numpy(float) if lower.any() else None


def draw(axes: Axes, kind: np.ndarray, values: np.ndarray, name: str, distances: dict) -> None:
    """Outlines of one measure, one for the positives and one for each kind of negative.

    `distances` is {kind: {"gc": {"statistic", "p"}, "repeats": …}}, as `label_windows` wrote it.
    """
    order = sorted(set(kind), key=lambda one: ("positive" not in one, one))
    if not np.isfinite(values).any():
        style.say(axes, "not defined: there is no window")
        return
    groups = {one: values[kind == one] for one in order}
    names = {one: NEGATIVES[one].label if one in NEGATIVES else one for one in order}
    labels = {one: f"{names[one]}, n {len(groups[one]):,}" for one in order}
    for one in set(order) & set(distances):
        found = {of: distances[one][of].get("statistic") for of in MEASURES if of in distances[one]}
        labels[one] += ", KS " + ", ".join(f"{style.interval(value)} ({of})" for of, value in found.items())
    low, high = max(np.nanmin(values) - 0.02, 0), min(np.nanmax(values) + 0.02, 1)
    style.outlines(axes, groups, np.linspace(low, high, 31), labels, COLOURS)
    axes.set_xlabel(MEASURES[name])
    axes.grid(axis="y")
    style.legend_below(axes)


if __name__ == "__main__":
    cli.run(main)
