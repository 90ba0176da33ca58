"""One genome file from the network: whole, the right one, and the same as the first time, or not there at all."""

import hashlib
import os
from pathlib import Path
from typing import Any, NamedTuple

from dnalm import files
from dnalm.errors import InputError
from dnalm.genome import archive, lockfile, sources, transfer
from dnalm.logs import log


class Wanted(NamedTuple):
    """What is known of a file before it comes: checksums and size in bytes, None where not known."""

    sha256: str | None = None
    md5: str | None = None
    bytes: int | None = None


def download(
    url: str,
    out: Path,
    *,
    wanted: Wanted = Wanted(),  # noqa: B008 - immutable
    lock: Path | None = None,
    bases: int | None = None,
    member: str | None = None,
    unpack: bool = True,
    attempts: int = 6,
    wait: float = 1.0,
    timeout: float = 60.0,
) -> None:
    """Fetch `url` (https or ftp; http from this machine only) into `out`; of a zip archive, the one FASTA inside.

    `member` names one where a zip holds several. With `unpack` False a zip stays one: torch writes zip archives, too.

    Bytes gather in a hidden .part beside `out`, which a later try or a later run resumes (`transfer.fetch`). Without a
    sha256 in `wanted`, the one found is recorded in the table `lock`, and later downloads must have the same. All
    checksums are of the FASTA where a zip came: NCBI packs its zips anew at each request. `bases` of the genome bounds
    what a zip may grow to. Raises InputError for another scheme, a refusal, a web page instead of data, an empty file,
    and one that differs from `wanted` or `lock`.
    """
    sources.check_scheme(url)
    first = lockfile.recall(lock, url) if lock and not wanted.sha256 else None
    part = out.with_name(f".{out.name}.{hashlib.sha256(url.encode()).hexdigest()[:8]}.part")
    out.parent.mkdir(parents=True, exist_ok=True)
    resumed = part.exists()
    packed = {"bases": bases, "member": member} if unpack else None
    transfer.fetch(url, part, attempts=attempts, wait=wait, timeout=timeout)
    found, problem = _examine(part, wanted, first, lock, packed)
    if problem and resumed:
        log.info(f"{url}: the resumed file is not the right one ({problem}); starting afresh")
        transfer.forget(part)
        transfer.fetch(url, part, attempts=attempts, wait=wait, timeout=timeout)
        found, problem = _examine(part, wanted, first, lock, packed)
    if problem:
        transfer.forget(part)
        raise InputError(f"{url}: {problem}")
    if lock and not wanted.sha256:
        lockfile.record(lock, url, lockfile.Entry(found.sha256, found.bytes))
    with open(part, "rb") as handle:
        os.fsync(handle.fileno())
    os.replace(part, out)
    transfer.forget(part)
    log.info(f"{url}: {found.bytes:,} bytes, sha256 {found.sha256}")


def _examine(
    part: Path, wanted: Wanted, first: lockfile.Entry | None, lock: Path | None, packed: dict[str, Any] | None
) -> tuple[Wanted, str]:
    """What came (unpacked in place where it is a zip), and what is wrong with it: nothing, or words for it."""
    with open(part, "rb") as handle:
        head = handle.read(512).lstrip().lower()
    if not head:
        return Wanted(), "the file is empty; check the address in the preset"
    if head.startswith((b"<!doctype html", b"<html")):
        return Wanted(), "got a web page instead of data; open the address in a browser and correct it in the preset"
    if packed is not None and archive.is_zip(part):
        transfer.stamp(part).unlink(missing_ok=True)  # the part will be no piece of what the server has
        try:
            archive.unpack(part, part, **packed)
        except InputError as error:
            return Wanted(), str(error)
    found = Wanted(files.sha256(part), _md5(part) if wanted.md5 else None, part.stat().st_size)
    for kind, want, got in zip(Wanted._fields, wanted, found, strict=True):
        if want is not None and str(want).lower() != str(got):
            return found, f"got {kind} {got}, wanted {want}; correct `{kind}` or the address in the preset"
    if first and first != (found.sha256, found.bytes):
        return found, (
            f"its sha256 is {found.sha256} ({found.bytes:,} bytes), but the first download had {first.sha256} "
            f"({first.bytes:,} bytes): it has changed since. If that is meant, remove its line from {lock}"
        )
    return found, ""


def _md5(path: Path) -> str:
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
