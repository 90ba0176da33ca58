"""Normalise a FASTA into a genome folder: BGZF, index, sizes, soft-mask track, counts."""

from dnalm import cli, genome
from dnalm.cli import Input, Output


def main(
    *,
    fasta: Input,
    out: Output,
    name: str,
    source: str = "local",
    splits: dict | None = None,
    min_contig_length: int = 0,
) -> None:
    """Read --fasta (plain, gzip or BGZF) and write genome.fa.gz, its indexes, and what is known of it into --out.

    --splits '{"validation": ["chrE"], "test": ["chrF"], "exclude": []}' names whole contigs; the rest is training.
    """
    genome.index(fasta, out, name=name, source=source, splits=splits, min_contig_length=min_contig_length)


if __name__ == "__main__":
    cli.run(main)
