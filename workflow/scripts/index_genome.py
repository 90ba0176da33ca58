"""Normalise a FASTA or 2bit file into a genome folder: BGZF, index, sizes, soft-mask track, counts."""

import dnalm.startup

from dnalm import cli, texts
from dnalm.cli import Input, Output
from dnalm.genome import index as genome_index


def main(
    *,
    fasta: Input,
    out: Output,
    name: str,
    source: str = "local",
    splits: dict | None = None,
    min_contig_length: int = 0,
    keep: list[str] | None = None,
    rename: Input | None = None,
    bases: int | None = None,
    mask_repeated: int = 0,
    consensus: Input | None = None,
) -> None:
    """Read --fasta (plain, gzip, BGZF or 2bit) and write genome.fa.gz, its indexes, and what is known of it into --out.

    --splits '{"validation": ["chrE"], "test": ["chrF"], "exclude": []}' names whole contigs; the rest is training.
    --rename is a table with the columns source and name; --keep and --splits use the names it gives. --bases, where
    known, is the number of bases that --fasta must hold. --mask-repeated 4 soft-masks words of 16 bases seen so often,
    for a genome that comes without a mask. --consensus is what apply_variants says of a personal genome: whose it is,
    and what it holds out.
    """
    told = None if consensus is None else texts.read_json(consensus)
    genome_index.index(
        fasta,
        out,
        name=name,
        source=source,
        splits=splits,
        min_contig_length=min_contig_length,
        keep=keep,
        rename=rename,
        bases=bases,
        mask_repeated=mask_repeated,
        consensus=told,
    )


if __name__ == "__main__":
    cli.run(main)
