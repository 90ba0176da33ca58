"""What a VCF comes in is told by its first bytes; BCF, packed or bare, gives the lines of the VCF it was made from."""

import gzip
import os
from pathlib import Path

import pytest
from pysam import bcftools

from dnalm.errors import InputError
from dnalm.variants import vcf, wrapping

TEXT = (
    '##fileformat=VCFv4.2\n##FILTER=<ID=PASS,Description="All filters passed">\n##contig=<ID=c1,length=900>\n'
    '##INFO=<ID=CLASS,Number=1,Type=String,Description="kind">\n'
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
    + "".join(f"c1\t{pos}\trs{pos}\ta\tG,T\t{pos}\tPASS\tCLASS=x\tGT\t0|1\n" for pos in range(0, 400, 7))
)


def bcf(folder: Path, kind: str, text: str = TEXT) -> Path:
    """Packed (b), in BGZF that packs nothing (u, as bcftools pipes it), or the bare stream (raw)."""
    if kind == "raw":
        path = folder / "raw.bcf"
        path.write_bytes(gzip.decompress(bcf(folder, "b", text).read_bytes()))
        return path
    (folder / "made.vcf").write_text(text)
    path = folder / f"{kind}.bcf"
    bcftools.view("--no-version", "-O", kind, "-o", str(path), str(folder / "made.vcf"), catch_stdout=False)
    return path


@pytest.mark.parametrize("kind", ["b", "u", "raw"])
@pytest.mark.parametrize("name", ["calls.bcf", "calls.vcf.gz", "calls.vcf"])
def test_bcf_gives_the_lines_it_was_made_from(tmp_path: Path, kind: str, name: str, capfd: pytest.CaptureFixture):
    path = bcf(tmp_path, kind).rename(tmp_path / name)
    assert wrapping.is_bcf(path)
    assert [*wrapping.lines(path)] == TEXT.splitlines()
    called = vcf.read(path)
    assert (len(called.records), called.repaired, called.formats) == (58, (), ("GT",))
    assert capfd.readouterr().err == ""


def test_bcf_without_records_is_empty(tmp_path: Path):
    head = TEXT[: TEXT.index("c1\t")]
    for kind in ("b", "u", "raw"):
        assert vcf.read(bcf(tmp_path, kind, head)).records.empty


def test_text_is_no_bcf(tmp_path: Path):
    for name, content in {
        "a.vcf": TEXT.encode(),
        "a.vcf.gz": gzip.compress(TEXT.encode()),
        "short": b"\x1f\x8b",
        "damaged": b"\x1f\x8b" + bytes(30),
        "empty": b"",
    }.items():
        (tmp_path / name).write_bytes(content)
        assert not wrapping.is_bcf(tmp_path / name)
    (tmp_path / "a.bcf").write_text(TEXT)
    assert len(vcf.read(tmp_path / "a.bcf").records) == 58


def test_damaged_bcf_is_one_line(tmp_path: Path, capfd: pytest.CaptureFixture):
    whole = bcf(tmp_path, "b").read_bytes()
    bare = bcf(tmp_path, "raw").read_bytes()
    cases = {
        "the BCF file's end block is missing, so it is cut short; fetch it again": whole[:-28],
        "the BCF file is damaged or cut short .*; fetch it again": bare[:-5],
        "the BCF file is damaged .*; fetch it": whole[:200] + bytes([whole[200] ^ 1]) + whole[201:],
        "the BCF file is damaged or cut .*; fetch it": bare[:30],
    }
    for message, content in cases.items():
        (tmp_path / "x.bcf").write_bytes(content)
        with pytest.raises(InputError, match=f"x.bcf: {message}") as caught:
            vcf.read(tmp_path / "x.bcf")
        assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


def test_a_reader_that_stops_early_leaves_no_process(tmp_path: Path):
    rows = "".join(f"c1\t{pos}\t.\tA\tG\t.\t.\t.\tGT\t0/1\n" for pos in range(1, 60_000))
    path = bcf(tmp_path, "b", TEXT[: TEXT.index("c1\t0")].replace("length=900", "length=90000") + rows)
    found = wrapping.lines(path)
    assert next(found) == "##fileformat=VCFv4.2"
    found.close()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
