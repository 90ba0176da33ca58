"""What a file is by its first bytes, and text as people save it."""

import gzip
import io
import zipfile

import pysam
import pytest

from dnalm import containers, texts
from dnalm.errors import InputError

TEXT = b"chr1\t100\n"


def bgzf(path):
    with pysam.BGZFile(str(path), "w") as handle:
        handle.write(TEXT)
    return path.read_bytes()


def test_gzip_is_told_by_its_first_bytes(tmp_path):
    blocks = bgzf(tmp_path / "blocks")
    named = io.BytesIO()
    with gzip.GzipFile("chBC.bed", "wb", fileobj=named) as handle:  # a name that lies where BGZF has its mark
        handle.write(TEXT)
    assert [containers.is_gzip(one) for one in (blocks, named.getvalue(), TEXT, b"")] == [True, True, False, False]
    assert named.getvalue()[12:14] == b"BC"
    assert [containers.is_bgzf(one) for one in (blocks, named.getvalue(), TEXT)] == [True, False, False]
    assert blocks.endswith(containers.BGZF_END)
    for content in (blocks, named.getvalue(), TEXT, gzip.compress(TEXT) + bytes(100)):  # tapes pad with zeros
        (tmp_path / "any").write_bytes(content)
        with containers.unpacked(tmp_path / "any") as handle:
            assert handle.read() == TEXT


def zipped():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("peaks.bed", TEXT)
    return file.getvalue()


WRONG = {
    "zip": (zipped(), "is a zip archive (or a workbook of a spreadsheet); wanted text: unpack it"),
    "web page": (b"\n<!DOCTYPE html><p>404", "is a web page (HTML or XML)"),
    "error of a store": (b'<?xml version="1.0"?><Error>', "is a web page (HTML or XML)"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "is a Git LFS pointer"),
    "bigBed": (b"\xeb\xf2\x89\x87" + bytes(60), "convert it: bigBedToBed"),
    "tar": (b"name".ljust(257, b"\0") + b"ustar\0", "is a tar archive"),
    "tar.gz": (gzip.compress(b"name".ljust(257, b"\0") + b"ustar\0"), "holds a tar archive, gzipped"),
    "twice": (gzip.compress(gzip.compress(TEXT)), "holds gzip in gzip, gzipped; wanted text: unpack it once"),
    "page in gzip": (gzip.compress(b"<html>"), "holds a web page (HTML or XML), gzipped"),
    "bcf in gzip": (gzip.compress(b"BCF\x02\x02"), "holds a BCF file, gzipped; wanted text: convert it: bcftools view"),
    "utf-16": ("chr1\t100\n".encode("utf-16"), "is UTF-16 text; wanted text: save it as UTF-8: iconv"),
    "utf-16 without a mark": ("chr1\t100\n".encode("utf-16-le"), "is UTF-16 text"),
    "latin-1": (b"chr1\t100\ncaf\xe9\t5\n", ":2: byte 0xe9 is not UTF-8 text; save it as UTF-8 (from Latin-1: iconv"),
    "NUL": (b"chr1\t1\nchr1\t2\nchr\0001\t3\n", ":3: holds a NUL byte"),
    "empty": (b"", "the file is empty"),
    "cut": (gzip.compress(TEXT * 50)[:-12], "its compressed data end early"),
    "damaged": (gzip.compress(TEXT)[:-8] + b"\0" * 8, "its compressed data are damaged"),
    "followed": (gzip.compress(TEXT) + b"Connection reset", "other bytes follow its compressed data"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_text_is_named_with_the_next_step(tmp_path, kind):
    content, message = WRONG[kind]
    (tmp_path / "in").write_bytes(content)
    with pytest.raises(InputError) as raised:
        texts.read_lines(tmp_path / "in")
    assert str(raised.value).startswith(str(tmp_path / "in"))
    assert message in str(raised.value)


def test_a_folder_is_named(tmp_path):
    with pytest.raises(InputError, match="is a folder; wanted a BED or narrowPeak file: name the file in it"):
        texts.read_lines(tmp_path, "a BED or narrowPeak file")


def test_a_bgzf_file_cut_between_blocks_is_refused(tmp_path):
    (tmp_path / "in.gz").write_bytes(bgzf(tmp_path / "blocks").removesuffix(containers.BGZF_END))
    with pytest.raises(InputError, match="the BGZF end block is missing, so the file is cut short"):
        texts.read_lines(tmp_path / "in.gz")


@pytest.mark.parametrize(
    "content",
    [
        b"one\ntwo\x0c2\xe2\x80\xa82\n",
        b"\xef\xbb\xbfone\r\ntwo\x0c2\xe2\x80\xa82\r\n",
        b"one\rtwo\x0c2\xe2\x80\xa82",
        gzip.compress(b"\xef\xbb\xbfone\ntwo\x0c2\xe2\x80\xa82"),
    ],
)
def test_marks_and_line_ends_of_any_editor(tmp_path, content):
    """A form feed or a U+2028 is part of a line, though Python's splitlines cuts there."""
    (tmp_path / "in").write_bytes(content)
    assert texts.read_lines(tmp_path / "in") == ["one", "two\x0c2\u20282"]


def test_json_of_any_editor(tmp_path):
    (tmp_path / "config.json").write_bytes(b'\xef\xbb\xbf{"a": [1]}')
    assert texts.read_json(tmp_path / "config.json") == {"a": [1]}
    (tmp_path / "config.json").write_text("[" * 100_000)
    with pytest.raises(InputError, match=r"config\.json: not JSON"):
        texts.read_json(tmp_path / "config.json")
