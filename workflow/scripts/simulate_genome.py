"""Draw the embedded genome: sequence, genes, repeats, bound and unbound sites, peaks and variants, all known."""

import dnalm.startup

import numpy as np

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.dna import bigwig
from dnalm.dna.meme import read_meme
from dnalm.logs import log
from dnalm.simulate import coverage as simulated_coverage
from dnalm.simulate import files as simulated_files
from dnalm.simulate import genome as simulated_genome
from dnalm.simulate import variants as simulated_variants


def main(
    *,
    motif: Input,
    out: Output,
    seed: int = 0,
    size: int = 3_000_000,
    contigs: int = 6,
    sites_per_kb: float = 1.0,
    bound_share: float = 0.5,
    repeat_share: float = 0.2,
) -> None:
    """Draw a genome of --size bp with known truth into the folder --out, the same for the same seed.

    genome.fa, genes.bed (BED12), sites.tsv (everything planted), ctcf.narrowPeak, blacklist.bed, variants.vcf,
    coverage.bw (a track of counts), rate.bw (what they were drawn from), truth.json. The last two
    contigs are for validation and test.
    """
    options = {"seed": seed, "size": size, "sites_per_kb": sites_per_kb}
    options |= {"bound_share": bound_share, "repeat_share": repeat_share}
    genome = simulated_genome.simulate(read_meme(motif), contigs=contigs, **options)
    rng = np.random.default_rng([seed, contigs + 1])
    peaks = simulated_files.narrow_peaks(genome, rng)
    variants = simulated_variants.draw_variants(genome, rng)
    rates = simulated_coverage.rates(genome)
    # A stream of its own: the rest of the genome is drawn as it was before there was a track.
    counts = simulated_coverage.counts(rates, np.random.default_rng([seed, contigs + 2]))
    sizes = {contig.name: len(contig) for contig in genome.contigs}
    with files.whole(out) as folder:
        folder.mkdir()
        simulated_files.write_fasta(folder / "genome.fa", genome.contigs)
        genome.sites.to_csv(folder / "sites.tsv", sep="\t", index=False)
        bare = {"sep": "\t", "index": False, "header": False}
        genome.genes.to_csv(folder / "genes.bed", **bare)
        genome.blacklist.to_csv(folder / "blacklist.bed", **bare)
        peaks.to_csv(folder / "ctcf.narrowPeak", **bare)
        simulated_files.write_vcf(folder / "variants.vcf", genome, variants)
        for name, track in (("coverage.bw", counts), ("rate.bw", rates)):
            bigwig.write(folder / name, sizes, track, simulated_coverage.STEP)
        classes = {kind: int(number) for kind, number in variants.kind.value_counts().sort_index().items()}
        simulated_files.write_truth(
            folder / "truth.json", genome, {**options, "motif": motif.stem, "variants": classes}
        )
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in genome.sites.kind.value_counts().items())
    log.info(f"drew {size:,} bp in {contigs} contigs; sites: {kinds}; {len(genome.genes)} genes; variants: {classes}")


if __name__ == "__main__":
    cli.run(main)
