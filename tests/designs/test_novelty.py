"""Longest matches against brute force; duplicates; copies in other genomes."""

import genomes
import numpy as np
import pytest
from genomes import random_codes

from dnalm.designs import novelty
from dnalm.dna import seq
from dnalm.genome import fasta as genome_fasta


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    return genomes.repetitive(tmp_path_factory.mktemp("novelty") / "toy")


def brute(text, query):
    """Longest common substring by trying all."""
    best = 0
    for start in range(len(query)):
        while start + best < len(query) and query[start : start + best + 1] in text:
            best += 1
    return best


def test_longest_matches_agree_with_brute_force_and_do_not_depend_on_chunks(toy):
    fasta = genome_fasta.open_fasta(toy / "genome.fa.gz")
    text = "n".join(fasta.fetch(name).upper().replace("N", "n") for name in ("one", "two", "tiny"))
    one, two = fasta.fetch("one").upper(), fasta.fetch("two")
    queries = [
        seq.decode(random_codes(9, 200)),
        one[200:330] + "A" + one[331:400],
        seq.decode(seq.reverse_complement(seq.encode(two[50:117]))),
        one[1490:1500] + one[1503:1520],  # whole but for the N between: no match may run over it
        two[-95:] + "GATTACA" + two[-125:-60],  # a tandem repeat, up to a contig's end
        "TTGCA" + "NN" + "ACGTTGCA",
        one[2990:],
    ]
    found = novelty.longest_matches([seq.encode(one) for one in queries], [toy])
    for query, row in zip(queries, found.itertuples(), strict=True):
        turned = seq.decode(seq.reverse_complement(seq.encode(query)))
        assert row.longest_match == max(brute(text, query), brute(text, turned)), query
        letters = fasta.fetch(row.match_chrom, row.match_start, row.match_end).upper()
        assert letters in (query if row.match_strand == "+" else turned)
        assert row.match_genome == "toy"
    again = novelty.longest_matches([seq.encode(one) for one in queries], [toy], chunk=333)
    assert again.longest_match.tolist() == found.longest_match.tolist()
    assert again.known_kmers.tolist() == pytest.approx(found.known_kmers.tolist(), nan_ok=True)


def test_known_kmers_counts_both_strands_and_leaves_n_out(toy):
    one = seq.encode(genome_fasta.open_fasta(toy / "genome.fa.gz").fetch("one").upper())
    half = np.concatenate([one[100:150], seq.reverse_complement(one[700:750]), random_codes(4, 30)])
    row = novelty.longest_matches([half, one[100:110], np.full(50, seq.N, np.uint8)], [toy]).iloc[0]
    known = row.known_kmers * (len(half) - 19)
    assert round(known) == 2 * 31
    rest = novelty.longest_matches([one[100:110], np.full(50, seq.N, np.uint8)], [toy])
    assert rest.known_kmers.isna().all()
    assert rest.longest_match.tolist() == [10, 0]


def test_an_exact_copy_in_another_genome_is_found(toy, tmp_path):
    other = genomes.make(tmp_path / "other", {"x": "TTTT" + seq.decode(random_codes(77, 300))})
    row = novelty.longest_matches([random_codes(77, 300)], [toy, other]).iloc[0]
    assert (row.match_genome, row.match_chrom, row.match_start, row.match_end) == ("other", "x", 4, 304)
    assert row.known_kmers == 1


def test_nearest_finds_duplicates_and_reverse_complements():
    a, b = random_codes(1, 100), random_codes(2, 100)
    mixed = np.concatenate([b[:60], 3 - b[60:61], random_codes(3, 39)])  # 60 bases of b, then another
    index, share = novelty.nearest([a, b, seq.reverse_complement(a), mixed, random_codes(5, 100)])
    assert index.tolist() == [2, 3, 0, 1, -1]
    assert share.tolist() == pytest.approx([1, 41 / 81, 1, 41 / 81, 0])
