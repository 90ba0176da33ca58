"""The files of an embedded genome: FASTA, narrowPeak, VCF and the truth, in the formats a real genome's come in."""

from pathlib import Path

import numpy as np
import pandas as pd

from dnalm.dna import seq
from dnalm.files import write_json
from dnalm.simulate.background import Contig
from dnalm.simulate.genome import MISSES, PARTNER, REACH, Genome
from dnalm.simulate.variants import CLASSES


def write_fasta(path: Path, contigs: list[Contig]) -> None:
    """Write the contigs at 60 bases a line, repeats in lower case."""
    with open(path, "w", encoding="utf-8") as handle:
        for contig in contigs:
            letters = np.frombuffer(seq.decode(contig.codes).encode(), np.uint8) | (contig.masked * np.uint8(0x20))
            text = letters.tobytes().decode()
            handle.write(f">{contig.name}\n")
            handle.writelines(f"{text[start : start + 60]}\n" for start in range(0, len(text), 60))


def narrow_peaks(genome: Genome, rng: np.random.Generator) -> pd.DataFrame:
    """ENCODE narrowPeak rows: one a bound site, about 200 bp, summit on the motif's centre; junk in the blacklist.

    signalValue follows the matrix score with noise, as ChIP enrichment follows affinity.
    """
    rows = []
    for site in genome.sites[genome.sites.bound == 1].itertuples():
        centre = (site.start + site.end) // 2
        start, end = centre - int(rng.integers(80, 121)), centre + int(rng.integers(80, 121))
        signal = max(10 + 1.5 * site.score + rng.normal(0, 5), 2.0)
        rows.append((site.chrom, start, end, signal, centre - start))
    for region in genome.blacklist.itertuples():
        for centre in rng.integers(region.start + 200, region.end - 200, 2):
            rows.append((region.chrom, int(centre) - 150, int(centre) + 150, float(rng.uniform(60, 120)), 150))
    table = pd.DataFrame(sorted(rows), columns=["chrom", "start", "end", "signal", "summit"])
    table.insert(3, "name", [f"peak{number + 1}" for number in range(len(table))])
    table.insert(4, "score", table.signal.mul(10).clip(0, 1000).astype(int))
    table.insert(5, "strand", ".")
    table["signal"] = table.signal.round(3)
    table.insert(7, "p", -1)
    table.insert(8, "q", -1)
    return table


def write_truth(path: Path, genome: Genome, options: dict) -> None:
    """Write truth.json: how the genome was made, what it holds, how its contigs are split."""
    names = [contig.name for contig in genome.contigs]
    codes = np.concatenate([contig.codes for contig in genome.contigs])
    counts = genome.sites.groupby(["chrom", "kind"]).size().unstack(fill_value=0)
    write_json(
        path,
        {
            **options,
            "coordinates": "0-based, half-open; POS in variants.vcf is 1-based",
            "contigs": {contig.name: len(contig) for contig in genome.contigs},
            "gc": round(float(seq.gc_content(codes)), 4),
            "n_bases": int((codes == seq.N).sum()),
            "soft_masked_bases": int(sum(contig.masked.sum() for contig in genome.contigs)),
            "partner": {"consensus": seq.decode(PARTNER), "mismatches": MISSES, "reach": REACH},
            "sites": {kind: int(number) for kind, number in counts.sum().items()},
            "sites_by_contig": counts.to_dict("index"),
            "genes": len(genome.genes),
            "blacklist": len(genome.blacklist),
            "splits": {"validation": [names[-2]], "test": [names[-1]]},
        },
    )


def write_vcf(path: Path, genome: Genome, variants: pd.DataFrame) -> None:
    """Write the variants as plain VCF 4.3, IDs unique, INFO/CLASS defined in the header."""
    with open(path, "w", encoding="utf-8") as handle:
        handle.write("##fileformat=VCFv4.3\n##source=dnalm simulate_genome\n")
        handle.write('##FILTER=<ID=PASS,Description="All filters passed">\n')
        handle.write(f'##INFO=<ID=CLASS,Number=1,Type=String,Description="Planted class: {", ".join(CLASSES)}">\n')
        handle.writelines(f"##contig=<ID={contig.name},length={len(contig)}>\n" for contig in genome.contigs)
        handle.write("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
        for number, row in enumerate(variants.itertuples(), 1):
            handle.write(f"{row.chrom}\t{row.pos}\tsim{number:05d}\t{row.ref}\t{row.alt}\t.\tPASS\tCLASS={row.kind}\n")
