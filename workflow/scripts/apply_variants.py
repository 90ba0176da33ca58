"""Write a sample's variants into a reference genome: a personal genome, and the chain that leads back."""

import dnalm.startup

from collections import Counter

import pandas as pd
import pysam

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.dna import assembly, chain, intervals
from dnalm.genome import consensus, corpus, genotypes
from dnalm.genome import fasta as genome_fasta
from dnalm.genome import index as genome_index
from dnalm.logs import log

COLUMNS = ["chrom", "start", "end", "personal_start", "personal_end", "ref", "alt", "kind", "record"]


def main(
    *,
    genome: Input,
    vcf: Input,
    out: Output,
    sample: str | None = None,
    haplotype: genotypes.Haplotype = "alternative",
    max_mismatch: float = 0.01,
    max_outside: float = assembly.MOST_OUTSIDE,
) -> None:
    """Write genome.fa.gz, to_reference.chain, applied.tsv.gz and consensus.json into --out.

    Of --sample (the only one, where it is left out) the alleles of --haplotype are applied: 1 or 2, by their order in
    the call whether it is phased or not, or `alternative`, the first allele of a call that is not the reference's.
    Records whose FILTER is neither PASS nor "." and symbolic alleles are left out; of overlapping ones the first is
    applied; all others are counted by reason. More than --max-mismatch of the reference alleles that are not the
    genome's, or --max-outside of the records on contigs that it lacks, are another build.
    """
    sizes = intervals.read_sizes(genome / "chrom.sizes")
    carried = genotypes.read(vcf, sample, haplotype)
    check_places(carried.places, sizes, vcf, max_outside)
    skipped, applied, chains, compared, wrong = carried.skipped, [], {}, 0, None
    skipped["contig_unknown"] = sum(len(found) for name, found in carried.alleles.items() if name not in sizes)
    with files.whole(out) as folder:
        folder.mkdir()
        with genome_fasta.open_genome(genome) as fasta, pysam.BGZFile(str(folder / "genome.fa.gz"), "wb") as sequence:
            for contig, size in sizes.items():
                letters = genome_fasta.fetch(fasta, contig, 0, size)
                held = consensus.held(letters, carried.alleles.get(contig, []))
                skipped, compared = skipped + held.skipped, compared + held.compared
                wrong = wrong or (held.wrong and (contig, *held.wrong))
                made = consensus.apply(contig, letters, held.edits)
                sequence.write(f">{contig}\n".encode())
                for piece in genome_index.wrap(made.letters):
                    sequence.write(piece)
                chains[contig] = made.chain
                applied += consensus.rows(contig, made)
        consensus.refuse_mismatches(skipped, compared, wrong, max_mismatch, vcf)
        chain.write(folder / "to_reference.chain", chains.values())
        table = pd.DataFrame(applied, columns=COLUMNS)
        files.write_table(folder / "applied.tsv.gz", table)
        about = {"reference": corpus.describe(genome)["name"], "vcf": str(vcf), "vcf_sha256": files.sha256(vcf)}
        about |= {"reference_sha256": files.sha256(genome / "genome.fa.gz")}
        about |= {"sample": carried.sample, "haplotype": haplotype, "unphased": carried.unphased}
        about |= counts(table, skipped, len(carried.places), compared)
        about["splits"], gone = consensus.lifted_splits(corpus.describe(genome)["splits"], chains)
        files.write_json(folder / "consensus.json", about)
    tell(about, gone)


def check_places(places: list[tuple[str, int]], sizes: dict[str, int], vcf: Input, max_outside: float) -> None:
    """Refuse a VCF of another assembly."""
    table = pd.DataFrame(places, columns=["chrom", "end"])
    assembly.places(table.chrom, table.end, sizes, vcf, noun="records", most_outside=max_outside)


def counts(table: pd.DataFrame, skipped: Counter, records: int, compared: int) -> dict:
    """Records read, applied by kind, and skipped by reason, which add up; bases inserted and deleted."""
    kinds = table.kind.value_counts()
    applied = {name: int(kinds.get(name, 0)) for name in consensus.KINDS}
    change = table.alt.str.len() - table.ref.str.len()
    if sum(applied.values()) + sum(skipped.values()) != records:
        raise RuntimeError(f"{records} records were read, {sum(applied.values())} applied and {+skipped} skipped")
    return {
        "records": records,
        "applied": applied,
        "skipped": dict(sorted((+skipped).items())),
        "compared": compared,
        "inserted_bases": int(change.clip(lower=0).sum()),
        "deleted_bases": int(-change.clip(upper=0).sum()),
    }


def tell(about: dict, gone: list[str]) -> None:
    """Log what was applied and what was not, and by which rule."""
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in about["applied"].items() if number)
    whose = (
        f"sample {about['sample']}, haplotype {about['haplotype']}" if about["sample"] else "all records (no sample)"
    )
    log.info(f"{whose}: applied {sum(about['applied'].values()):,} of {about['records']:,} records ({kinds or 'none'})")
    log.info(f"{about['inserted_bases']:,} bases inserted, {about['deleted_bases']:,} deleted")
    if about["skipped"]:
        log.info("skipped: " + ", ".join(f"{number:,} {reason}" for reason, number in about["skipped"].items()))
    if about["unphased"]:
        rule = "the first that is not the reference's is applied"
        if about["haplotype"] != "alternative":
            rule = f"the one written {'first' if about['haplotype'] == '1' else 'second'} is taken"
        log.info(f"calls of two alleles without phase: {about['unphased']:,}; {rule}")
    if gone:
        log.info(f"held out in the reference and deleted here: {', '.join(gone)}")


if __name__ == "__main__":
    cli.run(main)
