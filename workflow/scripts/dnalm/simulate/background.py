"""The landscape of an embedded genome: isochores with CpG depletion, interspersed repeats, satellites, N gaps.

What a language model meets before any signal: most of a genome is composition and repeats, and a model that has only
learned those must not be mistaken for one that has learned regulation.
"""

from dataclasses import dataclass

import numpy as np

from dnalm.dna import seq

BLOCK = 1_000  # bp drawn by one run of the Markov chain
CPG = 0.2  # weight of CpG before the marginals are restored; about 0.25 observed over expected after


@dataclass
class Contig:
    """One contig in the making: base codes, soft-mask, and which bases a planted thing already holds."""

    name: str
    codes: np.ndarray  # uint8 [length]
    masked: np.ndarray  # bool [length]
    taken: np.ndarray  # bool [length]

    def __len__(self) -> int:
        """Length in bp."""
        return len(self.codes)

    def plant(self, start: int, codes: np.ndarray, *, masked: bool = False) -> None:
        """Write `codes` at `start` and hold their place."""
        end = start + len(codes)
        self.codes[start:end], self.masked[start:end], self.taken[start:end] = codes, masked, True

    def room(self, length: int, rng: np.random.Generator, tries: int = 200) -> int | None:
        """The start of a random free stretch of `length` bp; None where none is found."""
        if length > len(self):
            return None
        for start in rng.integers(0, len(self) - length + 1, tries):
            if not self.taken[start : start + length].any():
                return int(start)
        return None


def draw_background(name: str, length: int, rng: np.random.Generator) -> Contig:
    """A contig of isochores: GC 36 to 56 %, each 20 to 80 kb, drawn from a first-order chain short of CpG."""
    blocks = -(-length // BLOCK)
    gc = np.concatenate(
        [np.full(rng.integers(20, 80), 0.36 + 0.20 * rng.beta(1.5, 2.0)) for _ in range(blocks // 20 + 1)]
    )
    codes = draw_chain(gc[:blocks], BLOCK, rng).ravel()[:length]
    return Contig(name, codes, np.zeros(length, bool), np.zeros(length, bool))


def draw_chain(gc: np.ndarray, length: int, rng: np.random.Generator) -> np.ndarray:
    """One sequence of `length` for each GC content: codes [n, length] of a CpG-depleted first-order Markov chain."""
    first = np.stack([1 - gc, gc, gc, 1 - gc], 1) / 2
    following = np.stack([transitions(share) for share in gc]).cumsum(-1)
    rows, draws = np.arange(len(gc)), rng.random((length, len(gc)))
    codes = np.empty((length, len(gc)), np.uint8)
    codes[0] = (draws[0][:, None] > first.cumsum(-1)[:, :3]).sum(-1)
    for place in range(1, length):
        codes[place] = (draws[place][:, None] > following[rows, codes[place - 1], :3]).sum(-1)
    return codes.T


def transitions(gc: float) -> np.ndarray:
    """Base-to-base probabilities [4, 4] with the given GC content, CpG depleted, the same read on either strand.

    Methylated CpG decays to TpG (and CpA on the other strand), so those two are enriched in exchange.
    """
    single = np.array([1 - gc, gc, gc, 1 - gc]) / 2
    pairs = np.outer(single, single)
    pairs[1, 2] *= CPG
    pairs[1, 0] *= 1.2
    pairs[3, 2] *= 1.2
    for _ in range(50):  # restore the single-base shares without touching the odds (Sinkhorn)
        pairs *= (single / pairs.sum(1))[:, None]
        pairs *= single / pairs.sum(0)
    return pairs / pairs.sum(1, keepdims=True)


def plant_gaps(contig: Contig, rng: np.random.Generator) -> None:
    """Runs of N at both ends and about every 500 kb within, 1 to 10 kb (shorter on small contigs)."""
    longest = int(np.clip(len(contig) // 20, 1_000, 10_000))
    sizes = rng.integers(1_000, longest + 1, 3 + len(contig) // 500_000)
    places = [0, len(contig) - sizes[1], *[contig.room(int(size), rng) for size in sizes[2:]]]
    for start, size in zip(places, sizes, strict=True):
        if start is not None:
            contig.plant(int(start), np.full(size, seq.N, np.uint8))


def draw_families(rng: np.random.Generator, number: int = 10) -> list[np.ndarray]:
    """Consensus sequences of repeat families, 300 to 1,500 bp, each with its own GC content."""
    return [draw_chain(rng.uniform(0.35, 0.6, 1), int(rng.integers(300, 1_500)), rng)[0] for _ in range(number)]


def plant_repeats(contig: Contig, families: list[np.ndarray], share: float, rng: np.random.Generator) -> None:
    """Cover `share` of the contig with soft-masked copies on both strands, diverged 5 to 20 %, often cut at 5'.

    Copies lose their 5' end as LINE copies do, because reverse transcription starts at 3' and stops early.
    """
    covered = 0
    while covered < share * len(contig):
        family = families[rng.integers(len(families))]
        kept = len(family) if rng.random() < 0.5 else int(rng.integers(100, len(family)))
        copy = mutate(family[-kept:], rng.uniform(0.05, 0.20), rng)
        start = contig.room(kept, rng)
        if start is None:
            return
        contig.plant(start, copy if rng.random() < 0.5 else seq.reverse_complement(copy), masked=True)
        covered += kept


def plant_satellites(contig: Contig, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Tandem arrays of a 171-bp unit, about one each 300 kb: the places a blacklist is for. Returns (start, end)s."""
    arrays = []
    for _ in range(1 + len(contig) // 300_000):
        unit = draw_chain(np.array([0.38]), 171, rng)[0]
        array = np.concatenate([mutate(unit, 0.02, rng) for _ in range(rng.integers(8, 18))])
        start = contig.room(len(array), rng)
        if start is not None:
            contig.plant(start, array, masked=True)
            arrays.append((start, start + len(array)))
    return arrays


def mutate(codes: np.ndarray, rate: float, rng: np.random.Generator) -> np.ndarray:
    """Replace each base by another one with probability `rate`."""
    changed = rng.random(len(codes)) < rate
    return np.where(changed, (codes + rng.integers(1, 4, len(codes))) % 4, codes).astype(np.uint8)
