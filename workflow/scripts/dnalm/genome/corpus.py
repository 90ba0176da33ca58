"""A corpus: one or several genome folders read contig by contig, each contig, or part of one, with its split."""

import json
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np

from dnalm.dna import intervals, seq, splits
from dnalm.errors import InputError
from dnalm.genome import fasta, holdout


def describe(genome: Path) -> dict:
    """The genome.json of a genome folder: name, source, splits, counts."""
    path = Path(genome) / "genome.json"
    if not path.exists():
        raise InputError(f"{genome}: holds no genome.json; give a folder written by index_genome")
    return json.loads(path.read_text(encoding="utf-8"))


def bases(genome: Path) -> int:
    """Length of a genome, N included."""
    return sum(intervals.read_sizes(Path(genome) / "chrom.sizes").values())


def contigs(genomes: list[Path], held_out: Collection[str] = ()) -> Iterator[tuple[str, str, str, bytes]]:
    """(genome, contig, split, letters) of every contig that is not excluded; case kept.

    One of which a region is held out comes once for each split, with `.` (which is read as N) for the others.
    Of a genome whose name is in `held_out` no contig is for training: what is not for test is for validation.
    The file is read from end to end: asking an index for each of a million contigs costs a millisecond a contig.
    """
    for genome in genomes:
        about = describe(genome)
        named, whole = splits.borders(about.get("splits", {})), about["name"] in held_out
        for contig, letters in fasta.read_contigs(Path(genome) / "genome.fa.gz"):
            for split, text in holdout.parts(letters, named.get(contig, splits.WHOLE), whole):
                yield about["name"], contig, split, text


def training_sequence(genomes: list[Path], *, repeats: bool = True) -> Iterator[np.ndarray]:
    """Base codes of every training contig, 4 for N and, without `repeats`, for what is soft-masked."""
    for _, _, split, letters in contigs(genomes):
        if split == "train":
            codes = seq.encode(letters)
            if not repeats:
                codes[seq.soft_masked(letters)] = seq.N
            yield codes
