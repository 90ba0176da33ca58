"""Draw coverage as it was measured above what models predict of it, over a stretch of test windows, and bin by bin."""

import dnalm.startup

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.figures import browser, style
from dnalm.targets import binned
from dnalm.targets.binned import Coverage

WINDOWS, MOST = 4, 3  # test windows side by side that are drawn, and models


def main(*, coverage_folder: Input, models: list[Input], names: list[str], table: Input, out: Output) -> None:
    """Draw each track and the mean over seeds of each model (the first three), at the highest test windows there are.

    --models and --names are those that `evaluate_tracks` was given, --table is what it wrote. The stretch is chosen by
    what was measured. At the right the bins of all test windows, predicted by the first model.
    """
    test = binned.load(coverage_folder).of("test")
    figures = style.read_table(table, ["model", "track", "against", "pearson"])
    predicted: dict[str, list[np.ndarray]] = {}
    for name, folder in zip(names, models, strict=True):
        predicted.setdefault(name.rpartition(" ")[0], []).append(binned.predictions(folder, test))
    means = {name: np.mean(of, 0) for name, of in list(predicted.items())[:MOST]}
    rows = stretch(test)
    panels = len(test.tracks) * (1 + len(means))
    with style.figure(out, 13, 1.2 + 0.62 * max(panels, 4)) as figure:
        grid = figure.add_gridspec(1, 2, width_ratios=(3, 1))
        places = test.table.iloc[rows]
        region = (str(places.chrom.iloc[0]), int(places.start.iloc[0]), int(places.end.iloc[-1]))
        browser.stack(figure, grid[0], layers(test, means, rows), region)
        right = grid[1].subgridspec(len(test.tracks), 1)
        for column, track in enumerate(test.tracks):
            name, found = next(iter(means.items()))
            scatter(
                figure.add_subplot(right[column]), test.values[..., column], found[..., column], track, name, figures
            )


def stretch(test: Coverage) -> np.ndarray:
    """Rows of adjacent test windows, at most WINDOWS, with the most signal, each track in units of its mean."""
    height = (test.values / np.maximum(test.values.mean((0, 1)), 1e-9)).sum((1, 2))
    table = test.table.assign(row=np.arange(len(test.table))).sort_values(["chrom", "start"], kind="stable")
    apart = (table.chrom != table.chrom.shift()) | (table.start != table.end.shift())
    runs = [run.row.to_numpy() for _, run in table.groupby(apart.cumsum())]
    found = [run[at : at + WINDOWS] for run in runs for at in range(max(len(run) - WINDOWS + 1, 1))]
    return max(found, key=lambda rows: height[rows].sum())


def layers(test: Coverage, means: dict[str, np.ndarray], rows: np.ndarray) -> dict[str, browser.Track]:
    """Tracks for the browser, top to bottom: each as measured, then as each model predicts it."""
    edges = test.table.start.iloc[rows[0]] + test.bin * np.arange(len(rows) * test.values.shape[1] + 1)
    colours = dict(zip(means, (style.BLUE, style.ORANGE, style.GREEN), strict=False))
    found: dict[str, browser.Track] = {}
    for column, track in enumerate(test.tracks):
        measured = test.values[rows, :, column].ravel()
        rate = test.rates[rows, :, test.known.index(track)].ravel() if track in test.known else None
        found[f"{track}\nmeasured"] = (1.0, signal(edges, measured, style.INK, rate))
        for name, of in means.items():
            values = of[rows, :, column].ravel()
            found[f"{track}\n{short(name)}"] = (1.0, signal(edges, values, colours[name], rate))
    return found


def short(name: str) -> str:
    """The model's own name of corpus/tokenizer/model recipe."""
    return name.split(" ")[0].rpartition("/")[2]


def signal(edges: np.ndarray, values: np.ndarray, colour: str, rate: np.ndarray | None) -> Callable:
    """What paints one track, on its own scale; with the true rate as a line where it is known."""
    highest = max(float(values.max()), 0.0 if rate is None else float(rate.max()), 1e-9)
    top = float(f"{1.05 * highest:.2g}")

    def paint(axes: Axes, region: browser.Region) -> None:
        browser.draw_signal(axes, edges, values, colour, top)
        if rate is not None:
            axes.stairs(rate, edges, baseline=None, color=style.VERMILION, linewidth=0.8)

    return paint


def scatter(
    axes: Axes, measured: np.ndarray, predicted: np.ndarray, track: str, name: str, figures: pd.DataFrame
) -> None:
    """Measured against predicted height of all test bins in units of the measured mean, darker where there are more."""
    x, y = (np.log1p(one.ravel() / max(measured.mean(), 1e-9)) for one in (measured, predicted))
    top = max(float(x.max()), float(y.max()), 0.1)
    axes.hexbin(x, y, gridsize=36, bins="log", mincnt=1, cmap="Blues", extent=(0, top, 0, top), linewidths=0.1)
    axes.plot([0, top], [0, top], color=style.FAINT, linestyle="--", linewidth=1)
    row = figures[(figures.model == name) & (figures.track == track) & (figures.against == "measured")]
    r = style.interval(dict.fromkeys(("value", "low", "high")) if row.empty else ends(row.iloc[0]))
    axes.set(xlim=(0, top), ylim=(0, top), xlabel="log(1 + measured / mean)", ylabel="predicted")
    axes.set_title(f"{track}: r {r}", fontsize=9)


def ends(row: pd.Series) -> dict:
    """Pearson r of a row with its interval."""
    return {"value": row.pearson, "low": row.get("pearson_low"), "high": row.get("pearson_high"), "reason": "flat"}


if __name__ == "__main__":
    cli.run(main)
