"""The one FASTA out of a zip archive, as NCBI's datasets service sends it, trusting nothing that the archive says."""

import errno
import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from dnalm import files
from dnalm.errors import InputError
from dnalm.genome.fasta import largest

SUFFIXES = (".fna", ".fa", ".fasta")
MOST_MEMBERS = 10_000


def is_zip(path: Path) -> bool:
    """Whether a file begins as a zip archive does."""
    with open(path, "rb") as handle:
        return handle.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def unpack(path: Path, out: Path, bases: int | None = None, member: str | None = None) -> None:
    """Write the one FASTA in the archive `path`, or its `member` of that name, to `out`, whole or not at all.

    No name in the archive is ever used as a path; one that points out of it is refused all the same, for such an
    archive is no genome's. Raises InputError for that, for links, too many members, a FASTA too large to be true
    (`fasta.largest`), none or several of them, and for data that fails its checksum (CRC-32).
    """
    try:
        with zipfile.ZipFile(path) as archive:
            one = _sequence(path, archive.infolist(), bases, member)
            with archive.open(one) as packed, files.whole(out) as beside, open(beside, "wb") as handle:
                shutil.copyfileobj(packed, handle, 1 << 20)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # EINVAL: a place before the file's beginning
            raise
        raise InputError(f"{path}: a zip archive that cannot be read ({error}); fetch it again") from None


def _sequence(path: Path, members: list[zipfile.ZipInfo], bases: int | None, wanted: str | None) -> zipfile.ZipInfo:
    if len(members) > MOST_MEMBERS:
        raise InputError(f"{path}: got a zip archive of {len(members):,} members, wanted {MOST_MEMBERS:,} at most")
    for member in members:
        name = PurePosixPath(member.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in member.filename:
            raise InputError(f"{path}: the archive names {member.filename!r}, a place outside itself; do not trust it")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise InputError(f"{path}: {member.filename!r} in the archive is a link, wanted files; do not trust it")
    known = [one for one in members if PurePosixPath(one.filename).suffix in SUFFIXES]
    found = [one for one in known if wanted in (None, one.filename, PurePosixPath(one.filename).name)]
    if len(found) != 1:
        names = ", ".join(one.filename for one in known[:10]) or "none"
        raise InputError(
            f"{path}: wanted one FASTA ({', '.join(SUFFIXES)}) in the archive"
            f"{f' named {wanted}' if wanted else ''}, got {names}; say which (member: its name) in the preset"
        )
    if found[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError(f"{path}: {found[0].filename} is packed in an uncommon way; unpack it by hand")
    if found[0].file_size > largest(found[0].compress_size, bases):
        raise InputError(
            f"{path}: {found[0].filename} would grow from {found[0].compress_size:,} to {found[0].file_size:,} bytes, "
            "as no genome does; if that is right, say `bases` in the preset"
        )
    return found[0]
