"""Depth of intervals that overlap, by hand: stretches, wide bins, totals."""

import numpy as np

from dnalm.dna import depth

# contig 0: [2, 8) and [5, 12), then [40, 41); contig 3: [0, 4)
NUMBER, START, END = np.array([0, 0, 0, 3]), np.array([2, 5, 40, 0]), np.array([8, 12, 41, 4])
STRETCHES = [[0, 2, 5, 1], [0, 5, 8, 2], [0, 8, 12, 1], [0, 40, 41, 1], [3, 0, 4, 1]]


def test_stretches_by_hand():
    assert depth.of(NUMBER, START, END).tolist() == STRETCHES
    touching = depth.of(np.array([1, 1]), np.array([0, 5]), np.array([5, 9]))
    assert touching.tolist() == [[1, 0, 5, 1], [1, 5, 9, 1]]
    assert depth.of(*np.zeros((3, 0), int)).tolist() == []


def test_bins_by_hand():
    """Of width 10 contig 0 has [0, 10) with 3 + 3 bases once and 3 bases twice covered less one beyond, and so on."""
    found = depth.zoomed(np.array(STRETCHES), 10)
    assert found[["contig", "start", "end", "valid"]].tolist() == [
        (0, 2, 10, 8),
        (0, 10, 12, 2),
        (0, 40, 41, 1),
        (3, 0, 4, 4),
    ]
    assert found["values"].tolist() == [[1, 2, 11, 17], [1, 1, 2, 2], [1, 1, 1, 1], [1, 1, 4, 4]]


def test_a_stretch_over_several_bins_is_cut_at_each():
    found = depth.zoomed(np.array([[0, 5, 35, 2]]), 10)
    assert found[["start", "end", "valid"]].tolist() == [(5, 10, 5), (10, 20, 10), (20, 30, 10), (30, 35, 5)]
    assert found["values"][:, 2].tolist() == [10, 20, 20, 10]


def test_a_stretch_that_ends_with_its_bin_is_in_no_other():
    found = depth.zoomed(np.array([[0, 0, 10, 1], [0, 15, 20, 1]]), 10)
    assert found[["start", "end", "valid"]].tolist() == [(0, 10, 10), (15, 20, 5)]


def test_levels_keep_every_base_and_end_with_one_bin_a_contig():
    rng = np.random.default_rng(0)
    start = np.sort(rng.integers(0, 10**6, 500))
    covered = depth.of(np.repeat([0, 1], 250), start, start + rng.integers(1, 300, 500))
    bases, least, greatest, total, squares = depth.totals(covered)
    levels = list(depth.levels(covered, 150))
    assert [width for width, _ in levels] == [1500 * 4**power for power in range(len(levels))]
    for _, bins in levels:
        assert bins["valid"].sum() == bases
        assert np.allclose([bins["values"][:, 2].sum(), bins["values"][:, 3].sum()], [total, squares], rtol=1e-6)
        assert (bins["values"][:, 0].min(), bins["values"][:, 1].max()) == (least, greatest)
    assert len(levels[-1][1]) == 2
    assert (np.diff([len(bins) for _, bins in levels]) < 0).all()


def test_totals_by_hand():
    assert depth.totals(np.array(STRETCHES)) == (15, 1, 2, 18, 24)
    assert depth.totals(np.zeros((0, 4), int)) == (0, 0, 0, 0, 0)
