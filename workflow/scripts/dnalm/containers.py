"""What a file is by its first bytes, whatever its name says: unpacked where it is gzip, named where it is no text.

People hand over what a browser, a spreadsheet or a server made of a file. A reader that meets a zip archive, a web
page or UTF-16 where it wants text fails far from the reason, or drops a line. So every text is opened here.
"""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from dnalm.errors import InputError

BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")  # SAM specification, 4.1.2
HEAD = 512  # a tar archive names itself at byte 257
_UNPACK = "unpack it and give what is inside, plain or gzipped"
_NAMED = (
    (b"PK\x03\x04", "a zip archive (or a workbook of a spreadsheet)", f"{_UNPACK}, or save the sheet as text"),
    (b"\xd0\xcf\x11\xe0", "a workbook of a spreadsheet", "save the sheet as tab-separated text"),
    (b"BZh", "a bzip2 file", _UNPACK),
    (b"\xfd7zXZ", "an xz file", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd file", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"BCF\x02", "a BCF file", "convert it: bcftools view -O z -o calls.vcf.gz FILE"),
    (b"BAM\x01", "a BAM file", "call peaks on it and give those"),
    (b"CRAM", "a CRAM file", "call peaks on it and give those"),
    (b"\xeb\xf2\x89\x87", "a bigBed file", "convert it: bigBedToBed FILE peaks.bed"),
    (b"\x87\x89\xf2\xeb", "a bigBed file", "convert it: bigBedToBed FILE peaks.bed"),
    (b"\x26\xfc\x8f\x88", "a bigWig file", "give peaks or other text made from it"),
    (b"\x88\x8f\xfc\x26", "a bigWig file", "give peaks or other text made from it"),
    (b"\x43\x27\x41\x1a", "a 2bit file", "convert it: twoBitToFa FILE genome.fa"),
    (b"\x1a\x41\x27\x43", "a 2bit file", "convert it: twoBitToFa FILE genome.fa"),
    (b"%PDF", "a PDF", "give the table that it was printed from, as text"),
    (b"PAR1", "a Parquet file", "save it as tab-separated text"),
    (b"\x89HDF", "an HDF5 file", "save what it holds as text"),
    (b"SQLite format 3", "an SQLite database", "save the table as tab-separated text"),
    (b"version https://git-lfs.github.com/spec", "a Git LFS pointer, not the file itself", "git lfs pull fetches it"),
    (b"\xff\xfe", "UTF-16 text", "save it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE"),
    (b"\xfe\xff", "UTF-16 text", "save it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE"),
)


def is_gzip(head: bytes) -> bool:
    """Whether a file that begins so is gzip (or BGZF, which is gzip in blocks)."""
    return head.startswith(b"\x1f\x8b")


def is_bgzf(head: bytes) -> bool:
    """Whether a file that begins so, with 14 bytes or more, is BGZF: it must end with BGZF_END, or it was cut short."""
    return is_gzip(head) and head[12:14] == b"BC" and bool(head[3] & 4)


def named(head: bytes) -> tuple[str, str] | None:
    """What a file that begins so is, and the next step, where it is none of the texts that we read."""
    if found := next((rest for magic, *rest in _NAMED if head.startswith(magic)), None):
        return found[0], found[1]
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<error")):
        return "a web page (HTML or XML)", "open the link in a browser, correct it and fetch the file itself"
    if head[257:262] == b"ustar":
        return "a tar archive", _UNPACK
    if is_gzip(head):
        return "gzip in gzip", "unpack it once: gzip -dc FILE"
    pairs = head[: len(head) // 2 * 2]
    if len(pairs) > 8 and min(pairs[0::2].count(0), pairs[1::2].count(0)) == 0 and pairs.count(0) > len(pairs) // 3:
        return "UTF-16 text", "save it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE"
    return None


def head(path: Path, wanted: str = "text") -> bytes:
    """The first bytes of a file, by which it is told; fewer of a shorter one. Raises InputError for a folder."""
    if Path(path).is_dir():
        raise InputError(f"{path}: is a folder; wanted {wanted}: name the file in it")
    with open(path, "rb") as handle:
        return handle.read(HEAD)


@contextmanager
def unpacked(path: Path, wanted: str = "text") -> Iterator[BinaryIO]:
    """Open a file of text to read its bytes, gzipped or not as its first bytes say, and check that it is whole.

    htslib only warns of a BGZF file without its end block, and Python's gzip not even that, so a file cut at a block
    boundary would be read as a shorter one. Raises InputError for that, for an empty file, a name in .gz for what is
    not compressed, what is no text (`named`), and, while it is being read, for compressed data that is damaged, ends
    early, or is followed by other bytes. `wanted` says in the message what was looked for.
    """
    path = Path(path)
    first = head(path, wanted)
    zipped = is_gzip(first)
    _check_head(path, first, zipped, wanted)
    if is_bgzf(first):
        with open(path, "rb") as handle:
            handle.seek(max(path.stat().st_size - len(BGZF_END), 0))
            if handle.read() != BGZF_END:
                raise InputError(f"{path}: the BGZF end block is missing, so the file is cut short; fetch it again")
    try:
        with (gzip.open if zipped else open)(path, "rb") as handle:
            if zipped:
                inner = named(handle.read(HEAD))
                if inner:
                    raise InputError(f"{path}: holds {inner[0]}, gzipped; wanted {wanted}: {inner[1]}")
                handle.seek(0)
            yield handle
    except (EOFError, OSError, zlib.error) as error:
        if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
            raise
        raise InputError(f"{path}: {_broken(error)}") from None


def _check_head(path: Path, head: bytes, zipped: bool, wanted: str) -> None:
    if not head:
        raise InputError(f"{path}: the file is empty; wanted {wanted}: fetch or make it again")
    if not zipped and (other := named(head)):
        raise InputError(f"{path}: is {other[0]}; wanted {wanted}: {other[1]}")
    if not zipped and path.suffix in (".gz", ".bgz"):
        raise InputError(
            f"{path}: named {path.suffix}, but its first bytes are not gzip, so not compressed; rename it or fetch it "
            "again"
        )


def _broken(error: Exception) -> str:
    if isinstance(error, EOFError):
        return f"its compressed data end early ({error}): the file is cut short, fetch it again"
    if "Not a gzipped file" in str(error):
        return (
            f"other bytes follow its compressed data ({error}), as after a download joined to another; fetch it again, "
            "or keep what comes before: gzip -dc FILE"
        )
    return f"its compressed data are damaged ({error}), it cannot be decompressed to its end; fetch it again"
