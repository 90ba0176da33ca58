"""What is put right in records and headers, what is refused with its line, and that good files stay as they are."""

from collections import Counter
from pathlib import Path

import pysam
import pytest

from dnalm.errors import InputError
from dnalm.genome import vcf_text
from dnalm.variants import annotation, htslib, info_types, repair, vcf

HEAD = """##fileformat=VCFv4.2
##contig=<ID=c1,length=1000>
##INFO=<ID=AC,Number=1,Type=Integer,Description="x">
##INFO=<ID=AF,Number=A,Type=Float,Description="x, y > \\"z\\"">
##INFO=<ID=S,Number=1,Type=String,Description="x">
##FORMAT=<ID=GT,Number=1,Type=String,Description="x">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="x">
"""
COLUMNS = "#" + "\t".join(vcf_text.FIXED)
GOOD = ["c1", "3", ".", "A", "G", ".", ".", "."]


def text_of(*rest: str, head: str = HEAD, samples: str = "S1", **fields: str) -> str:
    """A VCF of one record and, after it, a good one."""
    record = [fields.get(name, value) for name, value in zip(vcf.FIELDS, GOOD, strict=False)]
    more = ["", "\tFORMAT\t" + samples][bool(rest)]
    tail = "\t".join([*GOOD, *(["GT", *["0/1"] * (samples.count("\t") + 1)] if rest else [])])
    return f"{head}{COLUMNS}{more}\n" + "\t".join([*record, *rest]) + f"\n{tail}\n"


def through(folder: Path, text: str) -> tuple[vcf.Vcf, list[str], list[str]]:
    """Read, judge, write, and read back: what was read, the header written, and the records as htslib has them."""
    (folder / "in.vcf").write_text(text)
    called = vcf.read(folder / "in.vcf")
    meta = annotation.header(called, {}, {"c1": 1000})
    annotation.check(called, meta)
    vcf.write(folder / "out.vcf.gz", meta, called.columns, called.records, called.samples)
    with pysam.VariantFile(str(folder / "out.vcf.gz")) as file:
        return called, meta, [str(record).removesuffix("\n") for record in file]


@pytest.mark.parametrize(
    ("field", "given", "wanted"),
    [
        ("qual", "", "."),
        ("qual", "high", "."),
        ("qual", "5 0", "."),
        ("filter", "", "."),
        ("filter", "a b", "a_b"),
        ("filter", "a,b", "a_b"),
        ("filter", "a;;b;", "a;b"),
        ("info", "", "."),
        ("info", "S=a b;AC=1", "S=a_b;AC=1"),
        ("info", "=5;AC=1", "AC=1"),
        ("alt", "G,", "G,."),
        ("alt", "G,,T", "G,.,T"),
    ],
)
def test_one_safe_reading_is_taken_and_counted(tmp_path: Path, field: str, given: str, wanted: str):
    called, _, records = through(tmp_path, text_of(**{field: given}))
    assert [count for _, count in called.repaired] == [1]
    assert called.records[field].iloc[0] == wanted
    assert records[0].split("\t")[vcf.FIELDS.index(field)] == wanted
    assert len(records) == 2


@pytest.mark.parametrize(
    ("fields", "rest"),
    [
        ({"filter": "0"}, ()),  # reserved, and taken by htslib
        ({"filter": "PASS"}, ()),
        ({"qual": "1.5"}, ()),
        ({"qual": "inf"}, ()),
        ({"info": "AC=1;AC=2"}, ()),
        ({"info": "AF=0.1,0.2,0.3"}, ()),
        ({"info": "S=a%3Bb;AC=2147483000"}, ()),
        ({"info": "S=é;1x=5;a-b=3"}, ()),
        ({"chrom": "HLA:1"}, ()),
        ({"chrom": "<x>"}, ()),
        ({"pos": "0"}, ()),
        ({"info": "S=" + "a" * 1_000_000}, ()),
        ({}, ("DP:GT", "7:0/1")),
        ({}, ("GT:XX", "0/9:5")),
        ({}, (".", ".")),
    ],
)
def test_what_htslib_takes_as_it_is_stays(tmp_path: Path, fields: dict, rest: tuple):
    text = text_of(*rest, **fields)
    called, meta, records = through(tmp_path, text)
    assert called.repaired == ()
    assert records == text.splitlines()[-2:]
    assert meta[: len(called.meta)] == called.meta == text.splitlines()[: len(called.meta)]


def test_blanks_in_info_stay_where_the_version_allows_them(tmp_path: Path):
    called, _, records = through(tmp_path, text_of(head=HEAD.replace("v4.2", "v4.3"), info="S=a b"))
    assert (called.repaired, records[0].split("\t")[7]) == ((), "S=a b")


@pytest.mark.parametrize(
    ("fields", "rest", "message"),
    [
        ({"id": "a b"}, (), "ID is 'a b'"),
        ({"chrom": "a,b"}, (), "htslib cannot read this record .Could not parse the header line"),
        ({}, ("GT", "0/1:7"), "htslib cannot read this record .Incorrect number of FORMAT fields at c1:3"),
        ({}, ("GT", "x/y"), "htslib cannot read this record .Couldn't read GT data: value not a number or '.'"),
        ({}, ("GT", "0 1"), "htslib cannot read this record .Invalid character ' ' in 'GT'"),
        ({}, ("GT:GT", "0/1:0/1"), "htslib cannot read this record .*invalid tag"),
        ({}, ("GT:DP", "0/1:x"), "htslib cannot read this record .Invalid character 'x' in 'DP'"),
        ({}, ("", "0/1"), "FORMAT is ''"),
    ],
)
def test_what_has_no_safe_reading_is_refused_with_its_line(tmp_path: Path, fields: dict, rest: tuple, message: str):
    text = text_of(*rest, **fields)
    with pytest.raises(InputError, match=f"in.vcf:{len(text.splitlines()) - 1}: {message}") as caught:
        through(tmp_path, text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("samples", "message"),
    [("S1\tS1", "2 samples are named 'S1'"), ("S1\t", "a sample has no name"), ("S1\t ", "a sample has no name")],
)
def test_samples_need_names_of_their_own(tmp_path: Path, samples: str, message: str):
    with pytest.raises(InputError, match=f"in.vcf:8: {message}"):
        through(tmp_path, text_of("GT", "0/1", "0/1", samples=samples))


def test_empty_cells_and_a_format_without_samples(tmp_path: Path):
    called, _, records = through(tmp_path, text_of("GT", "", "0/1", samples="S1\tS2"))
    assert (dict(called.repaired), records[0][-8:]) == ({"empty cells of samples, now '.'": 1}, "GT\t.\t0/1")
    text = f"{HEAD}{COLUMNS}\tFORMAT\n" + "\t".join([*GOOD, "GT"]) + "\n"
    called, _, records = through(tmp_path, text)
    assert dict(called.repaired) == {"FORMAT columns without a sample, left out": 1}
    assert records == ["\t".join(GOOD)]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("##nonsense", "##comment=nonsense"),
        ("##", "##comment="),
        ("##INFO=<>", "##comment=INFO=<>"),
        ('##INFO=<ID=X,Number=1,Type=Integer,Description="x>', None),
        ('##INFO=<ID=X,Number=1,Type=Integer,Description="x"', None),
        ("##INFO=<ID=X,Number=1,Type=Integer,Description=x>", "as it is"),
        (
            "##INFO=<ID=X,Number=1,Type=Integer,Description=a b, c>",
            '##INFO=<ID=X,Number=1,Type=Integer,Description="a b, c">',
        ),
        (
            '##INFO=<ID=X,Number=1,Type=Integer,Description="a "b" c">',
            "##INFO=<ID=X,Number=1,Type=Integer,Description=\"a 'b' c\">",
        ),
        ('##INFO=<ID=X,Number=1,Type=Integer,Description="x",IDX=0>', None),
        ('##FORMAT=<ID=GT,Number=2,Type=Integer,Description="x">', repair._GENOTYPE),
        ('##INFO=<ID=X,Number=1,Description="x">', "as it is"),
        ("##contig=<length=5>", "as it is"),
        ('##FILTER=<ID=0,Description="a \\"b\\" c">', "as it is"),
        ("##ALT=<ID=DEL>", "as it is"),
        ("##META=<ID=x,Type=String,Values=[a, b]>", "as it is"),
        ("##a b=c d", "as it is"),
        ("##bcftools_view=-i 'AF<0.1' -s a,b", "as it is"),
        ('##GATKCommandLine=<ID=HC,CommandLine="a=<b> c, d",Date="1, 2">', "as it is"),
    ],
)
def test_header_lines(tmp_path: Path, given: str, wanted: str | None):
    """None: what a definition of X should be."""
    counts: Counter = Counter()
    (found,) = repair.header([given], counts)
    unchanged = wanted == "as it is"
    assert found == (given if unchanged else wanted or '##INFO=<ID=X,Number=1,Type=Integer,Description="x">')
    assert sum(counts.values()) == (not unchanged)
    through(tmp_path, text_of(head=HEAD + given + "\n"))


def test_definitions_are_widened_to_what_the_values_are(tmp_path: Path):
    called, meta, records = through(tmp_path, text_of(info="AC=1.5;AF=x;S=1"))
    assert [line.split(",Desc")[0] for line in meta[2:5]] == [
        "##INFO=<ID=AC,Number=1,Type=Float",
        "##INFO=<ID=AF,Number=A,Type=String",
        "##INFO=<ID=S,Number=1,Type=String",
    ]
    assert records[0].endswith("AC=1.5;AF=x;S=1")
    assert [count for _, count in called.repaired] == [1, 1]
    counts: Counter = Counter()
    twice = ["##INFO=<ID=AC,Number=1,Type=Float>", "##INFO=<ID=AC,Number=1,Type=Integer>"]
    assert info_types.widened(twice, ["AC=1.5;AF=.;DB", "AC="], counts) == twice  # htslib takes the first of two


def test_a_version_or_none(tmp_path: Path):
    for version in ("VCFv4.4", "VCFv4.5", "VCFv9", "VCFv3.3"):
        assert len(through(tmp_path, text_of(head=HEAD.replace("VCFv4.2", version)))[2]) == 2
    for head in (HEAD.replace("##fileformat=VCFv4.2\n", ""), HEAD.replace("VCFv4.2", "vcf"), f"##x=y\n{HEAD}"):
        with pytest.raises(InputError, match=r"in\.vcf:1: got .* wanted '##fileformat=VCFv4\.x'"):
            through(tmp_path, text_of(head=head))


def test_rows_that_do_not_come_back_are_a_fault_of_ours(tmp_path: Path):
    through(tmp_path, text_of())
    htslib.read_back(tmp_path / "out.vcf.gz", 2)
    with pytest.raises(RuntimeError, match="htslib read 2 of 3 records back"):
        htslib.read_back(tmp_path / "out.vcf.gz", 3)


def test_a_crash_of_htslib_takes_nobody_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(htslib, "_COUNT", "import os; os.kill(os.getpid(), 11)")
    with pytest.raises(InputError, match=r"in.vcf: htslib cannot read its header \(htslib crashed, signal 11\)"):
        through(tmp_path, text_of())
