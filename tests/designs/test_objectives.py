"""What a search makes large: directions, a price on unnatural words, and what an objective needs."""

import numpy as np
import pytest

from dnalm.designs import objectives
from dnalm.errors import UsageError

CODES = np.zeros((2, 5), np.uint8)


def logits(codes):
    return np.array([-1.0, 2.0])


def bits(codes):
    return np.array([1.5, 2.0])


def test_directions_turn_the_objective():
    given = objectives.Given(logits)
    assert objectives.build("logit", "maximise", 0.0, given)(CODES).tolist() == [-1, 2]
    assert objectives.build("logit", "minimise", 0.0, given)(CODES).tolist() == [1, -2]


def test_a_price_is_taken_for_each_bit_per_base_whatever_the_direction():
    given = objectives.Given(logits, bits)
    assert objectives.build("logit", "maximise", 2.0, given)(CODES).tolist() == [-4, -2]
    assert objectives.build("logit", "minimise", 2.0, given)(CODES).tolist() == [-2, -6]
    assert objectives.build("naturalness", "maximise", 0.0, given)(CODES).tolist() == [-1.5, -2]


@pytest.mark.parametrize(
    "name, price, asked", [("naturalness", 0.0, "--objective naturalness"), ("logit", 1.0, "--naturalness 1")]
)
def test_what_is_needed_and_not_given_is_named(name, price, asked):
    with pytest.raises(UsageError, match=f"^{asked} needs --genome; give it$"):
        objectives.build(name, "maximise", price, objectives.Given(logits))
