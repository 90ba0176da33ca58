"""Files that are either whole or absent: write beside, fsync, rename."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; rename it to `path` when the block ends well.

    A reader never meets half a file under its final name, even after a kill or a full disk. The temporary path
    may become a file or a folder, and keeps the suffixes of `path` because libraries choose formats by suffix.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{os.getpid()}.part.{path.name}")
    _remove(beside)
    try:
        yield beside
        for part in [beside, *(beside.rglob("*") if beside.is_dir() else [])]:
            if part.is_file():
                with open(part, "rb") as handle:
                    os.fsync(handle.fileno())
        if path.is_dir():
            _remove(path)
        os.replace(beside, path)
    finally:
        _remove(beside)


def sha256(path: Path) -> str:
    """Checksum of a file, or of a folder's files in name order (provenance cards left out)."""
    path = Path(path)
    digest = hashlib.sha256()
    if path.is_dir():
        for part in sorted(path.rglob("*")):
            if part.is_file() and not part.name.endswith("card.json"):
                digest.update(f"{part.relative_to(path)}\0{sha256(part)}\n".encode())
        return digest.hexdigest()
    with open(path, "rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def write_json(path: Path, value: object) -> None:
    """Write a JSON file, whole or not at all, readable by people. NaN is refused: JSON has none."""
    with whole(path) as beside:
        beside.write_text(json.dumps(value, indent=2, allow_nan=False, default=_plain) + "\n")


def _plain(value: object) -> object:
    if hasattr(value, "item"):
        return value.item()
    return str(value)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
