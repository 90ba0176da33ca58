"""A job while the graph is built: what it works on, and what a model costs in it, in MB and seconds.

The constants were measured on two cores of a server (Xeon with AMX), a job on one of them, by processor time, which
neighbours disturb little. What a GPU needs was not measured; it is set on the slow side.
"""

import os
from collections.abc import Iterable
from functools import cached_property

import origins
import sizes
from paths import folder, seeds_of
from presets import value

TORCH, CUDA = 700, 4000  # MB before the first weight; the same where there is a GPU, whose libraries are large
CPU, GPU = 400e9, 30e12  # operations a second of one thread in bf16; of a GPU, a tenth of what an A100 could
PLACE = 14e-9  # seconds a thread spends on each number that a layer hands on, outside matrix products
ROUTED = 5  # times as long where tokens go to experts
SCALING = 0.75  # n threads are as fast as n to this power
STATES = 24  # bytes a weight in training: itself, its gradient, two moments, a copy that is kept and one being saved
HELD = 50  # bytes that training keeps of each number that a layer hands on
# Bytes of each beside them in pretraining. A masked model predicts another number of tokens at each step, and memory
# that is freed is kept: after two hundred steps nine tenths of it lie in pieces. MB that are lost so at most.
LOST, MOST_LOST = {"mlm": 580, "clm": 150}, 4000


class Job:
    """A job as formulas see it: its names, its files, its threads and GPUs, and what follows from them."""

    def __init__(self, names: object, inputs: Iterable[str], threads: int = 1, gpus: int = 0) -> None:
        self.names, self.inputs, self.threads, self.gpus = names, list(map(str, inputs)), threads, gpus

    def of(self, kind: str, key: str) -> object:
        """A key of the preset of a kind ("models") that the path names."""
        return value(kind, getattr(self.names, kind if kind == "variants" else kind.removesuffix("s")), key)

    @cached_property
    def genomes(self) -> list[str]:
        """The genome that the path names, or else those among the inputs."""
        if hasattr(self.names, "genome"):
            return [self.names.genome]
        return [os.path.basename(folder(path)) for path in self.inputs if path.endswith("/genome.fa.gz")]

    @property
    def megabases(self) -> float:
        """Mb of its genomes."""
        return sum(map(sizes.genome, self.genomes))

    @property
    def known(self) -> float:
        """Mb of its genomes that are no N."""
        return sum(sizes.genome(name) * sizes.known(name) for name in self.genomes)

    @property
    def longest(self) -> float:
        """Mb of the longest contig of its genomes; none where it reads no genome."""
        return max(map(sizes.longest, self.genomes), default=0.0)

    @property
    def tokenizer(self) -> str:
        """The tokenizer that the path names; an imported model's own where it names none."""
        return getattr(self.names, "tokenizer", origins.OWN)

    @cached_property
    def network(self) -> sizes.Network:
        """The model that the path names; of several seeds, one that is as many times as large."""
        one = sizes.network(self.names.model, self.tokenizer, self.inputs)
        seed = getattr(self.names, "seed", "") or getattr(self.names, "stage", "").partition("/seed")[2]
        members = len(seeds_of(seed))
        return one._replace(weights=members * one.weights, active=members * one.active, width=members * one.width)

    def rows(self, name: str) -> float:
        """Rows of the input with this ending."""
        return sizes.rows(next(path for path in self.inputs if path.endswith(name)))

    def tokens(self, bases: float) -> float:
        """Tokens of a window of so many bases."""
        return bases / sizes.bases_a_token(self.tokenizer) + 2

    def through(self, tokens: float, training: bool = False) -> float:
        """Seconds to put tokens through the model; training goes three times the way."""
        net, times = self.network, 3 if training else 1
        if self.gpus:
            return times * 2 * net.active * tokens / GPU / self.gpus
        places = PLACE * net.width * net.layers * (ROUTED if net.routed else 1)
        return times * tokens * (2 * net.active / CPU + places) / self.threads**SCALING

    def windows(self, number: float, bases: float) -> float:
        """Seconds to read both strands of so many windows."""
        return self.through(2 * number * self.tokens(bases))

    def loaded(self) -> float:
        """MB of a model that is run, batch by batch."""
        return (CUDA if self.gpus else TORCH) + 8 * self.network.weights / 1e6

    def trained(self, tokens: float, objective: str = "") -> float:
        """MB of training with so many tokens at a time, of pretraining where there is an objective.

        A GPU keeps them in memory of its own.
        """
        net = self.network
        if self.gpus:
            return CUDA + 8 * net.weights / 1e6
        places = tokens * net.width * net.layers / 1e6
        lost = min(places * LOST.get(objective, 0), MOST_LOST)
        return TORCH + STATES * net.weights / 1e6 + HELD * places + lost
