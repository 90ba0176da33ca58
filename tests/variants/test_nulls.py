"""Random variants: of the genome, left-aligned, as likely as is said, and even where that is asked for."""

import numpy as np
import pandas as pd
import pytest
from genomes import make, planted
from scipy import stats

from dnalm.dna import seq
from dnalm.errors import InputError, UsageError
from dnalm.genome import fasta as genome_fasta
from dnalm.variants import contexts, nulls

SNVS = nulls.USUAL._replace(indels=0.0)
INDELS = nulls.USUAL._replace(indels=1.0)


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    """(Open genome, letters of each contig in upper case)."""
    _, folder = planted(tmp_path_factory.mktemp("genome") / "planted", 2, 200_000)
    with genome_fasta.open_genome(folder) as handle:
        yield handle, {name: handle.fetch(name).upper() for name in handle.references}


def rebuilt(text, edit):
    """What an edit makes of a contig's text."""
    assert text[edit.start : edit.start + len(edit.ref)] == edit.ref
    return text[: edit.start] + edit.alt + text[edit.start + len(edit.ref) :]


def test_one_seed_one_draw(genome):
    one, same, other = (nulls.draw(genome[0], 500, seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, same)
    assert not one.equals(other)
    snvs = nulls.draw(genome[0], 440, 1, mix=SNVS)
    assert len(one.merge(snvs)) == 440, "indels beside them change the SNVs"


def test_edits_fit_the_genome_and_are_in_its_order(genome):
    table = nulls.draw(genome[0], 1000, 0)
    assert len(table) == 1000
    assert not table.duplicated(["chrom", "start", "ref", "alt"]).any()
    assert (table.weight == 1).all()
    rank = table.chrom.map(list(genome[0].references).index)
    assert (np.diff(rank * 10**9 + table.start) >= 0).all()
    for edit in table.itertuples():
        assert rebuilt(genome[1][edit.chrom], edit) != genome[1][edit.chrom]
    kinds = contexts.describe(table, genome[0], 3).kind.value_counts()
    assert kinds["snv"] == 880
    assert set(kinds.index) == {"snv", "insertion", "deletion"}


def test_indels_can_go_no_further_left_and_are_the_same_change(genome):
    table = nulls.draw(genome[0], 2000, 0, mix=INDELS)
    moved = 0
    for edit in table.itertuples():
        text, bases = genome[1][edit.chrom], edit.ref or edit.alt
        assert edit.start == 0 or text[edit.start - 1] != bases[-1]
        ahead = text[edit.start + len(edit.ref) :][:1]
        moved += ahead == bases[0]
    assert moved > 300, "some could stand further right, so left is a choice"


def test_places_and_alternatives_are_uniform(genome):
    table = nulls.draw(genome[0], 6000, 3, mix=SNVS)
    known = {name: np.cumsum([base != "N" for base in text]) for name, text in genome[1].items()}
    before = dict(zip(known, np.cumsum([0] + [count[-1] for count in known.values()]), strict=False))
    at = [before[edit.chrom] + known[edit.chrom][edit.start] for edit in table.itertuples()]
    assert stats.kstest(at, "uniform", (0, sum(count[-1] for count in known.values()))).pvalue > 0.01
    steps = (seq.encode("".join(table.alt)).astype(int) - seq.encode("".join(table.ref))) % 4
    assert stats.chisquare(np.bincount(steps, minlength=4)[1:]).pvalue > 0.01


def test_an_even_draw_has_all_classes_and_its_weights_undo_it(genome):
    """Each of 192 strata alike; weighted, the shares are those that the genome has."""
    table = nulls.draw(genome[0], 9600, 0, mix=SNVS, even=True)
    found = contexts.describe(table, genome[0], 3)
    counts = found.groupby(["trinucleotide", "substitution", "repeat"]).size()
    assert len(counts) == 192
    assert counts.max() <= 1.1 * 9600 / 192
    assert counts.sum() == 9600
    assert table.weight.mean() == pytest.approx(1)
    words = [text[at : at + 3] for text in genome[1].values() for at in range(len(text) - 2)]
    true = np.mean(["CG" in word for word in words if "N" not in word])
    assert table.weight[found.cpg].sum() / 9600 == pytest.approx(true, rel=0.1)
    assert found.cpg.mean() > 1.5 * true
    plain = contexts.describe(nulls.draw(genome[0], 9600, 0, mix=SNVS), genome[0], 3)
    assert plain.repeat.mean() == pytest.approx(np.average(found.repeat, weights=table.weight), abs=0.02)
    assert found.repeat.mean() == pytest.approx(0.5, abs=0.03)


def test_indels_are_as_long_and_as_many_as_is_said(genome):
    mix = nulls.Mix(indels=0.25, deletions=0.8, tandem=0.3, lengths=(2, 0, 1, 1))
    found = contexts.describe(nulls.draw(genome[0], 8000, 0, mix=mix), genome[0], 41)
    change = found.change[found.kind != "snv"]
    assert len(change) == 2000
    assert (change < 0).mean() == pytest.approx(0.8, abs=0.03)
    assert change.abs().value_counts(normalize=True).sort_index().to_dict() == pytest.approx(
        {1: 0.5, 3: 0.25, 4: 0.25}, abs=0.04
    )
    inserted = found[(found.kind == "insertion") & (found.change > 1)]
    assert inserted.tandem.mean() == pytest.approx(0.3, abs=0.1)
    *same, lengths = nulls.like(found)
    assert same == pytest.approx([0.25, 0.8, found.tandem[found.kind == "insertion"].mean()], abs=0.03)
    shares = np.array(lengths) / 2000
    assert shares[:5] == pytest.approx([0.5, 0, 0.25, 0.25, 0], abs=0.04)
    assert len(shares) == nulls.LONGEST


def test_the_mix_of_substitutions_alone_has_no_indel(genome):
    found = contexts.describe(nulls.draw(genome[0], 50, 0, mix=SNVS), genome[0], 3)
    assert nulls.like(found).indels == 0


def test_tandem_copies_are_asked_for(genome):
    for tandem in (0.0, 1.0):
        mix = INDELS._replace(deletions=0.0, tandem=tandem, lengths=(0, 0, 0, 1))
        found = contexts.describe(nulls.draw(genome[0], 300, 0, mix=mix), genome[0], 41)
        assert found.tandem.mean() == pytest.approx(tandem, abs=0.05)


def test_inserted_bases_are_composed_as_their_neighbourhood(tmp_path):
    letters = "".join(np.random.default_rng(0).permutation(list("A" * 1500 + "G" * 500)))
    with genome_fasta.open_genome(make(tmp_path / "g", {"a": letters, "b": "CT" * 500})) as handle:
        mix = INDELS._replace(deletions=0.0, tandem=0.0)
        table = nulls.draw(handle, 1000, 0, mix=mix)
    one, two = ("".join(table.alt[table.chrom == name]) for name in "ab")
    assert set(one) == set("AG")
    assert set(two) == set("CT")
    assert 0.15 < one.count("G") / len(one) < 0.4
    long = table.alt[table.alt.str.len() > 4]
    assert (long.map(set).map(len) == 2).mean() > 0.7


def test_an_even_draw_of_indels_has_long_ones_of_less_weight(genome):
    table = nulls.draw(genome[0], 3000, 0, mix=INDELS, even=True)
    change = (table.alt.str.len() - table.ref.str.len()).abs()
    size = contexts.size_class(change)
    counts = np.bincount(size)[1:]
    assert counts.min() > 0.9 * 3000 / 6
    chance = np.array(nulls.USUAL.lengths) / sum(nulls.USUAL.lengths)
    weighted = np.bincount(change, table.weight)[1:] / 3000
    assert weighted == pytest.approx(chance, abs=0.04)


def test_only_in_the_places_named(genome):
    table = nulls.draw(genome[0], 200, 0, mix=SNVS, places=["chrB:5000-6000", "chrB:5500-7,000", "chrF"])
    inside = table[table.chrom == "chrB"]
    assert set(table.chrom) == {"chrB", "chrF"}
    assert inside.start.between(5000, 6999).all()
    sizes = {name: len(text) for name, text in genome[1].items()}
    assert len(inside) == pytest.approx(200 * 2000 / (2000 + sizes["chrF"]), abs=12)


def test_places_that_overlap_or_touch_are_one(genome):
    named = ["chrB:500-700", "chrA:9-20", "chrB:100-200", "chrB:120-130", "chrB:150-300", "chrB:300-400", "chrA:5-10"]
    found = nulls._allowed(genome[0], named).to_numpy().tolist()
    assert found == [["chrA", 5, 20], ["chrB", 100, 400], ["chrB", 500, 700]]
    whole = nulls._allowed(genome[0], ["chrC:100-200", "chrC"]).to_numpy().tolist()
    assert whole == [["chrC", 0, len(genome[1]["chrC"])]]


def test_a_tiny_genome_gives_what_it_has(tmp_path):
    """Of eight bases, the first and the last of which have no neighbour on one side: 18 SNVs, and no indel."""
    with genome_fasta.open_genome(make(tmp_path / "g", {"a": "ACGTACGT", "b": "N" * 50})) as handle:
        assert len(nulls.draw(handle, 500, 0, mix=SNVS)) == 18
        assert nulls.draw(handle, 500, 0, mix=SNVS, even=True).weight.tolist() == [1.0] * 18
        with pytest.raises(InputError, match="random places have an N within 20 bases; name places"):
            nulls.draw(handle, 500, 0)
        with pytest.raises(InputError, match="an N within 1 bases"):
            nulls.draw(handle, 500, 0, mix=SNVS, places=["b"])


def test_room_is_shared_out_evenly():
    assert nulls._evenly(np.array([5, 0, 100, 2, 100]), 20).tolist() == [5, 0, 7, 2, 6]
    assert nulls._evenly(np.array([5, 1]), 20).tolist() == [5, 1]
    assert nulls._evenly(np.array([5, 5, 5]), 2).tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"number": 0}, UsageError, "number: got 0, wanted 1 or more"),
        ({"even": True}, UsageError, "number: got 88 SNVs, wanted 192 or more"),
        ({"mix": nulls.Mix(indels=1.5)}, UsageError, "indels: got 1.5, wanted a share"),
        ({"mix": nulls.Mix(lengths=(0.0,))}, UsageError, "lengths: got"),
        ({"mix": nulls.Mix(lengths=(2.0, -1.0))}, UsageError, "lengths: got"),
        ({"places": []}, UsageError, "places: got none, wanted contigs or regions"),
        ({"places": ["chrZ"]}, InputError, "places names contig 'chrZ', which the genome lacks"),
        ({"places": ["chrA:5-5"]}, InputError, "places names chrA:5-5, wanted contig:start-end"),
    ],
)
def test_what_cannot_be_drawn_is_said(genome, options, error, message):
    with pytest.raises(error, match=message):
        nulls.draw(genome[0], **({"number": 100, "seed": 0} | options))
