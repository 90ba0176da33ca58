"""Contexts of variants, by hand and as a slow and plain reading of the genome has them."""

import genomes
import numpy as np
import pandas as pd
import pysam
import pytest

from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.genome import fasta as genome_fasta
from dnalm.genome import genes
from dnalm.variants import contexts, pairs

#         0123456789012345678901234567890123
GENOME = {"one": "AACGTTacgtCACACATTTTNNNNGGGGCCCCAA", "two": "CG"}


@pytest.fixture
def fasta(tmp_path):
    with genomes.indexed(tmp_path, GENOME) as handle:
        yield handle


def edits(*rows):
    return pd.DataFrame(rows, columns=["chrom", "start", "ref", "alt"])


def test_substitutions_by_hand(fasta):
    table = edits(
        ("one", 2, "C", "T"),  # A[C]G, a CpG
        ("one", 3, "G", "A"),  # C[G]T: the other strand of the same CpG
        ("one", 3, "G", "C"),
        ("one", 11, "A", "G"),  # C[A]C, which is G[T]G
        ("one", 7, "C", "A"),  # in a repeat
        ("two", 0, "C", "G"),  # at the contig's start
    )
    found = contexts.describe(table, fasta, 5)
    assert found.kind.tolist() == ["snv"] * 6
    assert found.substitution.tolist() == ["C>T", "C>T", "C>G", "T>C", "C>A", "C>G"]
    assert found.trinucleotide.tolist() == ["ACG", "ACG", "ACG", "GTG", "ACG", "NCG"]
    assert found.transition.tolist() == [True, True, False, True, False, False]
    assert found.cpg.tolist() == [True, True, True, False, True, True]
    assert found.repeat.tolist() == [False, False, False, False, True, False]
    assert found.change.tolist() == [0] * 6
    assert found.gc.tolist() == [0.4, 0.4, 0.4, 0.4, 0.4, 1.0]  # AACGT, ACGTT, ACGTT, TCACA, TACGT, NNCG
    assert not found.tandem.any()
    assert set(found.region) == {""}


def test_other_kinds_by_hand(fasta):
    table = edits(
        ("one", 10, "", "CA"),  # CA before CACACA
        ("one", 10, "", "GG"),
        ("one", 10, "CA", ""),
        ("one", 2, "CGT", ""),
        ("one", 3, "", "A"),  # a CpG is cut in two
        ("one", 16, "TT", "AA"),
        ("one", 14, "CAT", "GG"),
        ("one", 16, "TTTT", ""),  # what is behind is not known
        ("two", 2, "", "A"),  # at the contig's end
    )
    found = contexts.describe(table, fasta, 9).drop(columns=["region", "gc"])
    assert found.kind.tolist() == [
        *("insertion", "insertion", "deletion", "deletion", "insertion", "mnv", "replacement", "deletion", "insertion")
    ]
    assert found.change.tolist() == [2, 2, -2, -3, 1, 0, -1, -4, 1]
    assert found.tandem.tolist() == [True, False, True, False, False, False, False, False, False]
    assert found.cpg.tolist() == [False, False, False, True, True, False, False, False, False]
    assert set(found.substitution) == set(found.trinucleotide) == {""}
    assert not found.transition.any()


def test_what_is_behind_a_long_deletion_is_read_where_the_window_ends_before_it(fasta):
    table = edits(("one", 24, "GGGGCCCCA", ""), ("one", 0, "AAC", ""))
    assert contexts.describe(table, fasta, 3).cpg.tolist() == [False, True]


def test_parts_of_genes(fasta, tmp_path):
    path = tmp_path / "genes.bed"  # exons 2-8 and 14-30, coding 4-8 and 14-20
    path.write_text("one\t2\t30\tg\t0\t+\t4\t20\t0\t2\t6,16,\t0,12,\n")
    parts = genes.read(path, {name: len(text) for name, text in GENOME.items()})
    places = {1: "intergenic", 2: "UTR", 4: "CDS", 7: "CDS", 8: "intron", 13: "intron", 14: "CDS", 29: "UTR"}
    table = edits(*(("one", at, GENOME["one"][at].upper(), "") for at in places), ("one", 13, "CA", ""))
    table = pd.concat([table, edits(("one", 4, "", "A"), ("one", 8, "", "A"))])
    assert contexts.describe(table, fasta, 3, parts).region.tolist() == [*places.values(), "CDS", "CDS", "intron"]


def test_pieces_and_order_do_not_matter(fasta, monkeypatch):
    table = edits(*(("one", at, GENOME["one"][at].upper(), "") for at in (9, 3, 31, 6)), ("two", 1, "G", "C"))
    table.index = [3, 1, 4, 15, 9]
    whole = contexts.describe(table, fasta, 7)
    assert whole.index.tolist() == [3, 1, 4, 15, 9]
    assert whole.repeat.tolist() == [True, False, False, True, False]
    monkeypatch.setattr(contexts, "CHUNK", 2)
    pd.testing.assert_frame_equal(contexts.describe(table, fasta, 7), whole)
    again = contexts.describe(table.iloc[::-1], fasta, 7)
    pd.testing.assert_frame_equal(again, whole.iloc[::-1])


def test_nothing_to_describe(fasta):
    some = contexts.describe(edits(("one", 2, "C", "T")), fasta, 3)
    none = contexts.describe(edits().astype({"start": int, "ref": str, "alt": str}), fasta, 3)
    assert none.empty
    assert none.dtypes.tolist() == some.dtypes.tolist()


def test_an_unknown_contig_is_named(fasta):
    with pytest.raises(InputError, match=r"contig 'nine' is not in .*; it has one, two"):
        contexts.describe(edits(("nine", 2, "C", "T")), fasta, 3)


def test_windows_tell_what_the_genome_does(tmp_path):
    """The columns that both tell, of random substitutions, at the ends of the contig too."""
    rng = np.random.default_rng(0)
    text = seq.decode(rng.integers(0, 4, 3000).astype(np.uint8))
    (tmp_path / "g.fa").write_text(f">a\n{text}\n")
    pysam.faidx(str(tmp_path / "g.fa"))
    at = np.r_[0, 2999, rng.permutation(3000)[:500]]
    alt = ["ACGT"[("ACGT".index(text[one]) + step) % 4] for one, step in zip(at, rng.integers(1, 4, 502), strict=True)]
    table = pd.DataFrame({"chrom": "a", "start": at, "ref": [text[one] for one in at], "alt": alt})
    with genome_fasta.open_genome(tmp_path / "g.fa") as handle:
        found = contexts.describe(table, handle, 11)
        cut = pairs.cut(table, handle, 11)
    ours = contexts.of_windows(pairs.of_windows(cut.ref[cut.site], cut.alt))
    pd.testing.assert_frame_equal(found[list(ours)], ours)


@pytest.mark.parametrize(
    ("change", "size"), [(0, 0), (1, 1), (-1, -1), (2, 2), (3, 3), (4, 3), (-5, -4), (8, 4), (9, 5), (16, 5), (17, 6)]
)
def test_size_classes(change, size):
    assert contexts.size_class(np.array([change])).tolist() == [size]
