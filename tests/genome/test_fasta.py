"""Reading a genome: a fetch that never shortens, windows cut alike near and far, blocks that do not matter."""

from pathlib import Path

import numpy as np
import pysam
import pytest

from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.genome import fasta as genome_fasta


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


def test_far_and_near_sites_are_cut_alike(tmp_path: Path):
    rng = np.random.default_rng(0)
    text = seq.decode(rng.integers(0, 4, 400_000).astype(np.uint8))
    path = tmp_path / "g.fa"
    path.write_text(f">a\n{text}\n>b\n{text[::-1]}\n")
    pysam.faidx(str(path))
    start = rng.integers(-10, 400_000, 60)
    chrom = rng.choice(["a", "b"], 60)
    windows = genome_fasta.cut_windows(genome_fasta.open_genome(path), chrom, start, 12)
    for name, at, window in zip(chrom, start, windows, strict=True):
        whole = "N" * 12 + (text if name == "a" else text[::-1]) + "N" * 12
        assert seq.decode(window) == whole[at + 12 : at + 24]


@pytest.mark.parametrize("block", [1, 2, 3, 7, 1 << 20])
def test_block_borders_do_not_matter(tmp_path, monkeypatch, block):
    monkeypatch.setattr(genome_fasta, "_BLOCK", block)
    path = tmp_path / "in.fa"
    path.write_bytes(b"\n>a x\nAC\nGT\n\n>b\n>c\r\nAC>\n".replace(b">\n", b"\n"))
    assert list(genome_fasta.read_contigs(path)) == [("a", b"ACGT"), ("b", b""), ("c", b"AC")]
    path.write_bytes(b">a\nAC\nG!T\n")
    with pytest.raises(InputError, match=r"in\.fa:3: got the letter '!' in contig a at offset 3"):
        list(genome_fasta.read_contigs(path))


@pytest.mark.parametrize(("window", "cut"), [(3, "Tac"), (4, "GTac"), (5, "GTacg"), (1, "a"), (12, "NNACGTacgtNN")])
def test_the_centre_is_the_middle_or_the_first_base_of_the_second_half(fasta, window, cut):
    windows = genome_fasta.cut_round(fasta, ["a"], [4], window)
    assert [seq.decode(row) for row in windows] == [cut.upper()]


@pytest.fixture
def opened(tmp_path):
    path = tmp_path / "toy.fa"
    path.write_text(">one\nACgtN\n>two\nTTTT\n")
    pysam.faidx(str(path))
    with genome_fasta.open_genome(path) as handle:
        yield handle


def test_codes_of_an_interval(opened):
    assert genome_fasta.codes(opened, "one", 1, 5).tolist() == [1, 2, 3, seq.N]
    assert genome_fasta.codes(opened, "two", -2, 6, pad=True).tolist() == [seq.N] * 2 + [3] * 4 + [seq.N] * 2
    assert genome_fasta.codes(opened, "two", 2, 2).tolist() == []
    with pytest.raises(InputError, match="two:1-6 leaves the contig, which ends at 4"):
        genome_fasta.codes(opened, "two", 1, 6)
    with pytest.raises(InputError, match="contig 'three' is not in"):
        genome_fasta.codes(opened, "three", 0, 1)


def test_windows_come_in_the_order_asked_for(opened):
    chrom = np.array(["two", "one", "one"], object)
    windows = genome_fasta.cut_windows(opened, chrom, np.array([3, 2, -1]), 3)
    assert [seq.decode(row) for row in windows] == ["TNN", "GTN", "NAC"]
    assert genome_fasta.cut_windows(opened, chrom[:0], np.array([], int), 3).shape == (0, 3)
