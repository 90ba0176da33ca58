"""FAULTS.md, rows 36 to 47, intervals and peaks: for each fault, the exit status, the words, what is counted."""

import json

import numpy as np
import pandas as pd
import pytest
from genomes import make, random_codes

from dnalm.dna import bed, seq
from dnalm.metrics import ranking

SPLITS = {"validation": ["chr2"], "test": ["chr3"], "exclude": []}
GOOD = "".join(
    f"{chrom}\t{start}\t{start + 60}\n" for chrom in ("chr1", "chr2", "chr3") for start in (2000, 3000, 5000)
)


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    """Three contigs of 8 kb."""
    letters = {f"chr{n}": seq.decode(random_codes(n, 8000)) for n in (1, 2, 3)}
    return make(tmp_path_factory.mktemp("genome") / "toy", letters, SPLITS)


@pytest.fixture
def label(call, genome, tmp_path):
    """Label windows round peaks of this text; where that fails, no file may be there under its final name."""

    def run(text, *words):
        peaks, out = tmp_path / "x.bed", tmp_path / "w.tsv.gz"
        peaks.write_text(text)
        out.unlink(missing_ok=True)
        files = ("--peaks", peaks, "--out-windows", out, "--out-summary", tmp_path / "w.json")
        status, said = call("label_windows", "--genome", genome, "--window", 32, *files, *words)
        assert out.exists() == (status == 0)
        if not status:
            run.summary = json.loads((tmp_path / "w.json").read_text())
            run.table = pd.read_csv(out, sep="\t")
            rows, skipped = run.summary["rows"]["peaks"], run.summary["skipped"]["peaks"]
            assert rows == (run.table.kind == "positive").sum() + sum(skipped.values())
        return status, said

    return run


def refused(answer, words):
    status, said = answer
    last = said.splitlines()[-1]  # before it, how many intervals were read
    assert (status, last.startswith("[label_windows] error: "), words in last) == (2, True, True), said


def test_row36_start_after_end(label):
    refused(label(GOOD + "chr1\t700\t600\n"), "x.bed:10: got 700-600, wanted 0 <= start <= end; correct or remove")


def test_row37_empty_interval(label):
    assert label(GOOD + "chr1\t700\t700\n")[0] == 0
    assert label.summary["skipped"]["peaks"] == {"empty_interval": 1}


def test_row38_negative_coordinate(label):
    refused(label(GOOD + "chr1\t-7\t700\n"), "x.bed:10: got -7-700, wanted 0 <= start <= end")


def test_row39_beyond_the_contig(label):
    many = "".join(f"chr1\t{start}\t{start + 9}\n" for start in range(1000, 3000))
    assert label(GOOD + many + "chr1\t7000\t9000\n")[0] == 0  # one of 2,010
    assert label.summary["skipped"]["peaks"]["beyond_contig"] == 1
    refused(label(GOOD + "chr1\t7000\t9000\n"), "1 of 10 intervals end beyond their contig, as one on chr1 does at 9")


def test_row40_contig_absent(label):
    many = "".join(f"chr1\t{start}\t{start + 9}\n" for start in range(1000, 1200))
    assert label(GOOD + many + "chrUn\t7\t9\n")[0] == 0  # one of 210
    assert label.summary["skipped"]["peaks"]["contig_absent"] == 1
    refused(label(GOOD + "chrUn\t7\t9\n"), "1 of 10 intervals are on contigs that the genome lacks, wanted 1% at most")
    assert label(GOOD + "chrUn\t7\t9\n", "--max-outside", 0.1)[0] == 0
    refused(label(GOOD.replace("chr", "")), "none of its 9 intervals is on a contig of the genome: got 1 (3), 2 (3), 3")
    refused(label(GOOD.replace("chr3", "3")), "they differ by 'chr' only: rename those of the file, or the genome's")


@pytest.mark.parametrize("option", ["--blacklist", "--not-negative"])
def test_row40_what_is_left_out_has_other_names(label, tmp_path, option):
    """It would leave out nothing, on a part of an assembly too, of which most of the file may lie elsewhere."""
    (tmp_path / "y.bed").write_text("1\t7\t9\nX\t7\t9\n")
    words = "y.bed: none of its 2 intervals is on a contig of the genome: got 1 (1), X (1), the genome has chr1, chr2,"
    for most in (0.01, 1):
        refused(label(GOOD, option, tmp_path / "y.bed", "--max-outside", most), words)


@pytest.mark.parametrize("number", ["1.5", "1e6", "1,000", "x", "", "1_0", "0x1F"])
def test_row41_no_whole_number(label, number):
    refused(label(GOOD + f"chr1\t{number}\t2000000\n"), f"x.bed:10: got {number!r} to '2000000', wanted whole numbers")


def test_row42_blanks_and_two_columns(label):
    refused(label("chr1 700 800\n"), "x.bed:1: got 1 tab-separated column(s), wanted at least 3 (chrom, start, end); ")
    refused(label("chr1\t700\n"), "x.bed:1: got 2 tab-separated column(s), wanted at least 3")


def test_row43_lines_of_a_browser_and_of_windows(label):
    text = "browser position chr1\r\ntrack name=x\r\n# c\r\n\r\n" + GOOD.replace("\n", "\r\n")
    assert label(text)[0] == 0
    assert label.summary["rows"]["peaks"] == 9


def test_row44_summits(read, label):
    line = "chr1\t100\t201\tp\t0\t.\t7\t-1\t-1\t{}\n"
    status, said = read(bed.read_peaks, (line.format(-1) + line.format(7)).encode(), "x.narrowPeak")
    assert (status, "read as narrowPeak, 1 of them without a summit, so their midpoint" in said) == (0, True)
    for summit in (101, -2):
        status, said = read(bed.read_peaks, line.format(summit).encode(), "x.narrowPeak")
        assert (status, f"x.narrowPeak:1: summit offset {summit} lies outside the peak" in said) == (2, True)


def test_row45_repeated_and_overlapping_peaks(label):
    assert label(GOOD + "chr1\t2000\t2060\nchr1\t2004\t2064\n")[0] == 0
    assert label.summary["skipped"]["peaks"] == {"merged": 2}


def test_row46_unsorted(label):
    assert label("".join(sorted(GOOD.splitlines(True), key=lambda line: line[::-1])))[0] == 0
    first = label.table
    assert label(GOOD)[0] == 0
    assert set(first[first.kind == "positive"].chrom) == set(label.table.chrom)
    assert label.table.equals(label.table.sort_values(["chrom", "start", "kind", "id"], kind="stable"))


def test_row47_too_few(label):
    refused(
        label("".join(line for line in GOOD.splitlines(True) if "chr2" not in line)),
        "the validation split (chr2) holds no window, left out were: of 6 peaks none; name",
    )
    one = ranking.auroc(np.ones(4), np.arange(4.0))
    assert np.isnan(one)
