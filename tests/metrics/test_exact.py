"""Exact limits by hand, and where they take the place of resamples that cannot tell."""

import numpy as np
import pytest

from dnalm.metrics import bootstrap, exact, strata
from dnalm.metrics.bootstrap import Thresholds


def test_an_interval_that_resamples_cannot_give_is_at_least_the_exact_one():
    """None of n false: the upper limit is 1 - .025 ** (1 / n), .975 of one, .708 of three, .070 of 51."""
    nothing, ends = np.zeros(200), exact.NINETY_FIVE
    for number, high in ((1, 0.975), (3, 0.7076), (51, 0.0698)):
        assert interval(nothing, number, 0, number, ends) == pytest.approx([0, 1 - 0.025 ** (1 / number)])
        assert interval(nothing, number, 0, number, ends)[1] == pytest.approx(high, abs=1e-4)
        assert interval(nothing + 1, number, number, number, ends) == pytest.approx([0.025 ** (1 / number), 1])
    assert interval(nothing, 3, 0, 3, exact.NINETY) == pytest.approx([0, 1 - 0.05 ** (1 / 3)])


def test_of_one_block_the_interval_is_exact_and_of_several_the_resamples():
    """One of two false: no more than .025 of the draws have one or more at 1 - .975 ** .5, and none at .975 ** .5."""
    half = np.full(200, 0.5)
    assert interval(half, 1, 1, 2, exact.NINETY_FIVE) == pytest.approx([1 - 0.975**0.5, 0.975**0.5])
    drawn = np.linspace(0.2, 0.6, 201)
    assert interval(drawn, 2, 1, 2, exact.NINETY_FIVE) == pytest.approx([0.21, 0.59])
    assert interval(np.linspace(0, 0.9, 11), 1, 0, 9, exact.NINETY_FIVE)[1] == pytest.approx(0.8775)  # the wider


def test_an_area_without_an_error_is_as_sure_as_its_pairs():
    """Two negatives below six positives: two pairs that share no row, and .158 ** 2 is .025."""
    assert exact.area(1.0, 2) == pytest.approx((0.025**0.5, 1))
    assert exact.area(0.0, 2) == pytest.approx((0, 1 - 0.025**0.5))
    assert exact.area(0.99, 2) is None


def interval(drawn, blocks, count, number, ends):
    """The ends of a share, as callers make them."""
    return exact.widened(drawn, exact.least(count, number, blocks, ends), ends)


def ranked(errors=0):
    """Forty blocks of a positive and a negative, the first `errors` the wrong way round."""
    labels = np.tile([1, 0], 40).astype(bool)
    scores = np.tile([0.9, 0.1], 40)
    scores[: 2 * errors] = scores[: 2 * errors][::-1]
    return labels, scores, np.arange(80) // 2


@pytest.mark.parametrize("turned", [1, -1])
def test_what_is_ranked_without_an_error_has_a_width(turned):
    labels, scores, blocks = ranked()
    for found in (bootstrap.assess(labels, turned * scores, blocks)["auroc"], rows_of(labels, turned * scores, blocks)):
        assert [found["low"], found["high"]] == pytest.approx(exact.share(40 if turned > 0 else 0, 40))


def rows_of(labels, scores, blocks, groups=None):
    return bootstrap.summary(strata.sample(labels, scores, blocks, groups))["auroc"]


def test_pairs_are_those_within_a_stratum():
    """One stratum of 19 positives and a negative, one of four and 16, and twenty rows left out: five pairs."""
    labels = np.r_[np.arange(20) > 0, np.arange(20) > 15, np.arange(20) > 9]
    groups = np.repeat([0, 1, -1], 20)
    found = rows_of(labels, labels.astype(float), np.arange(60), groups)
    assert found["low"] == pytest.approx(0.025 ** (1 / 5))


def test_shares_of_calls_have_a_width_too():
    labels, scores, blocks = ranked()
    found = bootstrap.assess(labels, scores, blocks, at=Thresholds(0.5, 0.5))
    assert [found["recall_at_fdr10"][key] for key in ("low", "high")] == pytest.approx(exact.share(40, 40))
    assert [found["observed_fdr"][key] for key in ("low", "high")] == pytest.approx(exact.share(0, 40))
    nothing = bootstrap.assess(labels, scores, blocks, at=Thresholds(0.5, 2.0))["recall_at_fdr10"]
    assert [nothing["low"], nothing["high"]] == pytest.approx(exact.share(0, 40))


def test_where_resamples_can_tell_they_do():
    labels, scores, blocks = ranked(errors=8)
    found = bootstrap.sample(labels, scores, blocks, at=Thresholds(0.5, 0.5))
    low, high = np.quantile(found.values[1:, 0], exact.NINETY_FIVE)
    assert (found.limits, bootstrap.summary(found)["auroc"]["low"]) == ({}, pytest.approx(low))
    assert high < 1


def test_seeds_keep_the_limits_that_all_of_them_have():
    one, other = (bootstrap.sample(*ranked(errors)) for errors in (0, 4))
    assert bootstrap.over_seeds([one, one]).limits == {"auroc": pytest.approx(exact.share(40, 40))}
    assert bootstrap.over_seeds([one, other]).limits == {}
    assert bootstrap.minus(one, one).limits == {}
