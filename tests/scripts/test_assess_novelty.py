"""Copies are told from new DNA."""

import json

import genomes
import pytest
from genomes import random_codes

import assess_novelty
from dnalm import files
from dnalm.dna import seq
from dnalm.errors import UsageError
from dnalm.genome import fasta as genome_fasta


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    return genomes.repetitive(tmp_path_factory.mktemp("novelty") / "toy")


def test_the_script_tells_copies_from_new_dna(toy, tmp_path):
    one = genome_fasta.open_fasta(toy / "genome.fa.gz").fetch("one").upper()
    fresh = [seq.decode(random_codes(100 + number, 150)) for number in range(6)]
    records = [one[30:180], *fresh, fresh[0]]
    fasta = tmp_path / "s.fa"
    fasta.write_text("".join(f">g{number} seed=0\n{letters}\n" for number, letters in enumerate(records)))
    outs = {
        "out_novelty": tmp_path / "n.tsv",
        "out_composition": tmp_path / "c.tsv",
        "out_summary": tmp_path / "c.json",
    }
    assess_novelty.main(sequences=fasta, genomes=[toy], seed=1, **outs)
    summary = json.loads(outs["out_summary"].read_text())
    assert summary["copies"] == {"exact": 1 / 8, "half": 1 / 8, "duplicates": 2 / 8}
    assert summary["divergence"]["6"]["generated_vs_genome"] > 0
    assert set(summary["gc"]) == {"generated", "genome", "markov"}
    rows = [line.split("\t") for line in outs["out_novelty"].read_text().splitlines()]
    assert rows[0][:3] == ["id", "length", "longest_match"]
    assert rows[1][:3] == ["g0", "150", "150"]
    table = outs["out_composition"].read_text().splitlines()
    assert table[0].split("\t") == ["k", "kmer", "generated", "genome", "markov"]
    assert len(table) == 1 + 16 + 4096
    before = {name: files.sha256(path) for name, path in outs.items()}
    assess_novelty.main(sequences=fasta, genomes=[toy], seed=1, **outs)
    assert before == {name: files.sha256(path) for name, path in outs.items()}
    with pytest.raises(UsageError, match="k"):
        assess_novelty.main(sequences=fasta, genomes=[toy], k=32, **outs)
