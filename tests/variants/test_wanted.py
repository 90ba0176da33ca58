"""Filters of what is scored: every allele keeps its row, and each reason has its case."""

import pytest

from dnalm.errors import InputError
from dnalm.variants import vcf, wanted

SIZES = {"c1": 1000, "c2": 500, "track": 90}
HEAD = "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"


@pytest.fixture
def load(tmp_path):
    """A VCF of records "CHROM POS REF ALT [FILTER [INFO [CALL …]]]" and its alleles."""

    def read(*records, samples=()):
        lines = [HEAD + "".join(f"\t{name}" for name in (("FORMAT", *samples) if samples else ()))]
        for record in records:
            chrom, pos, ref, alt, passed, info, *calls = [*record.split(), *[".", "."][len(record.split()) - 4 :]]
            lines.append(
                "\t".join([chrom, pos, ".", ref, alt, ".", passed, info, *(["DP:GT"] if samples else []), *calls])
            )
        (tmp_path / "a.vcf").write_text("\n".join(lines) + "\n")
        called = vcf.read(tmp_path / "a.vcf")
        return called, vcf.split_alleles(called.records)

    return read


def regions(*places, path=None, most=0.01):
    return wanted.regions(path, list(places), SIZES, "genome", most)


def test_without_a_filter_everything_is_wanted(load):
    assert wanted.reasons(*load("c1 5 A C,G", "c1 7 A .")).tolist() == ["", "", ""]
    assert wanted.reasons(*load(), within=regions("c1"), pass_only=True).tolist() == []


def test_an_allele_is_in_a_region_where_they_share_a_base(load):
    """[10, 20) holds POS 11 to 20; of a deletion, and of what a symbol stands for, one base is enough."""
    cases = {
        "c1 10 A C": False,
        "c1 11 A C": True,
        "c1 20 A C": True,
        "c1 21 A C": False,
        "c1 9 AC A": False,
        "c1 9 ACG A": True,
        "c1 5 A <DEL> . END=10": False,
        "c1 5 A <DEL> . END=11": True,
        "c1 5 A <INV> . SVLEN=6": True,
        "c1 5 A <CNV> . END=30": False,
        "c1 5 A <DEL> . END=9999999999": True,
        "c2 15 A C": False,
        "un 15 A C": False,
        "track 15 A C": False,
    }
    found = wanted.reasons(*load(*cases), within=regions("c1:10-20"))
    assert found.tolist() == ["" if inside else "not_in_regions" for inside in cases.values()]


def test_the_telomere_lies_at_the_first_base(load):
    found = wanted.reasons(*load("c1 0 N C", "c1 1 A C", "c1 2 A C"), within=regions("c1:0-1"))
    assert found.tolist() == ["", "", "not_in_regions"]


def test_regions_come_from_a_file_and_by_name(tmp_path):
    path = tmp_path / "r.bed"
    path.write_text("track name=x\nc1\t5\t9\tgene\nc1\t7\t7\nc2\t0\t500\n")
    found = regions("c2", "c1:1-3", path=path)
    assert found.to_numpy().tolist() == [["c2", 0, 500], ["c1", 1, 3], ["c1", 5, 9], ["c2", 0, 500]]
    assert regions() is None
    for text in ("", "c1\t7\t7\n"):
        path.write_text(text)
        with pytest.raises(InputError, match=r"r\.bed: holds no region with a base; give a BED file of the places"):
            regions(path=path)
    path.write_text("chr1\t5\t9\n")
    with pytest.raises(InputError, match="none of its 1 intervals is on a contig of the genome"):
        regions(path=path)


@pytest.mark.parametrize(
    "place, said",
    [
        ("c3", r"genome: regions names contig 'c3', which the genome lacks; nearest: c"),
        ("c1:900-1001", r"regions names c1:900-1001, wanted contig:start-end .*, and c1 has 1,000 bases"),
        ("c1:5-5", r"regions names c1:5-5, wanted contig:start-end"),
    ],
)
def test_a_place_that_the_genome_lacks_is_refused(place, said):
    with pytest.raises(InputError, match=said):
        regions("c1", place)


def test_a_samples_alleles_are_those_that_its_genotype_names(load):
    calls = {
        "1/1": [1],
        "0|2": [2],
        "2/1": [1, 2],
        "0/0": [],
        "./.": [],
        ".": [],
        "./1": [1],
        "0/0/2/1": [1, 2],
        "1": [1],
    }
    records = [f"c1 {at} A C,G . . 9:0/1 9:{call}" for at, call in enumerate(calls, 5)]
    records += ["c1 90 A C . . 9:0/1 9", "c1 91 A . . . 9:0/1 9:0/0"]
    called, table = load(*records, samples=("you", "me"))
    found = wanted.reasons(called, table, sample="me")
    pairs = ["" if number in carried else "not_in_sample" for carried in calls.values() for number in (1, 2)]
    assert found.tolist() == [*pairs, "not_in_sample", "not_in_sample"]
    with pytest.raises(InputError, match=r"a\.vcf: has no sample 'mee'; nearest: me"):
        wanted.reasons(called, table, sample="mee")
    bare = load("c1 5 A C")
    with pytest.raises(InputError, match=r"a\.vcf: has no samples, wanted 'me'; leave sample out"):
        wanted.reasons(*bare, sample="me")


def test_a_record_without_genotypes_names_no_allele(load, tmp_path):
    load("c1 5 A C . . 9:1/1", "c1 6 A C . . 9:1/1", samples=("me",))
    path = tmp_path / "a.vcf"
    path.write_text(path.read_text().replace("DP:GT\t9:1/1", "DP\t9", 1))
    called = vcf.read(path)
    assert wanted.reasons(called, vcf.split_alleles(called.records), sample="me").tolist() == ["not_in_sample", ""]


@pytest.mark.parametrize(
    "call, said",
    [
        ("0/x", r"a\.vcf:4: the genotype is '0/x', wanted alleles by number"),
        ("0/2", r"a\.vcf:4: the call names allele 2, and ALT has 1; correct it"),
    ],
)
def test_what_is_no_call_is_refused_with_its_line(load, call, said):
    with pytest.raises(InputError, match=said):
        wanted.reasons(*load("c1 5 A C . . 9:0/1", f"c1 6 A C . . 9:{call}", samples=("me",)), sample="me")


def test_a_filter_that_is_missing_has_passed(load):
    called, table = load("c1 5 A C,G PASS", "c1 6 A C", "c1 7 A C,G q10", "c1 8 A C q10;s50")
    assert wanted.reasons(called, table, pass_only=True).tolist() == ["", "", "", "not_pass", "not_pass", "not_pass"]


def test_one_reason_an_allele_the_first_that_holds(load):
    rows = ["c1 5 A C,G q10 . 9:0/1", "c2 5 A C q10 . 9:0/0", "c1 6 A C q10 . 9:0/0", "c1 7 A C PASS . 9:1/1"]
    found = wanted.reasons(*load(*rows, samples=("me",)), within=regions("c1"), sample="me", pass_only=True)
    assert found.tolist() == ["not_pass", "not_in_sample", "not_in_regions", "not_in_sample", ""]


def test_a_filter_that_leaves_nothing_says_what_there_is(load):
    rows = ["c1 50 A C q10 . 9:0/0 9:0/1", "c1 90 A C q10;s50 . 9:0/0 9:0/1", "c2 6 A C q10 . 9:./. 9:1/1"]
    called, table = load(*rows, samples=("me", "you"))
    asked = {
        r"none of its 3 alleles is in the 2 region\(s\) asked for \(c1:0-9, c2:100-500\); they lie on c1 from 50 to "
        r"90, c2 from 6 to 6: give regions with alleles in them": {"within": regions("c1:0-9", "c2:100-500")},
        r"none of its 3 alleles is named by a genotype of sample 'me'; it has 2 sample\(s\) \(me, you\): name another":
        {"sample": "me"},
        r"none of its 3 alleles passed: FILTER is q10 \(2\), q10;s50 \(1\), wanted PASS or '\.'": {"pass_only": True},
    }  # fmt: skip
    for said, options in asked.items():
        with pytest.raises(InputError, match=rf"a\.vcf: {said}"):
            wanted.reasons(called, table, **options)
        assert (wanted.reasons(called, table, **options, allow_empty=True) != "").all()
