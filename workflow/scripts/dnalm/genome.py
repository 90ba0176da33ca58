"""Any FASTA to our own genome folder: read with suspicion, normalised, compressed in blocks, indexed, counted.

Trusted tools drop a repeated contig, serve a stale index or read half a file without a word; here each of these is an
error that says what to do, and whatever is changed is counted.
"""

import difflib
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pysam

from dnalm import files
from dnalm.errors import InputError, UsageError
from dnalm.fasta import read_contigs
from dnalm.logs import log

WIDTH = 60  # bases a line in the FASTA we write
SPLITS = ("validation", "test", "exclude")
NAMES = ("genome.json", "softmask.bed.gz", "chrom.sizes", "genome.fa.gz.gzi", "genome.fa.gz.fai", "genome.fa.gz")
_TO_N = bytes.maketrans(b"RYSWKMBDHVryswkmbdhv", b"N" * 10 + b"n" * 10)
_LOWER = re.compile(rb"[a-z]+")


def index(
    fasta: Path,
    out: Path,
    *,
    name: str,
    source: str,
    splits: dict[str, list[str]] | None = None,
    min_contig_length: int = 0,
) -> dict:
    """Write genome.fa.gz (BGZF, case kept), .fai, .gzi, chrom.sizes, softmask.bed.gz and genome.json into `out`.

    One pass over the input, one contig in memory at a time. Returns what genome.json holds; its counts obey
    contigs read = contigs kept + contigs skipped. Raises InputError for anything that is not a whole, clean FASTA
    and for a split that names a contig the genome lacks.
    """
    splits = check_splits(splits or {})
    with ExitStack() as stack:
        beside = {name: stack.enter_context(files.whole(out / name)) for name in NAMES}  # the FASTA is renamed first
        sizes, counts = _write(fasta, beside["genome.fa.gz"], beside["softmask.bed.gz"], min_contig_length)
        if not sizes:
            raise InputError(
                f"{fasta}: none of its {counts['contigs_read']} contigs is kept (min_contig_length is "
                f"{min_contig_length}); lower it, or give another file"
            )
        find_splits(splits, sizes, fasta)
        pysam.faidx(str(beside["genome.fa.gz"]))  # writes the .fai and .gzi paths of `beside`
        beside["chrom.sizes"].write_text("".join(f"{contig}\t{length}\n" for contig, length in sizes.items()))
        about = _about(fasta, name, source, sizes, counts, splits)
        files.write_json(beside["genome.json"], about)
    log.info(
        f"{name}: {about['bases']:,} bp in {about['contigs']:,} contigs, GC {100 * (about['gc'] or 0):.1f} %, "
        f"{about['soft_masked_bases']:,} soft-masked, {about['n_bases']:,} N"
    )
    return about


def _about(fasta: Path, name: str, source: str, sizes: dict, counts: dict, splits: dict) -> dict:
    known = counts["gc_bases"] + counts["at_bases"]
    return {
        "name": name,
        "source": source,
        "path": str(fasta),
        "sha256": files.sha256(fasta),
        "contigs": len(sizes),
        "bases": sum(sizes.values()),
        "gc": round(counts["gc_bases"] / known, 6) if known else None,
        "n_bases": counts["n_bases"],
        "soft_masked_bases": counts["soft_masked_bases"],
        "iupac_to_n": counts["iupac_to_n"],
        "contigs_read": counts["contigs_read"],
        "skipped": {"empty": counts["empty"], "short": counts["short"], "short_bases": counts["short_bases"]},
        "splits": splits,
    }


def _write(fasta: Path, bgzf: Path, softmask: Path, shortest: int) -> tuple[dict[str, int], dict[str, int]]:
    names = ("gc_bases", "at_bases", "n_bases", "soft_masked_bases", "iupac_to_n")
    counts = dict.fromkeys((*names, "contigs_read", "empty", "short", "short_bases"), 0)
    sizes: dict[str, int] = {}
    with pysam.BGZFile(str(bgzf), "wb") as sequence, pysam.BGZFile(str(softmask), "wb") as mask:
        for contig, letters in read_contigs(fasta):
            counts["contigs_read"] += 1
            if len(letters) < max(shortest, 1):
                counts["short" if letters else "empty"] += 1
                counts["short_bases"] += len(letters)
                continue
            sizes[contig] = len(letters)
            _count(letters, counts)
            letters = letters.translate(_TO_N)
            sequence.write(f">{contig}\n".encode())
            for piece in wrap(letters):
                sequence.write(piece)
            for start, end in lower_runs(letters):
                counts["soft_masked_bases"] += end - start
                mask.write(f"{contig}\t{start}\t{end}\n".encode())
    if counts["empty"] or counts["short"]:
        log.info(
            f"{fasta}: skipped {counts['empty']} contigs without sequence and {counts['short']} shorter than "
            f"{shortest} bp ({counts['short_bases']:,} bp)"
        )
    return sizes, counts


def _count(letters: bytes, counts: dict[str, int]) -> None:
    counts["gc_bases"] += sum(map(letters.count, (b"G", b"C", b"g", b"c")))
    counts["at_bases"] += sum(map(letters.count, (b"A", b"T", b"a", b"t")))
    others = len(letters.translate(None, b"GCATNgcatn"))
    counts["iupac_to_n"] += others
    counts["n_bases"] += others + letters.count(b"N") + letters.count(b"n")


def wrap(letters: bytes, width: int = WIDTH, lines: int = 20_000) -> Iterator[bytes]:
    """The sequence at `width` letters a line, each line ended, some `lines` at a time."""
    for start in range(0, len(letters), width * lines):
        block = letters[start : start + width * lines]
        whole = np.frombuffer(block, np.uint8)[: len(block) // width * width].reshape(-1, width)
        ended = np.full((len(whole), width + 1), ord("\n"), np.uint8)
        ended[:, :width] = whole
        rest = block[whole.size :]
        yield ended.tobytes() + (rest + b"\n" if rest else b"")


def lower_runs(letters: bytes) -> list[tuple[int, int]]:
    """The soft-masked stretches as (start, end), 0-based half-open."""
    return [run.span() for run in _LOWER.finditer(letters)]


def check_splits(splits: dict[str, list[str]]) -> dict[str, list[str]]:
    """The splits with every key present. Raises UsageError for a strange key or a contig listed twice."""
    if strange := [key for key in splits if key not in SPLITS]:
        raise UsageError(f"splits: got the key {strange[0]!r}, wanted any of {', '.join(SPLITS)}; the rest is training")
    full = {key: list(splits.get(key) or []) for key in SPLITS}
    listed = [contig for contigs in full.values() for contig in contigs]
    if twice := next((contig for contig in listed if listed.count(contig) > 1), None):
        raise UsageError(f"splits: contig {twice!r} is listed twice; a contig belongs to one split")
    return full


def find_splits(splits: dict[str, list[str]], sizes: dict[str, int], fasta: Path) -> None:
    """Raise InputError, naming the nearest contigs, where a split names one that the genome lacks."""
    for split, contigs in splits.items():
        for contig in contigs:
            if contig not in sizes:
                near = difflib.get_close_matches(contig, sizes, 3, 0.3) or list(sizes)[:3]
                raise InputError(
                    f"{fasta}: splits.{split} names contig {contig!r}, which the genome lacks (or which is shorter "
                    f"than min_contig_length); nearest: {', '.join(near)}"
                )
