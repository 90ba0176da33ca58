"""Parts of genes by hand, on both strands, from each format."""

import pytest

from dnalm.errors import InputError
from dnalm.genome import genes

SIZES = {"c": 1000, "d": 500}
ATTRIBUTES = 'gene_id "g"; transcript_id "{}"; gene_name "x";'


def gtf(*rows):
    return "".join(
        f"c\tsrc\t{kind}\t{start}\t{end}\t.\t{strand}\t.\t{ATTRIBUTES.format(name)}\n"
        for name, kind, start, end, strand in rows
    )


def parts(path):
    table = genes.read(path, SIZES)
    return {
        kind: sorted(map(tuple, rows[["start", "end"]].to_numpy().tolist())) for kind, rows in table.groupby("kind")
    }


PLUS = gtf(
    ("t", "transcript", 101, 400, "+"),
    ("t", "exon", 101, 200, "+"),
    ("t", "exon", 301, 400, "+"),
    ("t", "CDS", 151, 200, "+"),
    ("t", "CDS", 301, 350, "+"),
)
BED12 = "c\t100\t400\tt\t0\t{}\t150\t350\t0\t2\t100,100\t0,200\n"
GFF3 = "##gff-version 3\n" + "".join(
    f"c\tsrc\t{kind}\t{start}\t{end}\t.\t+\t.\tID=x{start};Parent=t\n"
    for kind, start, end in (("exon", 101, 200), ("exon", 301, 400), ("CDS", 151, 200), ("CDS", 301, 350))
)
EXPECTED = {
    "transcript": [(100, 400)],
    "exon": [(100, 200), (300, 400)],
    "CDS": [(150, 200), (300, 350)],
    "splice site": [(200, 202), (298, 300)],
    "start codon": [(150, 153)],
}


@pytest.mark.parametrize("text", [PLUS, BED12.format("+"), GFF3], ids=["gtf", "bed12", "gff3"])
def test_each_format_says_the_same(tmp_path, text):
    (tmp_path / "genes").write_text(text)
    assert parts(tmp_path / "genes") == EXPECTED


def test_on_the_minus_strand_a_gene_starts_at_its_end(tmp_path):
    (tmp_path / "genes").write_text(BED12.format("-"))
    assert parts(tmp_path / "genes") == EXPECTED | {"start codon": [(347, 350)]}


def test_a_place_of_two_transcripts_is_there_once_and_a_gap_of_a_few_bases_is_no_intron(tmp_path):
    more = gtf(("u", "exon", 101, 200, "+"), ("u", "exon", 206, 260, "+"))
    (tmp_path / "genes").write_text(PLUS + more)
    found = parts(tmp_path / "genes")
    assert found["exon"] == [(100, 200), (205, 260), (300, 400)]
    assert found["splice site"] == EXPECTED["splice site"]


def test_a_bacterium_has_coding_parts_alone_and_a_split_codon_is_left_out(tmp_path):
    (tmp_path / "genes").write_text(gtf(("t", "CDS", 1, 2, "+"), ("t", "CDS", 101, 160, "+")))
    found = parts(tmp_path / "genes")
    assert found["exon"] == found["CDS"] == [(0, 2), (100, 160)]
    assert "start codon" not in found


@pytest.mark.parametrize(
    "text, said",
    [
        ("c\tsrc\texon\tten\t20\t.\t+\t.\tParent=t\n", "genes:1: got 9 columns that are no gene"),
        ("# x\nc\tsrc\texon\t30\t20\t.\t+\t.\tParent=t\n", "genes:2: got 9 columns that are no gene"),
        ("c\t1\t5\n", "genes:1: got 3 columns that are no gene"),
        ("c\tsrc\tgene\t1\t20\t.\t+\t.\tID=g\n", "genes: holds no exon; give genes as GTF, GFF3 or BED12"),
        (PLUS.replace("c\t", "nowhere\t"), "genes"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, said):
    (tmp_path / "genes").write_text(text)
    with pytest.raises(InputError, match=said.replace("(", r"\(")):
        genes.read(tmp_path / "genes", SIZES)


@pytest.mark.parametrize("strand, phase", [("+", 2), ("-", 1)])
def test_the_phase_is_that_of_the_coding_part_with_which_the_protein_begins(tmp_path, strand, phase):
    rows = [("exon", 101, 200, "."), ("exon", 301, 400, "."), ("CDS", 151, 200, "2"), ("CDS", 301, 350, "1")]
    text = "".join(
        f"c\tsrc\t{kind}\t{start}\t{end}\t.\t{strand}\t{said}\tParent=t\n" for kind, start, end, said in rows
    )
    (tmp_path / "genes").write_text(text + "c\tsrc\tCDS\t1\t60\t.\t+\t.\tParent=u\n" + BED12.format(strand))
    assert [gene.phase for gene in genes.transcripts(tmp_path / "genes")] == [phase, 0, 0]


def test_introns_are_what_is_spliced_out():
    gene = genes.Gene("c", "+", [(0, 50), (52, 60), (90, 99)], [])
    assert genes.introns(gene) == [(60, 90)]


def test_what_transcripts_share_is_of_each_of_them(tmp_path):
    """GFF3 writes a shared exon once, with all its parents; a transcript without it would shift its frame."""
    shared = "".join(
        f"c\tsrc\tCDS\t{start}\t{end}\t.\t+\t{phase}\tID=x{start};Parent={parent}\n"
        for start, end, phase, parent in ((11, 21, 0, "t2"), (51, 60, 1, "t1,t2"), (101, 110, 0, "t2, t3"))
    )
    (tmp_path / "genes").write_text(shared)
    found = genes.transcripts(tmp_path / "genes")
    assert [(gene.exons, gene.phase) for gene in found] == [
        ([(10, 21), (50, 60), (100, 110)], 0),
        ([(50, 60)], 1),
        ([(100, 110)], 0),
    ]
