"""Any genome file to our own genome folder: read with suspicion, normalised, compressed in blocks, indexed, counted.

Trusted tools drop a repeated contig, serve a stale index or read half a file without a word; here each of these is an
error that says what to do, and whatever is changed is counted.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pysam

from dnalm import files
from dnalm.errors import InputError, UsageError
from dnalm.genome import contigs, holdout, repeats
from dnalm.logs import log

WIDTH = 60  # bases a line in the FASTA we write
SKIPPED = ("empty", "short", "short_bases", "unwanted", "unwanted_bases")
COUNTS = ("contigs_read", "gc_bases", "at_bases", "n_bases", "soft_masked_bases", "iupac_to_n", *SKIPPED)
NAMES = ("genome.json", "softmask.bed.gz", "chrom.sizes", "genome.fa.gz.gzi", "genome.fa.gz.fai", "genome.fa.gz")
_TO_N = bytes.maketrans(b"RYSWKMBDHVryswkmbdhv", b"N" * 10 + b"n" * 10)
_LOWER = re.compile(rb"[a-z]+")


def index(
    fasta: Path,
    out: Path,
    *,
    name: str,
    source: str,
    splits: dict | None = None,
    min_contig_length: int = 0,
    keep: list[str] | None = None,
    rename: Path | None = None,
    bases: int | None = None,
    mask_repeated: int = 0,
    consensus: dict | None = None,
) -> dict:
    """Write genome.fa.gz (BGZF, case kept), .fai, .gzi, chrom.sizes, softmask.bed.gz and genome.json into `out`.

    One pass over the input (FASTA or 2bit), one contig in memory at a time. `keep` lists the contigs wanted, by their
    names after `rename` (a table, `contigs.read_table`); without it all are. `bases` is what the whole file must hold.
    With `mask_repeated`, words of 16 bases seen so often are soft-masked as well (`repeats`): a second pass.
    `consensus` is what is known of a genome that was made of another and a VCF, its splits among it.
    Returns what genome.json holds; its counts obey contigs read = contigs kept + contigs skipped. Raises InputError
    for anything that is not a whole, clean genome, and where `keep`, `rename` or a split names a contig it lacks.
    """
    if not files.NAME.match(name):
        raise UsageError(f"--name: got {name!r}, wanted letters, digits, '.', '_' and '-'; it becomes part of paths")
    splits = consensus["splits"] if consensus else splits
    holdout.complete(splits or {})
    with ExitStack() as stack:
        beside = {name: stack.enter_context(files.whole(out / name)) for name in NAMES}  # the FASTA is renamed first
        counts = dict.fromkeys(COUNTS, 0)
        records = _kept(contigs.read(fasta, rename=rename, bases=bases), keep, min_contig_length, counts, fasta)
        if mask_repeated:
            repeated = repeats.often(
                _kept(contigs.read(fasta, rename=rename), keep, min_contig_length, counts.copy(), fasta), mask_repeated
            )
            records = ((contig, repeats.masked(letters, repeated)) for contig, letters in records)
        sizes = _write(records, counts, beside["genome.fa.gz"], beside["softmask.bed.gz"])
        _tell_skipped(fasta, counts, min_contig_length)
        if not sizes:
            raise InputError(
                f"{fasta}: none of its {counts['contigs_read']} contigs is kept (min_contig_length is "
                f"{min_contig_length}); lower it, or give another file"
            )
        if not counts["gc_bases"] + counts["at_bases"]:
            raise InputError(
                f"{fasta}: holds {sum(sizes.values()):,} bases in {len(sizes):,} contigs and all of them are N; a "
                "masked or empty assembly was fetched: take the soft-masked one"
            )
        why = " (or which is shorter than min_contig_length or not in keep)"
        held_out = holdout.resolve(splits or {}, sizes, fasta, why)
        pysam.faidx(str(beside["genome.fa.gz"]))  # writes the .fai and .gzi paths of `beside`
        lengths = "".join(f"{contig}\t{length}\n" for contig, length in sizes.items())
        beside["chrom.sizes"].write_text(lengths, encoding="utf-8")
        about = _about(fasta, name, source, sizes, counts, held_out)
        if consensus:
            about["consensus"] = {key: value for key, value in consensus.items() if key != "splits"}
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
        "skipped": {key: counts[key] for key in SKIPPED},
        "splits": splits,
    }


def _kept(
    records: Iterable[tuple[str, bytes]], keep: list[str] | None, shortest: int, counts: dict[str, int], fasta: Path
) -> Iterator[tuple[str, bytes]]:
    """The contigs that are wanted and long enough; `counts` says how many were not, and why."""
    wanted, present = set(keep or ()), set()
    for contig, letters in records:
        counts["contigs_read"] += 1
        present.add(contig)
        reason = "unwanted" if wanted and contig not in wanted else "short" if len(letters) < shortest else None
        if reason and letters:
            counts[reason] += 1
            counts[f"{reason}_bases"] += len(letters)
        elif not letters:
            counts["empty"] += 1
        else:
            yield contig, letters
    for contig in keep or ():
        if contig not in present:
            raise InputError(
                f"{fasta}: keep names contig {contig!r}, which the genome lacks; nearest: "
                f"{contigs.nearest(contig, present)}"
            )


def _write(records: Iterable[tuple[str, bytes]], counts: dict[str, int], bgzf: Path, softmask: Path) -> dict[str, int]:
    """Write sequence and soft-mask of the contigs, count their letters, and return the contigs' lengths."""
    sizes: dict[str, int] = {}
    with pysam.BGZFile(str(bgzf), "wb") as sequence, pysam.BGZFile(str(softmask), "wb") as mask:
        for contig, letters in records:
            sizes[contig] = len(letters)
            _count(letters, counts)
            letters = letters.translate(_TO_N)
            sequence.write(f">{contig}\n".encode())
            for piece in wrap(letters):
                sequence.write(piece)
            for start, end in lower_runs(letters):
                counts["soft_masked_bases"] += end - start
                mask.write(f"{contig}\t{start}\t{end}\n".encode())
    return sizes


def _tell_skipped(fasta: Path, counts: dict[str, int], shortest: int) -> None:
    if counts["empty"] or counts["short"] or counts["unwanted"]:
        log.info(
            f"{fasta}: skipped {counts['empty']} contigs without sequence, {counts['short']} shorter than "
            f"{shortest} bp ({counts['short_bases']:,} bp) and {counts['unwanted']} not in keep "
            f"({counts['unwanted_bases']:,} bp)"
        )


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
