"""Parts of genes and their partners, and what is made of them: matched as promised, known tracks judged rightly."""

import numpy as np
import pandas as pd
import pytest

from dnalm.dna import seq, words
from dnalm.scan import constraint_scorecard as scorecard
from dnalm.scan import elements

RNG = np.random.default_rng


def parts_of(*rows):
    return pd.DataFrame([("c", *row) for row in rows], columns=["chrom", "start", "end", "strand", "kind"])


@pytest.fixture
def contig():
    """20 kb with ten transcripts of 1 kb: GC of .7 in them, of .4 between, and a rising share along the contig."""
    rng, rows = RNG(0), []
    codes = rng.choice(4, 20_000, p=[0.3, 0.2, 0.2, 0.3]).astype(np.uint8)
    for start in range(500, 20_000, 2000):
        codes[start : start + 1000] = rng.choice(4, 1000, p=[0.15, 0.35, 0.35, 0.15])
        rows += [(start, start + 1000, "+", "transcript"), (start + 100, start + 700, "+", "CDS")]
        rows += [(start + 100, start + 103, "+", "start codon"), (start + 700, start + 702, "-", "splice site")]
    return codes, parts_of(*rows)


def test_partners_lie_between_genes_with_the_same_letters_or_near_their_gc(contig):
    codes, parts = contig
    chosen = elements.pieces(parts, RNG(1))
    table = elements.compared(chosen, parts, codes, RNG(2))
    free = elements.between(parts, len(codes))
    assert free.sum() == 10_000
    for kind, rows in table.groupby("kind"):
        here, there = (rows[rows.label == label].reset_index(drop=True) for label in (1, 0))
        assert len(here) == len(there) == 10
        assert ((here.end - here.start) == (there.end - there.start)).all()
        assert all(free[start:end].all() for start, end in there[["start", "end"]].to_numpy())
        assert not any(free[start:end].any() for start, end in here[["start", "end"]].to_numpy())
        spelt = [[seq.decode(codes[one.start : one.end]) for one in side.itertuples()] for side in (here, there)]
        if kind == "CDS":
            assert {one.end - one.start for one in here.itertuples()} == {elements.PIECE}
            drawn = RNG(3).choice(np.flatnonzero(free)[:-100], 200)
            usual = np.mean([seq.gc_content(codes[at : at + 100]) for at in drawn])
            gc = [np.mean([seq.gc_content(seq.encode(text)) for text in side]) for side in spelt]
            assert usual < 0.5 < gc[1] < gc[0]  # nearer than any place would be, though these genes have no equal
        else:
            assert spelt[0] == spelt[1]


def test_a_partner_is_of_the_split_of_its_part_and_never_of_what_is_excluded(contig):
    """Parts begin at 600, 2,600 ...; the first 6 kb are for nothing, the next 8 kb for test."""
    codes, parts = contig
    named = {"exclude": ["c:0-6000"], "test": ["c:6000-14000"]}
    chosen = elements.pieces(parts, RNG(1))
    chosen = chosen[elements.scored(chosen, named)]
    assert len(chosen) == 3 * 7
    table = elements.compared(chosen, parts, codes, RNG(2), named)
    for _, rows in table.groupby("kind"):
        here, there = (rows[rows.label == label] for label in (1, 0))
        for start, end in ((6000, 14_000), (14_000, 20_000)):
            inside = [(side.start >= start) & (side.end <= end) for side in (here, there)]
            assert inside[0].to_numpy().tolist() == inside[1].to_numpy().tolist()
            assert inside[0].sum() == (4 if start == 6000 else 3)


def test_a_part_that_has_no_room_in_its_split_is_left_out_with_its_partner(contig):
    """Training has 500 to 1,500 and 2,500 to 3,500, which are transcripts; all room between them is for test."""
    codes, parts = contig
    named = {"test": ["c:0-500", "c:1500-2500", "c:3500-20000"]}
    table = elements.compared(elements.pieces(parts, RNG(1)), parts, codes, RNG(2), named)
    assert table.groupby(["kind", "label"]).size().tolist() == [8] * 6
    assert (table.start >= 3500).sum() >= 24


def test_a_place_in_two_splits_is_not_scored():
    table = parts_of((0, 10, "+", "exon"), (8, 18, "+", "exon"), (10, 20, "+", "exon"), (20, 30, "+", "exon"))
    assert elements.scored(table, {"test": ["c:0-10"], "exclude": ["c:20-30"]}).tolist() == [True, False, True, False]


def test_splits_of_whole_contigs_change_no_draw(contig):
    codes, parts = contig
    chosen = elements.pieces(parts, RNG(1))
    bare = elements.compared(chosen, parts, codes, RNG(2))
    for named in ({"test": ["c"]}, {"validation": ["other"], "exclude": ["another:0-50"]}):
        assert elements.compared(chosen, parts, codes, RNG(2), named).equals(bare)


def test_where_no_word_or_room_is_left_there_is_no_partner():
    codes = seq.encode("ACGTAC" + "A" * 20)
    table = parts_of((1, 3, "+", "splice site"), (0, 6, "+", "exon"))
    free = np.arange(26) >= 6
    assert elements.partners(table, codes, free, RNG(0)).tolist()[0] == -1
    assert elements.partners(table, codes, np.zeros(26, bool), RNG(0)).tolist() == [-1, -1]
    codes[15] = seq.N
    assert elements.partners(parts_of((0, 12, "+", "exon")), codes, free, RNG(0)).tolist() == [-1]


def test_a_chains_track_is_the_mean_of_both_strands_by_hand():
    codes = RNG(4).integers(0, 4, 60).astype(np.uint8)
    codes[20] = seq.N
    counts = np.random.default_rng(5).integers(1, 50, (16, 4))
    chance = (counts + 0.5) / (counts + 0.5).sum(1, keepdims=True)
    found = scorecard.chain_track(codes, counts)
    assert np.isnan(found[20])
    for place in (5, 30, 58):
        before = np.log(chance[codes[place - 2] * 4 + codes[place - 1], codes[place]])
        after = []
        if place + 2 < 60:
            after = [np.log(chance[(3 - codes[place + 2]) * 4 + 3 - codes[place + 1], 3 - codes[place]])]
        assert found[place] == pytest.approx(np.mean([before, *after]), abs=1e-5)
    turned = scorecard.chain_track(seq.reverse_complement(codes), counts)[::-1]
    assert np.allclose(found, turned, atol=1e-5, equal_nan=True)


def test_a_cpg_counts_for_both_of_its_bases():
    found = scorecard.base_tracks(seq.encode("ACGTCCG"), {})
    assert found["cpg"].tolist() == [0, 1, 1, 0, 0, 1, 1]
    assert found["gc"].tolist() == [0, 1, 1, 0, 1, 1, 1]


def card_of(contig, track):
    codes, parts = contig
    table = elements.compared(elements.pieces(parts, RNG(1)), parts, codes, RNG(2))
    tracks = {"log_probability": track, "entropy": -track, "llr": -track}
    tracks |= scorecard.base_tracks(codes, {order: np.ones((4**order, 4), int) for order in scorecard.ORDERS})
    return scorecard.of_contig(table, tracks)


def repeated(table, times=4):
    """As many parts again on other contigs, for there must be twenty."""
    return pd.concat([table.assign(chrom=f"c{number}") for number in range(times)], ignore_index=True)


def test_a_track_that_knows_the_genes_is_perfect_and_one_that_knows_nothing_is_a_coin(contig):
    codes, parts = contig
    known = (~elements.between(parts, len(codes))).astype(np.float32)
    found = scorecard.assess(repeated(card_of(contig, known)))
    assert set(found) == {"CDS", "start codon", "splice site"}
    for one in found.values():
        assert one["auroc"]["log_probability"]["value"] == one["auroc"]["entropy"]["value"] == 1
        assert one["auroc"]["chain_3"]["value"] == 0.5
        assert one["less_best"]["llr"]["value"] == pytest.approx(1 - one["auroc"][one["best_baseline"]]["value"])
    blind = scorecard.assess(repeated(card_of(contig, np.ones(len(codes), np.float32))))
    assert all(one["auroc"]["log_probability"]["value"] == 0.5 for one in blind.values())
    opposite = scorecard.assess(repeated(card_of(contig, -known)))
    assert opposite["CDS"]["auroc"]["log_probability"]["value"] == 0


def test_shuffled_labels_are_a_coin(contig):
    codes, _ = contig
    track = RNG(7).normal(size=len(codes)).astype(np.float32)
    table = repeated(card_of(contig, track), 60)
    table["label"] = RNG(8).permutation(table.label)
    for one in scorecard.assess(table).values():
        assert one["auroc"]["log_probability"]["value"] == pytest.approx(0.5, abs=0.06)


def test_a_place_without_a_value_has_no_mean():
    track = np.arange(10, dtype=np.float32)
    track[4] = np.nan
    table = pd.DataFrame({"start": [0, 3, 5], "end": [4, 6, 7], "label": [1, 0, 1]})
    found = scorecard.of_contig(table, {"entropy": track, "gc": np.nan_to_num(track)})
    assert found.entropy.tolist()[0::2] == [-1.5, -5.5]
    assert np.isnan(found.entropy[1])
    assert found.gc[1] == pytest.approx(8 / 3)


def test_the_profile_is_read_from_five_to_three():
    side, length = scorecard.SIDE, 1000
    track = np.zeros(length, np.float32)
    track[300:303], track[297] = 1, 5  # three bases before the codon on +
    track[600:603], track[605] = 1, 5  # and on -
    starts = pd.DataFrame({"start": [300, 600, 3], "strand": ["+", "-", "+"]})
    sums, number = scorecard.profile(starts, {"log_probability": track})
    assert number.tolist() == [2] * (2 * side + 3)
    expected = np.zeros(2 * side + 3)
    expected[side : side + 3], expected[side - 3] = 2, 10
    assert sums["log_probability"].tolist() == expected.tolist()


def test_words_are_matched_on_the_strand_that_they_are_read_on():
    """A start codon of the minus strand is CAT on the plus strand, and so is its partner."""
    codes = RNG(9).integers(0, 4, 4000).astype(np.uint8)
    codes[100:103] = seq.encode("CAT")
    table = parts_of((100, 103, "-", "start codon"))
    at = elements.partners(table, codes, np.arange(4000) > 200, RNG(0))[0]
    assert seq.decode(codes[at : at + 3]) == "CAT"
    assert words.words_at(codes[at : at + 3], 3)[0][0] == words.words_at(seq.encode("CAT"), 3)[0][0]
