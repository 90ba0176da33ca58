"""Tracks by bins: heights of peaks and bigWigs by hand, windows within one split, and what is refused."""

import genomes
import numpy as np
import pandas as pd
import pytest

from dnalm.dna import bigwig, seq
from dnalm.errors import InputError, UsageError
from dnalm.targets import bin_composition, binned, coverage

SIZES = {"chr1": 100, "chr2": 45}


def peaks(folder, *rows):
    path = folder / "peaks.bed"
    path.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
    return path


def test_heights_of_peaks_by_hand(tmp_path):
    """Bins of 20: a peak over half of one at 6 counts 3, the higher of two decides, the last bin is five bases."""
    rest = (".", 0, ".")
    path = peaks(tmp_path, ("chr1", 10, 20, *rest, 6, -1, -1, 5), ("chr1", 40, 60, *rest, 2, -1, -1, 5),
                 ("chr1", 50, 60, *rest, 8, -1, -1, 5), ("chr2", 40, 45, *rest, 4, -1, -1, 1))  # fmt: skip
    found = coverage.read(path, SIZES, 20)
    assert found.bins["chr1"].tolist() == [3, 0, 5, 0, 0]
    assert found.bins["chr2"].tolist() == [0, 0, 4]
    assert found.source == "signalValue of peaks"


def test_peaks_without_a_score_have_the_height_one(tmp_path):
    found = coverage.read(peaks(tmp_path, ("chr1", 0, 20), ("chr1", 10, 30)), SIZES, 20)
    assert found.bins["chr1"].tolist() == [1, 0.5, 0, 0, 0]
    assert "height 1" in found.source


def test_a_signal_below_nought_is_named(tmp_path):
    path = peaks(tmp_path, ("chr1", 10, 20, ".", 0, ".", -2, -1, -1, 5))
    with pytest.raises(InputError, match=r"peaks.bed: the peak chr1:10-20 has the signal -2, wanted 0 or more"):
        coverage.read(path, SIZES, 20)


def test_a_bigwig_is_averaged_and_what_it_does_not_say_is_nought_and_counted(tmp_path):
    values = np.float32([1, 3, np.nan, np.nan, 5, 5, np.nan, 2, 2, 2])
    bigwig.write(tmp_path / "a.bw", SIZES, {"chr1": values}, 10)
    found = coverage.read(tmp_path / "a.bw", SIZES, 20)
    assert found.bins["chr1"].tolist() == [2, 0, 5, 1, 2]
    assert found.bins["chr2"].tolist() == [0, 0, 0]
    assert found.unknown == 30 + 45
    assert found.source == "bigWig"


def test_a_bigwig_with_less_than_nothing_is_an_error_with_its_place(tmp_path):
    bigwig.write(tmp_path / "a.bw", SIZES, {"chr1": np.float32([1, 1, 1, -0.5, 1, 1, 1, 1, 1, 1])}, 10)
    with pytest.raises(InputError, match=r"a.bw: chr1:30-31 has the value -0.5, wanted finite numbers from 0"):
        coverage.read(tmp_path / "a.bw", SIZES, 20)


def test_a_bigwig_of_another_assembly_is_refused(tmp_path):
    bigwig.write(tmp_path / "a.bw", {"chr1": 130}, {"chr1": np.ones(13, np.float32)}, 10)
    with pytest.raises(InputError, match="another assembly"):
        coverage.read(tmp_path / "a.bw", SIZES, 20)
    assert coverage.read(tmp_path / "a.bw", SIZES, 20, most_outside=1).bins["chr1"].tolist() == [1] * 5
    bigwig.write(tmp_path / "c.bw", {"chr1": 70}, {"chr1": np.ones(7, np.float32)}, 10)
    with pytest.raises(InputError, match=r"c.bw: chr1 has 70 bp there and 100 in the genome: this is another assembly"):
        coverage.read(tmp_path / "c.bw", SIZES, 20)
    assert coverage.read(tmp_path / "c.bw", SIZES, 20, most_outside=1).unknown == 30 + 45
    bigwig.write(tmp_path / "b.bw", {"1": 100}, {"1": np.ones(10, np.float32)}, 10)
    with pytest.raises(InputError, match="differ by 'chr' only"):
        coverage.read(tmp_path / "b.bw", SIZES, 20)


@pytest.fixture
def genome(tmp_path):
    """chr1 of 1,000 bases, of which 400 to 520 are unknown; chr2 of 330."""
    rng = np.random.default_rng(0)
    letters = [np.frombuffer(b"ACGT", np.uint8)[rng.integers(0, 4, size)].tobytes().decode() for size in (1000, 330)]
    letters[0] = letters[0][:400] + "N" * 120 + letters[0][520:]
    return genomes.make(tmp_path / "genome", {"chr1": letters[0], "chr2": letters[1]})


def test_each_window_lies_in_one_split_and_unknown_sequence_is_left_out(genome):
    splits = {"validation": ["chr1:130-400"], "test": ["chr2"], "exclude": ["chr1:900-1000"]}
    with coverage.genome_fasta.open_genome(genome) as fasta:
        table, skipped = coverage.tiles({"chr1": 1000, "chr2": 330}, splits, 20, 100, fasta, 0.1)
    assert table.id.tolist() == [
        "chr1:0-100", "chr1:140-240", "chr1:240-340", "chr1:600-700", "chr1:700-800", "chr1:800-900",
        "chr2:0-100", "chr2:100-200", "chr2:200-300",
    ]  # fmt: skip
    assert table.split.tolist() == ["train", *["validation"] * 2, *["train"] * 3, *["test"] * 3]
    assert skipped == {"n": 2, "excluded": 1, "remainder": 30 + 70 + 30}


def test_windows_hold_the_values_of_their_bins(genome, tmp_path):
    track = coverage.Track({"chr1": np.arange(50, dtype=np.float32), "chr2": np.zeros(17, np.float32)}, "toy")
    table = pd.DataFrame({"chrom": ["chr1", "chr2"], "start": [140, 0], "end": [240, 100]})
    found = coverage.values(table, {"a": track, "b": track}, 20)
    assert found.shape == (2, 5, 2)
    assert found[0, :, 1].tolist() == [7, 8, 9, 10, 11]


def test_a_window_is_whole_bins():
    with pytest.raises(UsageError, match="--window 1000: wanted a multiple of --bin 128"):
        coverage.check_widths(128, 1000)


def test_a_folder_of_another_kind_is_named(tmp_path):
    with pytest.raises(InputError, match=r"lacks windows.tsv.gz, values.npz, coverage.json; give a folder made by"):
        binned.load(tmp_path)


def test_composition_finds_a_track_that_is_gc_and_no_more():
    rng = np.random.default_rng(0)
    share = np.repeat(rng.random((90, 8, 1)), 16, 2).reshape(90, 128)
    codes = np.where(
        rng.random((90, 128)) < share, *(seq.encode(pair)[rng.integers(0, 2, (90, 128))] for pair in ("CG", "AT"))
    )
    gc = np.isin(codes, seq.encode("CG")).reshape(90, 8, 16).mean(2)
    values = np.float32(3 * gc**2)[..., None]
    split = pd.Series(["train"] * 50 + ["validation"] * 20 + ["test"] * 20)
    whole = binned.Coverage(pd.DataFrame({"split": split}), values, ["a"], 16, 128, codes=codes.astype(np.uint8))
    told, chosen, asked = (whole.of(name) for name in ("train", "validation", "test"))
    found = bin_composition.predict(told, chosen, asked)
    assert np.corrcoef(found.ravel(), asked.values.ravel())[0, 1] > 0.99
    shuffled = told._replace(values=rng.permutation(told.values.ravel()).reshape(told.values.shape))
    nothing = bin_composition.predict(shuffled, chosen, asked)
    assert abs(np.corrcoef(nothing.ravel(), asked.values.ravel())[0, 1]) < 0.9
    assert found.min() >= 0
