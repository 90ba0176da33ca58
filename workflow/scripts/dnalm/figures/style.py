"""The house style of every figure: one palette, one way to open and save, one way to say a number is undefined.

Colours are Okabe and Ito's, which colour-blind readers can tell apart (jfly.uni-koeln.de/color). A name keeps its
colour in every figure: the model is always blue, and what is a row of a table has its colour there (`look`).
"""

import json
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from dnalm import files
from dnalm.errors import InputError

DPI = 150
INK, FAINT, GRID = "#222222", "#8C8C8C", "#E8E8E8"
BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY = "#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9"
PALETTE = {"blue": BLUE, "vermilion": VERMILION, "green": GREEN, "orange": ORANGE, "purple": PURPLE, "sky": SKY}
PALETTE |= {"grey": FAINT, "ink": INK}
CYCLE = (BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY, "#7A5C3E", "#5B5B9E")
COLOURS = {
    "positive": BLUE,
    "given": GREEN,
    "train": FAINT,
    "validation": BLUE,
    "test": VERMILION,
}
STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "axes.labelsize": 9,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "legend.handlelength": 1.4,
    "lines.linewidth": 1.6,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "figure.facecolor": "white",
}


class Look(NamedTuple):
    """How something of a table is drawn in every figure: its name in a legend, one for a crowded axis, its colour."""

    label: str
    short: str
    colour: str


MODEL = Look("model", "model", BLUE)


def look(row: Any) -> Look:
    """The look of a table's row that has a label, a colour by its name in PALETTE, and perhaps a short label."""
    return Look(row.label, getattr(row, "short", row.label), PALETTE[row.colour])


def beside_model(rows: Mapping[str, Any], names: Iterable[str]) -> dict[str, Look]:
    """The model's look, then those of what it is compared with: `names` of a table, in their order."""
    return {"model": MODEL} | {name: look(rows[name]) for name in names}


@contextmanager
def figure(path: Path, width: float, height: float) -> Iterator[Figure]:
    """Open a figure of `width` by `height` inches in the house style; save it as PNG when the block ends well."""
    with matplotlib.rc_context(STYLE):
        drawn = Figure(figsize=(width, height), layout="constrained")
        yield drawn
        with files.whole(path) as beside:
            drawn.savefig(beside, format="png", dpi=DPI)


def palette(names: Iterable[str], known: Mapping[str, str] = COLOURS) -> dict[str, str]:
    """A colour for each name: its own where one is `known`, else the next that none of the others takes."""
    names = list(dict.fromkeys(names))
    taken = {known[name] for name in names if name in known}
    free = [colour for colour in CYCLE if colour not in taken] or list(CYCLE)
    unknown = [name for name in names if name not in known]
    return {name: known[name] for name in names if name in known} | {
        name: free[rank % len(free)] for rank, name in enumerate(unknown)
    }


def read_table(path: Path, wanted: Iterable[str]) -> pd.DataFrame:
    """Read a tab-separated table with a header, gzipped or not; contig names and ids stay text.

    Raises InputError where the file is not such a table or lacks one of the `wanted` columns.
    """
    text = {name: str for name in ("chrom", "id", "class", "token", "kind", "split", "ref", "alt")}
    try:
        table = pd.read_csv(path, sep="\t", dtype=text, keep_default_na=False, na_values=[""])
    except (ValueError, OSError, EOFError) as error:
        raise InputError(f"{path}: cannot be read as a tab-separated table ({error}); make it again") from None
    missing = [name for name in wanted if name not in table]
    if missing:
        raise InputError(
            f"{path}:1: got columns {', '.join(table.columns)}, wanted also {', '.join(missing)}; "
            "make it again with this version of dnalm"
        )
    return table


def read_json(path: Path) -> dict:
    """Read a JSON object, or raise InputError with the line where it breaks."""
    try:
        value = json.loads(Path(path).read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}:{getattr(error, 'lineno', 1)}: not JSON ({error}); make it again") from None
    if not isinstance(value, dict):
        raise InputError(f"{path}:1: got a JSON {type(value).__name__}, wanted an object; make it again")
    return value


def interval(metric: dict | float | None) -> str:
    """A metric as text: `0.941 (0.925–0.955)`, or why it is not defined.

    `metric` is {"value", "low", "high", "reason"} as `evaluate_model` writes it (any may be missing), or a number.
    """
    metric = metric if isinstance(metric, dict) else {"value": metric}
    value, low, high = (metric.get(key) for key in ("value", "low", "high"))
    if not known(value):
        return f"not defined: {metric.get('reason') or 'no reason given'}"
    return f"{value:.3f} ({low:.3f}–{high:.3f})" if known(low) and known(high) else f"{value:.3f}"


def known(value: float | None) -> bool:
    """Whether a number is there: neither None nor NaN."""
    return value is not None and not pd.isna(value)


def say(axes: Axes, text: str) -> None:
    """Write `text` in the middle of a panel that has nothing else to show."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=FAINT, wrap=True)


def legend_below(axes: Axes, marker: float = 1.0) -> None:
    """Put the legend under the panel and its axis label, where it can hide no curve; `marker` enlarges its markers."""
    below = axes.transAxes + ScaledTranslation(0, -0.48, axes.figure.dpi_scale_trans)
    axes.legend(
        loc="upper left", bbox_to_anchor=(0, 0), bbox_transform=below, borderaxespad=0, borderpad=0, markerscale=marker
    )


def outlines(
    axes: Axes,
    groups: dict[str, np.ndarray],
    edges: np.ndarray,
    labels: dict[str, str],
    known: Mapping[str, str] = COLOURS,
) -> None:
    """Histograms of several groups as outlines, each summing to one, so that groups of unequal size compare."""
    colours = palette(groups, known)
    for name, values in groups.items():
        values = values[np.isfinite(values)]
        share = np.histogram(np.clip(values, edges[0], edges[-1]), edges)[0] / max(len(values), 1)
        axes.stairs(share, edges, color=colours[name], linewidth=1.6, label=labels[name])
    axes.set(ylim=(0, None), xlim=(edges[0], edges[-1]), ylabel="share of windows")


def smooth(values: np.ndarray, width: int) -> np.ndarray:
    """Centred running mean over `width` values, shorter at the ends and blind to NaN (NaN where all are)."""
    half = width // 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.array([np.nanmean(values[max(i - half, 0) : i + half + 1]) for i in range(len(values))])


def difference(metric: dict) -> str:
    """A paired difference as text, `+0.211 (+0.161 to +0.250)`, or why it is not defined."""
    value, low, high = (metric.get(key) for key in ("value", "low", "high"))
    if not known(value):
        return interval(metric)
    return f"{value:+.3f} ({low:+.3f} to {high:+.3f})" if known(low) and known(high) else f"{value:+.3f}"


def dot(axes: Axes, y: float, metric: dict | float | None, colour: str, text: str | None = None) -> None:
    """A metric as a dot with its interval at height `y`, its figures right of the panel; or why there are none."""
    metric = metric if isinstance(metric, dict) else {"value": metric}
    value, low, high = (metric.get(key) for key in ("value", "low", "high"))
    beside = {"transform": axes.get_yaxis_transform(), "va": "center", "fontsize": 7.5}
    if not known(value):
        blank = {"facecolor": "white", "linewidth": 0, "pad": 1}
        axes.text(0.02, y, interval(metric), color=FAINT, bbox=blank, **beside)
        return
    if known(low) and known(high):
        axes.plot([low, high], [y, y], color=colour, linewidth=2.5, alpha=0.45, solid_capstyle="round")
    axes.plot(value, y, "o", color=colour, markersize=5.5, clip_on=False)  # whole at an edge, where the best lie
    axes.text(1.03, y, text or interval(metric), **beside)
