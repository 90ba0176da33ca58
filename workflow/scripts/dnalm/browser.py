"""Genome-browser tracks: choose a telling region, then stack peaks, signal, genes and repeats over one coordinate axis.

Coordinates are 0-based and half-open, as in every table; the axis shows kilobases of the contig.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from dnalm import plots, signal
from dnalm.errors import InputError
from dnalm.intervals import on_genome, read_text

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
    with signal.reading(path) as bigwig:
        length = (bigwig.chroms() or {}).get(contig, 0)
        values = np.zeros(end - start, np.float32)
        if start < min(end, length):
            values[: min(end, length) - start] = bigwig.values(contig, start, min(end, length), numpy=True)
    edges = np.unique(np.linspace(0, end - start, min(bins, end - start) + 1).astype(int))
    return start + edges, np.maximum.reduceat(np.nan_to_num(values), edges[:-1])


def contigs(path: Path) -> list[str]:
    """Contigs that a bigWig holds at least one value of, longest first."""
    with signal.reading(path) as bigwig:
        sizes = bigwig.chroms() or {}
        held = [name for name in sizes if bigwig.stats(name, type="max")[0] is not None]
    return sorted(held, key=sizes.get, reverse=True)


def read_genes(path: Path, sizes: dict[str, int]) -> pd.DataFrame:
    """Genes of a BED file (BED12 for exons): chrom, start, end, name, strand, exons [(start, end), …] absolute."""
    rows = []
    for number, line in enumerate(read_text(path), 1):
        if not line.strip() or line.startswith(("#", "track", "browser")):
            continue
        fields = line.split("\t")
        try:
            rows.append(_gene(fields))
        except (ValueError, IndexError):
            raise InputError(
                f"{path}:{number}: got {len(fields)} columns that are no BED record; wanted BED3 to BED12"
            ) from None
    genes = pd.DataFrame(rows, columns=["chrom", "start", "end", "name", "strand", "exons"])
    return on_genome(genes, sizes, path) if rows else genes


def _gene(fields: list[str]) -> tuple:
    start, end = int(fields[1]), int(fields[2])
    exons = [(start, end)]
    if len(fields) >= 12:
        lengths, starts = ([int(part) for part in fields[column].split(",") if part] for column in (10, 11))
        exons = [(start + first, start + first + length) for first, length in zip(starts, lengths, strict=True)]
    name, strand = (fields[column] if len(fields) > column else "" for column in (3, 5))
    return fields[0], start, end, name, strand, exons


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


def draw_signal(axes: Axes, edges: np.ndarray, values: np.ndarray, colour: str, top: float) -> None:
    """A filled signal; the scale stops at `top`, so that panels over the same signal compare."""
    axes.stairs(values, edges, fill=True, color=colour, linewidth=0)
    axes.set(ylim=(0, top), yticks=[0, top])


def draw_genes(axes: Axes, genes: pd.DataFrame, rows: int = 3, letters: int = 150) -> None:
    """Genes with exons as boxes and names beside them, packed in at most `rows` rows.

    `letters` is how many letters fit across the panel. Where genes are too dense to name, none is named; where they
    are too dense for the rows, they overlap in the last one.
    """
    low, high = axes.get_xlim()
    letter = (high - low) / letters
    genes = genes.sort_values(["start", "end"])
    labels = [_label(gene) for gene in genes.itertuples()]
    start, end = np.maximum(genes.start, low).to_numpy(float), np.minimum(genes.end, high).to_numpy(float)
    width = np.array([(len(label) + 1.5) * letter for label in labels])
    right = end + width <= high
    place = pack(np.where(right, start, start - width), np.where(right, end + width, end))
    named = place.max(initial=0) < rows
    if not named:
        place = np.minimum(pack(start, end + letter / 2), rows - 1)
    used = max(int(place.max(initial=0)) + 1, 2)
    for gene, label, row, first, last, at_right in zip(
        genes.itertuples(), labels, place, start, end, right, strict=True
    ):
        y = used - row - 0.5
        axes.plot([first, last], [y, y], color=plots.INK, linewidth=0.8, solid_capstyle="butt")
        for exon in gene.exons:
            if exon[1] > low and exon[0] < high:
                axes.barh(y, max(exon[1] - exon[0], letter / 8), 0.5, exon[0], color=plots.INK, linewidth=0)
        if named:
            _name(axes, label, first, last, y, letter, at_right)
    axes.set(ylim=(0, used), yticks=[])


def pack(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The first row in which each interval touches none before it; intervals come sorted as they are to be placed."""
    free: list[float] = []
    place = np.zeros(len(starts), int)
    for one, (start, end) in enumerate(zip(starts, ends, strict=True)):
        row = next((row for row, until in enumerate(free) if until <= start), len(free))
        free[row : row + 1] = [end]
        place[one] = row
    return place


def _label(gene: object) -> str:
    return {"+": f"{gene.name} ›", "-": f"‹ {gene.name}"}.get(gene.strand, gene.name)


def _name(axes: Axes, label: str, first: float, last: float, y: float, letter: float, at_right: bool) -> None:
    """Write a gene's name right of it, else left of it, else over its line where it spans the panel."""
    low = axes.get_xlim()[0]
    text = {"fontsize": 6.5, "va": "center", "clip_on": True}
    if at_right:
        axes.text(last + letter / 2, y, label, **text)
    elif first - (len(label) + 1) * letter >= low:
        axes.text(first - letter / 2, y, label, ha="right", **text)
    else:
        box = {"facecolor": "white", "linewidth": 0, "pad": 0.8}
        axes.text((first + last) / 2, y, label, ha="center", bbox=box, **text)


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
