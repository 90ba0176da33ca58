"""Genome folders in miniature."""

from pathlib import Path

import numpy as np
import pysam

from dnalm.dna import meme, seq
from dnalm.genome import fasta as genome_fasta
from dnalm.genome import index as genome_index
from dnalm.simulate import files as simulated_files
from dnalm.simulate import genome as simulated_genome

MOTIF = Path(__file__).parents[1] / "resources/motifs/MA0139.1.meme"


def make(folder, contigs, splits=None):
    """A genome folder of the given contigs."""
    fasta = folder.with_suffix(".fa")
    fasta.write_text("".join(f">{name}\n{letters}\n" for name, letters in contigs.items()))
    genome_index.index(fasta, folder, name=folder.name, source="toy", splits=splits or {}, min_contig_length=0)
    return folder


def indexed(folder, contigs):
    """An opened FASTA of the given contigs."""
    path = folder / "g.fa"
    path.write_text("".join(f">{name}\n{letters}\n" for name, letters in contigs.items()))
    pysam.faidx(str(path))
    return genome_fasta.open_fasta(path)


def random_codes(seed, length):
    """Random bases, the same from the same seed."""
    return np.random.default_rng(seed).integers(0, 4, length).astype(np.uint8)


def periodic(folder):
    """A genome that repeats ACGT on training contigs, held-out ones too, with N in the middle of one."""
    text = "ACGT" * 150 + "N" * 7 + "ACGT" * 50
    return make(folder, dict.fromkeys(("one", "two", "three"), text), {"validation": ["two"], "test": ["three"]})


def repetitive(folder):
    """A genome with N, lower case, a tandem repeat at a contig's end, a tiny contig and one left out."""
    one, two = seq.decode(random_codes(1, 3000)), seq.decode(random_codes(2, 1200))
    repeat = seq.decode(random_codes(3, 40)) * 3
    letters = {
        "one": one[:1500] + "NNN" + one[1500:].lower(),
        "two": two + repeat,
        "tiny": "ACGTTGCA",
        "out": repeat * 9,
    }
    splits = {"validation": ["two"], "exclude": ["out"]}
    return make(folder, letters, splits)


def planted(folder, seed, size):
    """A simulated genome of six contigs (`Genome`, its truth), and its genome folder with the soft-mask."""
    truth = simulated_genome.simulate(meme.read_meme(MOTIF), seed=seed, size=size)
    simulated_files.write_fasta(folder.with_suffix(".fa"), truth.contigs)
    splits = {"validation": ["chrE"], "test": ["chrF"]}
    genome_index.index(folder.with_suffix(".fa"), folder, name=folder.name, source="simulated", splits=splits)
    return truth, folder
