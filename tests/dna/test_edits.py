"""Edited sequences, by hand."""

from dnalm.dna import edits, seq


def test_mutants_are_all_single_substitutions_once():
    codes = seq.encode("GAT")
    changed = edits.mutants(codes)
    texts = [seq.decode(row) for row in changed]
    assert texts == ["AAT", "CAT", "TAT", "GCT", "GGT", "GTT", "GAA", "GAC", "GAG"]
