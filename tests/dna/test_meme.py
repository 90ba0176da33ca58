"""Motifs from files: one by its name, and never the first of many."""

from pathlib import Path

import numpy as np
import pytest

from dnalm.dna import meme, seq
from dnalm.errors import InputError

ROOT = Path(__file__).parents[2]
HEAD = "MEME version 4\n\nALPHABET= ACGT\n\n"
START = "letter-probability matrix: alength= 4 w= 2 nsites= 9\n"
A, C = "1 0 0 0\n" * 2, "0 1 0 0\n" * 2
BULK = HEAD + f"MOTIF MA1.1 Arnt\n{START}{A}\nMOTIF MA2.1 CTCF\n\n{START}{C}URL x\n\nMOTIF MA2.2 CTCF\n{START}{A}"


def read(tmp_path, text, name=None):
    path = tmp_path / "motif.meme"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return meme.read_meme(path, name)


def test_reads_ctcf():
    matrix = meme.read_meme(ROOT / "resources/motifs/MA0139.1.meme")
    assert matrix.shape == (19, 4)
    np.testing.assert_allclose(matrix.sum(1), 1)
    assert seq.decode(matrix.argmax(1).astype(np.uint8)) == "TGGCCACCAGGGGGCGCTA"
    np.testing.assert_array_equal(meme.read_meme(ROOT / "resources/motifs/MA0139.1.meme", "CTCF"), matrix)


def test_of_several_motifs_the_one_that_is_named(tmp_path):
    assert seq.decode(read(tmp_path, BULK, "MA2.1").argmax(1).astype(np.uint8)) == "CC"
    assert seq.decode(read(tmp_path, BULK, "Arnt").argmax(1).astype(np.uint8)) == "AA"
    assert seq.decode(read(tmp_path, BULK, "MA2.2").argmax(1).astype(np.uint8)) == "AA"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (None, r"holds 3 motifs, MA1.1 Arnt, MA2.1 CTCF, MA2.2 CTCF; say which is meant .motif_name:"),
        ("CTCF", "motif_name: CTCF is the name of 2 motifs, MA2.1 CTCF, MA2.2 CTCF; say which"),
        ("MA9.9", "motif_name: holds no motif MA9.9; it has MA1.1 Arnt, MA2.1 CTCF, MA2.2 CTCF"),
    ],
)
def test_which_motif_is_asked_where_it_cannot_be_told(tmp_path, name, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path, BULK, name)


def test_text_as_editors_save_it(tmp_path):
    plain = HEAD + "MOTIF toy\n" + START + A
    for same in (b"\xef\xbb\xbf" + plain.encode(), plain.replace("\n", "\r\n"), plain.rstrip("\n"), plain + "\n\n"):
        np.testing.assert_array_equal(read(tmp_path, same), read(tmp_path, plain))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("nothing\n", "no line 'letter-probability matrix'"),
        ("letter-probability matrix: w= 1\n0.5 0.5 0.5 0.5\n", "motif.meme:7: got '0.5 0.5 0.5 0.5'"),
        ("letter-probability matrix: w= 1\n0.5 0.5 0 x\n", "motif.meme:7: got"),
        ("letter-probability matrix: w= 1\nnan 0.5 0 0\n", "motif.meme:7: got"),
        ("letter-probability matrix: w= 2\n0.5 0.5 0 0\n", "motif.meme:6: got 1 matrix rows, wanted 2"),
        ("letter-probability matrix: w= 1\n" + A, "motif.meme:6: got 2 matrix rows, wanted 1"),
        ("letter-probability matrix: w= x\n", "motif.meme:6: got 'w= x'"),
    ],
)
def test_refuses_what_is_not_a_matrix(tmp_path, body, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path, HEAD + "MOTIF toy\n" + body)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (">MA0139.1\tCTCF\nA  [ 87 167 ]\nC  [ 291 145 ]\n", "this is JASPAR's own or HOMER's format, .* jaspar2meme"),
        ("AC  M00001\nXX\nP0 A C G T\n01 1 2 2 0 S\n", "this is TRANSFAC, .* transfac2meme"),
        ('<?xml version="1.0"?>\n<MEME>\n', "is a web page .HTML or XML.; wanted a motif in MEME format"),
        (b"\xff\xfeM\0E\0", "is UTF-16 text; wanted a motif in MEME format"),
    ],
)
def test_other_formats_are_named(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path, text)
