"""The smooth and its top on parabolas known by hand."""

import numpy as np
import pytest

from dnalm.tokens import vocabulary

SIZES = np.array([64, 128, 256, 512, 1024, 2048])
HILL = 0.02 - 0.001 * (np.log2(SIZES) - 8.5) ** 2  # its top is at 2^8.5 = 362 tokens


def test_the_top_of_a_known_parabola():
    coefficients = vocabulary.smooth(SIZES, HILL)
    assert coefficients[0] == pytest.approx(-0.001)
    assert vocabulary.top(coefficients, 64, 2048) == pytest.approx(2**8.5)
    assert vocabulary.height(coefficients, np.array([2**8.5])) == pytest.approx([0.02])


@pytest.mark.parametrize("accuracy, best", [(HILL[::-1] * 0 + SIZES / 1e5, 2048), (0.03 - HILL, 2048), (1 / SIZES, 64)])
def test_without_a_top_inside_it_is_the_better_end(accuracy, best):
    assert vocabulary.top(vocabulary.smooth(SIZES, accuracy), 64, 2048) == best


def test_many_sequences_tell_sizes_apart_and_few_do_not():
    sure = vocabulary.curve(SIZES, HILL, np.full(6, 10_000_000))
    assert sure["low"] < 2**8.5 < sure["high"]
    assert sure["high"] / sure["low"] < 1.1
    assert not sure["flat"]
    assert not sure["at_edge"]
    assert vocabulary.curve(SIZES, HILL, np.full(6, 100))["flat"]
    assert sure == vocabulary.curve(SIZES, HILL, np.full(6, 10_000_000))


def test_nearest_in_log_size():
    assert vocabulary.nearest(SIZES, 360) == 2
    assert vocabulary.nearest(SIZES, 365) == 3
