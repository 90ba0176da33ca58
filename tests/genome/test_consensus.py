"""Edits written into letters: by hand, and what must hold whatever they are."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from dnalm.dna import chain
from dnalm.errors import InputError
from dnalm.genome import consensus
from dnalm.genome.genotypes import Allele

LETTERS = b"ACGTACGTAC"


def made(*alleles, letters=LETTERS):
    """A contig with alleles "POS REF ALT" (1-based) in place, and how others were skipped."""
    given = [text.split() for text in alleles]
    alleles = [Allele(int(pos) - 1, ref, alt, line) for line, (pos, ref, alt) in enumerate(given, 1)]
    held = consensus.held(letters, alleles)
    return consensus.apply("one", letters, held.edits), held


def lifted(personal):
    """For each base of the personal contig its place on the reference."""
    return chain.lift(personal.chain, np.arange(len(personal.letters))).tolist()


@pytest.mark.parametrize(
    "alleles, letters, places",
    [
        ([], b"ACGTACGTAC", list(range(10))),
        (["1 A G"], b"GCGTACGTAC", list(range(10))),
        (["10 C T"], b"ACGTACGTAT", list(range(10))),
        (["3 GT CA"], b"ACCAACGTAC", list(range(10))),
        (["3 G GTT"], b"ACGTTTACGTAC", [0, 1, 2, -1, -1, 3, 4, 5, 6, 7, 8, 9]),
        (["3 GTA G"], b"ACGCGTAC", [0, 1, 2, 5, 6, 7, 8, 9]),
        (["1 A TTA"], b"TTACGTACGTAC", [-1, -1, *range(10)]),
        (["1 ACG G"], b"GTACGTAC", [2, 3, 4, 5, 6, 7, 8, 9]),
        (["10 C CGG"], b"ACGTACGTACGG", [*range(10), -1, -1]),
        (["8 TAC T"], b"ACGTACGT", list(range(8))),
        (["3 GTA CC"], b"ACCCCGTAC", [0, 1, -1, -1, 5, 6, 7, 8, 9]),
        (["3 G GTT", "4 T TC"], b"ACGTTTCACGTAC", [0, 1, 2, -1, -1, 3, -1, 4, 5, 6, 7, 8, 9]),
        (["3 GT G", "5 AC A"], b"ACGAGTAC", [0, 1, 2, 4, 6, 7, 8, 9]),
        (["3 GT G", "4 T TA"], b"ACGAACGTAC", [0, 1, 2, -1, 4, 5, 6, 7, 8, 9]),
        (["4 T A", "3 G GT"], b"ACGTAACGTAC", [0, 1, 2, -1, 3, 4, 5, 6, 7, 8, 9]),
        (["3 G C", "3 G GT", "4 T A"], b"ACCTAACGTAC", [0, 1, 2, -1, 3, 4, 5, 6, 7, 8, 9]),
    ],
)
def test_edits_by_hand(alleles, letters, places):
    personal, held = made(*alleles)
    assert personal.letters == letters
    assert lifted(personal) == places
    assert not held.skipped
    assert (personal.chain.size, personal.chain.other_size) == (len(letters), 10)


@pytest.mark.parametrize(
    "text, edit",
    [
        ("3 GT GT", (4, 4, "", "")),
        ("3 CAA CA", (4, 5, "A", "")),
        ("3 CA CAA", (4, 4, "", "A")),
        ("3 AGT CGT", (2, 3, "A", "C")),
        ("3 AGT ACT", (3, 4, "G", "C")),
        ("3 AAA A", (3, 5, "AA", "")),
    ],
)
def test_what_both_alleles_share_is_trimmed_from_the_start_first(text, edit):
    pos, ref, alt = text.split()
    assert consensus.trimmed(Allele(int(pos) - 1, ref, alt, 1))[:4] == edit


def test_the_case_of_what_was_there_is_kept():
    soft = b"ACgtACGtAC"
    assert made("3 G C", "5 A C", letters=soft)[0].letters == b"ACctCCGtAC"
    assert made("4 T TAA", letters=soft)[0].letters == b"ACgtaaACGtAC"
    assert made("2 C CAA", letters=soft)[0].letters == b"ACAAgtACGtAC"
    assert made("4 TA CC", letters=soft)[0].letters == b"ACgcCCGtAC"
    assert made("3 GT CAA", letters=soft)[0].letters == b"ACcaaACGtAC"
    assert made("1 A GTA", letters=b"aCGT")[0].letters == b"gtaCGT"


def test_of_overlapping_alleles_the_first_is_kept_and_the_others_counted():
    for alleles, kept in (
        (["3 GTA G", "4 T C"], "3 GTA G"),
        (["5 A C", "3 GTA G"], "3 GTA G"),  # by its place, not by the file's order
        (["3 G C", "3 G T"], "3 G C"),
        (["3 G T", "3 G C"], "3 G T"),
        (["3 G GA", "3 G GT"], "3 G GA"),
        (["3 GT CA", "3 G T"], "3 GT CA"),
        (["3 GTAC G", "5 A AT"], "3 GTAC G"),
    ):
        personal, held = made(*alleles)
        assert held.skipped == {"overlap": 1}, alleles
        assert personal.letters == made(kept)[0].letters, alleles


def test_what_the_genome_does_not_have_is_counted_with_the_first():
    held = made("3 T A", "4 T A", "9 ACG A", "5 N A", letters=b"ACGTNCGTAC")[1]
    assert (held.skipped, held.compared) == ({"ref_mismatch": 1, "outside_contig": 1, "ref_is_n": 1}, 2)
    allele, there = held.wrong
    assert (allele.line, there) == (1, "G")
    counts = Counter(ref_mismatch=2)
    consensus.refuse_mismatches(counts, 200, ("one", allele, there), 0.01, Path("a.vcf"))
    with pytest.raises(InputError) as refused:
        consensus.refuse_mismatches(counts, 199, ("one", allele, there), 0.01, Path("a.vcf"))
    assert str(refused.value) == (
        "a.vcf:1: REF is T at one:3, and the genome has G there, as in 2 of 199 records (1.0%); wrong build or strand? "
        "At most 1.0% may: give the genome that the variants were called on, or raise max_mismatch"
    )


def drawn(rng, letters):
    """Alleles of every kind all over a contig, many of them overlapping."""
    for pos in rng.integers(1, len(letters) + 1, 60).tolist():
        ref = letters[pos - 1 : pos - 1 + int(rng.integers(1, 5))].decode().upper()
        alt = "".join(rng.choice(list("ACGT"), int(rng.integers(1, 5))))
        alt = ref[0] + alt if rng.random() < 0.5 else alt
        if ref != alt:
            yield f"{pos} {ref} {alt}"


@pytest.mark.parametrize("seed", range(30))
def test_what_must_hold_whatever_the_edits_are(seed):
    """Outside edits each base is the base that it is lifted to; each edit is found at both of its places."""
    rng = np.random.default_rng(seed)
    letters = bytes(rng.choice(list(b"ACGTacgt"), 300).tolist())
    alleles = list(drawn(rng, letters))
    personal, held = made(*alleles, letters=letters)
    assert len(personal.edits) + sum(held.skipped.values()) == len(alleles)
    replaced, new = np.zeros(len(letters), bool), np.zeros(len(personal.letters), bool)
    for _, start, end, here, stop, ref, alt, kind, _ in consensus.rows("one", personal):
        assert letters[start:end].decode().upper() == ref
        assert personal.letters[here:stop].decode().upper() == alt
        if kind in ("snv", "mnv"):
            assert chain.interval([personal.chain], "one", here, stop)[0] == ("one", start, end)
        elif here:
            assert chain.lift(personal.chain, np.arange(here, stop)).tolist() == [-1] * len(alt)
        replaced[start:end], new[here:stop] = True, True
    places = chain.lift(personal.chain, np.arange(len(personal.letters)))
    assert (places[~new] >= 0).all()
    assert [letters[place] for place in places[~new]] == [personal.letters[at] for at in np.flatnonzero(~new)]
    assert sorted(places[~new]) == np.flatnonzero(~replaced).tolist()
    back = chain.lift(chain.inverted(personal.chain), np.flatnonzero(~replaced))
    assert back.tolist() == np.flatnonzero(~new).tolist()


def test_held_out_places_go_along():
    """Regions that touch still touch, and what is inserted between two belongs to the first."""
    chains = {"one": made("3 G GTT", "8 TA T")[0].chain}  # ACG tt TACGT-C
    splits = {"validation": ["one:0-3"], "test": ["one:3-8"], "exclude": ["one:8-9", "one:9-10"]}
    found, gone = consensus.lifted_splits(splits, chains)
    assert found == {"validation": ["one:0-5"], "test": ["one:5-10"], "exclude": ["one:10-11"]}
    assert gone == ["one:8-9"]
    assert consensus.lifted_splits({"test": ["one"]}, chains)[0]["test"] == ["one"]
    ends = {"one": made("1 A TTA", "10 C CGG")[0].chain}
    assert consensus.lifted_splits({"test": ["one:0-10"]}, ends)[0]["test"] == ["one:0-14"]
