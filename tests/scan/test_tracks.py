"""From window scores to bins, by hand."""

import numpy as np
import pytest

from dnalm.scan import tracks


def test_track_finds_the_site_and_leaves_n_empty():
    codes = np.zeros(200, np.uint8)
    codes[50] = 2
    codes[100:] = 4

    def score(windows):
        rows = windows[0 : len(windows)]
        return np.where((rows == 2).any(1), 20.0, -20.0)

    track = tracks.track(codes, score, window=20, stride=5)
    assert len(track) == 40
    assert np.nanargmax(track) * 5 in range(45, 55)
    assert track[30] != track[30]
    assert track[0] == pytest.approx(0, abs=1e-6)


def test_a_contig_shorter_than_the_window_has_no_value():
    assert np.isnan(tracks.track(np.zeros(10, np.uint8), lambda windows: np.zeros(len(windows)), 20, 5)).all()
