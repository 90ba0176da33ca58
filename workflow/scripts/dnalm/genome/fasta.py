"""FASTA read with suspicion: contig by contig, or windows of an indexed one.

Plain, gzip or BGZF by its first bytes, and an error for everything that is not whole.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pysam
from numpy.lib.stride_tricks import sliding_window_view

from dnalm import containers
from dnalm.dna import seq
from dnalm.errors import InputError

ALLOWED = b"ACGTNRYSWKMBDHVacgtnryswkmbdhv"
GAP = 100_000  # sites further apart than this are fetched one by one rather than with all that lies between
_STRANGE = re.compile(rb"[^" + ALLOWED + rb"\r\n]")
_BLOCK = 1 << 22
_BOM = b"\xef\xbb\xbf"  # Windows editors put it before the first header
_DENSEST = 200  # unpacked bytes a packed one; genomes have 3 to 10, with long runs of N up to 100, gzip's limit is 1032


def largest(packed: int, bases: int | None = None) -> int:
    """Bytes that `packed` compressed bytes of FASTA may grow to, so that none is read that would never end.

    Ten times the genome's `bases` where they are known; otherwise 1 GiB, or what no real genome exceeds.
    """
    return 10 * bases + (1 << 20) if bases else max(1 << 30, _DENSEST * packed)


def read_contigs(path: Path, bases: int | None = None) -> Iterator[tuple[str, bytes]]:
    """Yield (name, letters) of each record, in file order, case and IUPAC letters kept, line ends removed.

    The name is the header's first word. Blank lines, uneven lines and CRLF are accepted. Raises InputError with file
    and line for a missing header, FASTQ, HTML, a repeated name, or a letter that is not a nucleotide's, and where the
    file grows beyond what a genome of so many `bases` could (`largest`).
    """
    seen: dict[str, int] = {}
    name, pieces = "", []
    for line, header, raw in _sections(path, bases):
        if header is not None:
            if name:
                yield name, b"".join(pieces)
            name, pieces = _name(header, path, line, seen), []
            continue
        if not name and raw.strip():
            _refuse_start(raw.lstrip(), path, line)
        if strange := _STRANGE.search(raw):
            _refuse_letter(strange, raw, path, line, name, sum(map(len, pieces)))
        pieces.append(raw.translate(None, b"\r\n"))
    if not name:
        raise InputError(f"{path}: holds no sequence; wanted FASTA records (a line '>name', then bases)")
    yield name, b"".join(pieces)


def _check_name(path: Path) -> None:
    if containers.is_gzip(containers.head(path)) and path.suffix in (".fa", ".fasta", ".fna"):
        raise InputError(f"{path}: named {path.suffix}, but it is gzipped; add .gz to its name")


def _sections(path: Path, bases: int | None) -> Iterator[tuple[int, bytes | None, bytes]]:
    """Cut the file into (line number, header or None, whole sequence lines), some megabytes at a time."""
    _check_name(Path(path))
    with containers.unpacked(path, "a FASTA file") as handle:
        line, kept = 1, []  # what follows the last line end so far; a list, because a contig may be one long line
        most = largest(Path(path).stat().st_size, bases)
        handle.seek(len(_BOM) if handle.read(len(_BOM)) == _BOM else 0)
        while block := handle.read(_BLOCK):
            if (most := most - len(block)) < 0:
                raise InputError(
                    f"{path}: grows to more than {largest(Path(path).stat().st_size, bases):,} bytes when read, as no "
                    "such genome does; if it is right, say its number of `bases` in the preset"
                )
            cut = block.rfind(b"\n") + 1
            if cut:
                text = b"".join([*kept, block[:cut]])
                yield from _cut(text, line)
                line, kept, block = line + text.count(b"\n"), [], block[cut:]
            kept.append(block)
        yield from _cut(b"".join(kept), line)


def _cut(text: bytes, line: int) -> Iterator[tuple[int, bytes | None, bytes]]:
    place = 0
    while place < len(text):
        if text[place] == ord(">"):
            end = text.find(b"\n", place)
            end = len(text) if end < 0 else end
            yield line, text[place + 1 : end], b""
            line, place = line + 1, end + 1
            continue
        end = text.find(b"\n>", place) + 1 or len(text)
        yield line, None, text[place:end]
        line, place = line + text.count(b"\n", place, end), end


def _name(header: bytes, path: Path, line: int, seen: dict[str, int]) -> str:
    if b"\r" in header.rstrip(b"\r"):
        raise InputError(f"{path}:{line}: lone carriage returns; convert the old Mac line ends to Unix ones (mac2unix)")
    words = header.decode("utf-8", "replace").split()
    if not words or header[:1].isspace():
        raise InputError(f"{path}:{line}: got a header without a name, wanted '>name'; name the record")
    name = words[0]
    if not (name.isascii() and name.isprintable()):
        raise InputError(f"{path}:{line}: got the record name {name!r}, wanted printable ASCII; rename the record")
    if name in seen:
        raise InputError(
            f"{path}:{line}: the record name {name!r} was given before, on line {seen[name]} (names end at the first "
            "blank); rename or remove one of them"
        )
    seen[name] = line
    return name


def _refuse_start(text: bytes, path: Path, line: int) -> None:
    shown = text.split(b"\n")[0][:30].decode("ascii", "replace").strip()
    if text[:1] == b"<":
        raise InputError(f"{path}:{line}: got {shown!r}: a web page, not FASTA; open the link in a browser, correct it")
    if text[:1] == b"@":
        raise InputError(f"{path}:{line}: got '@', as in FASTQ, wanted '>'; give the genome, not reads")
    raise InputError(f"{path}:{line}: got {shown!r} where a header was wanted; FASTA starts with '>name'")


def _refuse_letter(strange: re.Match, raw: bytes, path: Path, line: int, name: str, before: int) -> None:
    at = strange.start()
    offset = before + len(raw[:at].translate(None, b"\r\n"))
    hint = " (RNA? change U to T)" if strange.group() in b"Uu" else ""
    raise InputError(
        f"{path}:{line + raw.count(chr(10).encode(), 0, at)}: got the letter {strange.group().decode('latin1')!r} in "
        f"contig {name} at offset {offset}, wanted A, C, G, T, N or an IUPAC code{hint}; give nucleotide sequence"
    )


def open_fasta(path: Path) -> pysam.FastaFile:
    """Open an indexed FASTA; the index must be our own (.fai beside it, written by `index_genome`)."""
    if not Path(f"{path}.fai").exists():
        raise InputError(f"{path}: no index {path}.fai; make it with workflow/scripts/index_genome.py")
    return pysam.FastaFile(str(path))


def fetch(fasta: pysam.FastaFile, contig: str, start: int, end: int, *, pad: bool = False) -> bytes:
    """Letters of [start, end), case kept (lower case is the soft-mask); exactly `end - start` of them.

    htslib shortens a range that leaves the contig without a word; we pad with N where asked and refuse otherwise.
    """
    if contig not in fasta.references:
        raise InputError(
            f"contig {contig!r} is not in {fasta.filename.decode()}; it has {', '.join(fasta.references[:5])} …"
        )
    length = fasta.get_reference_length(contig)
    if start > end or not (pad or 0 <= start <= end <= length):
        raise InputError(f"{contig}:{start}-{end} leaves the contig, which ends at {length}")
    first, last = min(max(start, 0), length), min(max(end, 0), length)
    try:
        inside = fasta.fetch(contig, first, last).encode() if first < last else b""
    except (ValueError, OSError):
        inside = b""
    if len(inside) != last - first or b">" in inside:
        raise InputError(
            f"{fasta.filename.decode()}: {contig}:{first}-{last} is not where its .fai says, so that is of another "
            "file; make both again with workflow/scripts/index_genome.py"
        )
    left = min(max(-start, 0), end - start)
    return b"N" * left + inside + b"N" * (end - start - left - len(inside))


def codes(fasta: pysam.FastaFile, contig: str, start: int, end: int, *, pad: bool = False) -> np.ndarray:
    """Base codes of [start, end), as `fetch` gives their letters: uint8 [end - start]."""
    return seq.encode(fetch(fasta, contig, start, end, pad=pad))


def open_genome(path: Path) -> pysam.FastaFile:
    """The indexed FASTA of a genome folder (`genome.fa.gz`), or a FASTA given itself."""
    return open_fasta(Path(path) / "genome.fa.gz" if Path(path).is_dir() else path)


def cut_windows(fasta: pysam.FastaFile, chrom: np.ndarray, start: np.ndarray, window: int) -> np.ndarray:
    """Base codes uint8 [n, window] from each `start` (0-based, may leave the contig: N there)."""
    return _windows(fasta, chrom, start, window, codes)


def cut_letters(fasta: pysam.FastaFile, chrom: np.ndarray, start: np.ndarray, window: int) -> np.ndarray:
    """As `cut_windows`, the letters themselves (ASCII, uint8): their case is the soft-mask."""
    return _windows(fasta, chrom, start, window, _letters)


def _letters(fasta: pysam.FastaFile, contig: str, start: int, end: int, *, pad: bool) -> np.ndarray:
    return np.frombuffer(fetch(fasta, contig, start, end, pad=pad), np.uint8)


def _windows(
    fasta: pysam.FastaFile, chrom: np.ndarray, start: np.ndarray, window: int, read: Callable[..., np.ndarray]
) -> np.ndarray:
    windows = np.empty((len(start), window), np.uint8)
    if not len(start):
        return windows
    contig = pd.factorize(chrom)[0]
    order = np.lexsort((start, contig))
    breaks = (np.diff(contig[order]) != 0) | (np.diff(start[order]) > GAP)
    for rows in np.split(order, np.flatnonzero(breaks) + 1):
        low, high = int(start[rows[0]]), int(start[rows[-1]]) + window
        between = read(fasta, chrom[rows[0]], low, high, pad=True)
        windows[rows] = sliding_window_view(between, window)[start[rows] - low]
    return windows


def cut_round(fasta: pysam.FastaFile, chrom: np.ndarray, centre: np.ndarray, window: int) -> np.ndarray:
    """Base codes uint8 [n, window] of [centre - window // 2, centre - window // 2 + window), as targets are cut.

    Of an even width the centre (a summit, say; 0-based) is the first base of the second half; N beyond a contig's ends.
    """
    return cut_windows(fasta, np.asarray(chrom), np.asarray(centre) - window // 2, window)
