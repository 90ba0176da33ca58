"""Score random variants of a genome, against which those of the same context are told how rare their scores are."""

import dnalm.startup

from pathlib import Path

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.dna import splits as dna_splits
from dnalm.dna.place import Place
from dnalm.genome import corpus
from dnalm.genome import fasta as genome_fasta
from dnalm.logs import log
from dnalm.networks import models
from dnalm.variants import evidence, null_table, nulls, pairs


def main(
    *,
    genome: Input,
    model: Input,
    out: Output,
    number: int = 5000,
    window: int = 256,
    phases: int = 1,
    layer: int = 0,
    seed: int = 0,
) -> None:
    """Draw --number variants of the genome folder and score them, as score_variants does, by all the model can give.

    Places are uniform over the known bases of all that the genome's splits do not exclude. Classes of substitutions
    that are rare, and long indels, are drawn as often as others; the column weight says what each counts for. Of a
    model of several outputs there is the change of each, as delta:enhancer.
    """
    with genome_fasta.open_genome(genome) as fasta:
        sizes = dict(zip(fasta.references, fasta.lengths, strict=True))
        mix = nulls.USUAL._replace(lengths=nulls.USUAL.lengths[: window // 2])  # what a window can hold
        edits = nulls.draw(fasta, number, seed, mix=mix, places=included(genome, sizes), even=True)
        names = evidence.every(models.read_objective(model), models.read_outputs(model))
        parts = pairs.pieces(edits, fasta, window, phases)
        found = evidence.score(model, parts, len(edits), names, layer=layer)
    null_table.write(out, edits, found[names])
    log.info(f"{len(edits):,} of {number:,} random variants scored by {', '.join(names)}")


def included(genome: Path, sizes: dict[str, int]) -> list[str]:
    """All of the genome but what its splits exclude."""
    named = dna_splits.borders(corpus.describe(genome).get("splits", {}))
    return [
        str(Place(contig, start, end))
        for contig, size in sizes.items()
        for start, end, split in dna_splits.stretches(named.get(contig, dna_splits.WHOLE), size)
        if split != "exclude"
    ]


if __name__ == "__main__":
    cli.run(main)
