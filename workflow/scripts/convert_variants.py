"""Turn a table of variants (TSV or CSV) into a sorted VCF 4.3."""

import dnalm.startup

from pathlib import Path

import pandas as pd

from dnalm import cli, tables
from dnalm.cli import Input, Output
from dnalm.dna import assembly
from dnalm.errors import InputError
from dnalm.genome import fasta as genome_fasta
from dnalm.logs import log
from dnalm.variants import table as variants_table
from dnalm.variants import vcf, vcf_header

COLUMNS = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]


def main(
    *,
    table: Input,
    columns: dict,
    info: dict | None = None,
    chrom_prefix: str = "",
    max_outside: float = assembly.MOST_OUTSIDE,
    genome: Input,
    out: Output,
) -> None:
    """Write the rows of `table` as VCF records, sorted in the genome's contig order; positions are 1-based.

    --columns says which column holds what, as {"chrom": …, "pos": …, "ref": …, "alt": …} and perhaps "id"; --info
    which columns to keep, as {"INFO_KEY": column}. A name in .gz is bgzipped and indexed. Rows without bases to write
    ("-" or missing alleles) are skipped and counted in the log and the header; at most a share of `max_outside` may lie
    on contigs that the genome lacks.
    """
    rows = tables.read(table)
    records, skipped = variants_table.to_records(rows, columns, info or {}, chrom_prefix)
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in skipped.items()) or "none"
    if records.empty:
        raise InputError(
            f"{table}: none of its {len(rows.rows):,} rows has a place and alleles in bases ({reasons}); VCF writes an "
            "indel with the base before it"
        )
    fasta = genome_fasta.open_genome(genome)
    sizes = dict(zip(fasta.references, fasta.lengths, strict=True))
    assembly.places(records.chrom, None, sizes, table, noun="records", most_outside=max_outside)
    records = records.iloc[vcf.genome_order(records, sizes)]
    vcf.write(out, header(table, records, sizes, len(rows.rows), skipped.total()), "\t".join(COLUMNS), records)
    log.info(f"{len(rows.rows):,} rows: {len(records):,} records, {skipped.total():,} skipped ({reasons})")


def header(table: Path, records: pd.DataFrame, sizes: dict[str, int], rows: int, skipped: int) -> list[str]:
    """Header lines: where the records come from, how many there are, all contigs of the genome, INFO definitions."""
    meta = [
        "##fileformat=VCFv4.3",
        "##source=dnalm",
        f'##dnalm_convert="{table.name}: {rows} rows, {len(records)} records, {skipped} skipped"',
        *(f"##contig=<ID={name},length={length}>" for name, length in sizes.items()),
    ]
    return vcf_header.complete_header(vcf.Vcf(table, meta, "", records), sizes, why=f"From {table.name}")


if __name__ == "__main__":
    cli.run(main)
