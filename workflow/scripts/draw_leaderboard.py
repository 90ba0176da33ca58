"""Draw every model of a target beside the baselines: two metrics, and the paired differences, with their intervals."""

import dnalm.startup

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.figures import style
from dnalm.targets.baselines import BASELINES
from dnalm.training.tasks import LABELS

LOOKS = {name: style.look(row) for name, row in BASELINES.items()}
SEEN = {"no": "", "unknown": ", transductive: unknown"}  # whatever else names the contigs that were seen
SHOWN = (("auprc", "auroc"), ("pearson", "r2"), ("mcc", "macro_auroc"))  # by what is learnt; the first found is drawn
CHANCE = {"auroc": 0.5, "macro_auroc": 0.5, "mcc": 0.0, "pearson": 0.0, "r2": 0.0}
TEXT = ("split", "kind", "baseline", "twin", "pretraining_saw_test")


def main(*, table: Input, out: Output) -> None:
    """Draw the leaderboard that `rank_models` wrote, best on top; below it that of windows without relatives.

    Of bound and unbound windows by AUPRC, of classes by MCC, of measured values by Pearson's r. Its rows for each kind
    of negative (`split` with a colon) are for the table alone.
    """
    rows = style.read_table(table, ["model", "seeds", *TEXT])
    shown = next((metrics for metrics in SHOWN if metrics[0] in rows), SHOWN[0])
    style.read_table(table, list(shown))  # says which is missing
    rows = rows.astype(dict.fromkeys(TEXT, object))
    splits = [one for one in rows.split.unique() if ":" not in one] or ["test"]
    height = sum(1.5 + 0.32 * max((rows.split == split).sum(), 2) for split in splits)
    with style.figure(out, 17, height) as figure:
        panels = figure.subplots(len(splits), 4, sharey="row", squeeze=False)
        for line, split in zip(panels, splits, strict=True):
            here = rows[rows.split == split].sort_values(shown[0], na_position="first", kind="stable")
            draw(line, here.reset_index(drop=True), split, shown)


def draw(panels: np.ndarray, rows: pd.DataFrame, split: str, shown: tuple[str, str]) -> None:
    """The four panels of one set of windows: two metrics, and the differences in the first."""
    for axes, metric in zip(panels, shown, strict=False):
        chance = rows.prevalence.max() if metric == "auprc" else CHANCE.get(metric)
        panel(axes, rows, metric, chance, "prevalence" if metric == "auprc" else "chance")
    for axes, other in zip(panels[2:], ("baseline", "twin"), strict=True):
        differences(axes, rows, other, shown[0])
    if len(rows):
        panels[0].set_title(f"{int(rows.n.max()):,} windows: {split}" if "n" in rows else split)


def panel(axes: Axes, rows: pd.DataFrame, metric: str, chance: float | None, name: str) -> None:
    """One metric of every row as a dot with its interval; a dashed line where a coin would be."""
    if rows.empty:
        style.say(axes, "not defined: no model was evaluated")
        return
    for y, row in enumerate(rows.to_dict("records")):
        found = ends(row, metric, "see its metrics.json")
        style.dot(axes, y, found, LOOKS.get(row["model"], style.MODEL).colour)
    if style.known(chance):
        axes.axvline(chance, color=style.FAINT, linestyle="--", linewidth=1)
    axes.set_yticks(range(len(rows)), [label(row) for row in rows.to_dict("records")])
    text = f"{LABELS[metric]} (dashed: {name} {chance:.3g})" if style.known(chance) else LABELS[metric]
    lowest = rows.filter(regex=f"^{metric}(_low)?$").min().min()
    axes.set(xlim=(min(lowest if style.known(lowest) else 0, 0), 1), ylim=(-0.6, len(rows) - 0.4), xlabel=text)
    axes.grid(axis="x")


def differences(axes: Axes, rows: pd.DataFrame, other: str, metric: str = "auprc") -> None:
    """A metric of each model minus that of the best baseline, or of its random twin, on the same windows."""
    known = rows[rows.get(f"{metric}_minus_{other}", pd.Series(np.nan, rows.index)).notna()]
    title = "minus the best baseline" if other == "baseline" else "minus its random twin"
    if known.empty:
        style.say(axes, f"{LABELS[metric]} {title}\nnot defined: none to compare with")
        return
    for y, row in rows.iterrows():
        if row["model"] not in LOOKS:
            found = ends(row, f"{metric}_minus_{other}", row[other] if style.known(row[other]) else "no baseline")
            style.dot(axes, y, found, style.MODEL.colour, style.difference(found))
    axes.axvline(0, color=style.FAINT, linestyle="--", linewidth=1)
    reach = np.nanmax(np.abs(known.filter(regex=f"^{metric}_minus_{other}").to_numpy(float)))
    against = f" ({LOOKS[name].short})" if (name := known[other].iloc[0]) in LOOKS else ""
    axes.set(
        xlim=(-1.1 * max(reach, 0.01), 1.1 * max(reach, 0.01)), xlabel=f"{LABELS[metric]} {title}{against}, paired"
    )
    axes.locator_params(axis="x", nbins=4)
    axes.grid(axis="x")


def ends(row: dict, metric: str, reason: str) -> dict:
    """A metric of a row with its interval."""
    return {"value": row.get(metric), "low": row.get(f"{metric}_low"), "high": row.get(f"{metric}_high")} | {
        "reason": reason
    }


def label(row: dict) -> str:
    """A row's name, its seeds where several are pooled, and whether pretraining saw the test contigs."""
    if row["model"] in LOOKS:
        return LOOKS[row["model"]].label
    several = style.known(row.get("seeds")) and row.get("kind") == "model"
    seeds = f", {row['seeds']:.0f} seed{'s' if row['seeds'] > 1 else ''}" if several else ""
    seen = row.get("pretraining_saw_test")
    return f"{row['model']}{seeds}{SEEN.get(seen, ', transductive') if style.known(seen) else ''}"


if __name__ == "__main__":
    cli.run(main)
