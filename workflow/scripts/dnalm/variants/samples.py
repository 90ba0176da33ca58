"""FORMAT and sample columns of a VCF, which nothing here reads: kept out of memory from the reading to the writing.

Those of 2,504 people are 10 kB a record, a thousand times what is scored. So each record's columns wait, compressed by
themselves, in a file without a name, which the system removes whatever becomes of the program.
"""

import tempfile
import weakref
import zlib
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

FIELDS = ["chrom", "pos", "id", "ref", "alt", "qual", "filter", "info", "rest"]
_LENGTH = 4  # bytes before each record's columns that say how many follow


class Samples:
    """Columns kept by `keep`, each found again by the place that it returned."""

    def __init__(self, folder: Path | None = None) -> None:
        """Open the file, in `folder` (where the output goes there is room) or where the system has temporary files."""
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - open as long as this object lives
        weakref.finalize(self, self._file.close)
        self._end = 0

    def keep(self, text: str) -> int:
        """Add a record's columns; their place in the file."""
        packed = zlib.compress(text.encode(), 1)
        place = self._end
        self._end += self._file.write(len(packed).to_bytes(_LENGTH, "little") + packed)
        return place

    def __getitem__(self, place: int) -> str:
        """The columns kept at a place."""
        self._file.seek(place)
        length = int.from_bytes(self._file.read(_LENGTH), "little")
        return zlib.decompress(self._file.read(length)).decode()


def rows(records: pd.DataFrame, samples: Samples | None) -> Iterator[str]:
    """The records as lines of a VCF; `rest` is a place in `samples`, or without them the text itself ("" for none)."""
    for *fields, rest in zip(*(records[name] for name in FIELDS), strict=True):
        text = rest if samples is None else samples[rest]
        yield "\t".join([*map(str, fields), *([text] if text != "" else [])]) + "\n"
