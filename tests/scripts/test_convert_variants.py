"""Tables of variants become VCF: sorted, typed, sanitised; what cannot be one is named by line."""

import gzip
import json
import logging
import os
from pathlib import Path

import numpy as np
import pysam
import pytest

import convert_variants
from dnalm import cli
from dnalm.errors import InputError, UsageError
from dnalm.variants import vcf

REAL = Path(os.environ.get("DNALM_REAL_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
COLUMNS = {"chrom": "chromosome", "pos": "position (hg19)", "ref": "reference", "alt": "alt"}
HEAD = "name\tchromosome\tposition (hg19)\treference\talt\tfunc class\tscore\n"


@pytest.fixture
def genome(tmp_path: Path) -> Path:
    path = tmp_path / "genome" / "genome.fa.gz"
    path.parent.mkdir()
    with pysam.BGZFile(str(path), "w") as handle:
        handle.write(b">chr2\nACGTACGT\n>chr1\nTTTTGGGG\n")
    pysam.faidx(str(path))
    return path.parent


def convert(tmp_path: Path, genome: Path, text: str, **changes: object) -> Path:
    (tmp_path / "t.tsv").write_text(text)
    options = {
        "table": tmp_path / "t.tsv",
        "columns": COLUMNS | {"id": "name"},
        "info": {"CLASS": "func class", "SCORE": "score"},
        "chrom_prefix": "chr",
        "genome": genome,
        "out": tmp_path / "out.vcf",
    }
    convert_variants.main(**(options | changes))
    return options["out"]


def test_rows_become_sorted_records(tmp_path: Path, genome: Path):
    rows = "b\t1\t5\tg\tA,C\tsplice region;x=1\t-0.5\n" + "a\t2\t3\tG\tT\tLOF\tNA\n" + "\t1\t1\tT\tC\tNA\t2\n"
    called = vcf.read(convert(tmp_path, genome, HEAD + rows))
    assert called.meta[0] == "##fileformat=VCFv4.3"
    assert [line for line in called.meta if "contig" in line] == [
        "##contig=<ID=chr2,length=8>",
        "##contig=<ID=chr1,length=8>",
    ]
    assert called.records[["chrom", "pos", "id", "ref", "alt", "info"]].to_numpy().tolist() == [
        ["chr2", 3, "a", "G", "T", "CLASS=LOF"],
        ["chr1", 1, ".", "T", "C", "SCORE=2"],
        ["chr1", 5, "b", "G", "A,C", "CLASS=splice_region%3Bx%3D1;SCORE=-0.5"],
    ]
    assert any(line.startswith("##INFO=<ID=SCORE,Number=.,Type=Float") for line in called.meta)
    with pysam.VariantFile(str(tmp_path / "out.vcf")) as file:
        assert len(list(file)) == 3


def test_csv_with_quotes_reads_alike_and_gz_out_is_indexed(tmp_path: Path, genome: Path):
    text = HEAD.replace("\t", ",") + '"n,1",1,2,T,C,"a, b",1\n'
    convert(tmp_path, genome, text, out=tmp_path / "out.vcf.gz")
    called = vcf.read(tmp_path / "out.vcf.gz")
    assert called.records["info"].tolist() == ["CLASS=a%2C_b;SCORE=1"]
    assert (tmp_path / "out.vcf.gz.tbi").exists()


def test_rows_without_bases_are_counted(tmp_path: Path, genome: Path):
    rows = "a\t1\t5\tG\t-\tx\t1\n" + "b\t1\t5\tG\tC\tx\t1\n"
    called = vcf.read(convert(tmp_path, genome, HEAD + rows))
    assert len(called.records) == 1
    assert '##dnalm_convert="t.tsv: 2 rows, 1 records, 1 skipped"' in called.meta


def test_rows_without_a_place_are_counted(tmp_path: Path, genome: Path, caplog):
    """Lifting over leaves holes; a row that lost its place must not end the run, nor vanish without a word."""
    rows = "".join(f"a\t1\t{gone}\tG\tC\tx\t1\n" for gone in ("", "NA", ".", "-", "nan")) + "b\tNA\t5\tG\tC\tx\t1\n"
    rows += "c\t1\t5\tG\tNA\tx\t1\n" + "d\t1\t5\tG\tC\tx\t1\n"
    with caplog.at_level(logging.INFO, "dnalm"):
        called = vcf.read(convert(tmp_path, genome, HEAD + rows))
    assert called.records.id.tolist() == ["d"]
    assert caplog.messages[-1] == "8 rows: 1 records, 7 skipped (6 missing_place, 1 missing_allele)"
    assert '##dnalm_convert="t.tsv: 8 rows, 1 records, 7 skipped"' in called.meta


def test_a_quote_in_a_cell_swallows_no_row(tmp_path: Path, genome: Path):
    notes = ['"open', "x", '5"', '"y']
    rows = [f"{name}\t1\t5\tG\tC\t{note}\t1\n" for name, note in zip("abcd", notes, strict=True)]
    assert vcf.read(convert(tmp_path, genome, HEAD + "".join(rows))).records.id.tolist() == list("abcd")


def test_a_column_may_be_called_line_and_repeated_names_matter_only_where_they_are_asked_for(tmp_path, genome):
    text = HEAD.replace("name", "line").replace("score", "alt") + "K562\t1\t5\tG\tC\tx\t1\n"
    with pytest.raises(InputError, match=r"t.tsv:1: column 'alt' is there 2 times"):
        convert(tmp_path, genome, text, columns=COLUMNS, info={})
    text = text.replace("\talt\tfunc", "\tto\tfunc")
    options = {"columns": COLUMNS | {"id": "line", "alt": "to"}, "info": {"LINE": "line"}}
    assert vcf.read(convert(tmp_path, genome, text, **options)).records["info"].tolist() == ["LINE=K562"]


def test_lines_become_records_named_after_themselves(tmp_path: Path, genome: Path):
    (tmp_path / "l.txt").write_text("\ufeff# mine\r\n1-5-G-A\r\n2:3:g:t\r\n1:1:T:-\r\n")
    given = {"table": None, "columns": None, "info": None, "lines": tmp_path / "l.txt", "chrom_prefix": "chr"}
    called = vcf.read(convert(tmp_path, genome, "", **given))
    assert called.records[["chrom", "pos", "id", "ref", "alt"]].to_numpy().tolist() == [
        ["chr2", 3, "2:3:g:t", "G", "T"],
        ["chr1", 5, "1-5-G-A", "G", "A"],
    ]
    assert '##dnalm_convert="l.txt: 3 rows, 2 records, 1 skipped"' in called.meta
    (tmp_path / "l.txt").write_text("1-5-G-A\n2:3:g:t\n1:1:T:C\n")
    with pytest.raises(InputError, match=r"l\.txt: none of its 3 records is on a contig of the genome"):
        convert(tmp_path, genome, "", **given | {"chrom_prefix": ""})
    for wrong, said in (
        ({"lines": None}, "give --table, --lines or --saturate, one of them"),
        ({"table": tmp_path / "t.tsv"}, "give --table, --lines or --saturate, one of them"),
        ({"columns": COLUMNS}, "--columns, --info, --reads and --only speak of a --table"),
        ({"lines": None, "table": tmp_path / "t.tsv"}, "--columns lacks chrom, pos, ref, alt"),
    ):
        with pytest.raises(UsageError, match=said):
            convert(tmp_path, genome, HEAD + "a\t1\t5\tG\tC\tx\t1\n", **given | wrong)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("", "holds a header and no row"),
        ("a\t1\t5\tG\n", "t.tsv:2: got 4 column"),
        ("a\t1\t5\tG\tC\tx\t1\na\t1\t5.0\tG\tC\tx\t1\n", "t.tsv:3: position is '5.0'"),
        ("a\t1\t0\tG\tC\tx\t1\n", "t.tsv:2: position is '0'"),
        ("a\t1\t2147483648\tG\tC\tx\t1\n", "t.tsv:2: position is '2147483648'"),
        ("a\t1 2\t5\tG\tC\tx\t1\n", "t.tsv:2: contig is '1 2'"),
        ("a\t1\t5\tG\tp.C61G\tx\t1\n", "t.tsv:2: alt is 'p.C61G'"),
        ("a\t9\t5\tG\tC\tx\t1\n", "none of its 1 records is on a contig"),
        ("a\t1\t5\t-\tC\tx\t1\n", "none of its 1 rows"),
    ],
)
def test_bad_rows_are_named(tmp_path: Path, genome: Path, rows: str, message: str):
    with pytest.raises(InputError, match=message):
        convert(tmp_path, genome, HEAD + rows)
    assert not (tmp_path / "out.vcf").exists()


def test_wrong_columns_are_named(tmp_path: Path, genome: Path):
    row = HEAD + "a\t1\t5\tG\tC\tx\t1\n"
    with pytest.raises(InputError, match="no column 'class'; the table has 'name', 'chromosome'"):
        convert(tmp_path, genome, row, info={"CLASS": "class"})
    with pytest.raises(UsageError, match="lacks alt"):
        convert(tmp_path, genome, row, columns={"chrom": "chromosome", "pos": "score", "ref": "reference"})
    with pytest.raises(UsageError, match=r"key 'DNALM_SKIP'.*take another"):
        convert(tmp_path, genome, row, info={"DNALM_SKIP": "score"})
    with pytest.raises(UsageError, match="key 'my key'"):
        convert(tmp_path, genome, row, info={"my key": "score"})


def test_from_the_command_line(tmp_path: Path, genome: Path):
    (tmp_path / "t.tsv").write_text(HEAD + "a\t1\t5\tG\tC\tx\t1\n")
    argv = ["--table", str(tmp_path / "t.tsv"), "--columns", json.dumps(COLUMNS), "--chrom-prefix", "chr"]
    cli.run(convert_variants.main, [*argv, "--genome", str(genome), "--out", str(tmp_path / "o.vcf")])
    assert (tmp_path / "o.vcf.card.json").exists()


@pytest.mark.real
@pytest.mark.skipif(not REAL.exists(), reason=f"real data absent: set DNALM_REAL_DATA (looked in {REAL})")
def test_brca1_editing_variants_fit_hg19(tmp_path: Path):
    out = tmp_path / "brca1.vcf"
    fasta = REAL / "hg19" / "hg19_part.fa.gz"
    convert_variants.main(
        table=REAL / "hg19" / "BRCA1_SGE_Findlay2018.tsv.gz",
        columns=COLUMNS,
        info={"CLASS": "func.class", "SCORE": "function.score.mean"},
        chrom_prefix="chr",
        genome=fasta,
        out=out,
    )
    records = vcf.read(out).records
    classes = vcf.info_value(records, "CLASS", out).value_counts()
    assert classes.to_dict() == {"FUNC": 2821, "LOF": 823, "INT": 249}
    with pysam.FastaFile(str(fasta)) as genome:
        held = [genome.fetch("chr17", pos - 1, pos).upper() for pos in records.pos]
    assert np.array_equal(records.ref, held)
    with gzip.open(REAL / "hg19" / "BRCA1_SGE_Findlay2018.tsv.gz", "rt") as table:
        assert len(records) == sum(1 for _ in table) - 1


def test_places_become_all_their_substitutions(tmp_path: Path, genome: Path):
    given = {"table": None, "columns": None, "info": None, "chrom_prefix": ""}
    called = vcf.read(convert(tmp_path, genome, "", **given, saturate=["chr1:3-5", "chr2:0-1"]))
    assert called.records[["chrom", "pos", "id", "ref", "alt"]].to_numpy().tolist() == [
        *(["chr2", 1, ".", "A", alt] for alt in "CGT"),
        *(["chr1", 4, ".", "T", alt] for alt in "ACG"),
        *(["chr1", 5, ".", "G", alt] for alt in "ACT"),
    ]
    assert '##dnalm_convert="chr2:0-1, chr1:3-5: 3 bases, 9 records, 0 skipped"' in called.meta
    with pytest.raises(
        UsageError,
        match="--columns, --info, --reads, --only and --chrom-prefix speak of a file's lines; leave them out",
    ):
        convert(tmp_path, genome, "", **given | {"chrom_prefix": "chr"}, saturate=["chr1:3-5"])
    (tmp_path / "n.fa").write_text(">c\nNNNA\n")
    pysam.faidx(str(tmp_path / "n.fa"))
    with pytest.raises(InputError, match=r"n\.fa: no base of c:0-3 is known \(3 unknown_base\); name other places"):
        convert(tmp_path, tmp_path / "n.fa", "", **given, saturate=["c:0-3"])


BY_BASE = {"A": "cA", "C": "cC", "G": "cG", "T": "cT"}


def reads_of(tmp_path: Path, genome: Path, rows: str, **changes: object) -> list[str]:
    """INFO of the records of a table with reads of each base, in the genome's order."""
    head = "chrom\tpos\tref\talt\tTF\tcA\tcC\tcG\tcT\n"
    columns = {name: name for name in ("chrom", "pos", "ref", "alt")}
    given = {"columns": columns, "info": {}, "chrom_prefix": "", "reads": BY_BASE}
    return vcf.read(convert(tmp_path, genome, head + rows, **given | changes)).records["info"].tolist()


def test_reads_by_base_say_which_allele_is_favoured(tmp_path: Path, genome: Path):
    """By hand: 2 of C and 19 of G at C>G; more of the reference; equal; an indel, two alternatives, no count; none."""
    rows = "chr2\t2\tC\tg\tCTCF_a\t0\t2\t19\t0\n" + "chr2\t3\tG\tT\tCTCF_b\t0\t0\t7\t6\n"
    rows += "chr2\t4\tT\tA\tPOL2\t3.0\t0\t0\t3\n" + "chr2\t5\tA\tAC\tx\t3\t0\t0\t3\n"
    rows += "chr2\t6\tC\tA,G\tx\t3\t0\t0\t3\n" + "chr2\t7\tG\tA\tx\tNA\t0\t4\t0\n"
    rows += "chr2\t8\tT\tA\tx\t0\t0\t4\t0\n"
    assert reads_of(tmp_path, genome, rows) == [
        "REF_READS=2;ALT_READS=19;FAVOURED=alt",
        "REF_READS=7;ALT_READS=6;FAVOURED=ref",
        "REF_READS=3;ALT_READS=3;FAVOURED=equal",
        *["."] * 4,
    ]
    by_allele = {"reads": {"ref": "cA", "alt": "cC"}, "info": {"FACTOR": "TF"}}
    found = reads_of(tmp_path, genome, rows, **by_allele)
    assert found[0] == "FACTOR=CTCF_a;REF_READS=0;ALT_READS=2;FAVOURED=alt"
    assert found[3:] == ["FACTOR=x;REF_READS=3;ALT_READS=0;FAVOURED=ref", *["FACTOR=x"] * 3]
    with pysam.VariantFile(str(tmp_path / "out.vcf")) as file:
        assert next(iter(file)).info["ALT_READS"] == (2,)


def test_only_some_rows_are_meant(tmp_path: Path, genome: Path):
    rows = "chr2\t2\tC\tG\tCTCF_a\t0\t2\t19\t0\n" + "chr2\t3\tG\tT\taCTCF_\t0\t0\t7\t6\n"
    kept = reads_of(tmp_path, genome, rows, only={"TF": "CTCF_.*"}, info={"FACTOR": "TF"}, reads=None)
    assert kept == ["FACTOR=CTCF_a"]
    assert '##dnalm_convert="t.tsv: 2 rows, 1 records, 1 skipped"' in vcf.read(tmp_path / "out.vcf").meta
    with pytest.raises(InputError, match=r"no row is left where cG is '7' from end to end; it holds '19'$"):
        reads_of(tmp_path, genome, rows, only={"TF": "CTCF_.*", "cG": 7})
    with pytest.raises(
        InputError, match=r"t.tsv: no row is left where TF is 'CTCF' from end to end; it holds 'CTCF_a'"
    ):
        reads_of(tmp_path, genome, rows, only={"TF": "CTCF"})
    with pytest.raises(UsageError, match=r"--only: '\(' of TF is no regular expression"):
        reads_of(tmp_path, genome, rows, only={"TF": "("})
    with pytest.raises(InputError, match="no column 'tf'"):
        reads_of(tmp_path, genome, rows, only={"tf": "CTCF_a"})


def test_reads_that_cannot_be_are_named(tmp_path: Path, genome: Path):
    rows = "chr2\t1\tA\t-\tx\tno\t0\t0\t0\n" + "chr2\t2\tC\tG\tx\t0\t-2\t19\t0\n"  # what has no allele counts nothing
    with pytest.raises(InputError, match=r"t.tsv:3: cC is '-2', wanted a whole number of reads, in digits alone"):
        reads_of(tmp_path, genome, rows)
    with pytest.raises(
        UsageError, match="--reads has A, C; wanted a column for each of ref, alt, or for each of A, C, G"
    ):
        reads_of(tmp_path, genome, rows, reads={"A": "cA", "C": "cC"})
    with pytest.raises(UsageError, match="--info has the key FAVOURED, which --reads writes"):
        reads_of(tmp_path, genome, rows, info={"FAVOURED": "TF"})
    for given in ({"lines": tmp_path / "l.txt"}, {"saturate": ["chr2:0-2"]}):
        (tmp_path / "l.txt").write_text("chr2:2:C:G\n")
        with pytest.raises(UsageError, match=r"--reads"):
            reads_of(tmp_path, genome, rows, table=None, columns=None, **given)
