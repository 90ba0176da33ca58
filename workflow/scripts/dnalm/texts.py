"""Text that a user gives, line by line: UTF-8 with or without a byte order mark, LF, CRLF or CR, gzipped or not.

Spreadsheets and Windows editors put a mark before the first letter, and a reader that keeps it loses the first line.
"""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dnalm.containers import unpacked
from dnalm.errors import InputError


def lines(path: Path, wanted: str = "text", *, may_be_empty: bool = False) -> Iterator[str]:
    """Each line without its end, as the file is read. Raises InputError with the line for what is not UTF-8 text.

    Only CR and LF end a line: Python's `splitlines` also cuts at a form feed or at U+2028, which may stand in a name.
    """
    if may_be_empty and not Path(path).stat().st_size:
        return
    try:
        with unpacked(path, wanted) as handle, io.TextIOWrapper(handle, encoding="utf-8-sig", newline=None) as text:
            for number, line in enumerate(text, 1):
                if "\0" in line:
                    raise InputError(
                        f"{path}:{number}: holds a NUL byte; the file is damaged or not text, fetch it again"
                    )
                yield line.removesuffix("\n")
    except UnicodeDecodeError:
        raise InputError(_not_utf8(path, wanted)) from None


def _not_utf8(path: Path, wanted: str) -> str:
    with unpacked(path, wanted) as handle:
        for number, line in enumerate(handle, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                got = f"byte {line[error.start]:#x} is not UTF-8 text"
                return f"{path}:{number}: {got}; save it as UTF-8 (from Latin-1: iconv -f latin1 -t UTF-8 FILE)"
    return f"{path}: not UTF-8 text; save it as UTF-8"


def read_lines(path: Path, wanted: str = "text") -> list[str]:
    """All lines of a file (`lines`)."""
    return list(lines(path, wanted))


def read(path: Path, wanted: str = "text") -> str:
    """The text of a small file, such as a preset or a configuration; "" for an empty one."""
    return "\n".join(lines(path, wanted, may_be_empty=True))


def read_json(path: Path) -> Any:
    """What a JSON file holds. Raises InputError, one line, for what is none."""
    try:
        return json.loads(read(path, "JSON"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON ({error}); fetch it again") from None
