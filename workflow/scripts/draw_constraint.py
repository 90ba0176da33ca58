"""Draw what a constraint track tells apart, its shape round start codons, and a stretch of it above the genes."""

import dnalm.startup

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.dna import assembly, bigwig, intervals
from dnalm.figures import browser, style
from dnalm.genome import genes as genome_genes

SPAN = 4000  # bases of the stretch that is shown
SMOOTH = 15  # bases of the running mean in it
OURS = {"log_probability": style.BLUE, "entropy": style.SKY, "llr": style.PURPLE}


def main(
    *,
    log_probability: Input,
    entropy: Input,
    scorecard: Input,
    genome: Input,
    genes: Input | None = None,
    max_outside: float = assembly.MOST_OUTSIDE,
    out: Output,
) -> None:
    """Above: AUROC of each score, and the mean log p round start codons, beside the longest chain. Below: the track."""
    card = style.read_json(scorecard)
    sizes = intervals.read_sizes(genome / "chrom.sizes")
    parts = None if genes is None else genome_genes.read(genes, sizes, most_outside=max_outside)
    kinds = max(len(card["parts"]), 1)
    with style.figure(out, 13, 4.2 + 1.3 * kinds) as figure:
        grid = figure.add_gridspec(2, 1, height_ratios=(1 + 1.3 * kinds, 3))
        upper = grid[0].subgridspec(1, 2, width_ratios=(3, 2))
        draw_scores(figure, upper[0], card)
        draw_profile(figure.add_subplot(upper[1]), card)
        region = stretch(log_probability, parts, sizes)
        tracks: dict[str, browser.Track] = {
            "log p of\nthe base": (1.0, signal(log_probability, style.BLUE)),
            "entropy": (1.0, signal(entropy, style.SKY)),
        }
        if parts is not None:
            tracks["coding"] = (0.35, boxes(parts, "CDS", style.INK))
            tracks["exons"] = (0.35, boxes(parts, "exon", style.FAINT))
        browser.stack(figure, grid[1], tracks, region)


def draw_scores(figure: Figure, place: SubplotSpec, card: dict) -> None:
    """A row of dots for each kind of part: the three tracks, then what needs no model."""
    if not card["parts"]:
        style.say(figure.add_subplot(place), card["reason"] or "too few parts of genes to score on")
        return
    rows = place.subgridspec(len(card["parts"]), 1)
    for row, (kind, found) in enumerate(card["parts"].items()):
        axes = figure.add_subplot(rows[row])
        names = list(found["auroc"])
        for number, name in enumerate(names):
            style.dot(axes, len(names) - 1 - number, found["auroc"][name], OURS.get(name, style.FAINT))
        axes.axvline(0.5, color=style.FAINT, linestyle="--", linewidth=1)
        axes.set(xlim=(0, 1), ylim=(-0.7, len(names) - 0.3), yticks=range(len(names)))
        axes.set_yticklabels([card["labels"][name] for name in reversed(names)], fontsize=7)
        axes.set_title(f"{kind}: {found['parts']:,} against as many matched places between genes", fontsize=9)
        axes.tick_params(axis="x", labelbottom=row == len(card["parts"]) - 1)
    axes.set_xlabel("AUROC, 95 % interval (high: more constrained in genes)")


def draw_profile(axes: Axes, card: dict) -> None:
    """Mean log p of each base round the start codons, of the model and of the longest chain."""
    shape = card["profile"]
    if not shape:
        style.say(axes, card["reason"] or "no start codons")
        return
    place = np.arange(len(shape["values"]["log_probability"])) - shape["side"]
    chain = next(name for name in shape["values"] if name.startswith("chain"))
    for name, colour in (("log_probability", style.BLUE), (chain, style.FAINT)):
        axes.plot(place, shape["values"][name], color=colour, linewidth=1.2, label=card["labels"][name])
    axes.axvspan(0, 3, color=style.GRID)
    axes.set(xlabel="bases from the start codon, 5' to 3'", ylabel="mean log p (nats)")
    axes.set_title(f"Round {shape['codons']:,} start codons")
    style.legend_below(axes)


def stretch(path: Path, parts: pd.DataFrame | None, sizes: dict[str, int]) -> browser.Region:
    """The stretch of the longest contig with a value that has most genes beginning or ending in it."""
    contig = browser.contigs(path)[0]
    known = [] if parts is None else parts[(parts.chrom == contig) & (parts.kind == "transcript")]
    ends = np.concatenate([known.start, known.end]) if len(known) else np.zeros(0, int)
    return contig, *browser.densest(ends, 0, sizes[contig], SPAN)


def signal(path: Path, colour: str) -> Callable[[Axes, browser.Region], None]:
    """What paints a running mean of a track, on a scale of its own."""

    def paint(axes: Axes, region: browser.Region) -> None:
        with bigwig.reading(path) as held:
            values = held.values(*region, numpy=True)
        smooth = style.smooth(values, SMOOTH)
        axes.plot(np.arange(*region[1:]) + 0.5, smooth, color=colour, linewidth=0.8)
        axes.set(yticks=[])
        if np.isfinite(smooth).any():
            ends = f"{np.nanmin(smooth):.3f} to\n{np.nanmax(smooth):.3f}"
            axes.text(1.004, 0.5, ends, transform=axes.transAxes, va="center", fontsize=7, color=style.FAINT)

    return paint


def boxes(parts: pd.DataFrame, kind: str, colour: str) -> Callable[[Axes, browser.Region], None]:
    """What paints the parts of a kind."""

    def paint(axes: Axes, region: browser.Region) -> None:
        browser.draw_boxes(axes, browser.inside(parts[parts.kind == kind], *region), colour)

    return paint


if __name__ == "__main__":
    cli.run(main)
