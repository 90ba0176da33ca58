"""From window scores to bins, by hand."""

import numpy as np
import pysam
import pytest

from dnalm.dna import seq
from dnalm.genome import fasta
from dnalm.scan import null as scan_null
from dnalm.scan import peaks, tracks


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


def test_the_null_is_made_of_maxima_of_the_same_averaged_track(tmp_path):
    """A score that only sees composition gives the same heights on shuffled sequence as on the sequence."""
    codes = np.random.default_rng(0).integers(0, 4, 50_000).astype(np.uint8)
    path = tmp_path / "g.fa"
    path.write_text(">a\n" + seq.decode(codes) + "\n")
    pysam.faidx(str(path))

    def score(windows):
        return (windows[0 : len(windows)] == 2).mean(1) * 20 - 5

    null = scan_null.null_scores(fasta.open_fasta(path), {"a": 50_000}, score, 40, 20, 2000, seed=1)
    values = tracks.track(codes, score, 40, 20)
    candidates = values[peaks.local_maxima(values, 2)]
    assert abs(np.mean(null) - np.mean(candidates)) < 0.03
    assert np.array_equal(
        null, scan_null.null_scores(fasta.open_fasta(path), {"a": 50_000}, score, 40, 20, 2000, seed=1)
    )
