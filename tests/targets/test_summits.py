"""Summits that are put on the motif, known by hand."""

import numpy as np
import pandas as pd
import pysam
import pytest

from dnalm.dna import motifs, seq
from dnalm.targets import summits

WORD = motifs.log_odds(np.eye(4)[seq.encode("GATTAC")])  # its middle base is the second T


@pytest.fixture
def fasta(tmp_path):
    """Poly-A with the word at 20, a mismatch in it at 40, its reverse complement at 60 and a half of it at 80."""
    letters = list("A" * 100)
    for start, text in ((20, "GATTAC"), (40, "GATTGC"), (60, "GTAATC"), (80, "GAT")):
        letters[start : start + len(text)] = text
    (tmp_path / "a.fa").write_text(f">c\n{''.join(letters)}\n")
    pysam.faidx(str(tmp_path / "a.fa"))
    with pysam.FastaFile(str(tmp_path / "a.fa")) as opened:
        yield opened


def test_summits_are_put_on_the_middle_of_the_best_hit_and_peaks_without_one_are_no_sites(fasta):
    rows = [(15, 35), (21, 35), (36, 50), (55, 75), (76, 90), (10, 14), (15, 99)]
    reasons = ["", "", "", "", "", "", "in_too_few"]
    peaks = pd.DataFrame(rows, columns=["start", "end"]).assign(chrom="c", summit=1, reason=reasons)
    found, threshold = summits.at_motif(peaks, fasta, WORD)
    assert found.summit.tolist() == [23, 1, 43, 63, 83, 1, 1]  # the second begins within the word
    assert found.reason.tolist() == ["", "no_motif", "", "", "", "no_motif", "in_too_few"]
    scores = motifs.hit_scores(seq.encode(fasta.fetch("c")), WORD)[0]
    known = [scores[15:30].max(), scores[21:30].max(), scores[36:45].max(), scores[55:70].max(), scores[76:85].max()]
    assert threshold == pytest.approx(np.quantile(known, 0.25))  # the peak of four bases is too short to say
    assert summits.at_motif(peaks[5:6].reset_index(drop=True), fasta, WORD)[1] is None
