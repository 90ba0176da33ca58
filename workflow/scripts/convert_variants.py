"""Turn a table of variants, a list of them, or all substitutions of some places into a sorted VCF 4.3."""

import dnalm.startup

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pysam

from dnalm import cli, tables
from dnalm.cli import Input, Output
from dnalm.dna import assembly
from dnalm.dna.place import Place
from dnalm.errors import InputError, UsageError
from dnalm.genome import fasta as genome_fasta
from dnalm.logs import log
from dnalm.variants import lines as variants_lines
from dnalm.variants import saturation, vcf, vcf_header
from dnalm.variants import table as variants_table

COLUMNS = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]


def main(
    *,
    table: Input | None = None,
    lines: Input | None = None,
    saturate: list[str] | None = None,
    columns: dict | None = None,
    info: dict | None = None,
    reads: dict | None = None,
    only: dict | None = None,
    chrom_prefix: str = "",
    max_outside: float = assembly.MOST_OUTSIDE,
    genome: Input,
    out: Output,
) -> None:
    """Write the variants of a --table, of --lines or of --saturate as VCF records in the genome's order, POS 1-based.

    Of a table --columns says which column holds what, as {"chrom": …, "pos": …, "ref": …, "alt": …} and perhaps "id";
    --info which columns to keep, as {"INFO_KEY": column}; --reads which ones count reads, as {"ref": …, "alt": …} or by
    base, {"A": …, "C": …, "G": …, "T": …}, and then REF_READS, ALT_READS and FAVOURED (ref, alt or equal) are in INFO;
    --only which rows are meant, as {column: regular expression of the whole cell}. Lines are chrom:pos:ref:alt or
    chrom-pos-ref-alt, and become the records' IDs. Places to --saturate are contig:start-end (0-based, half-open), each
    known base of which gets its three alternatives. A name in .gz is bgzipped and indexed. Rows without bases to write
    ("-" or missing alleles) are skipped and counted in the log and the header; at most a share of `max_outside` may lie
    on contigs that the genome lacks.
    """
    if sum(source is not None for source in (table, lines, saturate)) != 1:
        raise UsageError("give --table, --lines or --saturate, one of them")
    fasta = genome_fasta.open_genome(genome)
    sizes = dict(zip(fasta.references, fasta.lengths, strict=True))
    if saturate is not None:
        if columns or info or reads or only or chrom_prefix:
            raise UsageError(
                "--columns, --info, --reads, --only and --chrom-prefix speak of a file's lines; leave them out"
            )
        given = substituted(saturation.places(saturate, sizes, genome), fasta, genome)
    else:
        given = read(table, lines, columns, info, chrom_prefix, reads=reads, only=only or {})
        assembly.places(given.records.chrom, None, sizes, table or lines, noun="records", most_outside=max_outside)
    records = given.records.iloc[vcf.genome_order(given.records, sizes)]
    vcf.write(out, header(given, records, sizes), "\t".join(COLUMNS), records)
    log.info(f"{given.total:,} {given.noun}: {len(records):,} records, {given.skipped.total():,} skipped ({given.why})")


class Given(NamedTuple):
    """What was given: its name, how many rows or bases it has, its records, and how many were skipped for what."""

    name: str
    noun: str
    total: int
    records: pd.DataFrame
    skipped: Counter

    @property
    def why(self) -> str:
        """The skipped ones by reason, in words."""
        return ", ".join(f"{count:,} {reason}" for reason, count in self.skipped.items()) or "none"


def substituted(places: list[Place], fasta: pysam.FastaFile, genome: Path) -> Given:
    """All substitutions of some places."""
    named, total = ", ".join(map(str, places)), sum(one.end - one.start for one in places)
    given = Given(named, "bases", total, *saturation.records(places, fasta.fetch))
    if given.records.empty:
        raise InputError(f"{genome}: no base of {named} is known ({given.why}); name other places to saturate")
    return given


def read(
    table: Path | None,
    lines: Path | None,
    columns: dict | None,
    info: dict | None,
    chrom_prefix: str,
    *,
    reads: dict | None,
    only: dict,
) -> Given:
    """The records of a file of variants."""
    if lines is not None:
        if columns or info or reads or only:
            raise UsageError(
                "--columns, --info, --reads and --only speak of a --table, and --lines have none; leave them out"
            )
        rows, columns = variants_lines.read(lines), {name: name for name in variants_lines.COLUMNS}
    else:
        rows = tables.read(table)
    meant = variants_table.only(rows, only)
    found, skipped = variants_table.to_records(meant, columns or {}, info or {}, chrom_prefix, reads)
    skipped += Counter({"not_meant": len(rows.rows) - len(meant.rows)})
    given = Given(rows.path.name, "rows", len(rows.rows), found, skipped)
    if found.empty:
        raise InputError(
            f"{rows.path}: none of its {given.total:,} rows has a place and alleles in bases ({given.why}); VCF writes "
            "an indel with the base before it"
        )
    return given


def header(given: Given, records: pd.DataFrame, sizes: dict[str, int]) -> list[str]:
    """Header lines: where the records come from, how many there are, all contigs of the genome, INFO definitions."""
    counts = f"{given.total} {given.noun}, {len(records)} records, {given.skipped.total()} skipped"
    meta = [
        "##fileformat=VCFv4.3",
        "##source=dnalm",
        f'##dnalm_convert="{given.name}: {counts}"',
        *(f"##contig=<ID={name},length={length}>" for name, length in sizes.items()),
    ]
    return vcf_header.complete_header(vcf.Vcf(Path(given.name), meta, "", records), sizes, why=f"From {given.name}")


if __name__ == "__main__":
    cli.run(main)
