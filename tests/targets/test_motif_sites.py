"""Hits of a motif in windows, known by hand."""

import numpy as np
import pandas as pd

from dnalm.dna import motifs, seq
from dnalm.targets import motif_sites

WORD = motifs.log_odds(np.eye(4)[seq.encode("GATTAC")])


def test_negatives_reach_the_score_by_which_positives_were_chosen():
    """Else only the better three quarters of the positives would have their like among the negatives."""
    texts = ["CCGATTACCC", "CGATTACCCC", "CCCGTAATCC", "CCGATTGCCC"]
    positives = pd.DataFrame({"sequence": texts, "split": ["train", "train", "train", "test"]})
    threshold, offsets = motif_sites.of_positives(positives, WORD)
    assert {key: found.tolist() for key, found in offsets.items()} == {("train", 1): [2, 1], ("train", -1): [3]}
    worse = threshold - 100
    same, offsets = motif_sites.of_positives(positives, WORD, worse)
    assert same == worse
    assert offsets["test", 1].tolist() == [2]
