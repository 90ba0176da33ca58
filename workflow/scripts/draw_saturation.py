"""Draw the score of every substitution along stretches where each base was exchanged for the others."""

import dnalm.startup

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize, to_rgb
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.dna.place import Place
from dnalm.figures import browser, style
from dnalm.genome import genes as genome_genes
from dnalm.variants import dense as variants_dense
from dnalm.variants.consequences import CONSEQUENCES, RANK
from dnalm.variants.dense import BASES
from dnalm.variants.scores import SCORES

LINE, LINES = 120, 24  # bases in a line, at least; lines of a picture, about
LETTERS = 130  # bases in a line that have room for a letter each
EXTREME = 0.99  # quantile of scores at which the colours end, so that one outlier does not pale the rest
UNDER, STRIP = len(BASES) - 0.4, 0.5  # where strips begin, y running down from A at 0 to T at 3, and their height
SIGNED = LinearSegmentedColormap.from_list("signed", [style.VERMILION, "white", style.BLUE])
DISTANCE = LinearSegmentedColormap.from_list("distance", ["white", style.GREEN, style.INK])


def main(*, table: Input, genes: Input | None = None, out: Output) -> None:
    """Draw position by base for the first signed score of `table`, else for a distance; reference bases are grey.

    A strip below each line shows the most severe consequence at each base, where the table has them, and exons, where
    `genes` (GTF, GFF3 or BED12) are given. A table without a dense stretch gives a picture that says so.
    """
    rows = style.read_table(table, ["chrom", "pos", "ref", "alt"])
    score = chosen(rows)
    single = variants_dense.substitutions(rows, score) if score else rows.iloc[:0].assign(start=0)
    dense = variants_dense.stretches(single)
    if not dense:
        with style.figure(out, 8, 2) as figure:
            style.say(figure.subplots(), nothing(single, score))
        return
    parts = lines(dense)
    parts_of_genes = exons(genome_genes.transcripts(genes), dense) if genes else None
    strips = int("consequence" in rows) + int(parts_of_genes is not None)
    width = max(part.end - part.start for part in parts)
    with style.figure(out, 14, 1.3 + len(parts) * (0.95 + 0.2 * strips)) as figure:
        panels = figure.subplots(len(parts), 1, squeeze=False)[:, 0]
        colours = scale(single, score, dense)
        for axes, part in zip(panels, parts, strict=True):
            here = single[(single.chrom == part.contig) & single.start.between(part.start, part.end - 1)]
            heat(axes, here, part, score, colours)
            y = UNDER
            y = consequence_strip(axes, here, part, y) if "consequence" in rows else y
            y = gene_strip(axes, parts_of_genes, part, y) if parts_of_genes is not None else y
            dress(axes, part, width, y)
        panels[0].set_title(heading(single, dense, parts))
        bar = figure.colorbar(ScalarMappable(colours.norm, colours.cmap), ax=panels, fraction=0.02, pad=0.01, aspect=40)
        bar.set_label(SCORES[score].label, fontsize=8)
        bar.outline.set_visible(False)
        if "consequence" in rows:
            panels[-1].legend(handles=legend(single), **below(panels[-1]))


def chosen(rows: pd.DataFrame) -> str | None:
    """The first signed score that the table has values of, else the first distance; None where there is none."""
    there = [name for name in SCORES if name in rows and rows[name].notna().any()]
    return next((name for name in there if SCORES[name].signed), there[0] if there else None)


def nothing(single: pd.DataFrame, score: str | None) -> str:
    """Why there is no map."""
    if score is None:
        return "not drawn: no variant has a score"
    sites = len(single[["chrom", "start"]].drop_duplicates())
    return (
        f"not drawn: {len(single):,} substitutions at {sites:,} bases are scored, and no stretch of\n"
        f"{variants_dense.LEAST} bases has most of its alternatives; name places under `saturate` of a set of variants"
    )


def lines(dense: Sequence[Place]) -> list[Place]:
    """Stretches cut into lines, each into such of equal lengths as fit, since a base is as wide in all of them."""
    longest = max(LINE, -(-sum(one.end - one.start for one in dense) // LINES))
    found = []
    for one in dense:
        size = one.end - one.start
        step = -(-size // -(-size // longest))
        found += [
            one._replace(start=start, end=min(start + step, one.end)) for start in range(one.start, one.end, step)
        ]
    return found


def scale(single: pd.DataFrame, score: str, dense: Sequence[Place]) -> ScalarMappable:
    """The colours of scores: white at zero, full at the extremes of the stretches that are drawn."""
    inside = pd.concat(
        [single[(single.chrom == one.contig) & single.start.between(one.start, one.end - 1)] for one in dense]
    )
    top = max(float(inside[score].abs().quantile(EXTREME)), 1e-6)
    signed = SCORES[score].signed
    return ScalarMappable(Normalize(-top if signed else 0, top), SIGNED if signed else DISTANCE)


def heat(axes: Axes, here: pd.DataFrame, part: Place, score: str, colours: ScalarMappable) -> None:
    """The scores of one line, A on top; reference bases grey, with their letter where there is room, others white."""
    size = part.end - part.start
    values = np.full((len(BASES), size), np.nan)
    values[here.alt.map(BASES.index), here.start - part.start] = here[score]
    image = colours.to_rgba(np.ma.masked_invalid(values))
    image[np.isnan(values)] = 1.0
    at = here.drop_duplicates("start")
    at = at[at.ref.isin([*BASES])]
    places, letters = (at.start - part.start).to_numpy(int), at.ref.map(BASES.index).to_numpy(int)
    image[letters, places] = (*to_rgb(style.GRID), 1.0)
    axes.imshow(image, extent=(part.start, part.end, len(BASES) - 0.5, -0.5), aspect="auto", interpolation="nearest")
    if size <= LETTERS:
        for place, row in zip(places, letters, strict=True):
            axes.text(part.start + place + 0.5, row, BASES[row], ha="center", va="center", fontsize=5)


def consequence_strip(axes: Axes, here: pd.DataFrame, part: Place, y: float) -> float:
    """Below the letters, each base in the colour of its most severe consequence; the lower edge."""
    worst = here.assign(rank=here.consequence.map(RANK)).dropna(subset="rank").sort_values("rank")
    worst = worst.drop_duplicates("start")
    image = np.ones((1, part.end - part.start, 3))
    for start, name in zip(worst.start, worst.consequence, strict=True):
        image[0, start - part.start] = to_rgb(style.PALETTE[CONSEQUENCES[name].colour])
    axes.imshow(image, extent=(part.start, part.end, y + STRIP, y), aspect="auto", interpolation="nearest")
    return y + STRIP + 0.1


def exons(transcripts: Sequence[genome_genes.Gene], dense: Sequence[Place]) -> pd.DataFrame:
    """Introns, exons and coding parts that touch the stretches: chrom, start, end, and how high each is drawn."""
    rows = []
    for gene in transcripts:
        whole = (gene.exons[0][0], gene.exons[-1][1])
        if any(one.contig == gene.chrom and whole[0] < one.end and one.start < whole[1] for one in dense):
            parts = ((0.1, [whole]), (0.5, gene.exons), (1.0, gene.coding))
            rows += [(gene.chrom, *span, height) for height, spans in parts for span in spans]
    return pd.DataFrame(rows, columns=["chrom", "start", "end", "height"]).drop_duplicates()


def gene_strip(axes: Axes, parts: pd.DataFrame, part: Place, y: float) -> float:
    """Below all else the exons of any transcript, coding parts higher; the lower edge."""
    for one in browser.inside(parts, *part).itertuples():
        start, end = max(one.start, part.start), min(one.end, part.end)
        axes.barh(y + STRIP / 2, end - start, one.height * STRIP, start, color=style.INK, linewidth=0)
    return y + STRIP + 0.1


def dress(axes: Axes, part: Place, width: int, y: float) -> None:
    """Axes of one line: letters at the left, 1-based positions (as in the table) below, as wide as the longest line."""
    axes.set(xlim=(part.start, part.start + width), ylim=(y, -0.5), ylabel=part.contig)
    axes.set_yticks(range(len(BASES)), list(BASES), fontsize=7)
    axes.tick_params(axis="y", length=0)
    axes.spines[:].set_visible(False)
    ticks = MaxNLocator(8, steps=[1, 2, 5, 10], integer=True).tick_values(part.start, part.start + width)
    ticks = [int(base) for base in ticks if part.start < base <= part.end]
    axes.set_xticks([base - 0.5 for base in ticks], [f"{base:,}" for base in ticks])


def heading(single: pd.DataFrame, dense: Sequence[Place], parts: Sequence[Place]) -> str:
    """How much is drawn."""
    bases = sum(one.end - one.start for one in dense)
    many = f"{len(dense):,} stretch{'es' if len(dense) > 1 else ''}"
    rows = f"{len(parts):,} line{'s' if len(parts) > 1 else ''}"
    return f"{many} of {bases:,} bases in {rows}; {len(single):,} substitutions scored"


def legend(single: pd.DataFrame) -> list[Patch]:
    """A patch for each colour of consequences, with the names of those that the table has."""
    named: dict[str, list[str]] = {}
    for name in sorted(set(single.consequence.dropna()) & set(RANK), key=RANK.__getitem__):
        named.setdefault(CONSEQUENCES[name].colour, []).append(CONSEQUENCES[name].label)
    return [Patch(color=style.PALETTE[colour], label=", ".join(names)) for colour, names in named.items()]


def below(axes: Axes) -> dict:
    """Where a legend hides nothing: under the ruler of the last line."""
    under = axes.transAxes + ScaledTranslation(0, -0.3, axes.figure.dpi_scale_trans)
    place = {"loc": "upper left", "bbox_to_anchor": (0, 0), "bbox_transform": under}
    return place | {"ncols": 4, "borderaxespad": 0, "borderpad": 0}


if __name__ == "__main__":
    cli.run(main)
