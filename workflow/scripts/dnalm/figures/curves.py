"""Panels that say how well scores tell bound from unbound: curves, calibration, dots with intervals."""

from collections.abc import Mapping
from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from dnalm.figures import style
from dnalm.metrics import bootstrap, calibration, ranking

Looks = Mapping[str, style.Look]


def counts(rows: pd.DataFrame, name: str) -> tuple[np.ndarray, np.ndarray]:
    """True and false positives when everything at or above each distinct score is called, highest score first."""
    count, _ = ranking.counter(rows.label.to_numpy(bool), rows[name].to_numpy(float))
    return count()


def methods(table: pd.DataFrame, looks: Looks) -> list[tuple[str, pd.DataFrame]]:
    """Each method of `looks` that scored at least one window of both classes, with the rows it scored."""
    found = [(name, table[table[name].notna()]) for name in looks if name in table]
    return [(name, rows) for name, rows in found if rows.label.nunique() == 2]


def roc(axes: Axes, table: pd.DataFrame, report: dict, looks: Looks) -> None:
    """True against false positive rate; the diagonal is a coin."""
    axes.plot([0, 1], [0, 1], color=style.FAINT, linestyle="--", linewidth=1, label="chance, AUROC 0.500")
    for name, rows in methods(table, looks):
        true, false = counts(rows, name)
        axes.plot(np.append(0, false) / false[-1], np.append(0, true) / true[-1], **line(name, "auroc", report, looks))
    finish(axes, table, "false positive rate", "true positive rate", "ROC")


def precision_recall(axes: Axes, table: pd.DataFrame, report: dict, looks: Looks) -> None:
    """Precision against recall; the dashed line is the share of positives, which a coin reaches."""
    prevalence = table.label.mean() if len(table) else 0.0
    axes.axhline(
        prevalence, color=style.FAINT, linestyle="--", linewidth=1, label=f"chance (prevalence), {prevalence:.3f}"
    )
    for name, rows in methods(table, looks):
        true, false = counts(rows, name)
        precision = true / (true + false)
        axes.step(
            np.append(0, true) / true[-1],
            np.append(precision[0], precision),
            where="pre",
            **line(name, "auprc", report, looks),
        )
    finish(axes, table, "recall", "precision", "Precision and recall")


def reliability(axes: Axes, table: pd.DataFrame, report: dict) -> None:
    """Observed share of positives against predicted probability, in tenths; bars count windows."""
    given, seen, count = calibration.reliability(table.label.to_numpy(bool), table.model.to_numpy(float))
    axes.plot([0, 1], [0, 1], color=style.FAINT, linestyle="--", linewidth=1, label="perfect calibration")
    axes.bar(
        np.arange(0.05, 1, 0.1),
        count / max(count.sum(), 1),
        width=0.085,
        color=style.GRID,
        label="share of windows in each tenth",
    )
    ece = report.get("model", {}).get("ece")
    label = "model" if ece is None else f"model, expected calibration error {style.interval(ece)}"
    axes.plot(given, seen, "o-", color=style.BLUE, markersize=4, label=label)
    finish(axes, table, "predicted probability", "observed share of positives", "Reliability")


def by_negatives(axes: Axes, report: dict, looks: Looks, kinds: Mapping[str, str]) -> None:
    """AUROC against each kind of negative apart (of the test split): hard negatives are where models differ.

    `kinds` are labels of the kinds, by name.
    """
    rows = [(kind, name) for kind in reversed(report) for name in reversed(looks) if name in report[kind]]
    if not rows:
        style.say(axes, "scores by kind of negative not defined")
        return
    for y, (kind, name) in enumerate(rows):
        style.dot(axes, y, report[kind][name].get("auroc"), looks[name].colour)
    for edge in range(1, len(rows)):
        if rows[edge][0] != rows[edge - 1][0]:
            axes.axhline(edge - 0.5, color=style.GRID, linewidth=0.8)
    axes.axvline(0.5, color=style.FAINT, linestyle="--", linewidth=1)
    labels = [f"{kinds.get(kind, kind)} · {looks[name].short}" for kind, name in rows]
    axes.set_yticks(range(len(rows)), labels)
    axes.set(xlim=(0, 1), ylim=(-0.6, len(rows) - 0.4), xlabel="AUROC (dashed: chance)")
    axes.set_title("By kind of negative")
    axes.grid(axis="x")


def line(name: str, metric: str, report: dict, looks: Looks) -> dict:
    """Colour and legend of a method: its name and its figure as `evaluate_model` wrote it."""
    value = report.get(name, {}).get(metric)
    figure = "" if value is None else f", {metric.upper()} {style.interval(value)}"
    return {
        "color": looks[name].colour,
        "label": f"{looks[name].label}{figure}",
        "linewidth": 2.2 if name == "model" else 1.4,
        "zorder": 3 if name == "model" else 2,
    }


def finish(axes: Axes, table: pd.DataFrame, xlabel: str, ylabel: str, heading: str) -> None:
    """Square unit axes and the legend; a split of one class only says so instead."""
    if table.label.nunique() < 2:
        axes.clear()
        style.say(axes, f"not defined: {len(table):,} windows\nof one class only")
        return
    positives = int(table.label.sum())
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), xlabel=xlabel, ylabel=ylabel)
    axes.set_title(heading)
    axes.set_title(f"{positives:,} of {len(table):,} windows bound", loc="right", fontsize=8, fontweight="normal")
    axes.grid()
    style.legend_below(axes)


def fdr_curve(axes: Axes, report: dict) -> None:
    """Precision and recall of the peaks called at each FDR, and how many there are."""
    points = [point for point in report.get("curve") or [] if style.known(point.get("q"))]
    if not points:
        style.say(axes, "peaks against FDR not defined:\nthe scorecard holds no curve")
        return
    q = [point["q"] for point in points]
    for name, colour in (("precision", style.BLUE), ("recall", style.VERMILION)):
        values = [np.nan if point.get(name) is None else point[name] for point in points]
        axes.plot(q, values, "o-", color=colour, markersize=3, label=name)
    counts = axes.twinx()
    counts.plot(q, [point["called"] for point in points], ":", color=style.FAINT, label="peaks called")
    counts.set(ylabel="peaks called", ylim=(0, None))
    counts.spines["right"].set_visible(True)
    axes.set_xscale("log")
    axes.xaxis.set_minor_formatter(NullFormatter())  # figures at 2, 3, 4 … of a decade overlap
    axes.set(xlabel="FDR asked for", ylabel="precision, recall", ylim=(0, 1.02))
    axes.grid(axis="y")
    handles = [*axes.lines, *counts.lines]
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.1, borderpad=0.2)
    axes.set_title(peak_numbers(report.get("peaks") or {}), pad=18)


def rates(axes: Axes, report: dict, looks: Looks) -> None:
    """The share of false calls seen at each rate asked for, model and baselines; on the diagonal the rate is kept."""
    drawn = [(name, entry) for name, entry in (report.get("fdr") or {}).items() if _seen(entry)]
    if not drawn:
        style.say(axes, "how true the rates are is not known:\nno truth, or nothing called")
        return
    ends = [row["asked"] for _, entry in drawn for row in _seen(entry)]
    axes.plot([0, 1], [0, 1], "--", color=style.FAINT, linewidth=1)
    lines = cycle(("-", ":"))  # of the model's other estimates
    for name, entry in drawn:
        look, rows = looks.get(name), _seen(entry)
        middle = np.array([row["observed"] for row in rows])
        beside = [middle - [row["low"] for row in rows], [row["high"] for row in rows] - middle]
        label = f"{look.label if look else name}: {', '.join(str(row['called']) for row in rows)} called"
        options = {"marker": "o", "markersize": 3, "capsize": 2, "label": label}
        colour, options["linestyle"] = (look.colour, "-") if look else (style.FAINT, next(lines))
        axes.errorbar([row["asked"] for row in rows], middle, yerr=np.clip(beside, 0, None), color=colour, **options)
    axes.set(xlabel="FDR asked for", ylabel="share of false calls", xlim=(0, max(ends) * 1.1), ylim=(0, 1))
    axes.grid(axis="y")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=1, borderaxespad=0.1, borderpad=0.2)
    axes.set_title(peak_numbers(report.get("peaks") or {}), pad=18 + 12 * (len(drawn) - 1))


def _seen(entry: dict) -> list[dict]:
    """The rates at which something was called."""
    return [row for row in entry.get("rows", []) if style.known(row.get("observed"))]


def peak_numbers(score: dict) -> str:
    """How the peaks that were called compare with the truth, in one line."""
    if not style.known(score.get("called")):
        return ""
    parts = [f"{name} {score[name]:.2f}" for name in ("precision", "recall") if style.known(score.get(name))]
    parts += [f"F1 {score['f1']:.2f}"] if style.known(score.get("f1")) else []
    return f"{score['called']:,} peaks" + (f": {', '.join(parts)}" if parts else "")


def bins(axes: Axes, report: dict, looks: Looks) -> None:
    """Average precision and AUROC of all bins at natural prevalence, model and baselines, with intervals.

    A baseline that says nothing of these bins, as one that was not fitted, has no row.
    """
    scores = report.get("bins") or {}
    known = [name for name in reversed(looks) if name in scores]
    known = [name for name in known if name == "model" or not silent(scores[name].get("auprc"))]
    rows = [(name, metric) for metric in ("auroc", "auprc") for name in known]
    if not rows:
        style.say(axes, "scores of bins not defined:\nno truth to compare with")
        return
    for y, (name, metric) in enumerate(rows):
        style.dot(axes, y, scores[name].get(metric), looks[name].colour)
    prevalence = scores.get("prevalence")
    if style.known(prevalence):
        axes.axvline(prevalence, color=style.FAINT, linestyle="--", linewidth=1)
    axes.set_yticks(range(len(rows)), [f"{metric.upper()} {looks[name].short}" for name, metric in rows])
    axes.set(xlim=(0, 1), ylim=(-0.6, len(rows) - 0.4), xlabel=bins_label(scores, report))
    axes.grid(axis="x")


def silent(metric: dict | float | None) -> bool:
    """Whether a metric is undefined because there was no score."""
    return isinstance(metric, dict) and metric.get("reason") == bootstrap.NO_SCORE


def bins_label(scores: dict, report: dict) -> str:
    """Axis label of the bins panel: width, number and prevalence of the bins."""
    width, number, prevalence = report.get("resolution"), scores.get("n"), scores.get("prevalence")
    what = f"{number:,} bins" if number else "bins"
    what += f" of {width} bp" if width else ""
    return f"{what}, prevalence {prevalence:.4f} (dashed)" if style.known(prevalence) else what


def reliability_of_bins(axes: Axes, report: dict) -> None:
    """Observed share of bound bins against the probability given: at windows' prevalence, at bins', as validation saw.

    Bound bins are rare in a genome, so that both axes are logarithmic; a dot's size follows the number of bins in it.
    """
    scores = report.get("bins") or {}
    shifted = scores.get("shifted") or {}
    ece = ((scores.get("model") or {}).get("ece") or {}).get("value")
    told = {"as calibrated on windows": (scores.get("reliability"), ece, style.BLUE)}
    told |= {"shifted to the prevalence of bins": (shifted.get("reliability"), shifted.get("ece"), style.GREEN)}
    seen = scores.get("seen") or {}
    error = (seen.get("ece") or {}).get("value")
    told |= {"as seen on the validation places": (seen.get("reliability"), error, style.VERMILION)}
    drawn = {name: one for name, one in told.items() if one[0]}
    if not drawn:
        style.say(axes, "calibration of bins not defined:\nno truth to compare with")
        return
    axes.plot([1e-4, 1], [1e-4, 1], color=style.FAINT, linestyle="--", linewidth=1)
    for name, (rows, error, colour) in drawn.items():
        given, seen, count = (np.array([row[key] for row in rows], float) for key in ("given", "observed", "n"))
        label = name if error is None else f"{name}, ECE {error:.3f}"
        floor = 1e-4  # a tenth without any bound bin stands at the foot
        axes.plot(given, np.maximum(seen, floor), color=colour, linewidth=1, label=label)
        axes.scatter(given, np.maximum(seen, floor), s=6 + 8 * np.log10(count), color=colour)
    axes.set(xscale="log", yscale="log", xlim=(3e-4, 1.2), ylim=(7e-5, 1.5))
    axes.set(xlabel="probability given to a bin", ylabel="share bound")
    axes.grid()
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=1, borderaxespad=0.1, borderpad=0.2)
