"""The gene track of a genome browser: BED12 in, exons as boxes, names where there is room. 0-based, half-open."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from dnalm import texts
from dnalm.dna import assembly
from dnalm.dna.intervals import on_genome
from dnalm.errors import InputError
from dnalm.figures import browser, style


def read_genes(path: Path, sizes: dict[str, int]) -> pd.DataFrame:
    """Genes of a BED file (BED12 for exons): chrom, start, end, name, strand, exons [(start, end), …] absolute."""
    rows = []
    for number, line in enumerate(texts.lines(path), 1):
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
    return on_genome(genes, sizes, path, most_outside=assembly.NEARLY_ALL) if rows else genes


def _gene(fields: list[str]) -> tuple:
    start, end = int(fields[1]), int(fields[2])
    exons = [(start, end)]
    if len(fields) >= 12:
        lengths, starts = ([int(part) for part in fields[column].split(",") if part] for column in (10, 11))
        exons = [(start + first, start + first + length) for first, length in zip(starts, lengths, strict=True)]
    name, strand = (fields[column] if len(fields) > column else "" for column in (3, 5))
    return fields[0], start, end, name, strand, exons


def genes(table: pd.DataFrame) -> browser.Track:
    """A track of genes with their exons."""
    return 1.3, lambda axes, region: draw_genes(axes, browser.inside(table, *region))


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
        axes.plot([first, last], [y, y], color=style.INK, linewidth=0.8, solid_capstyle="butt")
        for exon in gene.exons:
            if exon[1] > low and exon[0] < high:
                axes.barh(y, max(exon[1] - exon[0], letter / 8), 0.5, exon[0], color=style.INK, linewidth=0)
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
