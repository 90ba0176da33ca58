"""Two genomes, one of them edited, scanned by a scorer that knows one word: what is lost, gained, and left alone."""

import genomes
import numpy as np
import pandas as pd
import pytest

import apply_variants
from dnalm.dna import bigwig, seq
from dnalm.genome import consensus
from dnalm.genome.genotypes import Allele
from dnalm.scan import compare, tracks

STEP, WINDOW, CUTOFF = 10, 40, 0.4
WORD = seq.encode("GATTACAGATTACA")


def knows_the_word(windows):
    """Logits of windows: high for one that holds the word whole."""
    windows = windows[:]
    views = np.lib.stride_tricks.sliding_window_view(windows, len(WORD), axis=1)
    return np.where((views == WORD).all(-1).any(1), 4.0, -4.0)


def letters_with(places, length=4000, seed=0):
    """A random contig with the word at places."""
    codes = genomes.random_codes(seed, length)
    for place in places:
        codes[place : place + len(WORD)] = WORD
    return seq.decode(codes).encode()


def scanned(folder, contigs, *alleles, score=knows_the_word):
    """Both signals, the chains and the variants of contigs of letters; alleles are (contig, start, ref, alt)."""
    held, made = {}, {}
    for name, letters in contigs.items():
        mine = [Allele(start, ref, alt, 0) for contig, start, ref, alt in alleles if contig == name]
        held[name] = consensus.held(letters, mine)
        assert not held[name].skipped
        made[name] = consensus.apply(name, letters, held[name].edits)
    for path, found in (("old.bw", contigs), ("new.bw", {name: one.letters for name, one in made.items()})):
        values = {
            name: tracks.track(seq.encode(bases), tracks.by_window(score), WINDOW, STEP)
            for name, bases in found.items()
        }
        bigwig.write(folder / path, {name: len(bases) for name, bases in found.items()}, values, STEP)
    rows = [row for name, one in made.items() for row in consensus.rows(name, one)]
    variants = pd.DataFrame(rows, columns=apply_variants.COLUMNS).astype({"start": int, "end": int})
    return (folder / "old.bw", folder / "new.bw"), {name: one.chain for name, one in made.items()}, variants


def compared(*given):
    table, facts = compare.compare(*scanned(*given), CUTOFF, WINDOW)
    return table.sort_values("summit").reset_index(drop=True), facts


def test_without_variants_all_peaks_are_shared_and_the_same(tmp_path):
    table, facts = compared(tmp_path, {"one": letters_with([300, 900]), "two": letters_with([500], seed=1)})
    assert table.kind.tolist() == ["shared"] * 3
    assert (table.difference == 0).all()
    assert facts["away"]["in_phase"]["differ"] == 0
    assert (facts["away"]["in_phase"]["peaks"], facts["away"]["shifted"]["peaks"]) == (3, 0)
    assert facts["peaks"]["with_variants"] == dict.fromkeys(compare.KINDS, 0)


def test_a_broken_word_is_a_lost_peak_and_a_made_one_a_gained_peak(tmp_path):
    """Word by word: broken at 303, a neighbour changed at 890, deleted at 1500, made at 2106; 2500 left alone."""
    letters = bytearray(letters_with([300, 900, 1500, 2100, 2500]))
    letters[2106:2107] = b"C"
    letters[889:891] = b"AC"
    letters = bytes(letters)
    gone = letters[1499:1514].decode()
    alleles = [
        ("one", 303, "T", "C"),
        ("one", 890, "C", "T"),
        ("one", 1499, gone, gone[0]),
        ("one", 2106, "C", "A"),
    ]
    table, facts = compared(tmp_path, {"one": letters}, *alleles)
    assert table.kind.tolist() == ["lost", "shared", "lost", "gained", "shared"]
    assert (abs(table.summit - [307, 907, 1507, 2107, 2507]) <= 20).all()
    assert table.variants.tolist() == ["304:T>C", "891:C>T", f"1500:{gone}>{gone[0]}", "2107:C>A", ""]
    assert [abs(one) <= 30 for one in table.nearest] == [True] * 4 + [False]
    assert table.nearest[1] == 890 - table.summit[1] == int(table.distances[1])
    assert (table.height >= CUTOFF).tolist() == [True, True, True, False, True]
    assert (table.personal_height >= CUTOFF).tolist() == [False, True, False, True, True]
    assert facts["peaks"]["with_variants"] == {"shared": 1, "changed": 0, "gained": 1, "lost": 2}
    # behind the deletion of 14 bases bins stand elsewhere; nobody can say what that does, for one peak is too few
    assert table.in_phase.tolist()[:2] == [True, True]
    assert not table.in_phase[4]
    assert table.beyond_phase.tolist() == [True, False, False, False, False]
    assert facts["away"]["shifted"]["quantile"] is None
    assert (facts["by_chance"]["peaks"], facts["by_chance"]["flipped"]) == (2, 0.0)


@pytest.mark.parametrize("bases", [1, 3, 5, 10])
def test_behind_an_insertion_phase_is_told_from_what_variants_do(tmp_path, bases):
    """Sixty words behind an insertion, at places that no bin cares for; ten bases are a whole bin."""
    places = list(range(500, 14_000, 231))
    letters = letters_with(places, 14_500)
    table, facts = compared(
        tmp_path, {"one": letters}, ("one", 100, chr(letters[100]), chr(letters[100]) + "A" * bases)
    )
    away = facts["away"]
    assert len(table) == len(places)
    assert (table.personal_summit - table.summit == bases).all()
    if bases == STEP:
        assert (away["in_phase"]["peaks"], away["in_phase"]["differ"], away["shifted"]["peaks"]) == (len(places), 0, 0)
    else:
        assert away["shifted"]["peaks"] == len(places)
        assert away["shifted"]["differ"] > 0
        assert 0 < away["shifted"]["quantile"] <= away["shifted"]["largest"]
        assert not table.beyond_phase.any()
        assert (table.kind != "changed").all()


def test_a_height_rests_on_the_bases_that_are_said(tmp_path):
    """A scorer to whom every base matters: one outside the stretch changes nothing, its first and last base do."""
    weights = np.random.default_rng(1).normal(size=(WINDOW, 4))

    def sensitive(windows):
        return weights[np.arange(WINDOW), np.minimum(windows[:], 3)].sum(1) / 6

    codes = genomes.random_codes(5, 400)
    summits = np.array([205])
    (left,), (right,) = compare.read_round(summits, STEP, WINDOW)
    assert (left, right) == (160, 250)

    def parts(found):
        return bigwig.mean_of_windows(np.asarray(found), WINDOW, STEP, 400)[19:22]

    views = np.lib.stride_tricks.sliding_window_view(codes, WINDOW)[::STEP]
    before = parts(sensitive(views))
    for place, matters in ((left - 1, False), (left, True), (right - 1, True), (right, False)):
        edited = codes.copy()
        edited[place] = (edited[place] + 1) % 4
        after = parts(sensitive(np.lib.stride_tricks.sliding_window_view(edited, WINDOW)[::STEP]))
        assert (before != after).any() == matters, place


def test_heights_are_those_of_three_bins():
    values = np.array([0.1, np.nan, 0.3, 0.2, np.nan, np.nan, np.nan, 0.9])
    assert compare.heights(values, np.array([0, 10, 39, 79]), 10).tolist() == [0.1, 0.3, 0.3, 0.9]
    assert np.isnan(compare.heights(values, np.array([50]), 10)).all()


def test_a_height_that_differs_where_no_variant_is_near_is_no_change_but_a_warning(tmp_path):
    """Two scans by two models, say: the check of the method must show it, and no variant is blamed."""
    signals, chains, variants = scanned(tmp_path, {"one": letters_with([300, 900])})
    with bigwig.reading(signals[0]) as old:
        values = bigwig.read(old, "one", STEP)
    values[85:95] *= 0.9
    bigwig.write(tmp_path / "new.bw", {"one": 4000}, {"one": values}, STEP)
    table, facts = compare.compare(signals, chains, variants, CUTOFF, WINDOW)
    assert table.kind.tolist() == ["shared", "shared"]
    assert table.beyond_phase.tolist() == [False, True]
    assert (facts["away"]["in_phase"]["differ"], facts["away"]["in_phase"]["share"]) == (1, 0.5)


def test_what_one_genome_has_no_value_for_is_counted(tmp_path):
    signals, chains, variants = scanned(tmp_path, {"one": letters_with([300, 900])})
    values = {"one": np.full(400, np.nan, np.float32)}
    values["one"][:60] = 0.1
    bigwig.write(tmp_path / "new.bw", {"one": 4000}, values, STEP)
    table, facts = compare.compare(signals, chains, variants, CUTOFF, WINDOW)
    assert (table.kind.tolist(), facts["not_scanned"]) == (["lost"], 1)


def test_an_insertion_lies_under_a_peak_whose_windows_hold_both_its_sides():
    """Windows of the summit's bins hold [60, 150): before base 60 nothing of them changes, before base 61 it does."""
    table = pd.DataFrame({"summit": [105], "personal_summit": [105]})
    for start, under in ((59, False), (60, False), (61, True), (149, True), (150, False)):
        variants = pd.DataFrame({"start": [start], "end": [start], "personal_start": [start + 1000]})
        variants = variants.assign(personal_end=start + 1003, record=f"{start}:A>ATTT")
        found = compare.with_variants(table, variants, STEP, WINDOW)
        assert (found.variants[0] != "") == under, start
        assert np.isnan(found.nearest[0]) != under


def test_a_variant_is_found_by_either_genomes_place():
    table = pd.DataFrame({"summit": [105], "personal_summit": [405]})
    variants = pd.DataFrame(
        {"start": [20], "end": [20], "personal_start": [380], "personal_end": [420], "record": ["x"]}
    )
    assert compare.with_variants(table, variants, STEP, WINDOW).variants.tolist() == ["x"]
