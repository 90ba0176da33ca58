"""UCSC's 2bit: four bases a byte, runs of N and of lower case beside them. Read with as much suspicion as FASTA.

Format: https://genome.ucsc.edu/FAQ/FAQformat.html#format7
"""

import struct
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np

from dnalm import containers
from dnalm.errors import InputError

MAGICS = {b"\x43\x27\x41\x1a": "<", b"\x1a\x41\x27\x43": ">"}  # the number 0x1A412743 in either byte order
_LETTERS = np.frombuffer(b"TCAG", np.uint8)
_FOUR = _LETTERS[np.arange(256)[:, None] >> np.array([6, 4, 2, 0]) & 3]  # the four letters of each byte


def is_twobit(path: Path) -> bool:
    """Whether a file begins as 2bit does."""
    return containers.head(path, "FASTA or 2bit")[:4] in MAGICS


def read_contigs(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (name, letters) of each record as it lies in the file: A, C, G, T, N, lower case where soft-masked.

    Raises InputError, naming file and record, for a version other than 0, a repeated name, and for records that do not
    follow one another to the file's very end, as those of a file cut short or changed do not.
    """
    path = Path(path)
    size = path.stat().st_size
    with open(path, "rb") as handle:
        order = MAGICS[handle.read(4)]
        version, count, reserved = struct.unpack(order + "3I", _bytes(handle, 12, path, "its header"))
        if version or reserved:
            raise InputError(f"{path}: a 2bit file of version {version}, wanted 0; convert it with twoBitToFa")
        index = sorted(_index(handle, order, count, path), key=lambda record: record[1])
        if not index:
            raise InputError(f"{path}: holds no sequence; wanted 2bit records, fetch it again")
        if index[0][1] != handle.tell():
            raise InputError(f"{path}: its records begin at byte {index[0][1]}, wanted {handle.tell()}; fetch it again")
        for (name, start), (_, end) in pairwise([*index, ("", size)]):
            letters = _record(handle, order, path, name, end - start)
            yield name, letters


def _index(handle: BinaryIO, order: str, count: int, path: Path) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for number in range(1, count + 1):
        where = f"the name of record {number} of {count}"
        name = _bytes(handle, _bytes(handle, 1, path, where)[0], path, where).decode("latin1")
        if not (name and name.isascii() and name.isprintable() and " " not in name):
            raise InputError(f"{path}: got the record name {name!r}, wanted printable ASCII; fetch it again")
        if name in found:
            raise InputError(f"{path}: the record name {name!r} is given twice; rename or remove one of them")
        found[name] = struct.unpack(order + "I", _bytes(handle, 4, path, where))[0]
    return list(found.items())


def _record(handle: BinaryIO, order: str, path: Path, name: str, room: int) -> bytes:
    """The letters of the record that begins here and must be `room` bytes long."""
    number = np.dtype(np.uint32).newbyteorder(order)
    begin = handle.tell()

    def numbers(count: int) -> np.ndarray:
        if room < 0 or handle.tell() - begin + count * 4 > room:
            raise _broken(path, name)
        return np.frombuffer(_bytes(handle, 4 * count, path, f"record {name}"), number).astype(np.int64)

    length = int(numbers(1)[0])
    runs = []
    for _ in ("N", "lower case"):
        count = int(numbers(1)[0])
        starts, sizes = numbers(count), numbers(count)
        if (starts + sizes > length).any() or (starts[1:] < (starts + sizes)[:-1]).any():
            raise InputError(f"{path}: record {name} has a run beyond its end or before the last; fetch it again")
        runs.append(list(zip(starts.tolist(), (starts + sizes).tolist(), strict=True)))
    numbers(1)  # reserved
    packed = -(-length // 4)
    if handle.tell() - begin + packed != room:
        raise _broken(path, name)
    letters = _FOUR[np.frombuffer(_bytes(handle, packed, path, f"record {name}"), np.uint8)].reshape(-1)[:length]
    for start, end in runs[0]:
        letters[start:end] = ord("N")
    for start, end in runs[1]:
        letters[start:end] |= 0x20
    return letters.tobytes()


def _broken(path: Path, name: str) -> InputError:
    return InputError(f"{path}: record {name} does not end where the next begins or the file ends; it is cut short or "
                      "damaged, fetch it again")  # fmt: skip


def _bytes(handle: BinaryIO, count: int, path: Path, what: str) -> bytes:
    got = handle.read(count)
    if len(got) != count:
        raise InputError(f"{path}: ends within {what}; it is cut short, fetch it again")
    return got
