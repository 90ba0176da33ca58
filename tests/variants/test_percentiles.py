"""Percentiles among matched null variants: by hand, uniform where nothing is to be found, high where something is."""

import numpy as np
import pandas as pd
import pytest
from genomes import planted
from scipy import stats

from dnalm.dna import motifs, seq
from dnalm.genome import fasta as genome_fasta
from dnalm.simulate import variants as simulated_variants
from dnalm.variants import contexts as variants_contexts
from dnalm.variants import nulls, percentiles

SNV = {"kind": "snv", "substitution": "C>T", "trinucleotide": "ACG", "cpg": True, "change": 0, "tandem": False}
SNV |= {"repeat": False, "region": "", "gc": 0.5}
DELETION = SNV | {"kind": "deletion", "substitution": "", "trinucleotide": "", "cpg": False, "change": -2, "gc": 0.1}
RARE = SNV | {"substitution": "T>C", "trinucleotide": "ATA", "cpg": False, "gc": 0.1}


def table(*rows):
    return pd.DataFrame([*rows])


def one_group(nulls_, queries=1):
    return percentiles.match(table(*[SNV] * queries), table(*[SNV] * nulls_), least=1)


def test_percentile_and_p_by_hand():
    """Of the null 1 2 2 3: 2 has one below and two equal to it, so 100 (1 + 2 / 2) / 4; three are as high."""
    scores, null = np.array([2.0, 0.0, 9.0, np.nan, 3.0]), np.array([3.0, 2.0, 1.0, 2.0])
    found = percentiles.percentile(scores, null, one_group(4, 5))
    assert found.percentile.tolist() == pytest.approx([50, 0, 100, np.nan, 87.5], nan_ok=True)
    assert found.p.tolist() == pytest.approx([4 / 5, 5 / 5, 1 / 5, np.nan, 2 / 5], nan_ok=True)


def test_weights_count_as_so_many_variants():
    """Of weights 1, 3, 1 and 1 at 3, 2, 1 and 2 the group has six; the one added to it weighs three."""
    scores, null, weights = np.array([2.0, 3.5]), np.array([3.0, 2.0, 1.0, 2.0]), np.array([1, 3, 1, 1])
    found = percentiles.percentile(scores, null, one_group(4, 2), weights)
    assert found.percentile.tolist() == pytest.approx([100 * (1 + 4 / 2) / 6, 100])
    assert found.p.tolist() == pytest.approx([(3 + 5) / (3 + 6), 3 / (3 + 6)])
    same = percentiles.percentile(scores, null, one_group(4, 2), np.full(4, 1.0))
    pd.testing.assert_frame_equal(same, percentiles.percentile(scores, null, one_group(4, 2)))


def test_criteria_divide_what_there_is_enough_of():
    """Of C>T in a CpG there are enough to be divided by GC; T>C and T>G are enough together; insertions are not."""
    null = table(
        *[SNV] * 6,
        *[SNV | {"gc": 0.9}] * 3,
        *[RARE] * 2,
        RARE | {"substitution": "T>G", "trinucleotide": "CTC"},
        *[DELETION] * 3,
        *[DELETION | {"kind": "insertion", "change": 2}] * 2,
    )
    cases = [
        (SNV, "kind, change, context, repeat, gc", 6),
        (SNV | {"gc": 0.9}, "kind, change, context, repeat, gc", 3),
        (SNV | {"gc": 0.1}, "kind, change, context, repeat", 3),  # with the rarer of the other thirds
        (SNV | {"region": "CDS"}, "kind, change, context, repeat, gc", 6),
        (SNV | {"repeat": True}, "kind, change, context, gc", 6),
        (SNV | {"trinucleotide": "TCG", "gc": 0.9}, "kind, change, repeat, gc", 3),
        (RARE, "kind, repeat, gc", 3),
        (SNV | {"substitution": "C>A"}, "kind, repeat", 3),
        (DELETION | {"change": -7}, "kind, context, repeat, gc", 3),
        (DELETION | {"kind": "insertion", "change": 2}, "none", 0),
        (DELETION | {"kind": "mnv", "change": 0}, "none", 0),
    ]
    groups = percentiles.match(table(*(one for one, _, _ in cases)), null, least=3)
    assert [*zip(percentiles.told(groups), groups.matched.tolist(), strict=True)] == [case[1:] for case in cases]
    assert percentiles.match(table(SNV, RARE, DELETION), null, least=4).matched.tolist() == [6, 6, 0]
    assert percentiles.match(table(SNV, RARE, DELETION), null, least=13).matched.tolist() == [0, 0, 0]


def test_null_variants_are_in_the_groups_that_they_would_be_matched_to():
    rng = np.random.default_rng(0)
    null = pd.DataFrame([SNV] * 3000).assign(
        substitution=rng.choice(["C>T", "C>A", "T>G"], 3000, p=[0.9, 0.08, 0.02]),
        trinucleotide=rng.choice([*"abcdefgh"], 3000, p=[0.5, 0.3, 0.1, 0.05, 0.03, 0.01, 0.006, 0.004]),
        repeat=rng.random(3000) < 0.1,
        gc=rng.random(3000),
    )
    groups = percentiles.match(null, null, least=50)
    assert (groups.group == groups.null).all()
    assert (groups.matched == np.bincount(groups.null)[groups.group]).all()
    assert groups.matched.min() >= 50
    assert len(np.unique(groups.group)) > 10
    few = percentiles.match(null[:1], null, least=50)
    assert few.matched[0] == groups.matched[0], "whoever else is asked about"


@pytest.mark.parametrize(
    ("counts", "into", "alone"),
    [
        ([5, 1, 1, 1], [0, 4, 4, 4], [True, False, False, False]),  # the rare are enough together
        ([5, 4, 2], [0, 1, 1], [True, False, False]),  # and are not: they join the least common
        ([1, 2], [2, 2], [False, False]),  # nothing is common
        ([5, 0, 4], [0, 2, 2], [True, False, True]),  # of what no null variant has nothing is added to others
        ([7], [0], [True]),
    ],
)
def test_the_rare_is_put_together(counts, into, alone):
    found = percentiles._joined(np.zeros(len(counts), int), np.array(counts), 3)
    assert [one.tolist() for one in found] == [into, alone]
    twice = percentiles._joined(np.repeat([0, 1], len(counts)), np.tile(counts, 2), 3)
    assert twice[1].tolist() == alone * 2
    assert len(np.unique(twice[0])) == 2 * len(set(into))


def test_each_is_ranked_in_its_own_group():
    """Deletions have scores beyond all SNVs; who has too few for a group, or no score, has no rank."""
    null = table(*[SNV] * 4, *[DELETION] * 4)
    variants = table(DELETION, SNV, SNV, DELETION | {"kind": "insertion"})
    groups = percentiles.match(variants, null, least=4)
    scores = np.array([11.5, 11.5, np.nan, 0.0])
    found = percentiles.percentile(scores, np.array([0, 1, 2, 3, 10, 11, 12, 13.0]), groups)
    assert found.percentile.tolist() == pytest.approx([50, 100, np.nan, np.nan], nan_ok=True)
    assert found.p.tolist() == pytest.approx([3 / 5, 1 / 5, np.nan, np.nan], nan_ok=True)


def test_one_more_of_a_group_has_every_rank_alike():
    """Of 5,000 groups, each at a height of its own; without the groups nearly all are above or below all."""
    rng = np.random.default_rng(0)
    rows = pd.DataFrame([SNV] * 5_000).assign(trinucleotide=np.arange(5_000).astype(str))
    null = pd.concat([rows] * 19, ignore_index=True)
    height = rng.normal(0, 100, 5_000)
    scores, theirs = height + rng.normal(size=5_000), np.tile(height, 19) + rng.normal(size=len(null))
    found = percentiles.percentile(scores, theirs, percentiles.match(rows, null, least=19))
    ranks = np.bincount((found.percentile * 19 / 100).round().astype(int), minlength=20)
    assert stats.chisquare(ranks).pvalue > 0.01
    assert found.p.to_numpy() == pytest.approx((20 - found.percentile * 19 / 100) / 20)


def test_a_higher_score_has_no_lower_percentile():
    rng = np.random.default_rng(0)
    scores, null, weights = np.sort(rng.normal(size=300).round(1)), rng.normal(size=200).round(1), rng.random(200)
    found = percentiles.percentile(scores, null, one_group(200, 300), weights)
    assert found.percentile.is_monotonic_increasing
    assert found.p.is_monotonic_decreasing
    assert found.percentile.between(0, 100).all()
    assert found.p.between(0, 1, inclusive="right").all()


def test_a_score_is_turned_to_its_harm_and_who_lacks_it_is_not_in_its_null():
    null = percentiles.Null(
        table(*[SNV] * 5), pd.DataFrame({"llr": [-4, -3, -2, -1, np.nan], "delta": [-2.0, -1, 0, 1, 2]}), np.ones(5)
    )
    scores = pd.DataFrame({"llr": [-2.5, np.nan], "delta": [-1.5, 1.5]}, index=[7, 9])
    found = percentiles.against(scores, table(SNV, SNV), null, least=4)
    assert found.index.tolist() == [7, 9]
    assert found.llr_percentile.tolist() == pytest.approx([50, np.nan], nan_ok=True)
    assert found.llr_p.tolist() == pytest.approx([3 / 5, np.nan], nan_ok=True)
    assert found.delta_percentile.tolist() == [60, 60], "by the size of the change"
    assert found["-delta_percentile"].tolist() == [80, 20], "by what is lost"
    assert found.llr_null.tolist() == [4, 4]
    assert found.delta_null.tolist() == [5, 5]
    assert set(found.delta_matched_by) == {"kind, change, context, repeat, gc"}


def test_without_a_null_nobody_has_a_percentile():
    groups = percentiles.match(table(SNV), table(SNV).iloc[:0])
    found = percentiles.percentile(np.ones(1), np.ones(0), groups)
    assert percentiles.told(groups).tolist() == ["none"]
    assert found.isna().all(axis=None)


class World:
    """A planted genome, and a score of its variants that depends on nothing so much as on their context."""

    def __init__(self, folder):
        self.truth, path = planted(folder / "planted", 4, 400_000)
        self.fasta = genome_fasta.open_genome(path)

    def drawn(self, number, seed, **options):
        """Null variants: (contexts, score, weights)."""
        edits = nulls.draw(self.fasta, number, seed, **options)
        found = variants_contexts.describe(edits, self.fasta, 101)
        return found, self.score(edits, found, seed), edits.weight.to_numpy()

    def score(self, edits, found, seed):
        """By substitution, CpG, size, repeat and GC, with some noise, and what a motif that is broken loses."""
        rng = np.random.default_rng([seed, 99])
        by_context = 4.0 * found.cpg + 3.0 * found.substitution.map(hash_of) + 0.5 * found.change.abs()
        by_context += 2.0 * found.repeat + 3.0 * (found.kind == "deletion") + 5.0 * found.gc
        return (by_context + self.broken(edits) / 2 + rng.normal(0, 0.3, len(edits))).to_numpy()

    def broken(self, edits):
        """What the best match of the motif over each SNV loses by it, in bits."""
        odds = motifs.log_odds(self.truth.matrix)
        reach = len(odds) - 1
        windows = genome_fasta.cut_windows(
            self.fasta, edits.chrom.to_numpy(), edits.start.to_numpy() - reach, 2 * reach + 1
        )
        snv = (edits.ref.str.len() == edits.alt.str.len()).to_numpy()
        changed = windows.copy()
        changed[snv, reach] = seq.encode("".join(edits.alt[snv]))
        best, left = (motifs.best_hits(one, odds).clip(6) for one in (windows, changed))
        return best - left


def hash_of(substitution):
    """A number from 0 to 5 for each substitution, in no order that means anything."""
    return (sum(map(ord, substitution)) * 7) % 6


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("world"))
    yield made
    made.fasta.close()


@pytest.fixture(scope="module")
def null(world):
    return world.drawn(30_000, 6, even=True)


def uniform(percentile):
    """How likely percentiles as uneven as these are, were they uniform."""
    return stats.kstest(percentile / 100, "uniform").pvalue


def test_null_variants_of_a_stratum_are_uniform_among_their_like_and_among_no_others(world, null):
    """CpGs in repeats rank evenly among their like; among all SNVs they look as if something hit them."""
    context, score, _ = world.drawn(1_500, 5, even=True)
    matched, unmatched = (percentiles.match(context, null[0], least) for least in (60, len(null[0]) // 3))
    assert not unmatched.held[:, 1:3].any()
    assert matched.held[:, 1:4].all(1).mean() > 0.9
    found, naive = (percentiles.percentile(score, null[1], one, null[2]) for one in (matched, unmatched))
    snv = context.kind == "snv"
    for part in (snv, snv & context.cpg & context.repeat, context.substitution == "T>C"):
        assert part.sum() > 60
        assert uniform(found.percentile[part]) > 0.001
        assert uniform(naive.percentile[part]) < 1e-6
    assert (found.p < 0.05).mean() == pytest.approx(0.05, abs=0.015)


def test_weights_give_an_even_null_the_mix_of_the_genome(world, null):
    """Where there are too few to match, a plain draw ranks evenly in an even one only if that is weighted."""
    context, score, _ = world.drawn(2_000, 7, mix=nulls.Mix(indels=0))
    groups = percentiles.match(context, null[0], least=len(null[0]) // 3)
    weighted, plain = (percentiles.percentile(score, null[1], groups, one) for one in (null[2], None))
    assert uniform(weighted.percentile) > 0.001
    assert uniform(plain.percentile) < 1e-6
    for level in (0.01, 0.1, 0.5):
        assert (weighted.p <= level).mean() <= level + 3 * np.sqrt(level / 2_000)


def test_broken_motifs_stand_out_among_their_like(world, null):
    """Planted in a score that says more of context than of motifs: matched they are on top, unmatched they are not.

    Every thousandth base begins a site, so a fiftieth of the null itself lies in one: no percentile is far above 98.
    """
    told = simulated_variants.draw_variants(world.truth, np.random.default_rng(0))
    told = told[told.kind.isin(("motif_breaking", "motif_neutral", "intron"))].reset_index(drop=True)
    edits = told.assign(start=told.pos - 1)
    context = variants_contexts.describe(edits, world.fasta, 101)
    score = world.score(edits, context, 10)
    found, naive = (
        percentiles.percentile(score, null[1], percentiles.match(context, null[0], least), null[2]).percentile
        for least in (60, len(null[0]) // 3)
    )
    breaking = (told.kind == "motif_breaking").to_numpy()
    assert breaking.sum() > 150
    assert (found[breaking] > 95).mean() > 0.9
    assert (naive[breaking] > 95).mean() < 0.5
    for kind in ("motif_neutral", "intron"):
        assert (found[told.kind == kind] > 95).mean() < 0.1
