"""The rate that was seen on validation is the rate that is promised, and the one that comes."""

import numpy as np
import pandas as pd
import pytest

from dnalm.metrics import exact
from dnalm.scan import calling, rates


def places(rng, true, false, contig="a", apart=10_000):
    """Candidates of which `true` stand on a site, higher on the whole than the others."""
    hit = rng.permutation(np.arange(true + false) < true)
    signal = np.where(hit, rng.beta(4, 2, len(hit)), rng.beta(1, 6, len(hit)))
    summits = (1 + np.arange(len(hit))) * apart
    return pd.DataFrame({"chrom": contig, "summit": summits, "signal": signal, "hit": hit})


def test_what_is_promised_is_kept():
    """Over forty genomes drawn alike: asked .05, .1, .2 and .3, false in the mean that much, never more by half."""
    seen = {asked: [] for asked in (0.05, 0.1, 0.2, 0.3)}
    for seed in range(40):
        rng = np.random.default_rng(seed)
        known, found = places(rng, 80, 3000), places(rng, 200, 7500)
        estimate = calling.by_truth(found, np.ones(len(found), bool), known, None, seed)
        for asked, observed in seen.items():
            called = estimate.q <= asked
            observed.append((called.sum(), (called & ~found.hit).sum()))
    for asked, observed in seen.items():
        called, false = np.sum(observed, axis=0)
        assert asked / 2 < false / called < asked * 1.5, (asked, false / called)
    assert sum(called for called, _ in seen[0.1]) > 40 * 50


def test_the_interval_holds_what_is_promised_and_few_true_peaks_say_nothing():
    rng = np.random.default_rng(0)
    found, known = places(rng, 200, 7500), places(rng, 80, 3000)
    estimate = calling.by_truth(found, np.ones(len(found), bool), known, 0.2, 0)
    low, high = estimate.facts["interval"]
    assert low < 0.2 < high + 0.05
    assert estimate.reason == ""
    assert (estimate.facts["maxima"], estimate.facts["true"]) == (3080, 80)
    few = calling.by_truth(found, np.ones(len(found), bool), known[~known.hit | (known.hit.cumsum() < 20)], 0.2, 0)
    assert few.reason.startswith("19 true peaks are among the maxima of validation, and 20 are wanted")
    assert (few.q == 1).all()


def test_rates_are_over_what_counts():
    """A candidate of training has the q of the height it has; that there are many of them changes nothing."""
    rng = np.random.default_rng(0)
    test, known = places(rng, 200, 7500), places(rng, 80, 3000)
    taught = places(rng, 3000, 100, "b").assign(signal=0.999)
    alone = calling.by_truth(test, np.ones(len(test), bool), known, 0.1, 0).q
    both = pd.concat([test, taught], ignore_index=True)
    counted = np.arange(len(both)) < len(test)
    assert np.array_equal(calling.by_truth(both, counted, known, 0.1, 0).q[counted], alone)
    null = rng.beta(1, 6, 3000)
    assert np.array_equal(
        calling.by_null(both, counted, null)[1].q[counted], calling.by_null(test, counted[counted], null)[1].q
    )


def test_candidates_are_judged_one_to_one_and_not_where_nobody_can_say():
    found = pd.DataFrame({"chrom": "a", "summit": [100, 150, 900, 2000], "signal": [0.5, 0.9, 0.8, 0.7]})
    sites = pd.DataFrame({"chrom": "a", "start": [90, 1990], "end": [200, 2010], "summit": [140, 2000]})
    listed = pd.DataFrame({"chrom": ["a"], "start": [1900], "end": [2100]})
    hit, clear = calling.judged(found, sites, listed, 100)
    assert hit.tolist() == [False, True, False, False]  # the higher of two takes the site
    assert clear.tolist() == [True, True, True, False]
    hit, clear = calling.judged(found, sites, None, 100)
    assert (hit.tolist(), clear.all()) == ([False, True, False, True], True)


def test_a_candidate_on_a_site_that_does_not_count_leaves_both_sides():
    """Sites at 990 (outside the region), 1500 (touches what is listed) and 1800; a second candidate on the last."""
    found = pd.DataFrame({"chrom": "a", "summit": [1025, 1510, 1790, 1860], "signal": [0.9, 0.8, 0.7, 0.6]})
    sites = pd.DataFrame(
        {"chrom": "a", "start": [900, 1400, 1700], "end": [1100, 1600, 1900], "summit": [990, 1500, 1800]}
    )
    listed = pd.DataFrame({"chrom": ["a"], "start": [1590], "end": [1650]})
    hit, counts = calling.judged(found, sites, listed, 100, ["a:1000-2000"])
    assert (hit.tolist(), counts.tolist()) == ([False, False, True, False], [False, False, True, True])
    hit, counts = calling.judged(found, sites, listed, 100)
    assert (hit.tolist(), counts.tolist()) == ([True, False, True, False], [True, False, True, True])
    row = rates.judged(found, np.full(4, 0.01), sites, listed, 100, regions=["a:1000-2000"])[0]
    assert (row["called"], row["true"], row["observed"]) == (2, 1, 0.5)


def test_rates_by_hand():
    q = np.array([0.02, 0.05, 0.09, 0.2, 0.4])
    test = pd.DataFrame({"chrom": "a", "summit": [100, 1100, 2100, 3100, 4100], "signal": [5, 4, 3, 2, 1.0]})
    sites = pd.DataFrame({"chrom": "a", "start": [50, 2050], "end": [150, 2150], "summit": [100, 2100]})
    rows = {row["asked"]: row for row in rates.judged(test, q, sites, None, 100)}
    assert [(row["called"], row["true"]) for row in rows.values()] == [(0, 0), (2, 1), (3, 2), (4, 2), (4, 2)]
    assert rows[0.01]["observed"] is None
    assert rows[0.1]["observed"] == pytest.approx(1 / 3)
    assert rows[0.1]["low"] <= rows[0.1]["observed"] <= rows[0.1]["high"]


def test_calls_that_are_all_true_leave_room_for_false_ones():
    """By hand, none of n false: at most 1 - .025 ** (1 / n); of one stretch of the genome alone the exact limits."""
    test = pd.DataFrame({"chrom": list("abcd"), "summit": 100, "signal": [4, 3, 2, 1.0]})
    sites = pd.DataFrame({"chrom": list("abc"), "start": 50, "end": 150, "summit": 100})
    rows = rates.judged(test, np.array([0.01, 0.05, 0.05, 0.2]), sites, None, 100)
    assert [(row["called"], row["true"], row["observed"]) for row in rows[:3]] == [(1, 1, 0), (3, 3, 0), (3, 3, 0)]
    assert [(row["low"], row["high"]) for row in rows[:2]] == [
        (0, pytest.approx(0.975)),
        (0, pytest.approx(1 - 0.025 ** (1 / 3))),
    ]
    assert rows[3]["observed"] == 0.25
    assert (rows[3]["low"], rows[3]["high"]) == (0, 0.75)  # of four stretches, one false, resamples say
    false = rates.judged(test, np.full(4, 0.01), sites.assign(chrom="e"), None, 100)[0]
    assert (false["low"], false["high"]) == (pytest.approx(0.025**0.25), 1)
    close = pd.DataFrame({"chrom": "a", "summit": [100, 500], "signal": [2, 1.0]})
    one = rates.judged(close, np.full(2, 0.01), sites, None, 100)[0]
    assert (one["low"], one["high"]) == (pytest.approx(1 - 0.975**0.5), pytest.approx(0.975**0.5))


def test_a_promise_that_rests_on_hits_alone_leaves_room_for_misses():
    """Thirty maxima of validation at .9 and all true, thirty at .1 and none: at most 1 - .05 ** (1 / 30) are false.

    With three of thirty false it is the exact interval where they lie in one stretch, and else that of the resamples.
    """
    summits = (1 + np.arange(60)) * 1_000_000
    hit = np.arange(60) < 30
    known = pd.DataFrame({"chrom": "a", "summit": summits, "signal": np.where(hit, 0.9, 0.1), "hit": hit})
    found, all_of_it = pd.DataFrame({"signal": [0.95, 0.9]}), np.ones(2, bool)
    estimate = calling.by_truth(found, all_of_it, known, 0.05, 0)
    low, high = estimate.facts["interval"]
    assert estimate.q == pytest.approx([1 / 31, 1 / 31])
    assert (low, high) == (0, pytest.approx(1 - 0.05 ** (1 / 30)))
    near = known.assign(summit=100 + np.arange(60))  # one stretch of the genome: resamples are what was seen
    near.loc[:2, "hit"] = False
    low, high = calling.by_truth(found, all_of_it, near, 0.2, 0).facts["interval"]
    assert (low, high) == pytest.approx(exact.share(3, 30, exact.NINETY))
    apart = known.assign(hit=near.hit)
    low, high = calling.by_truth(found, all_of_it, apart, 0.2, 0).facts["interval"]
    assert low > exact.share(3, 30, exact.NINETY)[0]


def test_a_signal_that_knows_nothing_is_refused_a_rate():
    """Heights that say nothing of truth: the rate of all candidates is all that can be promised."""
    rng = np.random.default_rng(0)
    found = pd.concat(
        [
            places(rng, 60, 900, name).assign(split=split)
            for name, split in zip("ab", ("validation", "test"), strict=True)
        ]
    )
    found["signal"] = rng.random(len(found))
    sites = found[found.hit].assign(start=lambda one: one.summit - 50, end=lambda one: one.summit + 50)
    report = rates.of_signal(found, sites, None, 100)
    assert report["reason"] == ""
    assert all(row["called"] == 0 for row in report["rows"])
    none = rates.of_signal(found, sites[:0], None, 100)
    assert none["reason"].startswith("0 true peaks")


def test_a_rate_seen_at_home_is_kept_where_sites_are_rarer():
    """What a height is worth was seen on one genome; another has fewer sites, and fewer calls at the same rate."""
    rng = np.random.default_rng(3)
    known, here, rare = places(rng, 400, 12_000), places(rng, 400, 12_000), places(rng, 100, 12_000)
    at_home = calling.by_truth(here, np.ones(len(here), bool), known, 0.1, 0)
    home = {"validation": at_home.facts | {"reason": ""}}
    again = calling.by_home(here, np.ones(len(here), bool), home)
    assert again.q == pytest.approx(at_home.q)
    assert again.facts == {"maxima": 12_400, "true": 400}
    elsewhere = calling.by_home(rare, np.ones(len(rare), bool), home)
    assert 0 < (elsewhere.q <= 0.1).sum() < (again.q <= 0.1).sum()


def test_by_hand_a_rate_from_home():
    """Of heights .5 a half was true, of .9 nine in ten: two of .9 promise .1, with one of .6 .7 / 3, with .5 .3."""
    steps = [{"height": 0.5, "probability": 0.5}, {"height": 0.9, "probability": 0.9}]
    curve = {"steps": steps, "beta": {"low": 1.0, "high": 1.0, "shift": 0.0}, "top": 0.9, "most": 0.95, "weight": 0.0}
    home = {"validation": {"curve": curve, "maxima": 30, "true": 20, "reason": ""}}
    found = pd.DataFrame({"signal": [0.95, 0.5, 0.9, 0.6, 0.2]})
    counted = np.array([True, True, True, True, False])
    assert calling.by_home(found, counted, home).q == pytest.approx([0.1, 0.3, 0.1, 0.7 / 3, 1.0])
    older = {"steps": steps, "reason": ""}
    for validation in ({}, {"reason": "3 true peaks are among the maxima of validation"}, older):
        estimate = calling.by_home(found, counted, {"validation": validation})
        none = "an earlier edition measured the rate there: call its peaks again" if validation is older else ""
        assert estimate.reason == validation.get("reason", "no rate was measured there") + none
        assert (estimate.q == 1).all()
