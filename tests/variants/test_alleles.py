"""Alleles held against a genome: reasons, windows, edges, duplicates, the wrong build."""

from pathlib import Path

import numpy as np
import pandas as pd
import pysam
import pytest

from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.genome import fasta as genome_fasta
from dnalm.variants import alleles as variants_alleles

#              1234567890123456
GENOME = {"c1": "ACGTACGTNNACGTAC", "c2": "TTTTGGGG", "chr3": "ACGT"}
SIZES = {name: len(text) for name, text in GENOME.items()}


@pytest.fixture
def fasta(tmp_path: Path) -> pysam.FastaFile:
    path = tmp_path / "g.fa"
    path.write_text("".join(f">{name}\n{text}\n" for name, text in GENOME.items()))
    pysam.faidx(str(path))
    return genome_fasta.open_genome(path)


def alleles(*rows: tuple) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["chrom", "pos", "ref", "alt"])
    return table.assign(record=np.arange(len(table)), alt_index=1, id=".")


def test_each_reason_has_its_case():
    cases = {
        ("c9", 1, "A", "C"): "contig_unknown",
        ("c1", 0, "N", "C"): "pos_zero",
        ("c1", 17, "A", "C"): "outside_contig",
        ("c1", 1, "A", "."): "missing_alt",
        ("c1", 2, "C", "*"): "star",
        ("c1", 3, "G", "<DEL>"): "symbolic",
        ("c1", 4, "T", "T[C2:5["): "symbolic",
        ("c1", 5, "A", "A."): "symbolic",
        ("c1", 6, "C", "R"): "non_acgt",
        ("c1", 9, "N", "A"): "non_acgt",
        ("c1", 7, "G", "G"): "ref_equals_alt",
        ("c1", 8, "T", "TA"): "indel",
        ("c1", 1, "AC", "A"): "indel",
        ("c1", 1, "AC", "GT"): "mnv",
        ("c1", 1, "A", "C"): "",
    }
    assert variants_alleles.allele_reasons(alleles(*cases), SIZES).tolist() == list(cases.values())


def test_genome_decides_mismatch_and_n(fasta: pysam.FastaFile):
    table, pairs = variants_alleles.pair_alleles(
        alleles(("c1", 1, "A", "C"), ("c1", 9, "A", "C"), ("c1", 2, "T", "A"), ("c1", 10, "T", "C")),
        fasta,
        3,
        max_mismatch=0.6,
    )
    assert table.skipped.tolist() == ["", "ref_is_n", "ref_mismatch", "ref_is_n"]
    assert pairs.row.tolist() == [0, -1, -1, -1]


def test_windows_with_too_much_n_are_left_out(fasta: pysam.FastaFile):
    table, pairs = variants_alleles.pair_alleles(
        alleles(("c1", 11, "A", "C"), ("c1", 13, "G", "C")), fasta, 4, max_n=0.4
    )
    assert table.skipped.tolist() == ["too_much_n", ""]
    assert len(pairs.windows) == 1


@pytest.mark.parametrize("window", [3, 4, 5, 8])
def test_variant_is_centred_and_edges_are_flagged(fasta: pysam.FastaFile, window: int):
    rows = [("c1", pos, GENOME["c1"][pos - 1], "T") for pos in (1, 2, 3, 6, 7, 14, 15, 16)]
    rows = [row if row[2] != "T" else (*row[:3], "A") for row in rows]
    table, pairs = variants_alleles.pair_alleles(alleles(*rows), fasta, window, max_n=0.9)
    assert (table.skipped == "").all()
    padded = "N" * window + GENOME["c1"] + "N" * window
    for row, pair in zip(rows, pairs.row, strict=True):
        start = row[1] - 1 - window // 2
        assert seq.decode(pairs.windows[pairs.site[pair]]) == padded[start + window : start + 2 * window]
    start = np.array([row[1] - 1 - window // 2 for row in rows])
    assert table.edge.tolist() == ((start < 0) | (start + window > 16)).tolist()
    changed = variants_alleles.alternatives(pairs) != pairs.windows[pairs.site]
    assert (np.nonzero(changed)[1] == window // 2).all()
    assert (changed.sum(1) == 1).all()


def test_duplicates_share_a_pair_and_alternatives_share_a_site(fasta: pysam.FastaFile):
    rows = [("c1", 2, "C", "A"), ("c2", 5, "G", "T"), ("c1", 2, "C", "T"), ("c1", 2, "C", "A")]
    _, pairs = variants_alleles.pair_alleles(alleles(*rows), fasta, 3)
    assert pairs.row[0] == pairs.row[3] != pairs.row[2]
    assert (len(pairs.windows), len(pairs.alt)) == (2, 3)
    assert (np.diff(pairs.site) >= 0).all()


def test_wrong_build_is_refused_with_the_first_place(fasta: pysam.FastaFile):
    rows = alleles(("c1", 1, "A", "C"), ("c1", 2, "G", "C"))
    with pytest.raises(InputError, match=r"1 of 2 reference alleles \(50.0%\) .* c1:2 G>C; wrong build or strand"):
        variants_alleles.pair_alleles(rows, fasta, 3)


def test_chr_prefix_is_named_but_not_guessed(fasta: pysam.FastaFile):
    with pytest.raises(InputError, match="differ by 'chr' only: rename"):
        variants_alleles.pair_alleles(alleles(("3", 1, "A", "C")), fasta, 3)
    with pytest.raises(InputError, match=r"none of its 1 alleles .* made on this assembly"):
        variants_alleles.pair_alleles(alleles(("x", 1, "A", "C")), fasta, 3)
    table, _ = variants_alleles.pair_alleles(
        alleles(("3", 1, "A", "C"), ("chr3", 1, "A", "C")), fasta, 3, max_outside=0.5
    )
    assert table.skipped.tolist() == ["contig_unknown", ""]


def test_no_alleles_give_no_pairs(fasta: pysam.FastaFile):
    table, pairs = variants_alleles.pair_alleles(alleles().astype({"pos": int}), fasta, 5)
    assert len(table) == len(pairs.alt) == len(pairs.windows) == 0


def test_scores_of_pairs_come_back_to_their_alleles():
    table = pd.DataFrame({"pos": [7, 7, 9]}, index=[3, 4, 5])
    pairs = variants_alleles.Pairs(
        np.zeros((1, 3), np.uint8), np.array([0, 0]), np.array([1, 2], np.uint8), np.array([1, -1, 1])
    )
    found = variants_alleles.with_scores(table, pd.DataFrame({"llr": [0.5, 2.0]}), pairs)
    assert found.index.tolist() == [3, 4, 5]
    assert found.pair.tolist() == [1, -1, 1]
    assert found.llr.fillna(-9).tolist() == [2, -9, 2]
