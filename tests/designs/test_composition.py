"""Composition by hand."""

import numpy as np
import pytest

from dnalm.designs import composition
from dnalm.dna import seq


def test_composition_by_hand():
    codes = composition.pad([seq.encode("AAAA"), seq.encode("ACGTT"), seq.encode("AANAA")])
    assert codes[0, 4] == seq.N
    assert composition.homopolymers(codes).tolist() == [4, 2, 2]
    two = composition.spectrum(seq.encode("AAAC")[None], 2)
    assert two[0] == pytest.approx(2 / 3)
    assert two[1] == pytest.approx(1 / 3)
    assert composition.jensen_shannon(np.array([1, 0.0]), np.array([0, 1.0])) == 1
    assert composition.jensen_shannon(two, two) == 0
    poly = np.stack([np.zeros(128, np.uint8), np.random.default_rng(1).integers(0, 4, 128).astype(np.uint8)])
    poly[0, 64:] = np.random.default_rng(2).integers(0, 4, 64)
    assert composition.low_complexity(poly).tolist() == [0.5, 0]
    assert np.isnan(composition.low_complexity(np.full((1, 80), seq.N, np.uint8))).all()


@pytest.mark.parametrize(
    ("letters", "length"),
    [
        ("ATGAAATAA", 9),
        ("CCATGAAATAACC", 9),
        ("TTATTTCAT", 9),  # the same on the other strand
        ("ATGAAAAAA", 0),  # no stop codon
        ("ATGTAAATGAAATAG", 9),
        ("ATGANATAA", 0),
    ],
)
def test_open_reading_frames(letters, length):
    assert composition.longest_orfs(seq.encode(letters)[None]).tolist() == [length]
