"""What htslib makes of variants, asked in a process of its own.

htslib is the judge of what we write: whoever reads it next reads it so. But its reasons go to stderr alone, a damaged
file may crash it, and a crash must not take us along.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from dnalm.errors import InputError

_OPEN = """
import pysam
pysam.set_verbosity(1)
"""
_COUNT = f"""{_OPEN}
number = -1
try:
    with pysam.VariantFile("-") as file:
        number = 0
        for _ in file:
            number += 1
finally:
    print(number, flush=True)
"""
_DUMP = f"""{_OPEN}
with pysam.VariantFile("-") as file, open(1, "w", encoding="utf-8", newline="", closefd=False) as out:
    out.write(str(file.header))
    for record in file:
        out.write(str(record))
"""


def read_bcf(path: Path) -> Iterator[str]:
    """The lines of VCF that a BCF stands for, as `bcftools view` prints them. Raises InputError for a damaged file."""
    with open(path, "rb") as file, tempfile.TemporaryFile() as said:
        child = _start(_DUMP, stdin=file, stdout=subprocess.PIPE, stderr=said)
        with child, child.stdout:
            try:
                for line in child.stdout:
                    yield line.decode().removesuffix("\n")
            except UnicodeDecodeError:
                raise InputError(f"{path}: the BCF file holds bytes that are not UTF-8 text; make it again") from None
            finally:
                child.stdout.close()  # whoever stops early lets the child stop too
                child.wait()
        if child.returncode:
            raise InputError(f"{path}: the BCF file is damaged or cut short ({_reason(child, said)}); fetch it again")


def check(path: Path, head: str, rows: Iterable[str], numbers: Sequence[int]) -> None:
    """Let htslib read what will be written, before hours go into its scores: header and records of the file `path`.

    `numbers` are the lines of the records in it. Raises InputError with the line of the first that htslib refuses. It
    costs about as much as reading the file once more, most of it on another core.
    """
    with tempfile.TemporaryFile() as said:
        child = _start(_COUNT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said)
        with child:
            with suppress(BrokenPipeError), child.stdin as pipe:
                pipe.write(head.encode())
                for row in rows:
                    pipe.write(row.encode())
            count = int(child.stdout.read() or -1)
        if child.returncode == 0 and count == len(numbers):
            return
        at = f":{numbers[count]}" if 0 <= count < len(numbers) else ""
        what = "this record" if at else "its header"
        raise InputError(f"{path}{at}: htslib cannot read {what} ({_reason(child, said)}); correct it or take it out")


def read_back(path: Path, wanted: int) -> None:
    """Let htslib read what was written; RuntimeError where it does not find as many records as went in."""
    with open(path, "rb") as file, tempfile.TemporaryFile() as said:
        with _start(_COUNT, stdin=file, stdout=subprocess.PIPE, stderr=said) as child:
            count = int(child.stdout.read() or -1)
        if child.returncode or count != wanted:
            reason = _reason(child, said) if child.returncode else "no error"
            raise RuntimeError(f"htslib read {count:,} of {wanted:,} records back ({reason})")


def _start(program: str, **streams: object) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", program], **streams)


def _reason(child: subprocess.Popen, said: "tempfile._TemporaryFileWrapper") -> str:
    """Why a child gave up: htslib's own first words, else Python's last, else the signal that ended it."""
    said.seek(0)
    lines = said.read().decode(errors="replace").splitlines()
    own = [re.sub(r"^\[E::\w+\]\s*", "", line) for line in lines if line.startswith("[E::")]
    if child.returncode < 0 and not own:
        return f"htslib crashed, signal {-child.returncode}"
    return (own or lines[-1:] or ["no reason given"])[0].strip()[:200]
