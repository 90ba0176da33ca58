"""Browser tracks: the telling region, the signal as drawn."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from dnalm.dna import bigwig
from dnalm.figures import browser


def test_densest_finds_the_cluster_and_centres_it():
    # 500, 520, 560 lie within 90 bp; their middle is 530
    assert browser.densest(np.array([10, 300, 500, 520, 560, 900]), 0, 1000, 100) == (480, 580)


@pytest.mark.parametrize(
    "positions, expected",
    [([], (450, 550)), ([3], (0, 100)), ([999], (900, 1000)), ([1000, -1], (450, 550)), ([200, 700], (150, 250))],
)
def test_densest_at_the_ends_with_ties_and_without_positions(positions, expected):
    assert browser.densest(np.array(positions, float), 0, 1000, 100) == expected


def test_densest_never_leaves_a_short_contig():
    assert browser.densest(np.array([5.0]), 0, 30, 100) == (0, 30)


def test_highest_takes_the_maximum_of_each_bin_and_zero_where_nothing_is_known(tmp_path):
    path = tmp_path / "s.bw"
    bigwig.write(path, {"a": 100, "b": 40}, {"a": np.array([0.1, 0.9, np.nan, 0.3, 0.2, 0, 0, 0, 0, 0.7])}, 10)
    edges, values = browser.highest(path, "a", 0, 40, bins=2)
    assert list(edges) == [0, 20, 40]
    np.testing.assert_allclose(values, [0.9, 0.3], rtol=1e-6)
    _, beyond = browser.highest(path, "a", 90, 130, bins=4)
    np.testing.assert_allclose(beyond, [0.7, 0, 0, 0], rtol=1e-6)
    assert browser.highest(path, "b", 0, 40, bins=1)[1] == [0]
    assert browser.contigs(path) == ["a"]


def test_draw_boxes_draws_each_interval_and_none_too_thin():
    axes = Figure().subplots()
    axes.set_xlim(0, 12_000)
    browser.draw_boxes(axes, pd.DataFrame({"chrom": "a", "start": [0, 500], "end": [400, 501]}), "k")
    assert [bar.get_width() for bar in axes.patches] == [400, 20]  # two of 1,200 pixels are 20 bp
    assert axes.patches[1].get_x() == pytest.approx(490.5)
