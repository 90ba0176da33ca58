"""Draw what each base is worth to a fine-tuned model: in-silico mutagenesis of windows, as sequence logos."""

import dnalm.startup

import numpy as np
from matplotlib.axes import Axes

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.errors import InputError
from dnalm.figures import logos, style

HEIGHTS = "height: mean fall of the logit when the base is changed (below the line: it rises)"


def main(*, attributions: Input, out: Output, span: int = 60) -> None:
    """Draw the `span` strongest bases of each window in `attributions` (an .npz of `attribute_windows`)."""
    arrays = read(attributions)
    worth, codes = worth_of(arrays["attributions"]), arrays["codes"]
    number = max(len(codes), 1)
    with style.figure(out, 11, 0.9 + 1.2 * number) as figure:
        panels = figure.subplots(number, 1, squeeze=False)[:, 0]
        if not len(codes):
            style.say(panels[0], "not defined: no window was attributed")
            return
        for row, axes in enumerate(panels):
            start, end = logos.strongest(worth[row], span)
            logos.draw_logo(axes, codes[row, start:end], worth[row, start:end], start)
            dress(axes, worth[row, start:end], heading(arrays, row))
        panels[-1].set_xlabel("position in the window (bp, 0-based)")
        panels[0].set_title(HEIGHTS, loc="right", fontsize=8, fontweight="normal", color=style.FAINT)


def read(path: Input) -> dict[str, np.ndarray]:
    """The arrays of an .npz, at least attributions [n, W, 4] and codes [n, W]."""
    arrays = files.read_arrays(path, "attribute_windows.py", "attributions", "codes")
    if arrays["attributions"].shape != (*arrays["codes"].shape, 4):
        raise InputError(f"{path}: wanted an .npz with attributions [n, W, 4] and codes [n, W]; make it again")
    return arrays


def worth_of(changes: np.ndarray) -> np.ndarray:
    """What each base is worth [n, W]: minus the mean change of the score over the three other bases."""
    return -changes.sum(2) / 3


def heading(arrays: dict[str, np.ndarray], row: int) -> str:
    """Place of the window (or its id) and its score."""
    name = str(arrays["ids"][row]) if "ids" in arrays else f"window {row + 1}"
    return f"{name}, logit {arrays['scores'][row]:.2f}" if "scores" in arrays else name


def dress(axes: Axes, worth: np.ndarray, name: str) -> None:
    """Scale, ticks and heading of one logo."""
    low, high = min(np.nanmin(worth), 0), max(np.nanmax(worth), 0)
    room = 0.05 * max(high - low, 1e-6)
    axes.set_ylim(low - room, high + room)
    axes.set_ylabel("logit")
    axes.spines["bottom"].set_visible(False)
    axes.set_title(name, fontsize=9)


if __name__ == "__main__":
    cli.run(main)
