"""Draw what each base is worth to a fine-tuned model: in-silico mutagenesis of windows, as sequence logos."""

import numpy as np

from dnalm import cli, plots
from dnalm.cli import Input, Output


def main(*, attributions: Input, out: Output, span: int = 60) -> None:
    """Draw the `span` strongest bases of each window in `attributions` (an .npz of `attribute_windows`)."""
    with np.load(attributions, allow_pickle=False) as arrays:
        windows = {name: arrays[name] for name in arrays.files}
    number = len(windows["codes"])
    with plots.figure(out, 11, 0.6 + 1.25 * max(number, 1)) as figure:
        panels = figure.subplots(max(number, 1), 1, squeeze=False)[:, 0]
        if not number:
            plots.say(panels[0], "not defined: no window was attributed")
            return
        for axes, row in zip(panels, range(number), strict=True):
            draw(axes, {name: values[row] for name, values in windows.items() if len(values) == number}, span)
        panels[-1].set_xlabel("position in the window (bp, 0-based)")
        panels[0].annotate(
            "height: fall of the logit when the base is changed, mean of the three changes (below the line: it rises)",
            (1, 1), (0, 4), xycoords="axes fraction", textcoords="offset points", ha="right", fontsize=8,
            color=plots.FAINT,
        )  # fmt: skip


if __name__ == "__main__":
    cli.run(main)
