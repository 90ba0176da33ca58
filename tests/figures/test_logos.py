"""Logos: a letter for each base that counts, as tall as it counts."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from dnalm.dna import seq
from dnalm.figures import logos


@pytest.mark.parametrize("base", "ACGT")
def test_a_letter_fills_the_unit_square(base):
    box = logos.letter(base).get_extents()
    np.testing.assert_allclose([box.x0, box.y0, box.x1, box.y1], [0, 0, 1, 1], atol=1e-9)


def test_letters_stand_at_their_place_and_hang_where_negative():
    axes = Figure().subplots()
    logos.draw_logo(axes, seq.encode("ACGNT"), np.array([2.0, -1.0, 0.0, 5.0, np.nan]), first=10)
    assert len(axes.patches) == 2  # G is worth nothing, N is no base, T has no value
    up, down = (patch.get_path().get_extents() for patch in axes.patches)
    assert (up.y0, up.y1) == pytest.approx((0, 2))
    assert (down.y0, down.y1) == pytest.approx((-1, 0))
    assert (up.x0 + up.x1) / 2 == pytest.approx(10)
    assert (down.x0 + down.x1) / 2 == pytest.approx(11)
    assert axes.get_xlim() == pytest.approx((9.4, 14.6))


def test_strongest_stretch_is_centred_on_its_core_and_stays_inside():
    worth = np.zeros(40)
    worth[20:22] = [5, -5]
    assert logos.strongest(worth, 6) == (18, 24)  # core of 2 at 20-22, middle 21
    assert logos.strongest(worth[20:], 6) == (0, 6)
    assert logos.strongest(worth[:22], 6) == (16, 22)
    assert logos.strongest(np.array([1.0, np.nan]), 99) == (0, 2)
    assert logos.strongest(np.zeros(0), 3) == (0, 0)
