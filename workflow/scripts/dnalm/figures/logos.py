"""Sequence logos: letters as tall as what their base is worth, below the line where the base does harm."""

from functools import cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from dnalm.dna.seq import LETTERS, N
from dnalm.figures import style

COLOURS = {"A": style.GREEN, "C": style.BLUE, "G": style.ORANGE, "T": style.VERMILION, "N": style.FAINT}
WIDTH = 0.92  # of a base's place, so that neighbours do not touch


def draw_logo(axes: Axes, codes: np.ndarray, worth: np.ndarray, first: int = 0) -> None:
    """Draw the bases `codes` [n] as letters of height `worth` [n]; the axis counts bases from `first`.

    A base whose worth is negative hangs upside down below the line, paler; N and worths that are not finite get no
    letter.
    """
    for place, (code, height) in enumerate(zip(codes, worth, strict=True)):
        if code < N and np.isfinite(height) and height != 0:
            base = LETTERS[code]
            fit = Affine2D().scale(WIDTH, height).translate(first + place - WIDTH / 2, 0)
            alpha = 1.0 if height > 0 else 0.45
            axes.add_patch(PathPatch(fit.transform_path(letter(base)), color=COLOURS[base], linewidth=0, alpha=alpha))
    axes.axhline(0, color=style.INK, linewidth=0.6)
    axes.set_xlim(first - 0.6, first + len(codes) - 0.4)


@cache
def letter(base: str) -> Outline:
    """Outline of a letter that fills the unit square from (0, 0) to (1, 1)."""
    outline = TextPath((0, 0), base, size=1, prop=FontProperties(family="DejaVu Sans", weight="bold"))
    box = outline.get_extents()
    return Affine2D().translate(-box.x0, -box.y0).scale(1 / box.width, 1 / box.height).transform_path(outline)


def strongest(worth: np.ndarray, span: int) -> tuple[int, int]:
    """The `span` bases round what counts most: centred on the third of `span` with the largest summed |worth|.

    The first of equals; moved inwards where it would leave the sequence, all of it where that is shorter.
    """
    span = min(span, len(worth))
    core = max(span // 3, 1)
    total = np.concatenate([[0.0], np.cumsum(np.abs(np.nan_to_num(worth)))])
    middle = int(np.argmax(total[core:] - total[:-core])) + core // 2 if len(worth) else 0
    start = min(max(middle - span // 2, 0), len(worth) - span)
    return start, start + span
