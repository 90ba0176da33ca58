"""UCSC's 2bit: four bases a byte, runs of N and of lower case beside them. Read with as much suspicion as FASTA.

A genome browser takes an assembly that it does not know in this form, so it is written here, too.

Format: https://genome.ucsc.edu/FAQ/FAQformat.html#format7
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np

from dnalm import containers, files
from dnalm.errors import InputError

MAGICS = {b"\x43\x27\x41\x1a": "<", b"\x1a\x41\x27\x43": ">"}  # the number 0x1A412743 in either byte order
_LETTERS = np.frombuffer(b"TCAG", np.uint8)
_FOUR = _LETTERS[np.arange(256)[:, None] >> np.array([6, 4, 2, 0]) & 3]  # the four letters of each byte
_MAGIC = 0x1A412743
_CODES = np.zeros(256, np.uint8)
for _letter, _code in zip(b"TCAGtcag", [0, 1, 2, 3] * 2, strict=True):
    _CODES[_letter] = _code
_KNOWN = np.isin(np.arange(256), list(b"ACGTacgt"))
_LOWER = (np.arange(256) >= ord("a")) & (np.arange(256) <= ord("z"))
_PIECE = 1 << 24  # letters looked at together, a multiple of 4
_MOST = 1 << 32  # bytes: places of records have 32 bits


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


def write(path: Path, records: Iterable[tuple[str, bytes]], names: Sequence[str]) -> None:
    """Write (name, letters) of each contig as 2bit, whole or not at all; one contig is in memory at a time.

    Letters other than A, C, G and T are N, and lower case is the soft-mask, of N as well. `names` are those of all
    records in their order, since the table of names comes first in the file. Raises InputError for a name of more than
    255 bytes and for a genome of more than 4 GB in this form (16 Gb, a lungfish).
    """
    if long := [name for name in names if len(name.encode()) > 255]:
        raise InputError(f"{path}: 2bit holds names of 255 bytes at most, got {long[0][:40]}…; rename the contig")
    places = []
    with files.whole(path) as beside, open(beside, "wb") as handle:
        handle.write(struct.pack("<4I", _MAGIC, 0, len(names), 0))
        table = handle.tell()
        handle.write(bytes(sum(1 + len(name.encode()) + 4 for name in names)))
        for (name, letters), wanted in zip(records, names, strict=True):
            if name != wanted:
                raise ValueError(f"got the letters of {name} where those of {wanted} belong")
            places.append(handle.tell())
            _write_record(handle, np.frombuffer(letters, np.uint8))
            if handle.tell() >= _MOST:
                raise InputError(f"{path}: the genome is more than 4 GB as 2bit at {name}; keep fewer contigs of it")
        handle.seek(table)
        for name, place in zip(names, places, strict=True):
            handle.write(bytes([len(name.encode())]) + name.encode() + struct.pack("<I", place))


def _write_record(handle: BinaryIO, letters: np.ndarray) -> None:
    handle.write(struct.pack("<I", len(letters)))
    for flags in (lambda part: ~_KNOWN[part], lambda part: _LOWER[part]):
        edges = _edges(letters, flags)
        starts, ends = edges[::2], edges[1::2]
        handle.write(struct.pack("<I", len(starts)) + starts.astype("<u4").tobytes())
        handle.write((ends - starts).astype("<u4").tobytes())
    handle.write(bytes(4))
    for first in range(0, len(letters), _PIECE):
        codes = _CODES[letters[first : first + _PIECE]]
        codes = np.pad(codes, (0, -len(codes) % 4)).reshape(-1, 4)
        handle.write((codes[:, 0] << 6 | codes[:, 1] << 4 | codes[:, 2] << 2 | codes[:, 3]).tobytes())


def _edges(letters: np.ndarray, flags: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Where runs of flagged letters begin and end, in turn."""
    found, before = [], False
    for first in range(0, len(letters), _PIECE):
        here = flags(letters[first : first + _PIECE])
        found.append(first + np.flatnonzero(here != np.r_[before, here[:-1]]))
        before = bool(here[-1])
    return np.concatenate([*found, [len(letters)] if before else []]).astype(np.int64)
