"""Draw accuracy over vocabulary size with the smooth and its top, beside k-mers, single bases and published figures."""

import dnalm.startup

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.figures import style
from dnalm.tokens import vocabulary
from dnalm.tokens.kinds import KINDS, LEARNT

LOOKS = {name: style.look(row) for name, row in KINDS.items()}
OTHER = style.Look("another tokenizer", "other", style.PURPLE)


def main(*, table: Input, choice: Input, out: Output) -> None:
    """Draw the table and the choice that `choose_vocabulary` wrote."""
    rows = style.read_table(table, ["tokenizer", "kind", "tokens", "k", "split", "accuracy", "low", "high"])
    chosen = style.read_json(choice)
    ks = dict.fromkeys([chosen["decided_by"]["k"], int(rows.k.max())])  # the one that decides, the one published
    with style.figure(out, 5.5 + 6.5 * len(ks), 5.2) as figure:
        *left, right = figure.subplots(1, len(ks) + 1, width_ratios=[3] * len(ks) + [2])
        for axes, k in zip(left, ks, strict=True):
            accuracy(axes, rows, chosen, k)
        lift(right, rows, chosen)


def accuracy(axes: Axes, rows: pd.DataFrame, choice: dict, k: int) -> None:
    """Accuracy of one k on validation, with intervals, the smooth and its top; test as open circles."""
    rows = rows[rows.k == k]
    smooth(axes, rows, choice["curves"][str(k)])
    for kind, group in rows.groupby("kind", sort=False):
        here, test = group[group.split == "validation"], group[group.split == "test"]
        ends = 100 * np.abs(here[["low", "high"]].to_numpy().T - here.accuracy.to_numpy())
        look = LOOKS.get(kind, OTHER)
        dots = {"fmt": "o", "markersize": 5, "elinewidth": 1.2, "color": look.colour, "label": look.label}
        axes.errorbar(here.tokens, 100 * here.accuracy, ends, **dots)
        axes.plot(test.tokens, 100 * test.accuracy, "o", color=look.colour, fillstyle="none", markersize=5)
        for row in here.itertuples() if kind not in LEARNT else ():
            axes.annotate(row.tokenizer, (row.tokens, 100 * row.accuracy), (5, 4), textcoords="offset points", size=7)
    for name, dashes in ((choice["best_markov"], "--"), ("majority", ":")):
        level = 100 * choice["baselines"][name]["validation"]["k"][str(k)]["accuracy"]["value"]
        words = "commonest word" if name == "majority" else name.replace("-", " order ")
        axes.axhline(level, color=style.INK, linestyle=dashes, linewidth=1, label=f"{words}, {level:.2f} %")
    published(axes, choice["published"]["figures"], k)
    axes.set_ylim(bottom=0)
    finish(axes, f"next {k} bases right (%)", f"Next {k}; filled: validation, open: test")


def smooth(axes: Axes, rows: pd.DataFrame, curve: dict) -> None:
    """The parabola in log size and its top with the interval."""
    sizes = rows[rows.kind.isin(LEARNT)].tokens
    grid = np.geomspace(sizes.min(), sizes.max(), 200)
    axes.plot(grid, 100 * vocabulary.height(curve["coefficients"], grid), color=style.BLUE, alpha=0.6)
    axes.axvspan(curve["low"], curve["high"], color=style.BLUE, alpha=0.08, linewidth=0)
    note = ", at the edge" if curve["at_edge"] else ""
    label = f"top {curve['top']:.0f} tokens ({curve['low']:.0f}–{curve['high']:.0f}){note}: {curve['chosen']}"
    axes.axvline(curve["top"], color=style.BLUE, linewidth=1, alpha=0.6, label=label)


def published(axes: Axes, figures: list[dict], k: int) -> None:
    """Published figures on human, as grey crosses (a triangle where only a bound is given); they are not ours."""
    for one in figures:
        if one["k"] != k:
            continue
        height, bound = 100 * one["accuracy"], one["at_most"]
        name = f"{one['model']} {'≤ ' if bound else ''}{height:g} %, human, published"
        if one["tokens"]:
            axes.plot(one["tokens"], height, "v" if bound else "x", color=style.FAINT, markersize=6)
            place = {"xytext": (-6, -3), "textcoords": "offset points", "ha": "right"}
            axes.annotate(name, (one["tokens"], height), size=7, color=style.FAINT, **place)
        else:
            axes.axhline(height, color=style.FAINT, linewidth=0.7, linestyle="-.", label=name)


def lift(axes: Axes, rows: pd.DataFrame, choice: dict) -> None:
    """For each k, byte-pair accuracy on validation over that of the best chain: 1 is no better than short words."""
    colours = style.palette([f"k = {k}" for k in sorted(set(rows.k))])
    for k in sorted(set(rows.k)):
        known = choice["baselines"][choice["best_markov"]]["validation"]["k"][str(k)]["accuracy"]["value"]
        here = rows[(rows.k == k) & (rows.split == "validation") & rows.kind.isin(LEARNT)].sort_values("tokens")
        if known:
            label = f"next {k}, top {choice['curves'][str(k)]['top']:.0f}"
            axes.plot(here.tokens, here.accuracy / known, "o-", markersize=3, color=colours[f"k = {k}"], label=label)
    axes.axhline(1, color=style.INK, linestyle="--", linewidth=1)
    finish(axes, f"accuracy over that of {choice['best_markov'].replace('-', ' order ')}", "Byte pairs, every k")


def finish(axes: Axes, ylabel: str, heading: str) -> None:
    """Axes, grid and legend that both panels share."""
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set(xlabel="tokens that bear bases", ylabel=ylabel, title=heading)
    axes.grid(axis="y")
    style.legend_below(axes)


if __name__ == "__main__":
    cli.run(main)
