"""Constraint tracks by hand: the three values of a base, each base said once, strands mirrored, N without a value."""

import numpy as np
import pytest

from dnalm.dna import seq
from dnalm.scan import constraint

CHANCES = np.log(np.array([0.7, 0.1, 0.15, 0.05]))


def values(name, base):
    return constraint.TRACKS[name].values(CHANCES[None], np.array([base], np.uint8))[0]


def test_the_three_values_by_hand():
    assert values("log_probability", 2) == pytest.approx(np.log(0.15))
    assert values("entropy", 2) == pytest.approx(-sum(p * np.log(p) for p in (0.7, 0.1, 0.15, 0.05)))
    assert values("llr", 0) == pytest.approx(np.mean(np.log([0.1 / 0.7, 0.15 / 0.7, 0.05 / 0.7])))
    assert values("llr", 3) == pytest.approx(np.mean(np.log([0.7 / 0.05, 0.1 / 0.05, 0.15 / 0.05])))


def test_a_blind_model_says_log_four_and_nothing_of_a_change():
    flat = np.log(np.full((1, 4), 0.25))
    found = {name: track.values(flat, np.array([1], np.uint8))[0] for name, track in constraint.TRACKS.items()}
    assert found["log_probability"] == pytest.approx(-np.log(4))
    assert found["entropy"] == pytest.approx(np.log(4))
    assert found["llr"] == pytest.approx(0)


def test_what_is_surely_there_is_highest_once_signs_are_turned():
    sure, blind = np.log([[0.97, 0.01, 0.01, 0.01]]), np.log([[0.25] * 4])
    codes = np.zeros(1, np.uint8)
    for track in constraint.TRACKS.values():
        assert track.sign * track.values(sure, codes)[0] > track.sign * track.values(blind, codes)[0]


@pytest.mark.parametrize("window, margin", [(10, 0), (10, 2), (16, 7), (64, 8)])
def test_each_base_is_said_once_with_its_margins(window, margin):
    for length in (*range(1, 90), 500, 1001):
        cut = constraint.tiles(length, window, margin)
        assert [one for _, first, stop in cut for one in range(first, stop)] == list(range(length))
        for start, first, stop in cut:
            assert 0 <= start <= first < stop <= start + min(window, length) <= length
            assert first - start >= min(margin, first)
            assert start + min(window, length) - stop >= min(margin, length - stop)


def local(reach):
    """A model whose answer at a base depends on the bases within reach, the same on both strands."""

    def chances(windows):
        shown = np.where(windows < 4, windows, 0).astype(float)
        padded = np.pad(shown, ((0, 0), (reach, reach)), constant_values=1.5)
        near = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=1)
        sides = near[..., :reach].mean(-1), near[..., reach + 1 :].mean(-1)
        score = np.stack([sides[0] * 0.3, sides[1] * 0.2, 0.6 - sides[1] * 0.2, 0.9 - sides[0] * 0.3], -1)
        both = np.stack([sides[1], sides[0]])  # what the other strand has on its left and right, complemented
        other = np.stack(
            [(3 - both[0]) * 0.3, (3 - both[1]) * 0.2, 0.6 - (3 - both[1]) * 0.2, 0.9 - (3 - both[0]) * 0.3], -1
        )
        mean = (score + other[..., ::-1]) / 2
        return mean - np.log(np.exp(mean).sum(-1, keepdims=True))

    return chances


def made(codes, chances, window, margin):
    out = {name: np.full(len(codes), np.nan, np.float32) for name in constraint.TRACKS}
    read = sum(constraint.along(codes, chances, window, margin, out))
    assert read == len(constraint.tiles(len(codes), window, margin))
    return out


def test_with_margins_as_wide_as_the_models_reach_windows_leave_no_trace():
    codes = np.random.default_rng(0).integers(0, 4, 5000).astype(np.uint8)
    whole, cut = (made(codes, local(6), window, margin) for window, margin in ((5000, 0), (32, 6)))
    narrow = made(codes, local(6), 32, 2)
    for name in constraint.TRACKS:
        assert np.allclose(whole[name], cut[name], atol=1e-5)
        assert not np.allclose(whole[name], narrow[name], atol=1e-3)


def test_the_track_of_the_other_strand_is_mirrored():
    codes = np.random.default_rng(1).integers(0, 4, 700).astype(np.uint8)
    plus, minus = made(codes, local(4), 50, 6), made(seq.reverse_complement(codes), local(4), 50, 6)
    for name in constraint.TRACKS:
        assert np.allclose(plus[name], minus[name][::-1], atol=1e-5)


def test_windows_of_n_alone_are_not_read_and_have_no_value():
    codes = np.random.default_rng(2).integers(0, 4, 300).astype(np.uint8)
    codes[100:220] = seq.N
    shown = []

    def chances(windows):
        shown.append(windows)
        return local(3)(windows)

    found = made(codes, chances, 40, 5)
    assert np.flatnonzero(np.isnan(found["log_probability"])).tolist() == list(range(100, 220))
    assert np.isfinite(found["llr"][220:]).all()
    assert len(np.concatenate(shown)) < len(constraint.tiles(300, 40, 5))
