"""What variants do to their neighbours, by hand, and what is found where there are none."""

import json

import genomes
import numpy as np
import pandas as pd
import pytest

import apply_variants
import compare_constraint
from dnalm.dna import bigwig, chain, seq
from dnalm.errors import InputError
from dnalm.genome import consensus
from dnalm.genome.genotypes import Allele
from dnalm.scan import constraint_changes as changes


def listed(contig, *edits):
    """Variants as apply_variants lists them: (start, end, personal start, personal end)."""
    rows = [(contig, *edit, "A", "C", "snv", f"{edit[0] + 1}:A>C") for edit in edits]
    return pd.DataFrame(rows, columns=apply_variants.COLUMNS)


def test_neighbours_and_alleles_by_hand():
    """Ten bases; at 4 a base is replaced, and its two neighbours on either side are read."""
    old = np.arange(10, dtype=np.float32)
    new = old.copy()
    new[[3, 4]] = -1, 7
    table = changes.of_variants((old, new), listed("one", (4, 5, 4, 5)), 2)
    assert (table.reference[0], table.personal[0]) == ((2 + 3 + 5 + 6) / 4, (2 - 1 + 5 + 6) / 4)
    assert table.difference[0] == -1
    assert (table.allele_reference[0], table.allele_personal[0], table.others[0]) == (4, 7, 0)


def test_an_insertion_has_no_allele_in_the_reference_and_a_deletion_none_here():
    old, new = np.arange(10, dtype=np.float32), np.arange(10, dtype=np.float32) + 100
    table = changes.of_variants((old, new), listed("one", (3, 3, 3, 5), (6, 8, 8, 8)), 1)
    assert table.reference.tolist() == [(2 + 3) / 2, (5 + 8) / 2]
    assert table.personal.tolist() == [(102 + 105) / 2, (107 + 108) / 2]
    assert np.isnan(table.allele_reference[0])
    assert table.allele_personal[0] == 103.5
    assert table.allele_reference[1] == 6.5
    assert np.isnan(table.allele_personal[1])


def test_at_a_contigs_ends_and_where_nothing_is_known_less_is_read():
    old = np.array([1, 2, np.nan, np.nan, np.nan, 6], np.float32)
    table = changes.of_variants((old, old), listed("one", (0, 1, 0, 1), (3, 4, 3, 4), (5, 6, 5, 6)), 1)
    assert table.reference[0] == 2
    assert table.reference[1:].isna().all()
    assert table.allele_reference[2] == 6


def test_others_are_variants_among_the_neighbours():
    values = np.ones(100, np.float32)
    edits = [(10, 11, 10, 11), (15, 16, 15, 16), (16, 17, 16, 17), (40, 41, 40, 41), (46, 47, 46, 47)]
    assert changes.of_variants((values, values), listed("one", *edits), 5).others.tolist() == [1, 2, 1, 0, 0]


@pytest.fixture
def tracks(tmp_path):
    """A contig whose log p is its bases' own, but for what a variant at 3,000 does to its neighbours."""
    codes = genomes.random_codes(1, 9000)
    letters = seq.decode(codes).encode()
    insertion = Allele(6000, chr(letters[6000]), chr(letters[6000]) + "ACGT", 3)
    base = {"A": "C", "C": "A", "G": "T", "T": "G"}[chr(letters[3000])]
    held = consensus.held(letters, [Allele(3000, chr(letters[3000]), base, 2), insertion])
    made = consensus.apply("one", letters, held.edits)
    new = -seq.encode(made.letters).astype(np.float32)
    new[2990:3000] -= 2
    new[6020] += 0.02  # less than two readings of one base may differ by
    bigwig.write(tmp_path / "old.bw", {"one": 9000}, {"one": -codes.astype(np.float32)}, 1)
    bigwig.write(tmp_path / "new.bw", {"one": 9004}, {"one": new}, 1)
    chain.write(tmp_path / "a.chain", [made.chain])
    rows = list(consensus.rows("one", made))
    pd.DataFrame(rows, columns=apply_variants.COLUMNS).to_csv(tmp_path / "a.tsv.gz", sep="\t", index=False)
    names = {"signal": "old.bw", "personal": "new.bw", "chain": "a.chain", "variants": "a.tsv.gz"}
    return {key: tmp_path / name for key, name in names.items()}


def test_a_variant_that_changes_its_neighbours_is_told_from_one_that_does_not(tmp_path, tracks):
    compare_constraint.main(**tracks, out=tmp_path / "b.tsv.gz", out_summary=tmp_path / "b.json", places=2000)
    table = pd.read_csv(tmp_path / "b.tsv.gz", sep="\t")
    assert list(table) == changes.COLUMNS
    assert table.beyond_phase.tolist() == [True, False]
    assert table.difference.tolist() == pytest.approx([-0.2, 0.0002])
    chains = {"one": chain.read(tracks["chain"])[0]}
    variants = pd.read_csv(tracks["variants"], sep="\t", keep_default_na=False)
    _, facts = changes.compare((tracks["signal"], tracks["personal"]), chains, variants, 50, 2000, 0)
    assert facts["away"]["still"]["largest"] == facts["away"]["moved"]["largest"] == facts["away"]["quantile"] == 0
    assert facts["away"]["still"]["places"] > 500
    assert facts["away"]["moved"]["places"] > 200
    assert (facts["all"]["beyond_phase"], facts["all"]["lower"], facts["alone"]["variants"]) == (1, 1, 2)
    assert facts["largest"][0].endswith("-0.200")
    assert facts["all"]["sizes"] == pytest.approx([0.1001, 0.18002, 0.198002])
    old = -genomes.random_codes(1, 9000).astype(float)
    means = np.lib.stride_tricks.sliding_window_view(old, 101).mean(1)
    assert facts["away"]["spread"] == pytest.approx(means.std(), rel=0.1)


def test_no_place_is_drawn_near_a_variant(tracks):
    """Were one drawn within a window of the variant, its neighbours' change would be taken for chance."""
    one = chain.read(tracks["chain"])[0]
    values = np.zeros(9000, np.float32), np.zeros(9004, np.float32)
    reach = changes.AWAY + 50
    values[1][3000 - reach + 50 : 3000 + reach - 50] = 9
    variants = pd.read_csv(tracks["variants"], sep="\t", keep_default_na=False)
    found = changes.elsewhere(values, one, variants, 5000, 50, np.random.default_rng(0))
    assert (found.difference == 0).all()
    assert len(found) > 2000
    values[1][3000 + reach] = 9
    found = changes.elsewhere(values, one, variants, 5000, 50, np.random.default_rng(0))
    assert (found.difference != 0).any()


def test_too_few_places_tell_nothing_of_phase(tmp_path, tracks):
    chains = {"one": chain.read(tracks["chain"])[0]}
    variants = pd.read_csv(tracks["variants"], sep="\t", keep_default_na=False)
    table, facts = changes.compare((tracks["signal"], tracks["personal"]), chains, variants, 50, 20, 0)
    assert facts["away"]["quantile"] is None
    assert table.moved.tolist() == [False, True]
    assert table.beyond_phase.tolist() == [True, False]  # where windows stand as they did phase does nothing


def test_variants_are_moved_behind_an_insertion_until_a_deletion_takes_it_back():
    values = np.ones(40, np.float32)
    edits = [(5, 6, 5, 6), (10, 10, 10, 12), (15, 16, 17, 18), (20, 22, 22, 22), (30, 31, 30, 31)]
    assert changes.of_variants((values, values), listed("one", *edits), 3).moved.tolist() == [0, 1, 1, 1, 0]


@pytest.fixture
def noisy(tmp_path):
    """A long contig with one variant, and a short one whose windows stand 3 bases off: its log p is noise there."""
    rng, olds, news, chains, rows = np.random.default_rng(5), {}, {}, {}, []
    for contig, size, starts in (("a", 400_000, [1000]), ("b", 4000, [50, 3700, 3750, 3800, 3850])):
        letters = seq.decode(genomes.random_codes(1, size))
        alleles = [Allele(at, letters[at], {"A": "C", "C": "A", "G": "T", "T": "G"}[letters[at]], 2) for at in starts]
        if contig == "b":
            alleles[0] = Allele(50, letters[50], letters[50] + "ACG", 2)
        held = consensus.held(letters.encode(), alleles)
        made = consensus.apply(contig, letters.encode(), held.edits)
        news[contig] = np.ones(len(made.letters), np.float32)
        olds[contig], chains[contig] = np.ones(size, np.float32), made.chain
        rows += consensus.rows(contig, made)
    news["b"][54:] += rng.normal(0, 0.5, 3949).astype(np.float32)  # .05 of a mean of 100
    news["a"][960:970] += 0.1  # of the 100 neighbours, .01 in the mean
    for name, values in (("old", olds), ("new", news)):
        sizes = {contig: len(one) for contig, one in values.items()}
        bigwig.write(tmp_path / f"{name}.bw", sizes, values, 1)
    variants = pd.DataFrame(rows, columns=apply_variants.COLUMNS)
    return changes.compare((tmp_path / "old.bw", tmp_path / "new.bw"), chains, variants, 50, 20_000, 0)


def test_noise_behind_an_insertion_is_no_variants_though_most_of_the_genome_stands_still(noisy):
    """All but one in a hundred of the places differ by nothing, which says nothing of those that stand elsewhere."""
    table, facts = noisy
    away = facts["away"]
    assert away["moved"]["places"] >= changes.LEAST
    assert away["still"]["places"] > 99 * away["moved"]["places"]
    assert away["still"]["largest"] == 0
    assert 0.08 < away["quantile"] < 0.2  # 2.6 deviations of .05
    behind = table[table.chrom == "b"]
    assert behind.moved.all()
    assert (behind.difference.abs() > changes.SAME).any()
    assert not behind.beyond_phase.any()


def test_a_small_change_where_windows_stand_as_they_did_is_a_variants(noisy):
    table, facts = noisy
    one = table[table.chrom == "a"]
    assert one.difference.tolist() == pytest.approx([0.01], abs=1e-5)
    assert facts["away"]["quantile"] > 0.01
    assert (one.moved.tolist(), one.beyond_phase.tolist()) == ([False], [True])


def test_no_place_is_drawn_within_a_window_of_a_variant(tmp_path, tracks):
    """In windows of 2,048 bases a variant is read that far away, and what it does there is not phase's doing."""
    one = chain.read(tracks["chain"])[0]
    values = np.zeros(9000, np.float32), np.zeros(9004, np.float32)
    values[1][3000 - 2047 : 6000 + 2048] = 9
    variants = pd.read_csv(tracks["variants"], sep="\t", keep_default_na=False)
    found = changes.elsewhere(values, one, variants, 5000, 50, np.random.default_rng(0), 2048)
    assert (found.difference == 0).all()
    assert found.moved.nunique() == 2
    assert (changes.elsewhere(values, one, variants, 5000, 50, np.random.default_rng(0), 20).difference != 0).any()
    drawn = {}
    for window in (512, 2048):
        out = {"out": tmp_path / "b.tsv.gz", "out_summary": tmp_path / "b.json"}
        compare_constraint.main(**tracks, **out, places=9000, window=window)
        away = json.loads((tmp_path / "b.json").read_text())["away"]
        drawn[window] = away["still"]["places"] + away["moved"]["places"]
    assert drawn[2048] < drawn[512] / 2  # 1,900 bases are that far from both variants, and 6,700 further than 562


def test_a_track_of_another_genome_is_refused(tmp_path, tracks):
    with pytest.raises(InputError, match=r"old.bw: one has 9000 bp, and 9004 by the chain; make it again"):
        compare_constraint.main(
            **tracks | {"personal": tracks["signal"]}, out=tmp_path / "b.tsv.gz", out_summary=tmp_path / "b.json"
        )
