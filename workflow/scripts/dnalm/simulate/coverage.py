"""A coverage track of the embedded genome whose rate is known: sharp peaks at bound sites, broad humps at genes, noise.

Counts are Poisson draws round the rate, as reads that fall on a bin are; whoever predicts the rate has learned all that
there is to learn, and the counts themselves are no better guide than their noise allows.
"""

import numpy as np

from dnalm.dna import bigwig as dna_bigwig
from dnalm.dna import seq
from dnalm.simulate.genome import Genome

STEP = 32  # bases of a bin of the track
BACKGROUND = 0.1  # reads a bin where nothing is
PEAK, STEEP, BROAD = 0.4, 0.15, 90  # a peak's reads at a matrix score of nought, more by each bit; its deviation (bp)
HUMP, EDGE = 0.5, 300  # reads in the middle of a gene, and the bases over which they rise and fall


def rates(genome: Genome) -> dict[str, np.ndarray]:
    """Expected reads in each bin of STEP bases, float32 by contig; NaN where the sequence is unknown.

    A bound site's peak is as high as its motif is strong; a decoy, with the same motif and no partner, has none. A gene
    has a hump over its whole length.
    """
    found = {}
    for contig in genome.contigs:
        bins = dna_bigwig.bins_of(len(contig), STEP)
        centre = (np.arange(bins) + 0.5) * STEP
        rate = np.full(bins, BACKGROUND)
        for gene in genome.genes[genome.genes.chrom == contig.name].itertuples():
            rate += HUMP * _step((centre - gene.start) / EDGE) * _step((gene.end - centre) / EDGE)
        bound = genome.sites[(genome.sites.chrom == contig.name) & (genome.sites.bound == 1)]
        for site in bound.itertuples():
            away = (centre - (site.start + site.end) / 2) / BROAD
            rate += max(PEAK + STEEP * float(site.score), PEAK) * np.exp(-(away**2) / 2)
        padded = np.pad(contig.codes == seq.N, (0, bins * STEP - len(contig)))
        rate[padded.reshape(bins, STEP).any(1)] = np.nan
        found[contig.name] = rate.astype(np.float32)
    return found


def _step(away: np.ndarray) -> np.ndarray:
    """A smooth step from 0 to 1, most of it between -1/2 and 1/2."""
    return (1 + np.tanh(2 * away)) / 2


def counts(rates: dict[str, np.ndarray], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Poisson draws round rates, NaN where these are: float32 by contig."""
    drawn = {name: rng.poisson(np.nan_to_num(rate)) for name, rate in rates.items()}
    return {name: np.where(np.isnan(rates[name]), np.nan, drawn[name]).astype(np.float32) for name in rates}
