"""Ways to search for better sequences, each with a control that spends as much and does not select.

SEARCHES is the only list. A search is a function of (score, starts, rng, what to say, settings) that gives an
`evolution.Search`, the history that tables and figures are made of.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from dnalm.designs import evolution


class Method(NamedTuple):
    """A search, its control and what that goes without, and how they are drawn."""

    run: Callable[..., evolution.Search]
    control: Callable[..., evolution.Search]
    without: str
    label: str
    colour: str


SEARCHES: dict[str, Method] = {
    "evolution": Method(
        evolution.evolve,
        partial(evolution.evolve, select=False),
        without="mutation without selection",
        label="evolution",
        colour="blue",
    ),
}
