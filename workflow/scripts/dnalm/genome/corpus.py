"""A corpus: one or several genome folders read contig by contig, each contig with its split."""

import json
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np

from dnalm.dna import intervals, seq
from dnalm.errors import InputError
from dnalm.genome import fasta


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

    Of a genome whose name is in `held_out` no contig is for training: what is not for test is for validation.
    The file is read from end to end: asking an index for each of a million contigs costs a millisecond a contig.
    """
    for genome in genomes:
        about = describe(genome)
        named = intervals.by_contig(about.get("splits", {}))
        for contig, letters in fasta.read_contigs(Path(genome) / "genome.fa.gz"):
            split = named.get(contig, "train")
            if split == "train" and about["name"] in held_out:
                split = "validation"
            if split != "exclude":
                yield about["name"], contig, split, letters


def training_sequence(genomes: list[Path], *, repeats: bool = True) -> Iterator[np.ndarray]:
    """Base codes of every training contig, 4 for N and, without `repeats`, for what is soft-masked."""
    for _, _, split, letters in contigs(genomes):
        if split == "train":
            codes = seq.encode(letters)
            if not repeats:
                codes[seq.soft_masked(letters)] = seq.N
            yield codes
