"""What a haplotype carries: every kind of call, by hand, and the words for what is none."""

import gzip

import pytest

from dnalm.errors import InputError
from dnalm.genome import genotypes

HEAD = "##fileformat=VCFv4.3\n"
NAMES = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"


def vcf(*records, samples=("me",)):
    """A VCF of records "POS REF ALT CALL …", on chr1, of samples."""
    lines = [HEAD + "\t".join([NAMES, *(("FORMAT", *samples) if samples else ())])]
    for record in records:
        pos, ref, alt, *calls = record.split()
        fields = ["chr1", pos, ".", ref, alt, ".", "PASS", ".", *(["GT"] if calls else []), *calls]
        lines.append("\t".join(fields))
    return "\n".join(lines) + "\n"


@pytest.fixture
def carried(tmp_path):
    def read(text, *words):
        path = tmp_path / "a.vcf"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return genotypes.read(path, *words)

    return read


@pytest.mark.parametrize(
    "call, one, two, alternative",
    [
        ("1/1", "C", "C", "C"),
        ("0|1", "reference", "C", "C"),
        ("1|0", "C", "reference", "C"),
        ("0/1", "reference", "C", "C"),
        ("1|2", "C", "G", "C"),
        ("2/1", "G", "C", "G"),
        ("0/0", "reference", "reference", "reference"),
        ("1", "C", "no_such_haplotype", "C"),
        ("0", "reference", "no_such_haplotype", "reference"),
        ("./.", "missing", "missing", "missing"),
        (".", "missing", "no_such_haplotype", "missing"),
        ("./1", "missing", "C", "C"),
        ("0/.", "reference", "missing", "reference"),
        ("|0|1", "reference", "C", "C"),
        ("0/0/2/1", "reference", "reference", "G"),
    ],
)
def test_the_allele_of_a_haplotype(carried, call, one, two, alternative):
    for haplotype, wanted in (("1", one), ("2", two), ("alternative", alternative)):
        found = carried(vcf(f"5 A C,G {call}"), None, haplotype)
        if wanted in "ACGT":
            assert found.alleles == {"chr1": [genotypes.Allele(4, "A", wanted, 3)]}
            assert not found.skipped
        else:
            assert (found.alleles, found.skipped) == ({}, {wanted: 1})


def test_calls_of_two_alleles_without_phase_are_counted(carried):
    calls = ("0/1", "1/0", "1|0", "1/1", "1", "./1", "0|1", "/0|1", "|0|1")
    assert carried(vcf(*(f"{at} A C {call}" for at, call in enumerate(calls, 1)))).unphased == 4
    late = carried(vcf("5 A C 0/1").replace("PASS", "LowQual"))
    assert (late.unphased, late.skipped) == (0, {"filtered": 1})


@pytest.mark.parametrize(
    "ref, alt, reason",
    [
        ("A", "<DEL>", "symbolic"),
        ("A", "A[chr2:5[", "symbolic"),
        ("A", ".A", "symbolic"),
        ("A", "*", "star"),
        ("A", ".", "missing"),
        ("A", "R", "non_acgt"),
        ("N", "A", "non_acgt"),
        ("ac", "AC", "ref_equals_alt"),
    ],
)
def test_what_cannot_be_written_into_a_genome_is_counted(carried, ref, alt, reason):
    found = carried(vcf(f"5 {ref} {alt} 1/1", "6 c t 1/1"))
    assert found.skipped == {reason: 1}
    assert found.alleles == {"chr1": [genotypes.Allele(5, "C", "T", 4)]}
    assert len(found.places) == 2


def test_the_telomere_and_a_format_without_genotypes(carried):
    found = carried(vcf("0 A C 1/1", "7 A C 1/1").replace("\tGT\t1/1\n", "\tDP:GT\t3:1/1\n"))
    assert found.skipped == {"pos_zero": 1}
    assert carried(vcf("7 A C 1/1").replace("GT\t1/1", "DP:GT\t3")).skipped == {"missing": 1}
    assert carried(vcf("7 A C 3").replace("GT\t3", "DP\t3")).skipped == {"missing": 1}


def test_a_sample_is_the_only_one_or_is_named(carried):
    two = vcf("5 A C 0/0 1/1", samples=("me", "you"))
    assert (carried(two, "you").sample, len(carried(two, "you").alleles)) == ("you", 1)
    assert carried(two, "me").skipped == {"reference": 1}
    with pytest.raises(InputError, match=r"a.vcf: has 2 samples \(me, you\); say which one under sample"):
        carried(two)
    with pytest.raises(InputError, match=r"a\.vcf: has no sample 'yuo'; nearest: you"):
        carried(two, "yuo")


def test_without_samples_the_first_alternative_is_carried(carried):
    found = carried(vcf("5 A C,G", samples=()))
    assert (found.sample, found.alleles["chr1"][0].alt, found.unphased) == ("", "C", 0)
    with pytest.raises(InputError, match=r"a\.vcf: has no samples, wanted 'me'; leave sample out"):
        carried(vcf("5 A C,G", samples=()), "me")


def test_gzip_line_ends_a_mark_and_the_order_do_not_matter(carried, tmp_path):
    text = vcf("50 A C 1/1", "5 AG A 1/1")
    plain = carried(text)
    assert [one.start for one in plain.alleles["chr1"]] == [49, 4]
    assert plain.places == [("chr1", 50), ("chr1", 6)]
    (tmp_path / "a.vcf.gz").write_bytes(gzip.compress(text.encode()))
    assert genotypes.read(tmp_path / "a.vcf.gz") == plain
    assert carried("\ufeff" + text.replace("\n", "\r\n")) == plain
    assert carried(vcf()).alleles == {}


@pytest.mark.parametrize(
    "text, said",
    [
        (vcf("5 A C 0/x"), r"a.vcf:3: the genotype is '0/x', wanted alleles by number"),
        (vcf("5 A C 0/2"), r"a.vcf:3: the call names allele 2, and ALT has 1; correct it"),
        (vcf("5 A C 0/-1"), r"a.vcf:3: the genotype is '0/-1'"),
        (vcf("x A C 0/1"), r"a.vcf:3: POS is 'x', wanted a whole number"),
        (vcf("5 A C 0/1 0/1"), r"a.vcf:3: got 11 tab-separated column\(s\), wanted 10"),
        (vcf("5 A C 0/1").replace("\t", " "), r"a.vcf:2: got .* with tabs between the names"),
        ("chr1\t5\n", r"a.vcf:1: got .* wanted '##fileformat=VCFv4.x'; give a VCF file"),
        ("", "a.vcf: the file is empty"),
        (b"BCF\x02\x02\0\0", r"a.vcf: is a BCF file; wanted a VCF file: convert it"),
        (gzip.compress(b"BCF\x02\x02\0\0"), r"a.vcf: holds a BCF file, gzipped; wanted a VCF file"),
        (vcf("5 A C 1/1", samples=("me", "me")), r"a.vcf:2: 2 samples are named 'me'"),
    ],
)
def test_what_is_no_vcf_and_no_call_is_refused_with_its_line(carried, text, said):
    with pytest.raises(InputError, match=said):
        carried(text)
