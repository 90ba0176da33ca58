"""What each address gave when it was first fetched: a table that outlives the results and can be kept in git.

Trust on first use: an address without a checksum of its own is believed once, and compared ever after.
"""

import fcntl
import os
import re
from pathlib import Path
from typing import NamedTuple

from dnalm.errors import InputError

HEADER = "url\tsha256\tbytes\n"


class Entry(NamedTuple):
    """Checksum and size of what an address gave first."""

    sha256: str
    bytes: int


def recall(path: Path, url: str) -> Entry | None:
    """The entry of an address, or None. Raises InputError, with the line, for a table that was damaged."""
    return _parse(Path(path).read_text("utf-8", "replace"), path).get(url) if Path(path).exists() else None


def record(path: Path, url: str, entry: Entry) -> None:
    """Add an address, unless it is there; several jobs may do so at once, one line each.

    Raises InputError where another job has meanwhile recorded something else for this address.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+", encoding="utf-8", newline="") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        handle.seek(0)
        text = handle.read()
        known = _parse(text, path).get(url)
        if known not in (None, entry):
            raise InputError(f"{path}: another job got sha256 {known.sha256} from {url}, this one {entry.sha256}; "
                             "the file is changing, fetch it later")  # fmt: skip
        if known is None:
            ended = "" if text.endswith("\n") or not text else "\n"
            handle.write(f"{'' if text else HEADER}{ended}{url}\t{entry.sha256}\t{entry.bytes}\n")
            handle.flush()
            os.fsync(handle.fileno())


def _parse(text: str, path: Path) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line == HEADER.strip() or not line.strip():
            continue
        fields = line.split("\t")
        if len(fields) != 3 or not re.fullmatch("[0-9a-f]{64}", fields[1]) or not fields[2].isdecimal():
            raise InputError(
                f"{path}:{number}: got {line[:60]!r}, wanted url, sha256, bytes with tabs; remove the line"
            )
        if fields[0] in found:
            raise InputError(f"{path}:{number}: {fields[0]} is listed twice; remove one of the lines")
        found[fields[0]] = Entry(fields[1], int(fields[2]))
    return found
