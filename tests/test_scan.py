"""From window scores to bins, by hand."""

import numpy as np
import pytest

from dnalm import scan


def test_a_bin_is_the_mean_of_the_windows_that_hold_it():
    values = np.array([1.0, 0.0, 0.5])  # windows [0, 4) [2, 6) [4, 8)
    assert scan._spread(values, bins=5, window=4, stride=2).tolist()[:4] == [1.0, 0.5, 0.25, 0.5]
    assert np.isnan(scan._spread(values, bins=5, window=4, stride=2)[4])


def test_a_window_without_value_does_not_count():
    assert scan._spread(np.array([1.0, np.nan, 0.5]), bins=4, window=4, stride=2).tolist() == [1.0, 1.0, 0.5, 0.5]


def test_track_finds_the_site_and_leaves_n_empty():
    codes = np.zeros(200, np.uint8)
    codes[50] = 2
    codes[100:] = 4

    def score(windows):
        rows = windows[0 : len(windows)]
        return np.where((rows == 2).any(1), 20.0, -20.0)

    track = scan.track(codes, score, window=20, stride=5)
    assert len(track) == 40
    assert np.nanargmax(track) * 5 in range(45, 55)
    assert track[30] != track[30]
    assert track[0] == pytest.approx(0, abs=1e-6)


def test_a_contig_shorter_than_the_window_has_no_value():
    assert np.isnan(scan.track(np.zeros(10, np.uint8), lambda windows: np.zeros(len(windows)), 20, 5)).all()
