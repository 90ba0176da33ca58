"""Symbolic alleles in bases, on a contig that can be read by eye."""

import numpy as np
import pandas as pd
import pytest

from dnalm.variants import symbolic, vcf

#               123456789012
TEXT = {"c1": b"acGTTGCANRAC", "c2": b"ACGT"}
SIZES = {name: len(text) for name, text in TEXT.items()}
HEAD = "##fileformat=VCFv4.{minor}\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


def fetch(chrom, start, end):
    assert 0 <= start <= end <= SIZES[chrom]
    return TEXT[chrom][start:end]


@pytest.fixture
def plain(tmp_path):
    """(ref, alt, reason) of each allele of records "CHROM POS REF ALT INFO"."""

    def expand(*records, minor=3, most=100):
        rows = [text.split() for text in records]
        lines = ["\t".join([chrom, pos, ".", ref, alt, ".", ".", info]) for chrom, pos, ref, alt, info in rows]
        (tmp_path / "a.vcf").write_text(HEAD.format(minor=minor) + "\n".join(lines) + "\n")
        called = vcf.read(tmp_path / "a.vcf")
        found = symbolic.expanded(called, vcf.split_alleles(called.records), SIZES, fetch, max_length=most)
        return list(zip(*found, strict=True))

    return expand


def haplotype(pos, ref, alt):
    """c1 with ALT in place of REF."""
    text = TEXT["c1"].decode().upper()
    assert text[pos - 1 : pos - 1 + len(ref)] == ref
    return text[: pos - 1] + alt + text[pos - 1 + len(ref) :]


@pytest.mark.parametrize(
    "alt, wanted, whole",
    [
        ("<DEL>", ("CGTT", "C"), "ACGCANRAC"),
        ("<DEL:ME:ALU>", ("CGTT", "C"), "ACGCANRAC"),
        ("<DUP>", ("C", "CGTT"), "ACGTTGTTGCANRAC"),
        ("<dup:tandem>", ("C", "CGTT"), "ACGTTGTTGCANRAC"),
        ("<INV>", ("CGTT", "CAAC"), "ACAACGCANRAC"),
    ],
)
def test_bases_3_to_5_are_taken_away_repeated_or_turned_round(plain, alt, wanted, whole):
    """POS 2 is the base before the change, and END the last base that is changed."""
    ((ref, found, reason),) = plain(f"c1 2 C {alt} SVTYPE=X;END=5")
    assert (ref, found, reason) == (*wanted, "")
    assert haplotype(2, ref, found) == whole


def test_the_base_at_pos_is_the_records_own_unless_it_is_n(plain):
    """So that one that is not the genome's is found out later."""
    found = plain("c1 2 N <DEL> END=3", "c1 2 T <DEL> END=3", "c1 2 CG <DEL> END=3", "c1 8 A <DEL> END=11")
    assert found == [("CG", "C", ""), ("TG", "T", ""), ("CG", "C", ""), ("ANNA", "A", "")]


@pytest.mark.parametrize(
    "info, minor, wanted",
    [
        ("SVLEN=-3", 3, "CGTT"),
        ("SVLEN=3", 3, "CGTT"),
        ("END=4;SVLEN=-3", 3, "CGT"),
        ("END=4;SVLEN=3", 4, "CGTT"),
        ("END=4;SVLEN=3", 5, "CGTT"),
        ("END=4;SVLEN=.", 4, "CGT"),
        ("END=4;SVLEN=3,4", 4, "CGT"),
        ("END=4;END=6", 3, "CGT"),
        ("END=.;SVLEN=3", 3, "CGTT"),
        ("XEND=7;END=4", 3, "CGT"),
        ("END=4;SVLEN=0", 4, "CGT"),
        ("END=4;SVCLAIM=DJ", 4, "CGT"),
    ],
)
def test_which_of_end_and_svlen_counts(plain, info, minor, wanted):
    assert plain(f"c1 2 C <DEL> {info}", minor=minor) == [(wanted, "C", "")]


def test_of_several_in_a_record_each_has_its_own_length(plain):
    found = plain("c1 2 C <DEL>,G,<DEL>,<DUP> END=5;SVLEN=-3,.,-1,2", "c1 2 C <DEL>,<DUP> END=4")
    assert found == [
        ("CGTT", "C", ""),
        ("C", "G", ""),
        ("CG", "C", ""),
        ("C", "CGT", ""),
        ("CGT", "C", ""),
        ("C", "CGT", ""),
    ]


@pytest.mark.parametrize(
    "record, reason",
    [
        ("c1 2 C <DEL> .", "symbolic"),
        ("c1 2 C <DEL> END=2", "symbolic"),
        ("c1 2 C <DEL> END=1;SVLEN=-3", "symbolic"),
        ("c1 2 C <DEL> END=-9;SVLEN=-3", "symbolic"),
        ("c1 2 C <DEL> END=x;SVLEN=-3", "symbolic"),
        ("c1 2 C <DEL> END=13", "symbolic"),
        ("c1 2 C <DEL> END=99999999999999999999", "symbolic"),
        ("c1 2 C <DEL> SVLEN=9999999999", "symbolic"),
        ("c9 2 C <DEL> END=5", "symbolic"),
        ("c1 0 N <DEL> END=5", "symbolic"),
        ("c1 99 N <DEL> END=105", "symbolic"),
        ("c1 2 C <DEL> END=5;SVCLAIM=D", "symbolic"),
        ("c1 2 C <DUP> END=5;SVCLAIM=D", "symbolic"),
        ("c1 2 C <DUP:DISPERSED> END=5", "symbolic"),
        ("c1 2 R <DEL> END=5", "symbolic"),
        ("c1 2 <X> <DEL> END=5", "symbolic"),
        ("c1 2 C <INS> END=2;SVLEN=9", "symbolic"),
        ("c1 2 C <CNV> END=5", "symbolic"),
        ("c1 2 C <CN0> END=5", "symbolic"),
        ("c1 2 C <*> END=5", "symbolic"),
        ("c1 2 C <NON_REF> END=5", "symbolic"),
        ("c1 2 C C<ctg1> END=5", "symbolic"),
        ("c1 2 C <DEL END=5", "symbolic"),
        ("c1 2 C C[c2:3[ .", "breakend"),
        ("c1 2 C ]c2:3]C .", "breakend"),
        ("c1 2 C C[<ctg1>:7[ .", "breakend"),
        ("c1 2 C C. .", "breakend"),
        ("c1 2 C .C .", "breakend"),
        ("c1 2 C <DEL> END=7", "too_long"),
        ("c1 2 C <DUP> END=7", "too_long"),
        ("c1 2 C <INV> END=7", "too_long"),
    ],
)
def test_what_has_no_bases_says_why_and_stays_as_it_was(plain, record, reason):
    _, _, ref, alt, _ = record.split()
    assert plain(record, most=4) == [(ref, alt.upper(), reason)]


def test_so_many_bases_as_are_allowed_are_not_too_many(plain):
    assert plain("c1 2 C <DEL> END=6", most=4) == [("CGTTG", "C", "")]


def test_plain_alleles_and_what_other_rules_name_are_left_alone(plain):
    records = ["c1 2 C G .", "c1 2 CG C END=5", "c1 2 C . .", "c1 2 C * .", "c1 2 C R .", "c9 0 N A ."]
    assert plain(*records) == [(*record.split()[2:4], "") for record in records]


def test_a_hundred_thousand_plain_alleles_are_not_walked_through(tmp_path):
    """No letter of the genome is asked for, and the arrays are new ones."""
    records = pd.DataFrame({"info": ["."] * 100_000})
    table = pd.DataFrame(
        {"record": np.arange(100_000), "chrom": "c1", "pos": 3, "ref": "G", "alt": "A", "alt_index": 1}
    )
    called = vcf.Vcf(tmp_path, ["##fileformat=VCFv4.2"], "", records)
    found = symbolic.expanded(called, table, SIZES, lambda *_: pytest.fail("fetched"), max_length=9)
    assert (set(found.ref), set(found.alt), set(found.reason)) == ({"G"}, {"A"}, {""})
    assert table.ref.eq("G").all()


def test_no_alleles_give_no_arrays(plain):
    assert plain() == []
