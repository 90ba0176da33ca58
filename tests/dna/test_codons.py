"""Genetic codes by hand, and what mitochondria read otherwise."""

import numpy as np
import pytest

from dnalm.dna import codons, seq
from dnalm.errors import UsageError


def test_a_protein_by_hand():
    assert codons.translate(seq.encode("ATGGCAAAGTGGCTCGAATAACC")) == "MAKWLE*"
    assert codons.translate(seq.encode("atgNCATGAT")) == "MX*"
    assert codons.translate(seq.encode("AT")) == ""


@pytest.mark.parametrize(
    "code, protein", [(1, "**LIRW"), (2, "*WLM*W"), (3, "*WTMRW"), (11, "**LIRW")], ids=["1", "2", "3", "11"]
)
def test_codes_differ_where_they_should(code, protein):
    assert codons.translate(seq.encode("TAATGACTGATAAGATGG"), code) == protein


def test_each_code_has_64_codons_of_20_amino_acids_and_stops():
    every = np.stack(np.meshgrid(*[np.arange(4)] * 3, indexing="ij"), -1)
    for number, code in codons.CODES.items():
        letters = codons.acids(every, number).tobytes().decode()
        assert sorted(letters) == sorted(code.acids)
        assert len(letters) == 64
        assert set(letters) == set("ACDEFGHIKLMNPQRSTVWY*")
        assert codons.starts(every, number).sum() == len(code.starts)


def test_start_codons_of_a_nucleus_and_of_bacteria():
    asked = seq.encode("ATGGTGCTGATA").reshape(4, 3)
    assert codons.starts(asked).tolist() == [True, False, False, False]
    assert codons.starts(asked, 3).tolist() == [True, True, False, True]
    assert codons.starts(asked, 11).all()


def test_an_unknown_code_is_refused():
    with pytest.raises(UsageError, match=r"genetic code 7 is not known; choose from NCBI's numbers 1 \(standard\), 2"):
        codons.translate(seq.encode("ATG"), 7)
