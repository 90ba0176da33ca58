"""Files that are whole or absent: written beside, synced, then renamed."""

import errno
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dnalm.errors import InputError, UsageError

if TYPE_CHECKING:
    import numpy
    import pandas

NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*$")  # what a user names becomes a part of paths and a wildcard


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; rename it to `path` when the block ends well.

    A reader never meets half a file under its final name, even after a kill or a full disk. The temporary path
    may become a file or a folder, and keeps the suffixes of `path` because libraries choose formats by suffix.
    Whatever a library makes of a full disk, here it becomes an OSError that says so and names `path`.
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
    except (InputError, UsageError):
        raise
    except Exception as error:
        if reason := _no_room(path.parent):
            raise OSError(reason.errno, reason.strerror, str(path)) from error
        raise
    finally:
        _remove(beside)


def read_arrays(path: Path, made_by: str, *names: str) -> "dict[str, numpy.ndarray]":
    """The arrays of an .npz that a script has made, at least those of these names.

    Raises InputError, which names the script, for a file of another kind, a damaged one, or one that lacks a name.
    """
    import numpy as np  # the graph is built without it

    with open(path, "rb") as file:
        try:
            with np.load(file, allow_pickle=False) as stored:
                found = {name: stored[name] for name in stored.files}
        except (ValueError, TypeError, AttributeError, KeyError, EOFError, OSError, zipfile.BadZipFile, zlib.error):
            raise InputError(f"{path}: got a file that is no .npz, or a damaged one; make it with {made_by}") from None
    if missing := [name for name in names if name not in found]:
        raise InputError(f"{path}: got an .npz without {', '.join(missing)}; make it with {made_by}")
    return found


def need_room(path: Path, size: int) -> None:
    """Raise OSError where the disk of `path` has no room for `size` bytes: for writers that break on a full disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(path.parent).free < size:
        raise OSError(errno.ENOSPC, f"{os.strerror(errno.ENOSPC)} ({size:,} bytes are wanted)", str(path))


def _no_room(folder: Path) -> OSError | None:
    """Why nothing more can be written into a folder (a full disk, a quota, a limit), if so."""
    probe = folder / f".{os.getpid()}.part.probe"
    try:
        with open(probe, "wb") as handle:
            handle.write(bytes(1 << 20))
            os.fsync(handle.fileno())
    except OSError as error:
        return error
    finally:
        probe.unlink(missing_ok=True)
    return None


def sha256(path: Path) -> str:
    """Checksum of a file, or of a folder's own files in name order.

    Left out are provenance cards, hidden files and folders inside it: below a model's folder lie other results, which
    other jobs may be writing at this moment.
    """
    path = Path(path)
    digest = hashlib.sha256()
    if path.is_dir():
        for part in sorted(path.iterdir()):
            if part.is_file() and not part.name.endswith("card.json") and not part.name.startswith("."):
                digest.update(f"{part.name}\0{sha256(part)}\n".encode())
        return digest.hexdigest()
    with open(path, "rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def write_json(path: Path, value: object) -> None:
    """Write a JSON file, whole or not at all, readable by people. NaN is refused: JSON has none."""
    with whole(path) as beside:
        text = json.dumps(value, indent=2, allow_nan=False, default=_plain) + "\n"
        beside.write_text(text, encoding="utf-8")


def write_table(path: Path, table: "pandas.DataFrame", *, header: bool = True) -> None:
    """Write a TSV, gzipped where the name ends in .gz: the same bytes for the same table, whole or not at all.

    Numbers keep six significant digits, missing ones are empty cells. The gzip header holds neither name nor time.
    """
    with whole(path) as beside, open(beside, "wb") as raw, ExitStack() as stack:
        zipped = Path(path).suffix == ".gz"
        packed = stack.enter_context(gzip.GzipFile("", "wb", 6, raw, mtime=0)) if zipped else raw
        text = stack.enter_context(io.TextIOWrapper(packed, encoding="utf-8", newline=""))
        table.to_csv(text, sep="\t", index=False, header=header, float_format="%.6g", lineterminator="\n")


def _plain(value: object) -> object:
    if hasattr(value, "item"):
        return value.item()
    return str(value)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
