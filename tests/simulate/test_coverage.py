"""The coverage of the embedded genome: its rate is where it was planted, its counts are noise round it."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

import simulate_genome
from dnalm.dna import bigwig
from dnalm.dna.meme import read_meme
from dnalm.simulate import coverage
from dnalm.simulate import genome as simulated

OPTIONS = {"seed": 5, "size": 240_000, "contigs": 4, "sites_per_kb": 2.0}


MEME = Path(__file__).parents[2] / "resources/motifs/MA0139.1.meme"
BEFORE = ("genome.fa", "genes.bed", "sites.tsv", "ctcf.narrowPeak", "blacklist.bed", "variants.vcf", "truth.json")


@pytest.fixture(scope="module")
def genome():
    return simulated.simulate(read_meme(MEME), **OPTIONS)


def test_the_rest_of_the_genome_is_as_it_was_before_there_was_a_track(tmp_path):
    """Their checksum as the simulation made them without one."""
    simulate_genome.main(motif=MEME, out=tmp_path / "one", **OPTIONS)
    digest = hashlib.sha256(b"".join((tmp_path / "one" / name).read_bytes() for name in BEFORE))
    with bigwig.reading(tmp_path / "one/rate.bw") as rate, bigwig.reading(tmp_path / "one/coverage.bw") as drawn:
        assert rate.chroms() == drawn.chroms()
        assert rate.header()["nBasesCovered"] == drawn.header()["nBasesCovered"]
    assert digest.hexdigest() == "08d6f3608a1e0d4cbfb7dcba789ecaafb85b24d97add2b82b346960c1541323f"


def test_the_rate_is_high_at_bound_sites_as_their_motif_is_strong_and_not_at_decoys(genome):
    rates = coverage.rates(genome)
    at = {"bound": [], "decoy": []}
    for site in genome.sites[genome.sites.kind.isin(at)].itertuples():
        at[site.kind].append((float(site.score), rates[site.chrom][(site.start + site.end) // 2 // coverage.STEP]))
    bound, decoys = (np.array(at[kind]) for kind in at)
    assert np.median(bound[:, 1]) > 5 * np.median(decoys[:, 1])
    assert np.corrcoef(bound.T)[0, 1] > 0.8
    gene = genome.genes.iloc[0]
    inside = rates[gene.chrom][(gene.start + gene.end) // 2 // coverage.STEP]
    assert inside >= coverage.BACKGROUND + 0.8 * coverage.HUMP


def test_gaps_have_no_rate_and_no_count(genome):
    rates = coverage.rates(genome)
    counts = coverage.counts(rates, np.random.default_rng(0))
    for contig in genome.contigs:
        gap = (contig.codes == 4)[: len(contig) // coverage.STEP * coverage.STEP].reshape(-1, coverage.STEP).any(1)
        assert np.isnan(rates[contig.name][: len(gap)][gap]).all()
        assert np.array_equal(np.isnan(counts[contig.name]), np.isnan(rates[contig.name]))


def test_counts_are_poisson_round_the_rate_and_the_same_for_a_seed(genome):
    rates = coverage.rates(genome)
    one, again, other = (coverage.counts(rates, np.random.default_rng(seed)) for seed in (1, 1, 2))
    every = np.concatenate([rates[name] for name in rates])
    drawn = np.concatenate([one[name] for name in rates])
    known = ~np.isnan(every)
    assert drawn[known].mean() == pytest.approx(every[known].mean(), rel=0.03)
    scatter = (drawn - every)[known] ** 2 / every[known]
    assert scatter.mean() == pytest.approx(1, abs=0.05)
    assert all(np.array_equal(one[name], again[name], equal_nan=True) for name in rates)
    assert not all(np.array_equal(one[name], other[name], equal_nan=True) for name in rates)
