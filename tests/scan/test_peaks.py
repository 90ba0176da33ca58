"""Peaks by hand: maxima, merging, summits, matching, and files that hold nothing."""

import gzip

import numpy as np
import pandas as pd
import pysam
import pytest

from dnalm.scan import narrow, peaks


def test_local_maxima_at_edges_gaps_and_plateaus():
    values = np.array([5, 1, 2, 2, 2, 0, np.nan, 3, np.nan, 0, 4.0])
    assert peaks.local_maxima(values, 1).tolist() == [0, 3, 7, 10]
    assert peaks.local_maxima(values, 4).tolist() == [0, 10]
    assert peaks.local_maxima(np.full(4, np.nan), 2).tolist() == []


def test_regions_follow_their_summits():
    values = np.array([0, 0.9, 0.8, 0.1, 0.7, 0, 0, 0, 0.6, 0.6, 0.6], np.float32)
    found = peaks.regions(values, 0.5, 10, 105, 10)
    assert found.start.tolist() == [10, 40, 80]
    assert found.end.tolist() == [30, 50, 105]  # clipped at the contig's end
    assert (found.start + found.peak).tolist() == [
        15,
        45,
        95,
    ]  # centres of bins 1 and 4 and of the plateau's middle bin
    assert found.signal.tolist() == pytest.approx([0.9, 0.7, 0.6])
    assert len(peaks.regions(values, 0.5, 10, 105, 40)) == 2  # the second is less than 40 bp from a better one
    assert peaks.regions(values, np.inf, 10, 105, 30).empty


def test_a_peak_ends_at_half_its_height():
    values = np.array([0, 0.3, 1, 0.6, 0.4, 0.3, 0], np.float32)
    found = peaks.regions(values, 0.1, 10, 70, 20)
    assert (found.start.tolist(), found.end.tolist()) == ([20], [40])


def test_neighbours_are_parted_at_the_valley_and_gaps_end_a_peak():
    values = np.array([0.6, 1, 0.9, 0.8, 0.9, 1, 0.6, np.nan, 0.9], np.float32)
    found = peaks.regions(values, 0.5, 10, 90, 20)
    assert found.start.tolist() == [0, 30, 80]
    assert found.end.tolist() == [30, 70, 90]


def test_narrow_peak_columns_and_reading_back(tmp_path):
    candidates = np.array([0.2, 0.9, 0.6], np.float32)
    p, q = np.array([0.5, 0.01, 0.1]), np.array([0.5, 0.03, 0.15])
    found = pd.DataFrame({"start": [80, 10], "end": [105, 50], "signal": [0.6, 0.9], "peak": [12, 5], "chrom": "chr1"})
    table = narrow.narrow_peaks(found, candidates, p, q)
    path = tmp_path / "a.narrowPeak.gz"
    narrow.write(path, table)
    first = path.read_bytes()
    narrow.write(path, table)
    assert path.read_bytes() == first
    again = peaks.read_called(path)
    assert again.start.tolist() == [10, 80]
    assert again.score.tolist() == [900, 600]
    assert again.summit.tolist() == [15, 92]
    assert again.q.tolist() == pytest.approx([0.03, 0.15], rel=1e-4)
    assert again.p.tolist() == pytest.approx([2, 1])


def test_no_peak_is_a_valid_file(tmp_path):
    path = tmp_path / "a.narrowPeak.gz"
    nothing = peaks.regions(np.zeros(3), 1, 10, 30, 10).assign(chrom="chr1")
    narrow.write(path, narrow.narrow_peaks(nothing, np.array([0.2], np.float32), np.ones(1), np.ones(1)))
    assert peaks.read_called(path).empty
    assert peaks.curve(peaks.read_called(path), None, None) == []


def test_matching_is_one_to_one_best_first():
    called = pd.DataFrame({"chrom": "chr1", "summit": [100, 130, 900], "signal": [0.5, 0.9, 0.7]})
    truth = pd.DataFrame({"chrom": ["chr1", "chr2"], "summit": [120, 900]})
    assert peaks.match(called, truth, 100).tolist() == [False, True, False]
    assert peaks.match(called, truth, 5).tolist() == [False, False, False]
    two = pd.DataFrame({"chrom": "chr1", "summit": [95, 131]})
    assert peaks.match(called, two, 100).tolist() == [True, True, False]
    assert peaks.match(called, pd.DataFrame({"chrom": ["chr1"], "summit": [230]}), 100).tolist() == [False, True, False]


def test_curve_counts_by_q():
    called = pd.DataFrame({"q": [0.01, 0.01, 0.05]})
    rows = peaks.curve(called, np.array([True, False, True]), 4)
    assert rows == [
        {"q": 0.01, "called": 2, "precision": 0.5, "recall": 0.25},
        {"q": 0.05, "called": 3, "precision": pytest.approx(2 / 3), "recall": 0.5},
    ]


def test_peaks_are_found_by_place(tmp_path):
    """BGZF that tabix reads, and gzip too; on a contig longer than 512 Mb by .csi alone."""
    rows = [("chr1", 10, 60, 0.5), ("chr1", 500, 560, 0.9), ("chr2", 5, 50, 0.7)]
    table = pd.DataFrame(rows, columns=["chrom", "start", "end", "signal"]).assign(peak=20)
    table = narrow.narrow_peaks(table, table.signal.to_numpy(np.float32), np.full(3, 0.1), np.full(3, 0.1))
    narrow.write(tmp_path / "a.narrowPeak.gz", table)
    with pysam.TabixFile(str(tmp_path / "a.narrowPeak.gz")) as file:
        assert [line.split("\t")[3] for line in file.fetch("chr1", 550, 600)] == ["peak_2"]
    assert gzip.decompress((tmp_path / "a.narrowPeak.gz").read_bytes()).count(b"\n") == 3
    assert (tmp_path / "a.narrowPeak.gz.tbi").exists()
    narrow.write(tmp_path / "a.narrowPeak.gz", table.assign(end=1 << 29))
    assert not (tmp_path / "a.narrowPeak.gz.tbi").exists()
    narrow.write(tmp_path / "a.narrowPeak.gz", table.iloc[:0])
    assert len(peaks.read_called(tmp_path / "a.narrowPeak.gz")) == 0
    assert (tmp_path / "a.narrowPeak.gz.csi").exists()
