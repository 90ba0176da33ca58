"""Sequences as codes: round trips, strands, shuffles that keep dinucleotides, and a fetch that never shortens."""

from pathlib import Path

import numpy as np
import pysam
import pytest

from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.genome import fasta as genome_fasta


def test_letters_and_back():
    assert seq.encode("ACGTNacgtnR-").tolist() == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 4, 4]
    text = "".join(np.random.default_rng(0).choice(list("ACGTN"), 1_000))
    assert seq.decode(seq.encode(text)) == text
    assert seq.decode(seq.encode(text.lower().encode())) == text
    assert seq.encode(np.frombuffer(b"ACgt", np.uint8).reshape(2, 2)).tolist() == [[0, 1], [2, 3]]


def test_reverse_complement():
    assert seq.decode(seq.reverse_complement(seq.encode("AACGTN"))) == "NACGTT"
    codes = np.random.default_rng(1).integers(0, 5, (3, 50)).astype(np.uint8)
    np.testing.assert_array_equal(seq.reverse_complement(seq.reverse_complement(codes)), codes)


@pytest.mark.parametrize(("text", "share"), [("GCGC", 1), ("ATN", 0), ("GCATNN", 0.5), ("GAAA", 0.25)])
def test_gc_content(text, share):
    assert seq.gc_content(seq.encode(text)) == share


def test_gc_content_of_unknown_bases_is_unknown():
    assert np.isnan(seq.gc_content(seq.encode("NNN")))


@pytest.mark.parametrize("text", ["A", "AC", "AAAA", "ACGTACGTTTGACCA", "ACGNNNACGATTA"])
def test_shuffle_keeps_dinucleotides_and_ends(text):
    codes = seq.encode(text)
    for seed in range(5):
        shuffled = seq.shuffle_dinucleotides(codes, np.random.default_rng(seed))
        assert pairs(shuffled) == pairs(codes)
        assert (shuffled[0], shuffled[-1]) == (codes[0], codes[-1])


def test_shuffle_reaches_every_order():
    codes = seq.encode("ACAGATA")  # C, G and T may stand in 3! orders
    found = {seq.decode(seq.shuffle_dinucleotides(codes, np.random.default_rng(seed))) for seed in range(200)}
    assert len(found) == 6


def pairs(codes):
    return sorted(zip(codes[:-1].tolist(), codes[1:].tolist(), strict=True))


@pytest.fixture
def fasta(tmp_path):
    path = tmp_path / "toy.fa"
    path.write_text(">a\nACGTacgt\n>b\nGG\n")
    with pytest.raises(InputError, match="index_genome"):
        genome_fasta.open_fasta(path)
    pysam.faidx(str(path))
    with genome_fasta.open_fasta(path) as opened:
        yield opened


def test_fetch_is_exact(fasta):
    assert genome_fasta.fetch(fasta, "a", 3, 6) == b"Tac"
    assert genome_fasta.fetch(fasta, "a", 8, 8) == b""
    assert genome_fasta.fetch(fasta, "a", -2, 3, pad=True) == b"NNACG"
    assert genome_fasta.fetch(fasta, "b", 1, 5, pad=True) == b"GNNN"
    assert genome_fasta.fetch(fasta, "b", -1, 3, pad=True) == b"NGGN"
    assert genome_fasta.fetch(fasta, "b", 5, 9, pad=True) == b"NNNN"
    assert genome_fasta.fetch(fasta, "b", -5, -2, pad=True) == b"NNN"


@pytest.mark.parametrize(("contig", "start", "end"), [("a", -1, 3), ("a", 5, 9), ("a", 4, 3)])
def test_fetch_refuses_to_leave_the_contig(fasta, contig, start, end):
    with pytest.raises(InputError, match="leaves the contig, which ends at 8"):
        genome_fasta.fetch(fasta, contig, start, end)


@pytest.mark.parametrize("text", [">a\nACGTACGT\n", ">a\nACGTACGT\n>b\nGGGGGG\n"])
def test_fetch_refuses_a_stale_index(tmp_path, text):
    path = tmp_path / "toy.fa"
    path.write_text(text)
    Path(f"{path}.fai").write_text("a\t12\t3\t12\t13\n")
    with genome_fasta.open_fasta(path) as opened:
        with pytest.raises(InputError, match=r"toy\.fa: a:0-12 is not where its \.fai says"):
            genome_fasta.fetch(opened, "a", 0, 12)
        with pytest.raises(InputError, match="leaves the contig"):
            genome_fasta.fetch(opened, "a", 5, 3, pad=True)


def test_fetch_names_the_contigs_there_are(fasta):
    with pytest.raises(InputError, match=r"'chrA' is not in .* it has a, b"):
        genome_fasta.fetch(fasta, "chrA", 0, 1)


def test_stretches_leave_out_n_and_short_ones():
    letters = b"NN" + b"A" * 5 + b"N" + b"c" * 3 + b"N" + b"G" * 4
    assert list(seq.stretches(seq.encode(letters), shortest=4)) == [(2, 7), (12, 16)]
    assert list(seq.stretches(seq.encode(b"ACGT"))) == [(0, 4)]
    assert list(seq.stretches(seq.encode(b""))) == []


def test_soft_mask_is_lower_case():
    assert seq.soft_masked(b"ACgtACgTTt").astype(int).tolist() == [0, 0, 1, 1, 0, 0, 1, 0, 0, 1]
