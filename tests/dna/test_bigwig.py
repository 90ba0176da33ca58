"""bigWig out and in: exact values, gaps, the clipped last bin, and what must be refused."""

import numpy as np
import pyBigWig
import pytest

from dnalm.dna import bigwig as dna_bigwig
from dnalm.errors import InputError

SIZES = {"chr1": 120, "chr2": 50, "chr10": 1000}


def test_round_trip_with_gaps_and_clipped_last_bin(tmp_path):
    path = tmp_path / "a.bw"
    first = np.array([0.5, np.nan, 0.25], np.float32)  # the third bin is [100, 120)
    last = np.linspace(0, 1, 20, dtype=np.float32)
    dna_bigwig.write(path, SIZES, {"chr10": last, "chr1": first}, 50)
    with dna_bigwig.reading(path) as bigwig:
        assert dna_bigwig.step_of(bigwig) == 50
        assert bigwig.intervals("chr1") == ((0, 50, 0.5), (100, 120, 0.25))
        assert np.array_equal(dna_bigwig.read(bigwig, "chr1", 50), first, equal_nan=True)
        assert np.array_equal(dna_bigwig.read(bigwig, "chr10", 50), last)
        assert np.isnan(dna_bigwig.read(bigwig, "chr2", 50)).all()
        with pytest.raises(InputError, match="chr9"):
            dna_bigwig.read(bigwig, "chr9", 50)


def test_means_of_windows_in_any_order_by_hand(tmp_path, monkeypatch):
    """Bases without a value are 0; windows may span the blocks that are read at once."""
    path = tmp_path / "a.bw"
    values = np.array([1, np.nan, 0.5, 0.5, 1, 1, 0, 1, 1, 1, 1, 1], np.float32)  # of 10 bp each
    dna_bigwig.write(path, SIZES, {"chr1": values}, 10)
    starts = np.array([110, 0, 5, 15, 40, 100, 5])
    for block in (1_000_000, 7, 20, 50):
        monkeypatch.setattr(dna_bigwig, "_BLOCK", block)
        with dna_bigwig.reading(path) as bigwig:
            means = dna_bigwig.window_means(bigwig, "chr1", starts, 10)
            assert means.tolist() == pytest.approx([1, 1, 0.5, 0.25, 1, 1, 0.5])
            assert dna_bigwig.window_means(bigwig, "chr2", np.array([0, 40]), 10).tolist() == [0, 0]
            assert dna_bigwig.window_means(bigwig, "chr1", np.zeros(0, int), 10).tolist() == []


def test_step_is_found_where_first_contigs_hold_clipped_bins_only(tmp_path):
    path = tmp_path / "a.bw"
    tracks = {"chr1": np.array([np.nan, np.nan, 1]), "chr10": np.full(20, 0.5)}
    dna_bigwig.write(path, SIZES, tracks, 50)
    with dna_bigwig.reading(path) as bigwig:
        assert dna_bigwig.step_of(bigwig) == 50


@pytest.mark.parametrize(
    ("tracks", "message"),
    [
        ({"chr2": [np.inf]}, "infinite"),
        ({"chr2": [0.1, 0.2]}, "wanted 1"),
        ({"chr3": [0.1]}, "chr3"),
    ],
)
def test_refuses_what_the_library_would_write(tmp_path, tracks, message):
    with pytest.raises(ValueError, match=message):
        dna_bigwig.write(tmp_path / "a.bw", SIZES, {name: np.array(values) for name, values in tracks.items()}, 50)
    assert not list(tmp_path.iterdir())


def test_an_empty_track_is_an_error_that_leaves_no_file(tmp_path):
    with pytest.raises(InputError, match="no bin has a value"):
        dna_bigwig.write(tmp_path / "a.bw", SIZES, {"chr2": np.array([np.nan])}, 50)
    assert not list(tmp_path.iterdir())


def test_a_cut_file_is_refused(tmp_path):
    path = tmp_path / "a.bw"
    dna_bigwig.write(path, SIZES, {"chr10": np.full(20, 0.5)}, 50)
    whole = path.read_bytes()
    for length in (0, 3, 64, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match="bigWig"), dna_bigwig.reading(path):
            pass


def test_other_bigwigs_without_values_have_no_step(tmp_path):
    path = str(tmp_path / "a.bw")
    bigwig = pyBigWig.open(path, "w")
    bigwig.addHeader([("chr1", 100)])
    bigwig.addEntries(["chr1"], [10], ends=[20], values=[1.0])
    bigwig.close()
    with dna_bigwig.reading(path) as bigwig:
        assert dna_bigwig.step_of(bigwig) == 10


def test_mean_of_windows_by_hand():
    # windows of 4 every 2 bases on 11: starts 0 2 4 6; each holds two bins whole; bins 0-5, the last one base long
    values = np.array([1.0, 3.0, np.nan, 5.0])
    found = dna_bigwig.mean_of_windows(values, 4, 2, 11)
    assert np.array_equal(found, np.array([1, 2, 3, 5, 5, np.nan], np.float32), equal_nan=True)
    assert np.isnan(dna_bigwig.mean_of_windows(np.array([]), 4, 2, 3)).all()


def test_values_that_were_not_written_are_missed(tmp_path, monkeypatch):
    """The library says nothing of entries that it leaves out; the bases read back do."""
    whole = dna_bigwig._add
    monkeypatch.setattr(dna_bigwig, "_add", lambda *given: whole(*given[:3], given[3][:-1], given[4]))
    with pytest.raises(RuntimeError, match="100 bases were written with a value, 90 are read back"):
        dna_bigwig.write(tmp_path / "a.bw", {"chr1": 100}, {"chr1": np.arange(10, dtype=np.float32)}, 10)
    assert not (tmp_path / "a.bw").exists()
