"""Draw a scan as a genome browser does: truth peaks above the predicted signal and the called peaks, with the score."""

import dnalm.startup

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.dna import intervals
from dnalm.errors import UsageError
from dnalm.figures import browser, curves, gene_track, style
from dnalm.figures.browser import Region, Track
from dnalm.scan import peaks
from dnalm.targets import baselines, replicates

LOOKS = style.beside_model(baselines.BASELINES, baselines.in_order())
TOLERANCE = 100  # bp between a called and a true summit, where the scorecard does not say


def main(
    *,
    signal: Input,
    called: Input,
    scorecard: Input,
    genome: Input,
    out: Output,
    truth: list[Input] | None = None,
    bound_in: str = "any",
    genes: Input | None = None,
    contig: str | None = None,
    overview: int = 200_000,
    zoom: int = 20_000,
) -> None:
    """Draw the `overview` bp of a held-out contig that hold most truth peaks, and `zoom` bp of them.

    Without `contig` it is the held-out contig (as the scorecard lists them) with the densest truth; without `truth`
    the called peaks decide. Of several files of `truth` those peaks are shown that are `bound_in` any, all or a number
    of them. `genes` is a BED file, BED12 for exons.
    """
    sizes = intervals.read_sizes(genome / "chrom.sizes")
    if contig is not None and contig not in sizes:
        raise UsageError(f"--contig: no contig {contig} in {genome}, which has {', '.join(list(sizes)[:8])} …")
    report = style.read_json(scorecard)
    calls = peaks.read_called(called)
    tolerance = (report.get("peaks") or {}).get("tolerance") or TOLERANCE
    sites, known, _ = replicates.truth(truth, bound_in, sizes, tolerance, 1) if truth else (None, None, None)
    calls["hit"] = True if sites is None else peaks.match(calls, sites, tolerance)
    guide = calls if known is None else known
    wide = choose(guide, [contig] if contig else held_out(report, signal, sizes), sizes, overview)
    close = (wide[0], *browser.densest(guide[guide.chrom == wide[0]].summit.to_numpy(float), *wide[1:], zoom))
    top = ceiling(browser.highest(signal, *wide)[1].max())
    tracks = {"truth peaks": browser.boxes(known, 0.6)} if known is not None else {}
    tracks |= {"predicted\nprobability": signal_track(signal, top), "called peaks": browser.boxes(calls, 0.6)}
    if genes is not None:
        tracks["genes"] = gene_track.genes(gene_track.read_genes(genes, sizes))
    if (masked := repeats(genome / "softmask.bed.gz")) is not None:
        tracks["repeats"] = browser.boxes(masked, 0.4)
    with style.figure(out, 13, 9.4) as figure:
        draw(figure, tracks, wide, close, report)
        if known is not None:
            browser.hits_legend(figure.axes[0])


def draw(figure: Figure, tracks: dict[str, Track], wide: Region, close: Region, report: dict) -> None:
    """Overview over the whole width; below it the zoom, how true the FDR is, the bins' scores and calibration."""
    grid = figure.add_gridspec(2, 2, width_ratios=[3, 2], height_ratios=[2, 3])
    figure.get_layout_engine().set(hspace=0.03, h_pad=0.02, wspace=0.03)
    for axes in browser.stack(figure, grid[0, :], tracks, wide):
        axes.axvspan(*close[1:], color=style.SKY, alpha=0.18, linewidth=0, zorder=0)
    browser.stack(figure, grid[1, 0], tracks, close)
    numbers = grid[1, 1].subgridspec(3, 1, height_ratios=[3, 3, 3])
    if report.get("fdr"):
        curves.rates(figure.add_subplot(numbers[0]), report, LOOKS)
    else:
        curves.fdr_curve(figure.add_subplot(numbers[0]), report)
    curves.bins(figure.add_subplot(numbers[1]), report, LOOKS)
    curves.reliability_of_bins(figure.add_subplot(numbers[2]), report)


def signal_track(path: Path, top: float) -> Track:
    """The predicted probability, up to `top`."""
    return 2.4, lambda axes, region: browser.draw_signal(axes, *browser.highest(path, *region), style.BLUE, top)


def repeats(path: Path) -> pd.DataFrame | None:
    """Soft-masked intervals, where the genome has any."""
    try:
        return pd.read_csv(path, sep="\t", usecols=[0, 1, 2], names=["chrom", "start", "end"], dtype={"chrom": str})
    except (FileNotFoundError, pd.errors.EmptyDataError):
        return None


def held_out(report: dict, signal: Path, sizes: dict[str, int]) -> list[str]:
    """The contigs the scorecard judged, or those that the signal covers."""
    return [name for name in report.get("regions") or [] if name in sizes] or browser.contigs(signal) or list(sizes)


def choose(guide: pd.DataFrame, names: list[str], sizes: dict[str, int], span: int) -> Region:
    """The stretch of `span` bp that holds most peaks of `guide`, over the contigs `names`."""
    best, most = (names[0], *browser.densest(np.array([]), 0, sizes[names[0]], span)), 0
    for name in names:
        summits = guide[guide.chrom == name].summit.to_numpy(float)
        start, end = browser.densest(summits, 0, sizes[name], span)
        held = int(((summits >= start) & (summits < end)).sum())
        if held > most:
            best, most = (name, start, end), held
    return best


def ceiling(highest: float) -> float:
    """A round top for the signal's scale: a probability's own 1 where it comes near, less where it never does."""
    return next((top for top in (0.05, 0.1, 0.25, 0.5) if highest <= top), 1.0)


if __name__ == "__main__":
    cli.run(main)
