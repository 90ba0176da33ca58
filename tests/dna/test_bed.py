"""BED and its relatives: columns by what the file is, known by hand; an error with a line for what cannot be read."""

import gzip
import logging

import pandas as pd
import pytest

from dnalm.dna import bed
from dnalm.errors import InputError

SIZES = {"chr1": 1_000, "chr2": 500}
NARROW = "chr1\t100\t201\tp\t0\t.\t{score}\t{p}\t-1\t{summit}\n"


def peaks(tmp_path, text, sizes=None):
    path = tmp_path / "peaks.bed"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return bed.read_peaks(path, sizes)


def test_reads_narrow_peak_and_bed(tmp_path):
    text = (
        "track name=x\n#c\nchr1\t10\t20\tp\t0\t.\t7.5\t-1\t-1\t3\r\nchr2\t0\t11\n\nchr1\t5\t9\tq\t0\t.\t1\t-1\t-1\t-1\n"
    )
    read = peaks(tmp_path, text)
    assert read.chrom.tolist() == ["chr1", "chr2", "chr1"]
    assert read.summit.tolist() == [13, 5, 7]  # offset from start; midpoint where it is missing or -1
    assert read.score.tolist() == [7.5, 0, 1]
    for same in (gzip.compress(text.encode()), b"\xef\xbb\xbf" + text.encode(), text.replace("\r\n", "\n")):
        pd.testing.assert_frame_equal(peaks(tmp_path, same), read)


FORMATS = {  # a line of [100, 201): the midpoint is 150
    "BED3": ("", 0, 150),
    "BED4 with a name": ("\tpeak 1", 0, 150),
    "BED5": ("\tp\t380", 380, 150),
    "BED5 without a score": ("\tp\t.", 0, 150),
    "BED5 with text": ("\tp\thigh", 0, 150),
    "BED5 with a blank": ("\tp\t", 0, 150),
    "BED6": ("\tp\t3.5\t+", 3.5, 150),
    "BED9 with a colour": ("\tp\t7\t+\t100\t201\t0,255,0", 7, 150),
    "BED9 without a colour": ("\tp\t7\t+\t100\t100\t0", 7, 150),
    "broadPeak": ("\tp\t7\t.\t12.25\t-1\t3.5", 12.25, 150),
    "narrowPeak": ("\tp\t7\t.\t12.25\t-1\t3.5\t10", 12.25, 110),
    "narrowPeak, whole numbers": ("\tp\t7\t.\t12\t40\t30\t10", 12, 110),
    "narrowPeak without a summit": ("\tp\t7\t.\t12.25\t-1\t3.5\t.", 12.25, 150),
    "narrowPeak with missing values": ("\t.\t.\t.\t12.25\t.\t\t10", 12.25, 110),
    "bed9+1 (methylation)": ("\tp\t7\t+\t100\t201\t0,255,0\t80", 7, 150),
    "bed9+1, colour 0": ("\tp\t7\t+\t100\t201\t0\t80", 7, 150),
    "bed9+2 (bedMethyl)": ("\tp\t7\t+\t100\t201\t255,0,0\t30\t80", 7, 150),
    "BED12": ("\tp\t380\t.\t100\t201\t0\t1\t101,\t0,", 380, 150),
    "gappedPeak": ("\tp\t380\t.\t100\t201\t0\t1\t101\t0\t38.5\t-1\t-1", 38.5, 150),
    "ten columns of another kind": ("\tp\t9\tACGT\ta\tb\tc\t5", 9, 150),
    "twenty columns": ("\tp\t9\t+" + "\tx" * 14, 9, 150),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_is_read_by_its_own_columns(tmp_path, kind):
    """Column 10 of BED12 is the number of blocks: as a summit it lies at the very start of each interval."""
    rest, score, summit = FORMATS[kind]
    read = peaks(tmp_path, f"chr1\t100\t201{rest}\n" * 3)
    assert read.values.tolist() == [["chr1", 100, 201, score, summit]] * 3


def test_short_lines_do_not_outvote_those_that_tell_what_the_file_is(tmp_path):
    text = NARROW.format(score=2, p=-1, summit=5) + "chr1\t100\t201\n" * 3 + "chr1\t100\t201\tp\t9\t+\n"
    assert peaks(tmp_path, text).summit.tolist() == [105] + [150] * 4


def test_what_stands_for_a_summit_is_counted_and_said_once(tmp_path, caplog):
    with caplog.at_level(logging.INFO, "dnalm"):
        peaks(tmp_path, NARROW.format(score=2, p=-1, summit=5) * 3 + NARROW.format(score="nan", p=-1, summit=-1))
        peaks(tmp_path, "chr1\t1\t5\n" * 4)
    said = [record.getMessage().partition(": ")[2] for record in caplog.records]
    assert said == [
        "4 intervals read as narrowPeak, 1 of them without a summit, so their midpoint stands for it, "
        "1 of them without a score",
        "4 intervals read as BED, 4 of them without a summit, so their midpoint stands for it, "
        "4 of them without a score",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no interval"),
        ("# only this\n", "holds no interval"),
        ("chr1\t1\t5\nchr1 1 5\n", r"peaks.bed:2: got 1 tab-separated column.*by tabs, not blanks: tr -s"),
        ("chr1\t1\n", r"peaks.bed:1: got 2 tab-separated column"),
        ("chr1\t5\t1\n", r"peaks.bed:1: got 5-1, wanted 0 <= start <= end"),
        ("chr1\t-5\t1\n", r"got -5-1"),
        ("chr1\t1e3\t2000\n", r"peaks.bed:1: .*whole numbers"),
        ("chr1\t1.0\t2000\n", r"peaks.bed:1: .*whole numbers"),
        ("chr1\t1_0\t2000\n", r"peaks.bed:1: .*whole numbers"),
        ("chr1\t1\t" + "9" * 20 + "\n", r"peaks.bed:1: .*whole numbers"),
        ("chrom\tstart\tend\nchr1\t1\t2\n", "peaks.bed:1: .*line of column names, put # before it"),
        ("\t1\t5\n", "peaks.bed:1: got '' as contig"),
        ("chr1\t10\t20\tp\t0\t.\t7\t-1\t-1\t10\n", "peaks.bed:1: summit offset 10 lies outside the peak"),
        (
            NARROW.format(score=1, p=-1, summit=3) * 3 + NARROW.format(score=1, p=-1, summit="x"),
            "bed:4: got 'x' in col",
        ),
        (gzip.compress(b"chr1\t1\t2\n" * 1_000)[:-9], "cut short"),
    ],
)
def test_refuses_malformed(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        peaks(tmp_path, text)


MACS = "chr\tstart\tend\tlength\tabs_summit\tpileup\nchr1\t5\t9\t5\t7\t3\n"
FOREIGN = {
    "MACS": ("# This file is generated by MACS version 2.2.7\n" + MACS, "MACS's table, 1-based", "_peaks.narrowPeak"),
    "MACS, its comments cut off": (MACS, "MACS's table, 1-based", "_peaks.narrowPeak"),
    "HOMER": ("# HOMER Peaks\n", "a HOMER peak file, 1-based", "$2, $3-1, $4"),
    "HOMER's lines alone": ("chr1-1\tchr1\t5\t9\t+\t3\n", "a HOMER peak file, 1-based", "$2, $3-1, $4"),
    "SAF": ("GeneID\tChr\tStart\tEnd\tStrand\n", "SAF, 1-based", "$2, $3-1, $4"),
    "GFF": ("##gff-version 3\n", "GTF or GFF, 1-based", "$1, $4-1, $5"),
    "GTF's lines alone": ('chr1\thavana\tgene\t5\t9\t.\t+\t.\tgene_id "x";\n', "GTF or GFF, 1-based", "$1, $4-1, $5"),
    "VCF": ("##fileformat=VCFv4.2\n", "a VCF file, 1-based", "$1, $2-1, $2-1+length($4)"),
    "interval list": ("@HD\tVN:1.6\n", "an interval list or SAM, 1-based", "grep -v '^@' peaks.bed"),
    "regions": ("chr1:1,000-2,000\n", "a list of regions, 1-based", "$1, $2-1, $3"),
    "wiggle": ("track type=wiggle_0\nvariableStep chrom=chr1\n", "a wiggle track", "peaks that were called on it"),
    "FASTA": (">chr1\nACGT\n", "FASTA", "give the places"),
    "bigBed": (b"\xeb\xf2\x89\x87" + bytes(100), "is a bigBed file", "bigBedToBed"),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_files_of_other_tools_are_named_with_what_converts_them(tmp_path, kind):
    text, what, step = FOREIGN[kind]
    with pytest.raises(InputError) as raised:
        peaks(tmp_path, text)
    assert what in str(raised.value)
    assert step in str(raised.value)


@pytest.mark.parametrize("text", ["", "# nothing here\n", "track name=none\n"])
def test_a_list_may_hold_no_interval(tmp_path, text):
    (tmp_path / "blacklist.bed").write_text(text)
    assert bed.read_intervals(tmp_path / "blacklist.bed", SIZES).empty


def test_a_contig_may_be_called_as_a_line_of_a_browser_begins(tmp_path):
    assert peaks(tmp_path, "tracker1\t1\t5\nbrowser position chr1\nbrowserless\t1\t5\n").chrom.tolist() == [
        "tracker1",
        "browserless",
    ]


def test_another_assembly_is_noticed(tmp_path):
    assert len(peaks(tmp_path, "chr1\t1\t2\n" * 99 + "chrUn\t1\t2\n", SIZES)) == 99
    with pytest.raises(InputError, match="none of its 1 intervals"):
        peaks(tmp_path, "1\t1\t2\n", SIZES)
    with pytest.raises(InputError, match=r"chr2 does at 501 .chr2 has 500 bp"):
        peaks(tmp_path, "chr1\t1\t2\nchr2\t1\t501\n", SIZES)
