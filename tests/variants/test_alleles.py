"""Alleles held against a genome: reasons, normal forms, edges, duplicates, the wrong build."""

from pathlib import Path

import genomes
import numpy as np
import pandas as pd
import pysam
import pytest

from dnalm.dna import seq
from dnalm.errors import InputError, UsageError
from dnalm.variants import alleles as variants_alleles
from dnalm.variants import pairs as variants_pairs

#              1234567890123456
GENOME = {"c1": "ACGTACGTNNACGTAC", "c2": "TTTTGGGG", "chr3": "ACGT"}
SHORT = variants_alleles.Limits(longest=1)
SIZES = {name: len(text) for name, text in GENOME.items()}


@pytest.fixture
def fasta(tmp_path: Path) -> pysam.FastaFile:
    return genomes.indexed(tmp_path, GENOME)


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
        ("c1", 4, "T", "T[C2:5["): "breakend",
        ("c1", 5, "A", "A."): "breakend",
        ("c1", 6, "C", "R"): "non_acgt",
        ("c1", 9, "N", "A"): "non_acgt",
        ("c1", 7, "G", "G"): "ref_equals_alt",
        ("c1", 16, "CA", "C"): "outside_contig",
        ("c1", 8, "T", "TA"): "",
        ("c1", 1, "AC", "A"): "",
        ("c1", 1, "AC", "GT"): "",
        ("c1", 1, "A", "C"): "",
    }
    assert variants_alleles.allele_reasons(alleles(*cases), SIZES).tolist() == list(cases.values())


def test_genome_decides_mismatch_and_n(fasta: pysam.FastaFile):
    table, edits = variants_alleles.hold(
        alleles(("c1", 1, "A", "C"), ("c1", 9, "A", "C"), ("c1", 2, "T", "A"), ("c1", 7, "GTN", "G")),
        fasta,
        4,
        variants_alleles.Limits(longest=2, mismatch=0.6),
    )
    assert table.skipped.tolist() == ["", "ref_is_n", "ref_mismatch", "non_acgt"]
    assert table.edit.tolist() == [0, -1, -1, -1]
    assert edits.to_numpy().tolist() == [["c1", 0, "A", "C"]]


def test_what_is_not_wanted_is_left_alone(fasta: pysam.FastaFile):
    """Nor is it held against the genome: the alleles of another sample may be anything."""
    rows = alleles(("c1", 1, "A", "C"), ("c1", 2, "T", "A"), ("c1", 3, "G", "<DEL>"), ("c1", 4, "T", "A"))
    unwanted = ["", "not_in_sample", "not_in_regions", "not_pass"]
    table, edits = variants_alleles.hold(rows.assign(unwanted=unwanted), fasta, 3, SHORT)
    assert table.skipped.tolist() == unwanted
    assert table.edit.tolist() == [0, -1, -1, -1]
    assert edits.to_numpy().tolist() == [["c1", 0, "A", "C"]]


def test_what_is_too_long_or_too_unknown_is_left_out(fasta: pysam.FastaFile):
    limits = variants_alleles.Limits(longest=2, n=0.4)
    rows = (("c1", 11, "A", "C"), ("c1", 13, "G", "C"), ("c2", 1, "TTTT", "T"), ("c2", 2, "TTT", "T"))
    table, edits = variants_alleles.hold(alleles(*rows), fasta, 4, limits)
    assert table.skipped.tolist() == ["too_much_n", "", "too_long", ""]
    assert edits[["start", "ref"]].to_numpy().tolist() == [[12, "G"], [0, "TT"]]
    with pytest.raises(UsageError, match="--max-length 50 is more than half of a window of 40 bases"):
        variants_alleles.hold(alleles(*rows), fasta, 40)


def test_one_change_has_one_form_however_it_is_written(fasta: pysam.FastaFile):
    """A substitution in a padded REF is a substitution; a deletion in a repeat lies at its first copy."""
    rows = (
        ("c1", 1, "ACGT", "ACTT"),
        ("c1", 3, "G", "T"),
        ("c2", 1, "TT", "T"),
        ("c2", 3, "TTG", "TG"),
        ("c2", 8, "G", "GG"),
        ("c2", 4, "T", "TG"),
        ("c1", 1, "A", "CA"),
    )
    table, edits = variants_alleles.hold(alleles(*rows), fasta, 4, variants_alleles.Limits(longest=2, n=0.9))
    assert table.edit.tolist() == [1, 1, 2, 2, 3, 3, 0]
    assert edits.to_numpy().tolist() == [
        ["c1", 0, "", "C"],
        ["c1", 2, "G", "T"],
        ["c2", 0, "T", ""],
        ["c2", 4, "", "G"],
    ]
    assert table.normal.tolist() == ["c1:3:G:T", "", "", "c2:1:TT:T", "c2:4:T:TG", "", ""]


def test_edges_are_flagged(fasta: pysam.FastaFile):
    """A window of five of the longer allele: what the shorter is shown of the flanks counts, too."""
    limits = variants_alleles.Limits(longest=2, n=0.9)
    at = (("c2", pos, "TTTTGGGG"[pos - 1], "A") for pos in range(1, 9))
    table, _ = variants_alleles.hold(alleles(*at), fasta, 5, limits)
    assert table.edge.tolist() == [True] * 2 + [False] * 4 + [True] * 2
    table, _ = variants_alleles.hold(alleles(("c2", 4, "TG", "T"), ("c2", 4, "TGG", "T")), fasta, 5, limits)
    assert table.edge.tolist() == [False, True]  # of GG one base lies left of the middle and the window's right end


def test_the_window_of_every_phase_counts(fasta: pysam.FastaFile):
    """Phases begin further to the left: of three, a window of five at the fifth base has begun before the contig."""
    limits = variants_alleles.Limits(longest=2, n=0.9)
    at = [("c2", pos, "TTTTGGGG"[pos - 1], "A") for pos in range(1, 9)]
    table, edits = variants_alleles.hold(alleles(*at), fasta, 5, limits, phases=3)
    assert table.edge.tolist() == [True] * 4 + [False] * 2 + [True] * 2
    shown = variants_pairs.cut(edits, fasta, 5, 3)
    unknown = (shown.ref == seq.N).any(1)[shown.site][shown.view].any(1)
    assert unknown.tolist() == table.edge.tolist()
    few = variants_alleles.Limits(longest=2, n=0.5)
    table, _ = variants_alleles.hold(alleles(at[1]), fasta, 5, few, phases=3)
    assert table.skipped.tolist() == ["too_much_n"]  # three of five in the last phase


def test_wrong_build_is_refused_with_the_first_place(fasta: pysam.FastaFile):
    rows = alleles(("c1", 1, "A", "C"), ("c1", 2, "G", "C"))
    with pytest.raises(InputError, match=r"1 of 2 reference alleles \(50.0%\) .* c1:2 G>C; wrong build or strand"):
        variants_alleles.hold(rows, fasta, 3, SHORT)


def test_chr_prefix_is_named_but_not_guessed(fasta: pysam.FastaFile):
    with pytest.raises(InputError, match="differ by 'chr' only: rename"):
        variants_alleles.hold(alleles(("3", 1, "A", "C")), fasta, 3, SHORT)
    with pytest.raises(InputError, match=r"none of its 1 alleles .* made on this assembly"):
        variants_alleles.hold(alleles(("x", 1, "A", "C")), fasta, 3, SHORT)
    both = alleles(("3", 1, "A", "C"), ("chr3", 1, "A", "C"))
    table, _ = variants_alleles.hold(both, fasta, 3, SHORT._replace(outside=0.5))
    assert table.skipped.tolist() == ["contig_unknown", ""]


def test_no_alleles_give_no_edits(fasta: pysam.FastaFile):
    table, edits = variants_alleles.hold(alleles().astype({"pos": int}), fasta, 5, SHORT)
    assert len(table) == len(edits) == 0


def test_scores_of_edits_come_back_to_their_alleles():
    table = pd.DataFrame({"pos": [7, 7, 9], "edit": [1, -1, 1]}, index=[3, 4, 5])
    found = variants_alleles.with_scores(table, pd.DataFrame({"llr": [0.5, 2.0]}))
    assert found.index.tolist() == [3, 4, 5]
    assert found.llr.fillna(-9).tolist() == [2, -9, 2]
