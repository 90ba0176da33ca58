"""Any FASTA into a genome folder: what is accepted and counted, and the words for what is refused."""

import gzip
import json

import pysam
import pytest

from dnalm.dna import seq
from dnalm.errors import InputError, UsageError
from dnalm.genome import fasta
from dnalm.genome import index as genome_index

NONE = {"unwanted": 0, "unwanted_bases": 0}


def index(tmp_path, content, name="in.fa", **options):
    path = tmp_path / name
    path.write_bytes(content)
    return genome_index.index(path, tmp_path / "out", name="toy", source="test", **options)


def bgzf(tmp_path, content):
    with pysam.BGZFile(str(tmp_path / "whole.gz"), "wb") as handle:
        handle.write(content)
    return (tmp_path / "whole.gz").read_bytes()


def unzipped(path):
    return gzip.decompress(path.read_bytes())


def test_normalises_and_counts(tmp_path):
    about = index(tmp_path, b">a first\r\nACGTacgt\r\n\r\nRYNn\r\n>empty\r\n>b\r\nGG\r\n>long\r\n" + b"A" * 130)
    assert (about["contigs"], about["contigs_read"], about["bases"]) == (3, 4, 144)
    assert about["skipped"] == {"empty": 1, "short": 0, "short_bases": 0} | NONE
    assert (about["iupac_to_n"], about["n_bases"], about["soft_masked_bases"]) == (2, 4, 5)
    assert about["gc"] == pytest.approx(6 / 140, abs=1e-6)
    assert about == json.loads((tmp_path / "out/genome.json").read_text())
    assert (tmp_path / "out/chrom.sizes").read_text() == "a\t12\nb\t2\nlong\t130\n"
    assert unzipped(tmp_path / "out/softmask.bed.gz") == b"a\t4\t8\na\t11\t12\n"
    text = unzipped(tmp_path / "out/genome.fa.gz")
    assert text == b">a\nACGTacgtNNNn\n>b\nGG\n>long\n" + b"A" * 60 + b"\n" + b"A" * 60 + b"\n" + b"A" * 10 + b"\n"
    with fasta.open_fasta(tmp_path / "out/genome.fa.gz") as opened:
        assert list(opened.references) == ["a", "b", "long"]
        assert fasta.fetch(opened, "a", 2, 9) == b"GTacgtN"
        assert fasta.fetch(opened, "long", 59, 130) == b"A" * 71


def test_short_contigs_are_counted_not_lost(tmp_path):
    about = index(tmp_path, b">a\nACGTA\n>b\nAC\n>c\n\n", min_contig_length=3)
    assert about["skipped"] == {"empty": 1, "short": 1, "short_bases": 2} | NONE
    assert about["contigs"] + 2 == about["contigs_read"]


def test_plain_gzip_and_bgzf_are_one(tmp_path):
    content = b">a\n" + b"ACGTN" * 30_000 + b"\n"
    plain = index(tmp_path, content)
    zipped = index(tmp_path, gzip.compress(content), "in.fa.gz")
    blocked = index(tmp_path, bgzf(tmp_path, content), "in2.fa.gz")
    unnamed = index(tmp_path, gzip.compress(content), "download")
    marked = index(tmp_path, b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n"), "notepad.fa")
    for about in (plain, zipped, blocked, unnamed, marked):
        del about["path"], about["sha256"]
    assert plain == zipped == blocked == unnamed == marked


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "in.fa: the file is empty"),
        (b"\n\n", "in.fa: holds no sequence"),
        (b"<!DOCTYPE html>\n<html>", "in.fa: is a web page"),
        (b"@read1\nACGT\n+\nIIII\n", "in.fa:1: got '@', as in FASTQ"),
        (b"ACGT\n", "in.fa:1: got 'ACGT' where a header was wanted"),
        (b">a\nAC\n>b\nAC\n>a again\nAC\n", "in.fa:5: the record name 'a' was given before, on line 1"),
        (b">a\nMKV*LLE\n", r"in.fa:2: got the letter .\*. in contig a at offset 3"),
        (b">a\nACGT\nAC-GT\n", "in.fa:3: got the letter '-' in contig a at offset 6"),
        (b">a\nACGU\n", r"got the letter 'U' .*RNA"),
        (b">a\nAC GT\n", "got the letter ' '"),
        (b">a\nAC\xc3\xa9\n", "in.fa:2: got the letter 'Ã'"),
        (b">\nACGT\n", "in.fa:1: got a header without a name"),
        (b">a\rACGT\r>b\rACGT\r", "in.fa:1: lone carriage returns"),
        (b">a\n>b\n", "none of its 2 contigs is kept"),
        (b">a\nNNNN\n>b\nnnRY\n", "in.fa: holds 8 bases in 2 contigs and all of them are N"),
        (b"PK\x03\x04rest", "in.fa: is a zip archive .*unpack it"),
        (gzip.compress(b">a\nAC\n"), "named .fa, but it is gzipped"),
    ],
)
def test_refuses(tmp_path, content, message):
    with pytest.raises(InputError, match=message):
        index(tmp_path, content)
    assert list((tmp_path / "out").glob("*")) + list((tmp_path / "out").glob(".*")) == []


def test_refuses_what_is_not_whole(tmp_path):
    content = b">a\n" + bytes(seq.decode(seq.encode(b"ACGT" * 50_000)), "ascii") + b"\n"
    whole, zipped = bgzf(tmp_path, content), gzip.compress(content)
    with pytest.raises(InputError, match="the BGZF end block is missing"):
        index(tmp_path, whole[:-28], "a.fa.gz")
    with pytest.raises(InputError, match="the BGZF end block is missing"):
        index(tmp_path, whole[: len(whole) // 2], "b.fa.gz")
    with pytest.raises(InputError, match="compressed data end early"):
        index(tmp_path, zipped[:-20], "c.fa.gz")
    middle = len(whole) // 3
    flipped = whole[:middle] + bytes([whole[middle] ^ 0x10]) + whole[middle + 1 :]
    with pytest.raises(InputError, match=r"compressed data are damaged|got the letter"):
        index(tmp_path, flipped, "d.fa.gz")
    with pytest.raises(InputError, match=r"named \.gz, but its first bytes are not gzip"):
        index(tmp_path, content, "e.fa.gz")


def test_splits_name_contigs_that_exist(tmp_path):
    content = b">chr1\nACGT\n>chr2\nACGT\n>chr20\nACGT\n"
    about = index(tmp_path, content, splits={"test": ["chr20"]})
    assert about["splits"] == {"validation": [], "test": ["chr20"], "exclude": []}
    with pytest.raises(InputError, match=r"splits.test names contig '20', which the genome lacks .* nearest: chr20"):
        index(tmp_path, content, splits={"test": ["20"]})
    with pytest.raises(UsageError, match="contig 'chr1' is listed twice"):
        index(tmp_path, content, splits={"test": ["chr1"], "validation": ["chr1"]})
    with pytest.raises(UsageError, match="got the key 'tests'"):
        index(tmp_path, content, splits={"tests": ["chr1"]})
