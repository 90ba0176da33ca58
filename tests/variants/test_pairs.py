"""Windows with either allele: by hand for each kind of change, its mirror image, phases, N beyond a contig."""

from pathlib import Path

import genomes
import numpy as np
import pandas as pd
import pysam
import pytest

from dnalm.dna import seq
from dnalm.variants import pairs as variants_pairs

GENOME = "ACCGGGTTTTAAACCAAGGT"


def genome(folder: Path, text: str) -> pysam.FastaFile:
    return genomes.indexed(folder, {"c": text})


@pytest.fixture
def fasta(tmp_path: Path) -> pysam.FastaFile:
    return genome(tmp_path, GENOME)


def edits(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame([("c", *row) for row in rows], columns=["chrom", "start", "ref", "alt"])


def shown(pairs: variants_pairs.Pairs, number: int) -> list[tuple[str, str]]:
    """The windows of an edit, view by view, the changed stretch in lower case."""
    found = []
    for pair in pairs.view[number]:
        texts = [seq.decode(pairs.ref[pairs.site[pair]]), seq.decode(pairs.alt[pair])]
        for side in (0, 1):
            low = pairs.first[pair, side]
            high = low + pairs.count[pair, side]
            texts[side] = texts[side][:low] + texts[side][low:high].lower() + texts[side][high:]
        found.append(tuple(texts))
    return found


def test_each_kind_by_hand(fasta: pysam.FastaFile):
    """Left flanks alike, then right ones; a substitution looks the same either way."""
    wanted = {
        (8, "T", "C"): [("GTTtTAA", "GTTcTAA")] * 2,
        (8, "TT", "AC"): [("TTttAAA", "TTacAAA")] * 2,
        (9, "T", ""): [("TTTtAAA", "TTTAAAC"), ("TTTtAAA", "GTTTAAA")],
        (9, "TAA", ""): [("TTtaaAC", "TTACCAA"), ("TTtaaAC", "GGTTTAC")],
        (9, "", "GCG"): [("TTTAAAC", "TTgcgTA"), ("GGTTTTA", "TTgcgTA")],
    }
    found = variants_pairs.cut(edits(*wanted), fasta, 7)
    assert [shown(found, number) for number in range(len(wanted))] == list(wanted.values())


def test_phases_move_the_window_and_n_is_beyond_the_contig(fasta: pysam.FastaFile):
    found = variants_pairs.cut(edits((2, "C", "A"), (1, "", "GG")), fasta, 7, phases=2)
    assert shown(found, 0) == [("NACcGGG", "NACaGGG"), ("NNACcGG", "NNACaGG")] * 2
    assert shown(found, 1) == [
        ("NACCGGG", "NAggCCG"),
        ("NNACCGG", "NNAggCC"),
        ("NNNACCG", "NAggCCG"),
        ("NNNNACC", "NNAggCC"),
    ]
    assert variants_pairs.cut(edits((2, "C", "A")), fasta, 7).view.tolist() == [[0]]


def test_alternatives_of_a_place_share_its_window_and_no_edit_is_no_pair(fasta: pysam.FastaFile):
    found = variants_pairs.cut(edits((8, "T", "A"), (8, "T", "C"), (8, "T", ""), (9, "T", "A")), fasta, 7)
    assert len(found.ref) == 2
    assert found.site[found.view[:3].reshape(-1)].tolist() == [0] * 6
    empty = variants_pairs.cut(edits(), fasta, 7)
    assert (empty.ref.shape, empty.alt.shape, len(empty.view)) == ((0, 7), (0, 7), 0)


def test_edits_are_cut_in_pieces_all_of_them_or_some(fasta: pysam.FastaFile, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(variants_pairs, "CHUNK", 2)
    some = edits(*((start, GENOME[start], "N") for start in (4, 5, 8, 9, 10)))
    assert variants_pairs.sizes(some) == [2, 2, 1]
    assert variants_pairs.sizes(some[:4]) == [2, 2]
    assert variants_pairs.sizes(some[:0]) == []
    whole = [shown(one, 0)[0][1] for one in variants_pairs.pieces(some, fasta, 7)()]
    assert whole == ["CCGnGTT", "GTTnTAA", "TTTnAAC"]
    own = variants_pairs.pieces(some, fasta, 7, own=[2, 0])
    assert [shown(one, 0)[0][1] for one in own()] == [whole[2], whole[0]]
    assert list(variants_pairs.pieces(some, fasta, 7, own=[])()) == []


@pytest.mark.parametrize("window", [31, 32])
def test_the_opposite_strand_is_the_mirror_image(tmp_path: Path, window: int):
    """Of the complementary genome the same changes are the same pairs, the views in each other's place."""
    rng = np.random.default_rng(0)
    text = seq.decode(rng.integers(0, 4, 400).astype(np.uint8))
    sizes = [(1, 1), (3, 3), (0, 3), (5, 0), (2, 5)] if window % 2 else [(2, 2), (0, 2), (4, 0), (4, 2)]
    rows = []
    for number, (lost, gained) in enumerate(sizes):
        start = 100 + 30 * number
        rows.append((start, text[start : start + lost], seq.decode(rng.integers(0, 4, gained).astype(np.uint8))))
    (tmp_path / "turned").mkdir()
    turn = lambda bases: seq.decode(seq.reverse_complement(seq.encode(bases)[None])[0]) if bases else ""  # noqa: E731
    mirrored = [(400 - start - len(ref), turn(ref), turn(alt)) for start, ref, alt in rows]
    one = variants_pairs.cut(edits(*rows), genome(tmp_path, text), window)
    two = variants_pairs.cut(edits(*mirrored), genome(tmp_path / "turned", turn(text)), window)
    turned = variants_pairs.reverse_complement(two)
    for number in range(len(rows)):
        assert shown(one, number) == shown(turned, number)[::-1]


def test_windows_given_as_they_are(fasta: pysam.FastaFile):
    ref = np.stack([seq.encode(text) for text in ("ACGTA", "ACGTA", "ACGTA")])
    alt = np.stack([seq.encode(text) for text in ("ACTTA", "CCGAA", "ACGTA")])
    found = variants_pairs.of_windows(ref, alt)
    assert found.first.tolist() == [[2, 2], [0, 0], [2, 2]]
    assert found.count.tolist() == [[1, 1], [4, 4], [0, 0]]
    assert found.view.tolist() == [[0], [1], [2]]
