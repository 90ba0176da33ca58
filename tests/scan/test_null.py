"""The null of a scan: heights of the same averaged track, where there is nothing to see."""

import numpy as np
import pysam
import pytest

from dnalm.dna import seq
from dnalm.dna.place import Place
from dnalm.errors import InputError
from dnalm.genome import fasta
from dnalm.scan import null as scan_null
from dnalm.scan import peaks, tracks


def test_the_null_is_made_of_maxima_of_the_same_averaged_track(tmp_path):
    """A score that only sees composition gives the same heights on shuffled sequence as on the sequence."""
    codes = np.random.default_rng(0).integers(0, 4, 50_000).astype(np.uint8)
    path = tmp_path / "g.fa"
    path.write_text(">a\n" + seq.decode(codes) + "\n")
    pysam.faidx(str(path))

    def score(windows):
        return (windows[0 : len(windows)] == 2).mean(1) * 20 - 5

    places = [Place("a", 0, 50_000)]
    null = scan_null.null_scores(fasta.open_fasta(path), places, tracks.by_window(score), 40, 20, 2000, seed=1)
    values = tracks.track(codes, tracks.by_window(score), 40, 20)
    candidates = values[peaks.local_maxima(values, 2)]
    assert abs(np.mean(null) - np.mean(candidates)) < 0.03
    assert np.array_equal(
        null, scan_null.null_scores(fasta.open_fasta(path), places, tracks.by_window(score), 40, 20, 2000, seed=1)
    )


def test_null_must_hold_scores(tmp_path):
    path = tmp_path / "null.tsv"
    path.write_text("score\n")
    with pytest.raises(InputError, match="null"):
        scan_null.read_null(path)


def test_the_null_is_as_uneven_as_the_genome():
    """GC of windows: half of the genome's have .3, half .6, and so have the null's; a whole piece shuffled has .45."""
    rng = np.random.default_rng(0)
    rich = np.repeat(np.arange(20) % 2, 200)
    piece = np.where(
        rng.random(4000) < np.where(rich, 0.6, 0.3), 1 + rng.integers(0, 2, 4000), 3 * rng.integers(0, 2, 4000)
    )
    piece = piece.astype(np.uint8)

    def gc(codes):
        return np.isin(codes.reshape(20, 200), (1, 2)).mean(1)

    found = scan_null.shuffled(piece, 200, rng)
    assert np.array_equal(gc(found), gc(piece))
    assert not np.array_equal(found, piece)
    assert gc(seq.shuffle_dinucleotides(piece, rng)).std() < gc(piece).std() / 2
    assert len(scan_null.shuffled(piece[:450], 200, rng)) == 450
