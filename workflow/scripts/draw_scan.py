"""Draw a scan as a genome browser does: truth peaks above the predicted signal and the called peaks, with the score."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from dnalm import browser, cli, intervals, plots
from dnalm.cli import Input, Output

MATCHED, ALONE = plots.BLUE, plots.ORANGE
TRACKS = {"truth": "truth peaks", "signal": "predicted\nprobability", "called": "called peaks"}
NOTHING = pd.DataFrame({"chrom": [], "start": [], "end": [], "score": [], "summit": []})


def main(
    *,
    signal: Input,
    called: Input,
    scorecard: Input,
    genome: Input,
    out: Output,
    truth: Input | None = None,
    genes: Input | None = None,
    contig: str | None = None,
    overview: int = 200_000,
    zoom: int = 20_000,
) -> None:
    """Draw the `overview` bp of a held-out contig that hold most truth peaks, and `zoom` bp of them.

    Without `contig` it is the held-out contig (as the scorecard lists them) with the densest truth; without `truth`
    the called peaks decide.
    """
    sizes = intervals.read_sizes(genome / "chrom.sizes")
    report = plots.read_json(scorecard)
    called_peaks = peaks(called, sizes)
    truth_peaks = None if truth is None else peaks(truth, sizes)
    guide = called_peaks if truth_peaks is None or truth_peaks.empty else truth_peaks
    wide = choose(guide, [contig] if contig else held_out(report, signal, sizes), sizes, overview)
    close = browser.densest(guide[guide.chrom == wide[0]].summit.to_numpy(float), *wide[1:], zoom)
    annotation = {
        "genes": None if genes is None else browser.read_genes(genes, sizes),
        "repeats": repeats(genome / "softmask.bed.gz"),
    }
    with plots.figure(out, 13, 7.6) as figure:
        draw(figure, signal, report, wide, (wide[0], *close), truth_peaks, called_peaks, annotation)


def peaks(path: Path, sizes: dict[str, int]) -> pd.DataFrame:
    """Peaks of a narrowPeak file; a file without any is no error here, since a strict FDR may call none."""
    return intervals.read_peaks(path, sizes) if any(intervals.read_text(path)) else NOTHING


def repeats(path: Path) -> pd.DataFrame | None:
    """Soft-masked intervals, where the genome has any."""
    if not path.exists() or not any(intervals.read_text(path)):
        return None
    return pd.read_csv(path, sep="\t", header=None, usecols=[0, 1, 2], names=["chrom", "start", "end"], dtype={0: str})


def held_out(report: dict, signal: Path, sizes: dict[str, int]) -> list[str]:
    """The contigs the scorecard judged, or those that the signal covers."""
    return [name for name in report.get("regions") or [] if name in sizes] or browser.contigs(signal) or list(sizes)


def choose(guide: pd.DataFrame, names: list[str], sizes: dict[str, int], span: int) -> tuple[str, int, int]:
    """The stretch of `span` bp that holds most peaks of `guide`, over the contigs `names`."""
    best, most = (names[0], *browser.densest(np.array([]), 0, sizes[names[0]], span)), 0
    for name in names:
        summits = guide[guide.chrom == name].summit.to_numpy(float)
        start, end = browser.densest(summits, 0, sizes[name], span)
        held = int(((summits >= start) & (summits < end)).sum())
        if held > most:
            best, most = (name, start, end), held
    return best


def draw(
    figure: Figure,
    signal: Path,
    report: dict,
    wide: tuple[str, int, int],
    close: tuple[str, int, int],
    truth: pd.DataFrame | None,
    called: pd.DataFrame,
    annotation: dict[str, pd.DataFrame | None],
) -> None:
    """Overview over the whole width; below it the zoom, the peaks against FDR and the bins' scores."""
    names = tracks(truth, annotation)
    grid = figure.add_gridspec(2, 2, width_ratios=[3, 2])
    figure.get_layout_engine().set(hspace=0.03, h_pad=0.02, wspace=0.03)
    top = ceiling(browser.highest(signal, *wide)[1].max())
    for place, region in ((grid[0, :], wide), (grid[1, 0], close)):
        heights = [{"signal": 2.4, "genes": 1.3}.get(name, 0.5) for name in names]
        rows = place.subgridspec(len(names), 1, height_ratios=heights, hspace=0)
        shared = None
        for row, name in enumerate(names):
            axes = shared = figure.add_subplot(rows[row], sharex=shared)
            axes.set_xlim(*region[1:])
            track(axes, name, region, signal, top, truth, called, annotation, report)
            browser.dress(axes, TRACKS.get(name, name), ruler=name == names[-1])
            if region == wide:
                axes.axvspan(*close[1:], color=plots.SKY, alpha=0.18, linewidth=0, zorder=0)
            if row == 0:
                axes.set_title(f"{region[0]}: {region[1]:,}–{region[2]:,} ({(region[2] - region[1]) / 1000:,.4g} kb)")
        axes.set_xlabel(f"position on {region[0]} (kb)")
    legend(figure.axes[0], truth is not None)
    numbers = grid[1, 1].subgridspec(2, 1, height_ratios=[3, 2])
    fdr_curve(figure.add_subplot(numbers[0]), report)
    bins(figure.add_subplot(numbers[1]), report)


def tracks(truth: pd.DataFrame | None, annotation: dict[str, pd.DataFrame | None]) -> list[str]:
    """Names of the tracks, top to bottom."""
    upper = [] if truth is None else ["truth"]
    return [*upper, "signal", "called", *(name for name, table in annotation.items() if table is not None)]


def track(
    axes: Axes,
    name: str,
    region: tuple[str, int, int],
    signal: Path,
    top: float,
    truth: pd.DataFrame | None,
    called: pd.DataFrame,
    annotation: dict[str, pd.DataFrame | None],
    report: dict,
) -> None:
    """One track of one panel."""
    if name == "signal":
        browser.draw_signal(axes, *browser.highest(signal, *region), plots.BLUE, top)
    elif name == "truth":
        browser.draw_boxes(axes, browser.inside(truth, *region), plots.INK)
    elif name == "called":
        shown = browser.inside(called, *region)
        tolerance = (report.get("peaks") or {}).get("tolerance") or 100
        browser.draw_boxes(axes, shown, colours(shown, truth, tolerance))
    elif name == "genes":
        browser.draw_genes(axes, browser.inside(annotation["genes"], *region))
    else:
        browser.draw_boxes(axes, browser.inside(annotation["repeats"], *region), plots.FAINT, 0.4)


def colours(called: pd.DataFrame, truth: pd.DataFrame | None, tolerance: int) -> list[str]:
    """Blue for called peaks with a truth summit within `tolerance` bp, orange for the rest."""
    if truth is None:
        return [MATCHED] * len(called)
    summits = {chrom: group.summit.to_numpy() for chrom, group in truth.groupby("chrom")}
    near = [
        np.abs(summits.get(peak.chrom, np.array([np.inf])) - peak.summit).min() <= tolerance
        for peak in called.itertuples()
    ]
    return [MATCHED if one else ALONE for one in near]


def ceiling(highest: float) -> float:
    """A round top for the signal's scale: a probability's own 1 where it comes near, less where it never does."""
    return next((top for top in (0.05, 0.1, 0.25, 0.5) if highest <= top), 1.0)


def legend(axes: Axes, with_truth: bool) -> None:
    """What the colours of the called peaks say, at the right of the first panel's heading."""
    names = {MATCHED: "called, at a truth summit", ALONE: "called, not in the truth"} if with_truth else {}
    axes.legend(
        handles=[Patch(color=colour, label=name) for colour, name in names.items()],
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=2,
        borderaxespad=0.2,
        handlelength=0.9,
    )


def fdr_curve(axes: Axes, report: dict) -> None:
    """Precision and recall of the peaks called at each FDR, and how many there are."""
    points = [point for point in report.get("curve") or [] if plots.known(point.get("q"))]
    if not points:
        plots.say(axes, "peaks against FDR not defined:\nthe scorecard holds no curve")
        return
    q = [point["q"] for point in points]
    for name, colour in (("precision", plots.BLUE), ("recall", plots.VERMILION)):
        values = [np.nan if point.get(name) is None else point[name] for point in points]
        axes.plot(q, values, "o-", color=colour, markersize=3, label=name)
    counts = axes.twinx()
    counts.plot(q, [point["called"] for point in points], ":", color=plots.FAINT, label="peaks called")
    counts.set(ylabel="peaks called", ylim=(0, None))
    counts.spines["right"].set_visible(True)
    axes.set(xscale="log", xlabel="FDR asked for", ylabel="precision, recall", ylim=(0, 1.02))
    axes.grid(axis="y")
    handles = [*axes.lines, *counts.lines]
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.1, borderpad=0.2)
    axes.set_title(peak_numbers(report.get("peaks") or {}), pad=18)


def peak_numbers(score: dict) -> str:
    """How the peaks that were called compare with the truth, in one line."""
    if not plots.known(score.get("called")):
        return ""
    parts = [f"{name} {score[name]:.2f}" for name in ("precision", "recall") if plots.known(score.get(name))]
    parts += [f"F1 {score['f1']:.2f}"] if plots.known(score.get("f1")) else []
    return f"{score['called']:,} peaks" + (f": {', '.join(parts)}" if parts else "")


def bins(axes: Axes, report: dict) -> None:
    """Average precision and AUROC of all bins at natural prevalence, model and motif scan, with intervals."""
    scores = report.get("bins") or {}
    rows = [(name, metric) for metric in ("auroc", "auprc") for name in ("pwm", "model") if name in scores]
    if not rows:
        plots.say(axes, "scores of bins not defined:\nno truth to compare with")
        return
    for y, (name, metric) in enumerate(rows):
        plots.dot(axes, y, scores[name].get(metric), plots.COLOURS[name])
    prevalence = scores.get("prevalence")
    if plots.known(prevalence):
        axes.axvline(prevalence, color=plots.FAINT, linestyle="--", linewidth=1)
    axes.set_yticks(range(len(rows)), [f"{metric.upper()} {name}" for name, metric in rows])
    axes.set(xlim=(0, 1), ylim=(-0.6, len(rows) - 0.4), xlabel=bins_label(scores, report))
    axes.grid(axis="x")


def bins_label(scores: dict, report: dict) -> str:
    """Axis label of the bins panel: width, number and prevalence of the bins."""
    width, number, prevalence = report.get("resolution"), scores.get("n"), scores.get("prevalence")
    what = f"{number:,} bins" if number else "bins"
    what += f" of {width} bp" if width else ""
    return f"{what}, prevalence {prevalence:.4f} (dashed)" if plots.known(prevalence) else what


if __name__ == "__main__":
    cli.run(main)
