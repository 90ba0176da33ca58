"""Lists of variants: both ways to write them give the same rows, and what is something else is told by name."""

import codecs
import gzip

import pytest

from dnalm.errors import InputError
from dnalm.variants import lines, table

TEXT = "# mine\n1:5:A:C\n\n  chr2:70:AT:A \nX:9:g:t,c\n"
RECORDS = [
    ["1", 5, "1:5:A:C", "A", "C"],
    ["chr2", 70, "chr2:70:AT:A", "AT", "A"],
    ["X", 9, "X:9:g:t,c", "G", "T,C"],
]


@pytest.fixture
def read(tmp_path):
    def records(content):
        path = tmp_path / "l.txt"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        listed = lines.read(path)
        found, skipped = table.to_records(listed, {name: name for name in lines.COLUMNS}, {}, "")
        return found[["chrom", "pos", "id", "ref", "alt"]].to_numpy().tolist(), dict(skipped), listed.lines

    return records


@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        TEXT.rstrip("\n"),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n", "\r"),
        codecs.BOM_UTF8 + TEXT.encode(),
        gzip.compress(TEXT.encode(), mtime=0),
    ],
    ids=["plain", "no last line end", "CRLF", "CR", "byte order mark", "gzip"],
)
def test_each_line_is_a_record_whose_id_is_the_line(read, content):
    assert read(content) == (RECORDS, {}, [2, 4, 5])


@pytest.mark.parametrize(
    "line, chrom, alleles",
    [
        ("1-5-A-C", "1", ["A", "C"]),
        ("chrX-5-AT-A", "chrX", ["AT", "A"]),
        ("HLA-A*01:01-5-A-C", "HLA-A*01:01", ["A", "C"]),
        ("HLA-A*01:01:5:A:C", "HLA-A*01:01", ["A", "C"]),
        ("a-1-5-A-C", "a-1", ["A", "C"]),
        ("NC_000001.11:5:A:C", "NC_000001.11", ["A", "C"]),
    ],
)
def test_a_contigs_name_may_hold_what_separates_the_parts(read, line, chrom, alleles):
    assert read(line) == ([[chrom, 5, line, *alleles]], {}, [1])


def test_a_missing_allele_is_counted_as_in_a_table(read):
    assert read("1:5:A:-\n1:5:.:C\n1-5-A--\n1:7:A:C") == (
        [["1", 7, "1:7:A:C", "A", "C"]],
        {"missing_allele": 3},
        [1, 2, 3, 4],
    )


@pytest.mark.parametrize(
    "line, said",
    [
        (
            "NC_1.1:5::A",
            r"\(SPDI, which counts from 0\), wanted chrom:pos:ref:alt or chrom-pos-ref-alt; write pos \+ 1",
        ),
        ("NC_1.1:5:A:", r"\(SPDI, which counts from 0\)"),
        ("NC_1.1:5:1:A", r"\(SPDI, which counts from 0\)"),
        ("rs80357065", r"\(an rs number, which has no place\).*; give a VCF of dbSNP"),
        ("NM_007294.4:c.68_69del", r"\(HGVS\).*; convert it to VCF"),
        ("chr17:g.43094464A>G", r"\(HGVS\)"),
        ("1:5-9", r"\(a place without alleles\).*; give the alleles"),
        ("1:5", r"\(a place without alleles\)"),
        ("1\t5\tA\tC", r"\(several words\).*; give a table under `table`"),
        ("1:5 A:C", r"\(several words\)"),
        ("1:5A>G", r"\(other signs between the parts\).*; put colons there"),
        ("chr1_5_A_G_b38", r"\(other signs between the parts\)"),
        ("1-5-A-", r"\(an allele without a base\).*; write an indel with the base before it"),
        ("1:5-A-C", r"got '1:5-A-C', wanted chrom:pos:ref:alt or chrom-pos-ref-alt; correct the line"),
        ("1:0:A:C", r"position is '0', wanted a whole number from 1"),
        ("1:2147483648:A:C", r"position is '2147483648'"),
        ("1:5.0:A:C", r"position is '5.0'"),
        ("1:5:A:<DEL>", r"alt is '<DEL>', wanted bases"),
        (",:5:A:C", r"contig is ',', wanted a name without blanks, commas and brackets"),
    ],
)
def test_what_is_no_such_line_is_named_with_its_line(read, line, said):
    with pytest.raises(InputError, match=rf"l\.txt:3: .*{said}"):
        read(f"1:5:A:C\n#\n{line}\n")


@pytest.mark.parametrize("content", ["", "\n\n", "# none\n"])
def test_a_list_of_nothing_is_refused(read, content):
    with pytest.raises(InputError, match=r"l\.txt: holds no variant; give a list of variants, one a line \(chrom:pos"):
        read(content)
