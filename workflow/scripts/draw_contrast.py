"""Draw how two classes of variants score, beside another base at the same place and the same network untrained."""

import dnalm.startup

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.figures import style, violins
from dnalm.variants.scores import SCORES, label

SIDES = {  # the column's ending, what it is, and where the summary compares the classes by it
    "": ("the variant", ("contrast", "scores")),
    "_null": ("another base at the same place", ("null", "scores")),
    "_twin": ("the variant, random weights", ("contrast", "twin")),
}
MATCHED = {"trinucleotide": "within substitution and neighbours", "gc": "within bins of GC"}


def main(*, table: Input, summary: Input, out: Output, seed: int = 0) -> None:
    """Draw each score of `table` by class, in a row of three panels, with what `summary` says of the two classes."""
    rows = style.read_table(table, ["class", "skipped"])
    report = style.read_json(summary)
    scores = [name for name in reversed(SCORES) if name in rows and rows[name].notna().any()]
    with style.figure(out, 13.5, 0.3 + 3.0 * max(len(scores), 1)) as figure:
        figure.get_layout_engine().set(h_pad=0.08)
        panels = figure.subplots(max(len(scores), 1), len(SIDES), squeeze=False)
        if not scores:
            style.say(panels[0, 0], "not defined: no variant has a score")
        for axes in panels[len(scores) :].ravel():
            axes.set_axis_off()
        for line, name in zip(panels, scores, strict=False):
            for axes, ending in zip(line, SIDES, strict=True):
                panel(axes, rows, report, name, ending, seed)
            shared(line)


def panel(axes: Axes, rows: pd.DataFrame, report: dict, name: str, ending: str, seed: int) -> None:
    """One score, or what stands beside it, by class: the first of the classes on top."""
    words, _ = SIDES[ending]
    column = f"{name}{ending}"
    if column not in rows:
        style.say(axes, f"{words}: not asked for")
        return
    classes = (report.get("contrast") or {}).get("classes") or list(rows["class"].dropna().unique())
    there = rows[rows[column].notna()]
    groups = {one: there.loc[there["class"] == one, column].to_numpy(float) for one in reversed(classes)}
    violins.draw(axes, groups, {one: len(values) for one, values in groups.items()}, np.random.default_rng(seed))
    axes.set_xlabel(label(name, (report.get("units") or {}).get(name, "")))
    axes.set_title(heading(name, report, ending), fontsize=8)


def shared(line: np.ndarray) -> None:
    """One range for the variant and the other base, which are to be compared; random weights have their own."""
    limits = [axes.get_xlim() for axes in line[:2]]
    for axes in line[:2]:
        axes.set_xlim(min(low for low, _ in limits), max(high for _, high in limits))


def heading(name: str, report: dict, ending: str = "") -> str:
    """What is drawn, and the AUROC of the first class against the second: as it is, and among alleles alike."""
    words, (part, key) = SIDES[ending]
    found = (report.get(part) or {}).get(key, {}).get(name)
    if found is None:
        return words
    by = (report[part].get("ranked_by") or {}).get(name, name).replace("-", "−")
    lines = [words + (f", by {by}" if by != name else ""), f"AUROC {style.interval(found['auroc'])}"]
    lines += [f"{text} {style.interval(found['matched'][match]['auroc'])}" for match, text in MATCHED.items()]
    beyond = (report.get("excess") or {}).get("scores", {}).get(name)
    if ending == "_null" and beyond:
        lines.append(f"the variant beyond the other base {style.interval(beyond['auroc'])}")
    return "\n".join(lines)


if __name__ == "__main__":
    cli.run(main)
