"""Genome-browser tracks: choose a telling region, then stack peaks, signal and annotation over one coordinate axis.

Coordinates are 0-based and half-open, as in every table; the axis shows kilobases of the contig.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from dnalm.dna import bigwig as dna_bigwig
from dnalm.figures import style

Region = tuple[str, int, int]  # contig, start, end
Track = tuple[float, Callable[[Axes, Region], None]]  # relative height, and what draws it
MATCHED, ALONE = style.BLUE, style.ORANGE  # called peaks at a truth summit, and others
BINS = 1200  # a panel is about this many pixels wide


def densest(positions: np.ndarray, low: int, high: int, span: int) -> tuple[int, int]:
    """The stretch of `span` bp inside [low, high) with most `positions` in its inner nine tenths, centred on those.

    The inner part, so that nothing of interest is cut by the frame. The first of several equals; the middle of the
    range where there is no position.
    """
    span = min(span, high - low)
    positions = np.sort(positions[(positions >= low) & (positions < high)])
    if len(positions) == 0:
        middle = (low + high) // 2
    else:
        held = np.searchsorted(positions, positions + 0.9 * span, "left") - np.arange(len(positions))
        first = int(np.argmax(held))
        middle = (int(positions[first]) + int(positions[first + held[first] - 1])) // 2
    start = min(max(middle - span // 2, low), high - span)
    return start, start + span


def highest(path: Path, contig: str, start: int, end: int, bins: int = BINS) -> tuple[np.ndarray, np.ndarray]:
    """Bin edges [bins + 1] and the highest value of a bigWig in each bin (0 where it has none).

    The maximum, because a peak narrower than a pixel must not fade away.
    """
    with dna_bigwig.reading(path) as bigwig:
        length = (bigwig.chroms() or {}).get(contig, 0)
        values = np.zeros(end - start, np.float32)
        if start < min(end, length):
            values[: min(end, length) - start] = bigwig.values(contig, start, min(end, length), numpy=True)
    edges = np.unique(np.linspace(0, end - start, min(bins, end - start) + 1).astype(int))
    return start + edges, np.maximum.reduceat(np.nan_to_num(values), edges[:-1])


def contigs(path: Path) -> list[str]:
    """Contigs that a bigWig holds at least one value of, longest first."""
    with dna_bigwig.reading(path) as bigwig:
        sizes = bigwig.chroms() or {}
        held = [name for name in sizes if bigwig.stats(name, type="max")[0] is not None]
    return sorted(held, key=sizes.get, reverse=True)


def inside(table: pd.DataFrame, contig: str, start: int, end: int) -> pd.DataFrame:
    """The intervals that touch [start, end) of a contig."""
    return table[(table.chrom == contig) & (table.start < end) & (table.end > start)]


def draw_boxes(axes: Axes, table: pd.DataFrame, colours: str | list[str], height: float = 0.6) -> None:
    """Intervals as boxes on one line; each is at least two pixels wide, so that none disappears."""
    low, high = axes.get_xlim()
    least = (high - low) / BINS * 2
    width = np.maximum(table.end - table.start, least)
    axes.barh(np.full(len(table), 0.5), width, height, table.start - (width - (table.end - table.start)) / 2,
              color=colours, linewidth=0)  # fmt: skip
    axes.set(ylim=(0, 1), yticks=[])


def boxes(table: pd.DataFrame, height: float) -> Track:
    """A track of intervals: called peaks blue or orange (column `hit`), others dark, those without a summit faint."""

    def paint(axes: Axes, region: Region) -> None:
        shown = inside(table, *region)
        plain = style.INK if "summit" in table else style.FAINT
        colours = [MATCHED if hit else ALONE for hit in shown.hit] if "hit" in table else plain
        draw_boxes(axes, shown, colours, height)

    return 0.5, paint


def hits_legend(axes: Axes) -> None:
    """What the colours of the called peaks say, at the right of the first panel's heading."""
    names = {MATCHED: "called, at a truth summit", ALONE: "called, not in the truth"}
    axes.legend(
        handles=[Patch(color=colour, label=name) for colour, name in names.items()],
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=2,
        borderaxespad=0.2,
        handlelength=0.9,
    )


def draw_signal(axes: Axes, edges: np.ndarray, values: np.ndarray, colour: str, top: float) -> None:
    """A filled signal; the scale stops at `top`, so that panels over the same signal compare."""
    axes.stairs(values, edges, fill=True, color=colour, linewidth=0)
    axes.set(ylim=(0, top), yticks=[0, top])


def stack(figure: Figure, place: SubplotSpec, tracks: dict[str, Track], region: Region) -> list[Axes]:
    """Draw tracks, top to bottom, over the same coordinates, the region as heading and the ruler below."""
    rows = place.subgridspec(len(tracks), 1, height_ratios=[height for height, _ in tracks.values()], hspace=0)
    panels: list[Axes] = []
    for row, (name, (_, paint)) in enumerate(tracks.items()):
        axes = figure.add_subplot(rows[row], sharex=panels[0] if panels else None)
        axes.set_xlim(*region[1:])
        paint(axes, region)
        dress(axes, name, ruler=row == len(tracks) - 1)
        panels.append(axes)
    contig, start, end = region
    panels[0].set_title(f"{contig}: {start:,}–{end:,} ({(end - start) / 1000:,.4g} kb)")
    panels[-1].set_xlabel(f"position on {contig} (kb)")
    return panels


def dress(axes: Axes, name: str, *, ruler: bool = False) -> None:
    """Name a track at its left and hide everything but its data; `ruler` keeps the coordinate axis, in kb."""
    away = {"xycoords": "axes fraction", "textcoords": "offset points"}
    axes.annotate(name, (0, 0.5), (-18, 0), ha="right", va="center", fontsize=8, annotation_clip=False, **away)
    axes.spines[["left"]].set_visible(False)
    axes.spines[["bottom"]].set_visible(ruler)
    axes.tick_params(axis="x", bottom=ruler, labelbottom=ruler)
    axes.tick_params(axis="y", length=2, labelsize=7)
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10], integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda base, _: f"{base / 1000:,.10g}"))
