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
    null = scan_null.null_scores(fasta.open_fasta(path), places, score, 40, 20, 2000, seed=1)
    values = tracks.track(codes, score, 40, 20)
    candidates = values[peaks.local_maxima(values, 2)]
    assert abs(np.mean(null) - np.mean(candidates)) < 0.03
    assert np.array_equal(null, scan_null.null_scores(fasta.open_fasta(path), places, score, 40, 20, 2000, seed=1))


def test_null_must_hold_scores(tmp_path):
    path = tmp_path / "null.tsv"
    path.write_text("score\n")
    with pytest.raises(InputError, match="null"):
        scan_null.read_null(path)
