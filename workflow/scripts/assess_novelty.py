"""Say whether sequences are new to the genomes, and whether they look like them."""

import dnalm.startup

from pathlib import Path

import numpy as np
import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.designs import composition, novelty
from dnalm.dna import seq, words
from dnalm.errors import UsageError
from dnalm.genome import fasta, markov, stretches
from dnalm.logs import log

WORDS = (2, 6)


def main(
    *,
    sequences: Input,
    genomes: list[Input],
    out_novelty: Output,
    out_composition: Output,
    out_summary: Output,
    k: int = 20,
    seed: int = 0,
) -> None:
    """Compare sequences with the genomes, and beside them held-out slices and an order-3 Markov chain's DNA.

    A generator that copies has long matches, one that has learned nothing but composition diverges from the genome as
    the Markov chain does. All three samples have equally many sequences, because divergences of small samples are
    larger.
    """
    if not 1 <= k <= words.LONGEST:
        raise UsageError(f"k is {k}; wanted 1 to {words.LONGEST}")
    rng = np.random.default_rng(seed)
    names, records = zip(*fasta.read_contigs(sequences), strict=True)
    generated = [seq.encode(letters) for letters in records]
    length = int(np.median([len(one) for one in generated]))
    where, natural = stretches.held_out(genomes, length, 2 * len(generated), rng)
    number = max(len(natural) // 2, 1)
    chain = markov.fit(genomes)
    samples = {
        "generated": composition.pad(generated),
        "genome": natural[:number],
        "markov": markov.sample(chain, number, length, rng),
    }
    table = novelty_table(names, generated, genomes, chain, k)
    log.info(
        f"{len(table):,} sequences: longest match median {table.longest_match.median():.0f} bp, "
        f"most {table.longest_match.max()} of {length} bp"
    )
    chance = novelty.longest_matches(list(samples["markov"]), genomes, k).longest_match
    files.write_table(out_novelty, table)
    files.write_table(out_composition, spectra(samples))
    summary = {
        "sequences": len(table),
        "length": length,
        "compared": {"sequences": number, "genome_splits": sorted(where.split.unique())},
        "gc": {name: spread(seq.gc_content(codes)) for name, codes in samples.items()},
        "bits_per_base_markov": {name: spread(markov.bits_per_base(chain, codes)) for name, codes in samples.items()},
        "longest_match": {"generated": spread(table.longest_match), "markov": spread(chance)},
        "copies": {
            "exact": float((table.longest_match == table.length).mean()),
            "half": float((2 * table.longest_match >= table.length).mean()),
            "duplicates": float((table.nearest_kmers == 1).mean()),
        },
        "known_kmers": spread(table.known_kmers),
        "longest_orf": {name: spread(composition.longest_orfs(codes)) for name, codes in samples.items()},
        "homopolymer": {name: spread(composition.homopolymers(codes)) for name, codes in samples.items()},
        "low_complexity": {name: spread(composition.low_complexity(codes)) for name, codes in samples.items()},
        "divergence": {str(k): divergences(samples, natural[number:], k) for k in WORDS},
    }
    files.write_json(out_summary, summary)


def novelty_table(
    names: tuple[str, ...], generated: list[np.ndarray], genomes: list[Path], chain: np.ndarray, k: int
) -> pd.DataFrame:
    """One row a sequence."""
    codes = composition.pad(generated)
    index, share = novelty.nearest(generated, k)
    table = pd.DataFrame({"id": names, "length": [len(one) for one in generated]})
    table = pd.concat([table, novelty.longest_matches(generated, genomes, k)], axis=1)
    return table.assign(
        nearest=[names[one] if one >= 0 else "" for one in index],
        nearest_kmers=share,
        gc=seq.gc_content(codes),
        homopolymer=composition.homopolymers(codes),
        low_complexity=composition.low_complexity(codes),
        longest_orf=composition.longest_orfs(codes),
        bits_per_base_markov=markov.bits_per_base(chain, codes),
    )


def spectra(samples: dict[str, np.ndarray]) -> pd.DataFrame:
    """k, kmer and its share in each sample, for all 2-mers and 6-mers."""
    parts = []
    for k in WORDS:
        kmers = [seq.decode(word) for word in words.spelled(np.arange(4**k), k)]
        shares = {name: composition.spectrum(codes, k) for name, codes in samples.items()}
        parts.append(pd.DataFrame({"k": k, "kmer": kmers, **shares}))
    return pd.concat(parts)


def divergences(samples: dict[str, np.ndarray], other: np.ndarray, k: int) -> dict[str, float | None]:
    """Jensen-Shannon divergences in bits from the genome's slices, of equally many sequences each."""
    number = min(len(samples["generated"]), len(samples["genome"]))
    genome = composition.spectrum(samples["genome"][:number], k)
    rows = {"generated": samples["generated"][:number], "markov": samples["markov"][:number], "genome": other[:number]}
    return {
        f"{name}_vs_genome": composition.jensen_shannon(composition.spectrum(codes, k), genome) if len(codes) else None
        for name, codes in rows.items()
    }


def spread(values: np.ndarray | pd.Series) -> dict[str, float | None]:
    """Mean, standard deviation, median and largest of the values that exist; null where there is none."""
    known = np.asarray(values, float)
    known = known[~np.isnan(known)]
    if not len(known):
        return dict.fromkeys(("mean", "sd", "median", "max"))
    statistics = {"mean": known.mean(), "sd": known.std(), "median": np.median(known), "max": known.max()}
    return {name: float(value) for name, value in statistics.items()}


if __name__ == "__main__":
    cli.run(main)
