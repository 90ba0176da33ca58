"""Areas, tests and odds within strata: by hand, beside SciPy's, and blind to what differs between strata."""

import numpy as np
import pytest
from scipy import stats

from dnalm.metrics import bootstrap, ranking, strata

LABELS = np.array([1, 0, 0, 1, 0], bool)
SCORES = np.array([3.0, 2, 4, 9, 8])
STRATA = np.array([0, 0, 0, 1, 1])


def draw(n=300, seed=0):
    """Labels, scores with ties that follow them, three strata, weights."""
    rng = np.random.default_rng(seed)
    labels = rng.random(n) < 0.3
    return labels, np.round(rng.normal(size=n) + labels, 1), rng.integers(0, 3, n), rng.integers(0, 4, n).astype(float)


def test_two_strata_by_hand():
    """AUROC 1/2 of 1 x 2 pairs and 1 of 1 x 1, weights 2/4 and 1/3; precision at the prevalence of all, 2 to 3."""
    auroc, auprc = strata.measurer(LABELS, SCORES, STRATA)(np.ones(5))
    assert auroc == pytest.approx((1 / 2 * 2 / 4 + 1 * 1 / 3) / (2 / 4 + 1 / 3))
    assert auprc == pytest.approx((1 / (1 + 1 * (1 / 2) * (3 / 2)) + 1) / 2)


def test_one_stratum_is_the_usual_ranking():
    labels, scores, _, _ = draw()
    found = strata.measurer(labels, scores, np.full(300, 7))(np.ones(300))
    assert found == pytest.approx([ranking.auroc(labels, scores), ranking.auprc(labels, scores)])


def test_a_weight_is_a_row_as_often():
    labels, scores, groups, weights = draw()
    rows = np.repeat(np.arange(300), weights.astype(int))
    again = strata.measurer(labels[rows], scores[rows], groups[rows])(np.ones(len(rows)))
    assert strata.measurer(labels, scores, groups)(weights) == pytest.approx(again)


def test_what_differs_between_strata_says_nothing():
    labels, scores, groups, _ = draw()
    before = strata.measurer(labels, scores, groups)(np.ones(300))
    assert strata.measurer(labels, scores - 100 * groups, groups)(np.ones(300)) == pytest.approx(before)
    flat = strata.measurer(groups + labels > 1, groups.astype(float), groups)(np.ones(300))
    assert flat == pytest.approx([0.5, (groups + labels > 1).mean()])  # chance, though the strata's shares differ


def test_rows_outside_and_what_is_undefined():
    blocks, nowhere = np.arange(5), np.array([0, 0, 0, -1, -1])
    missing = np.where(nowhere < 0, np.nan, SCORES)
    found = bootstrap.summary(strata.sample(LABELS, missing, blocks, nowhere))
    assert found["auroc"]["value"] == 0.5
    none = bootstrap.summary(strata.sample(LABELS, missing, blocks, missing="not learnt"))
    assert none["auprc"] == bootstrap.undefined("not learnt")
    apart = bootstrap.summary(strata.sample(LABELS, SCORES, blocks, LABELS.astype(int)))
    assert apart["auroc"] == bootstrap.undefined(strata.NO_PAIRS)
    one = bootstrap.summary(strata.sample(np.ones(5, bool), SCORES, blocks, STRATA))
    assert one["auroc"] == bootstrap.undefined(bootstrap.ONE_CLASS)
    assert bootstrap.summary(strata.sample(LABELS[:0], SCORES[:0], blocks[:0]))["auroc"]["value"] is None
    assert strata.shared(LABELS, np.array([0, 0, 1, -1, 1])) == (2, 1)


def test_p_of_rows_is_mann_and_whitneys_and_of_two_like_strata_root_two_times_as_sure():
    labels, scores, _, _ = draw(80)
    expected = stats.mannwhitneyu(scores[labels], scores[~labels], method="asymptotic", use_continuity=False).pvalue
    p = strata.p_of_rows(labels, scores, np.zeros(80, int))
    assert p == pytest.approx(expected)
    twice = strata.p_of_rows(np.tile(labels, 2), np.tile(scores, 2), np.repeat([0, 1], 80))
    assert stats.norm.isf(twice / 2) == pytest.approx(np.sqrt(2) * stats.norm.isf(p / 2))
    assert strata.p_of_rows(labels, np.zeros(80), np.zeros(80, int)) is None


def test_p_of_blocks_holds_its_level_where_p_of_rows_does_not():
    """Forty loci of thirty alleles; label and score are the locus's own, each at random."""
    below = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        blocks = np.repeat(np.arange(40), 30)
        labels, scores = rng.random(1200) < rng.random(40)[blocks], rng.normal(size=40)[blocks] + rng.normal(size=1200)
        found = strata.sample(labels, scores, blocks, resamples=40, seed=seed)
        below.append((strata.p_of_blocks(found, blocks) < 0.05, strata.p_of_rows(labels, scores, 0 * blocks) < 0.05))
    ours, rows = np.mean(below, axis=0)
    assert ours < 0.12
    assert rows > 0.25
    assert strata.p_of_blocks(strata.sample(LABELS, SCORES, np.zeros(5, int)), np.zeros(5, int)) is None


def test_p_of_blocks_by_hand():
    """0.6 with draws 0.05 apart on either side, of eleven blocks: Student's t of 2 and ten degrees of freedom."""
    drawn = 0.6 + 0.05 * np.sqrt(99 / 100) * np.tile([1, -1], 50)
    found = bootstrap.Sample(np.r_[0.6, drawn][:, None], {}, ("auroc",))
    assert strata.p_of_blocks(found, np.arange(11)) == pytest.approx(0.0734, abs=1e-4)


def test_tails_by_hand_with_ties_in_part():
    inside = strata.tails(np.array([5.0, 4, 4, 1]), np.zeros(4, int))
    assert inside(np.ones(4), np.array([0.25, 0.5, 0.75])).tolist() == [[1, 0, 0, 0], [1, 0.5, 0.5, 0], [1, 1, 1, 0]]
    assert inside(np.array([2.0, 1, 1, 4]), np.array([0.125]))[0].tolist() == [0.5, 0, 0, 0]
    apart = strata.tails(np.array([9.0, 8, 2, 1]), np.array([0, 0, 1, 1]))
    assert apart(np.ones(4), np.array([0.5]))[0].tolist() == [1, 0, 1, 0]


def counts(a, b, c, d):
    """Rows of a table: labels and insides of a positives and b negatives inside, c and d outside."""
    return np.repeat([1, 0, 1, 0], (a, b, c, d)), np.repeat([1.0, 1, 0, 0], (a, b, c, d))


def test_odds_ratio_by_hand():
    labels, inside = counts(6, 0, 4, 10)
    one = strata.odds_ratio(labels, inside, np.ones(20), np.zeros(20, int))
    assert one == pytest.approx(6.5 * 10.5 / (0.5 * 4.5))
    tables = [(6, 2, 4, 8), (1, 3, 5, 1)]  # 20 and 10 rows: 1/3 and 1/6 in each cell
    both = [np.concatenate(parts) for parts in zip(*(counts(*table) for table in tables), strict=True)]
    groups = np.repeat([0, 1], [20, 10])
    third, sixth = 1 / 3, 1 / 6
    top = (6 + third) * (8 + third) / (20 + 4 * third) + (1 + sixth) ** 2 / (10 + 4 * sixth)
    bottom = (2 + third) * (4 + third) / (20 + 4 * third) + (3 + sixth) * (5 + sixth) / (10 + 4 * sixth)
    assert strata.odds_ratio(*both, np.ones(30), groups) == pytest.approx(top / bottom)
    more = [np.r_[part, np.ones(50)] for part in both]  # what is in the tail alone says nothing
    assert strata.odds_ratio(*more, np.ones(80), np.r_[groups, np.full(50, 2)]) == pytest.approx(top / bottom)
    more = [np.r_[both[0], np.ones(50)], np.r_[both[1], np.arange(50) % 2]]  # nor do positives alone
    assert strata.odds_ratio(*more, np.ones(80), np.r_[groups, np.full(50, 2)]) == pytest.approx(top / bottom)
    assert np.isnan(strata.odds_ratio(labels, np.ones(20), np.ones(20), np.zeros(20, int)))


def test_odds_that_strata_make_are_gone_within_them():
    """In either stratum being inside says nothing; together it seems to, as one is more often positive and inside."""
    tables = [counts(720, 80, 180, 20), counts(20, 180, 80, 720)]
    labels, inside = (np.concatenate(parts) for parts in zip(*tables, strict=True))
    groups = np.repeat([0, 1], 1000)
    assert strata.odds_ratio(labels, inside, np.ones(2000), np.zeros(2000, int)) > 7
    assert strata.odds_ratio(labels, inside, np.ones(2000), groups) == pytest.approx(1, abs=0.01)
