"""The VCF reader and writer: faults by line, headers completed, output that htslib accepts."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pysam
import pytest

from dnalm.errors import InputError
from dnalm.genome import tabix
from dnalm.variants import vcf, vcf_header

HEAD = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


def record(*fields: object) -> str:
    base = ["c1", "3", ".", "A", "G", ".", ".", "."]
    base[: len(fields)] = [str(field) for field in fields]
    return "\t".join(base) + "\n"


def save(folder: Path, text: str | bytes, name: str = "x.vcf") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def bgzip(folder: Path, text: str) -> Path:
    path = folder / "x.vcf.gz"
    with pysam.BGZFile(str(path), "w") as handle:
        handle.write(text.encode())
    return path


def test_positions_stay_one_based_and_alternatives_are_counted(tmp_path: Path):
    called = vcf.read(save(tmp_path, HEAD + record("c1", 3, "rs1", "a", "g,T") + record("c1", 5, ".", "C", ".")))
    alleles = vcf.split_alleles(called.records)
    assert alleles[["record", "pos", "ref", "alt", "alt_index"]].to_numpy().tolist() == [
        [0, 3, "A", "G", 1],
        [0, 3, "A", "T", 2],
        [1, 5, "C", ".", 1],
    ]


@pytest.mark.parametrize("pack", ["plain", "gzip", "bgzf", "crlf", "no_last_newline", "bom"])
def test_any_wrapping_reads_alike(tmp_path: Path, pack: str):
    text = HEAD + record("c1", 3) + record("c2", 9)
    path = {
        "plain": lambda: save(tmp_path, text),
        "gzip": lambda: save(tmp_path, gzip.compress(text.encode()), "x.vcf.gz"),
        "bgzf": lambda: bgzip(tmp_path, text),
        "crlf": lambda: save(tmp_path, text.replace("\n", "\r\n")),
        "no_last_newline": lambda: save(tmp_path, text[:-1]),
        "bom": lambda: save(tmp_path, "\ufeff" + text),
    }[pack]()
    called = vcf.read(path)
    assert called.records.chrom.tolist() == ["c1", "c2"]
    assert called.records["info"].tolist() == [".", "."]


def test_header_only_is_valid_and_empty(tmp_path: Path):
    called = vcf.read(save(tmp_path, HEAD))
    assert len(called.records) == 0
    assert len(vcf.split_alleles(called.records)) == 0
    vcf.write(tmp_path / "y.vcf.gz", vcf_header.complete_header(called, {"c1": 9}), called.columns, called.records)
    with pysam.VariantFile(str(tmp_path / "y.vcf.gz")) as file:
        assert list(file) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("<html>404</html>\n", "is a web page .* wanted a VCF file"),
        ("chr1\t3\n", ":1: got 'chr1.t3', wanted '##fileformat=VCF"),
        ("##fileformat=VCFv4.2\n", ":2: got ''"),
        (HEAD.replace("\t", " "), ":2: got '#CHROM POS"),
        (HEAD + record().replace("\t", " "), ":3: got 1 tab-separated column.*not spaces"),
        (HEAD + "c1\t3\t.\tA\n", ":3: got 4 tab-separated column.*cut"),
        (HEAD + record()[:-1] + "\tGT\t0/1\n", ":3: got 10 .* wanted 8"),
        (HEAD + record("c1", "abc"), ":3: POS is 'abc'"),
        (HEAD + record("c1", "-4"), ":3: POS is '-4'"),
        (HEAD + record("c1", "1e6"), ":3: POS is '1e6'"),
        (HEAD + record("c1", "²"), ":3: POS is '²'"),
        (HEAD + record("c1", 99999999999), ":3: POS is"),
        (HEAD + record() + record("c1", 3, ".", "", "G"), ":4: REF is ''"),
        (HEAD + record("c 1"), ":3: CHROM is 'c 1'"),
        (HEAD + record() + HEAD + record(), ":4: a header line among the records"),
        (HEAD + "c1\t\0\n", ":3: holds a NUL byte"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, text: str, message: str):
    with pytest.raises(InputError, match=message):
        vcf.read(save(tmp_path, text))


def test_damaged_containers_are_refused(tmp_path: Path):
    raw = bgzip(tmp_path, HEAD + record()).read_bytes()
    with pytest.raises(InputError, match="end block is missing"):
        vcf.read(save(tmp_path, raw[:-28], "a.vcf.gz"))
    zipped = gzip.compress((HEAD + record() * 50).encode())
    with pytest.raises(InputError, match="its compressed data end early"):
        vcf.read(save(tmp_path, zipped[:-12], "b.vcf.gz"))
    with pytest.raises(InputError, match="cannot be decompressed"):
        vcf.read(save(tmp_path, zipped[:40] + bytes([zipped[40] ^ 8]) + zipped[41:], "c.vcf.gz"))
    with pytest.raises(InputError, match="not compressed"):
        vcf.read(save(tmp_path, HEAD, "d.vcf.gz"))
    with pytest.raises(InputError, match=":3: byte 0xff is not UTF-8"):
        vcf.read(save(tmp_path, HEAD.encode() + b"\xff\n", "e.vcf"))


def test_no_flip_or_cut_crashes_the_reader(tmp_path: Path):
    raw = bgzip(tmp_path, HEAD + record() * 20).read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(150):
        damaged = bytearray(raw[: rng.integers(1, len(raw))]) if rng.random() < 0.3 else bytearray(raw)
        damaged[rng.integers(len(damaged))] ^= 1 << rng.integers(8)
        try:
            called = vcf.read(save(tmp_path, bytes(damaged), "f.vcf.gz"))
        except InputError:
            continue
        assert len(called.records) == 20  # a flip in gzip's time stamp or flags changes no content


def test_missing_definitions_are_added_with_inferred_types(tmp_path: Path):
    text = HEAD.replace("#CHROM", '##INFO=<ID=set,Number=1,Type=String,Description="x">\n#CHROM').replace(
        "INFO\n", "INFO\tFORMAT\tS1\n"
    )
    rows = "".join(
        record("c1", pos, ".", "A", "G", ".", "low", info)[:-1] + "\tGT:DP\t0/1:7\n"
        for pos, info in ((3, "AC=3;AF=0.5;DB;set=a;X=1"), (4, "AC=1,.;AF=.;X=b"))
    )
    called = vcf.read(save(tmp_path, text + rows))
    meta = vcf_header.complete_header(called, {"c1": 100})
    added = [line.split(",Description")[0] for line in meta if "Not defined in the input" in line]
    assert added == [
        "##INFO=<ID=AC,Number=.,Type=Integer",
        "##INFO=<ID=AF,Number=.,Type=Float",
        "##INFO=<ID=DB,Number=0,Type=Flag",
        "##INFO=<ID=X,Number=.,Type=String",
        "##FILTER=<ID=low",
        "##FORMAT=<ID=GT,Number=1,Type=String",
        "##FORMAT=<ID=DP,Number=.,Type=String",
    ]
    assert "##contig=<ID=c1,length=100>" in meta
    vcf.write(tmp_path / "y.vcf.gz", meta, called.columns, called.records, called.samples)
    with pysam.VariantFile(str(tmp_path / "y.vcf.gz")) as file:
        first = next(iter(file))
        assert (first.info["AC"], first.info["DB"], first.samples["S1"]["GT"]) == ((3,), True, (0, 1))


def test_written_records_are_found_through_the_index(tmp_path: Path):
    called = vcf.read(save(tmp_path, HEAD + record("c2", 5) + record("c1", 9) + record("c1", 0) + record("odd", 2)))
    sizes = {"c2": 50, "c1": 50}
    order = vcf.genome_order(called.records, sizes)
    assert order.tolist() == [0, 2, 1, 3]
    out = tmp_path / "y.vcf.gz"
    vcf.write(out, vcf_header.complete_header(called, sizes), called.columns, called.records.iloc[order])
    with pysam.TabixFile(str(out)) as file:
        assert [row.split("\t")[1] for row in file.fetch("c1", 8, 9)] == ["9"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.vcf", "y.vcf.gz", "y.vcf.gz.csi", "y.vcf.gz.tbi"]
    assert len(vcf.read(out).records) == 4


def test_positions_beyond_512_mb_get_a_csi_index(tmp_path: Path):
    called = vcf.read(save(tmp_path, HEAD + record("c1", 600_000_000)))
    (tmp_path / "y.vcf.gz.tbi").write_bytes(b"of what stood here before")
    vcf.write(tmp_path / "y.vcf.gz", vcf_header.complete_header(called, {}), called.columns, called.records)
    assert (tmp_path / "y.vcf.gz.csi").exists()
    assert not (tmp_path / "y.vcf.gz.tbi").exists()


@pytest.mark.parametrize(("ref", "info"), [("A" * 50, "."), ("A", "DP=1;END=536870930"), ("A", "SVLEN=-50;SVTYPE=DEL")])
def test_a_record_that_ends_beyond_512_mb_gets_one_too(tmp_path: Path, ref: str, info: str):
    """Told by where it ends, as htslib does, which refuses to put it into a .tbi."""
    alt = "<DEL>" if "SV" in info else "G"
    called = vcf.read(save(tmp_path, HEAD + record("c1", tabix.TBI_REACH - 1, ".", ref, alt, ".", ".", info)))
    out = tmp_path / "y.vcf.gz"
    vcf.write(out, vcf_header.complete_header(called, {}), called.columns, called.records)
    assert not (tmp_path / "y.vcf.gz.tbi").exists()
    with pysam.VariantFile(str(out), index_filename=f"{out}.csi") as file:
        assert len(list(file.fetch("c1", tabix.TBI_REACH - 2, tabix.TBI_REACH))) == 1


def test_info_value_reads_whole_keys_only():
    records = pd.DataFrame({"info": ["CLASS=a;XCLASS=b", "XCLASS=c", "CLASS", ".", "D;CLASS=d"]})
    values = vcf.info_value(records, "CLASS", "x.vcf")
    assert values.fillna("-").tolist() == ["a", "-", "", "-", "d"]
    with pytest.raises(InputError, match="no record has the INFO key 'KIND'; they have CLASS, XCLASS, D"):
        vcf.info_value(records, "KIND", "x.vcf")
