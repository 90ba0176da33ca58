"""Learning rates over the steps, by hand."""

import pytest

from dnalm.training import schedules


def test_cosine_rises_then_falls_to_a_tenth():
    values = [schedules.share(step / 100, "cosine", 0.1, 0.2) for step in range(101)]
    assert values[5] == pytest.approx(0.5)
    assert values[10] == 1
    assert values[55] == pytest.approx(0.55)
    assert values[100] == pytest.approx(0.1)


def test_wsd_is_flat_and_falls_at_the_end():
    values = [schedules.share(step / 100, "wsd", 0.1, 0.2) for step in range(101)]
    assert values[10:81] == pytest.approx([1.0] * 71)
    assert values[90] == pytest.approx(0.5)
    assert values[100] == pytest.approx(0.0)


def test_no_warmup_begins_at_the_peak():
    assert schedules.share(0.0, "linear", 0.0, 0.2) == 1
