"""Edited sequences, by hand."""

import numpy as np

from dnalm.dna import edits, seq


def test_mutants_are_all_single_substitutions_once():
    codes = seq.encode("GAT")
    changed = edits.mutants(codes)
    texts = [seq.decode(row) for row in changed]
    assert texts == ["AAT", "CAT", "TAT", "GCT", "GGT", "GTT", "GAA", "GAC", "GAG"]


def test_a_deletion_in_a_repeat_can_be_written_in_several_places():
    assert edits.alike(2, "A", "", "GC", "AATG") == [(2, 3, ""), (3, 4, ""), (4, 5, "")]
    assert edits.alike(4, "A", "", "GCAA", "TG") == [(4, 5, ""), (3, 4, ""), (2, 3, "")]
    assert edits.alike(2, "", "CA", "GG", "CT") == [(2, 2, "CA"), (3, 3, "AC")]
    assert edits.alike(2, "A", "C", "AA", "AA") == [(2, 3, "C")]


def test_all_ways_of_writing_an_edit_give_one_sequence_and_none_is_missed():
    rng = np.random.default_rng(0)
    for _ in range(60):
        text = "".join(rng.choice(list("AC"), 12))
        start, length = (int(number) for number in (rng.integers(0, 10), rng.integers(1, 4)))
        ref, alt = (text[start : start + length], "") if rng.random() < 0.5 else ("", text[start : start + length])
        made = text[:start] + alt + text[start + len(ref) :]
        wanted = {
            (place, place + len(ref), new)
            for place in range(len(text) - len(ref) + 1)
            if made == text[:place] + (new := made[place : place + len(alt)]) + text[place + len(ref) :]
        }
        found = edits.alike(start, ref, alt, text[:start], text[start + len(ref) :])
        assert len(found) == len(set(found))
        assert set(found) == wanted
