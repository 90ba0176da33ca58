"""Whether each record of a bare BCF stream is as long as it says.

In BGZF, checksums see to it. A bare stream (from older programs, or unpacked by hand) has none, and htslib takes a
record whose length is off for one that swallowed the next.
Format: BCF2 in https://samtools.github.io/hts-specs/VCFv4.3.pdf, section 6.3
"""

import mmap
from pathlib import Path
from struct import Struct
from struct import error as StructError

from dnalm.errors import InputError

_HEAD, _LENGTHS, _COUNTS = Struct("<5sI"), Struct("<II"), Struct("<HHI")
_FIXED = 24  # bytes of a record before its ID
_WIDTHS = {0: 0, 1: 1, 2: 2, 3: 4, 5: 4, 7: 1}  # bytes of a value, by its type
_MANY = 15


def check(path: Path) -> None:
    """Raise InputError where a record's values do not end where the record says that they do."""
    number = 0
    with open(path, "rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            _, length = _HEAD.unpack_from(data, 0)
            at = _HEAD.size + length
            columns = data[_HEAD.size : at].rstrip(b"\0\n").rpartition(b"\n")[2].count(b"\t") + 1
            while at < len(data):
                number += 1
                at = _after_record(data, at, max(columns - 9, 0))
        except (StructError, IndexError, KeyError, ValueError):
            where = f"record {number}" if number else "its header"
            raise InputError(
                f"{path}: the BCF file is damaged or cut short ({where} is not as long as it says); fetch it again"
            ) from None


def _after_record(data: mmap.mmap, at: int, samples: int) -> int:
    """Where the next record begins; ValueError where this one is off."""
    shared, own = _LENGTHS.unpack_from(data, at)
    at += _LENGTHS.size
    info, alleles, formats = _COUNTS.unpack_from(data, at + 16)
    end, here = at + shared, at + _FIXED
    for _ in range(1 + alleles + 1 + 2 * info):  # ID, alleles, FILTER, and each INFO's key and value
        here = _after_value(data, here, 1)
    _demand(here == end)
    for _ in range(formats >> 24):
        here = _after_value(data, _after_value(data, here, 1), samples)
    _demand(here == end + own <= len(data) and formats & 0xFFFFFF == samples)
    return here


def _after_value(data: mmap.mmap, at: int, times: int) -> int:
    """Where a typed value ends that is there `times` times behind one descriptor."""
    count, kind = data[at] >> 4, data[at] & 15
    at += 1
    if count == _MANY:
        width = _WIDTHS[data[at] & 15]
        _demand(data[at] >> 4 == 1 and 1 <= data[at] & 15 <= 3)
        count = int.from_bytes(data[at + 1 : at + 1 + width], "little", signed=True)
        _demand(count >= 0)
        at += 1 + width
    return at + count * _WIDTHS[kind] * times


def _demand(holds: bool) -> None:
    if not holds:
        raise ValueError
