"""Insertions and deletions that people and a yeast have: every tokenizer, hidden or next tokens, scores them."""

import os
from pathlib import Path

import numpy as np
import pytest
from shown import SIZES, tokenizer

from dnalm.genome import fasta
from dnalm.networks import models
from dnalm.variants import alleles, evidence, pairs, vcf

REAL = Path(os.environ.get("DNALM_REAL_DATA", Path(__file__).resolve().parents[3] / "shared/data"))
CALLS = {
    "yeast/BKI.1011genomes.sacCer3.vcf.gz": ("yeast/sacCer3.fa.gz", 1300),
    "hg19/1000Gp3.chr20_1-2Mb.vcf.gz": ("hg19/hg19_part.fa.gz", 800),
    "hg19/1000Gp3.BRCA1.vcf.gz": ("hg19/hg19_part.fa.gz", 80),
}
WINDOW = 120
EACH = 8  # of so many indels one is scored; all of them, by hand, give the same


@pytest.mark.real
@pytest.mark.skipif(not REAL.exists(), reason=f"real data absent: set DNALM_REAL_DATA (looked in {REAL})")
@pytest.mark.parametrize("name", CALLS)
def test_the_indels_of_real_calls_are_scored_by_every_tokenizer_and_objective(tmp_path: Path, name: str):
    """Networks are small and untrained: what is asked is whether a number comes out, and one that depends on both."""
    path, least = CALLS[name]
    genome = fasta.open_genome(REAL / path)
    table = vcf.split_alleles(vcf.read(REAL / name).records)
    indels = table[(table.ref.str.len() != table.alt.str.len()) & table.alt.str.fullmatch("[ACGT]+")]
    assert len(indels) > least
    every, _ = alleles.hold(indels.reset_index(drop=True), genome, WINDOW, path=name)
    assert (every.skipped == "").mean() >= 0.99
    held, edits = alleles.hold(indels[::EACH].reset_index(drop=True), genome, WINDOW, path=name)
    for kind in ("char", "kmer", "overlapping", "bpe"):
        for architecture in ("bert", "mixtral"):
            tok, objective = tokenizer(kind), "clm" if architecture == "mixtral" else "mlm"
            network = models.build(objective, architecture, SIZES[architecture], tok, WINDOW + 2, seed=3).eval()
            models.save(network, tok, tmp_path / kind / objective, "card")
            names = evidence.choose(objective, ["l2_flank", "llr"])
            found = evidence.score(tmp_path / kind / objective, pairs.pieces(edits, genome, WINDOW), len(edits), names)
            scored = alleles.with_scores(held, found)
            assert np.isfinite(scored[names]).all(axis=1).mean() >= 0.99, (kind, objective)
            assert (found[names].abs() > 1e-6).mean().min() > 0.99, (kind, objective)
