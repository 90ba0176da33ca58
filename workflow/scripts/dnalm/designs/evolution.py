"""Better sequences by evolution: mutate, recombine and select A, C, G, T against any scoring function.

The search knows nothing of the model it searches against: `score` takes windows (codes uint8 [n, W]) and gives numbers
[n], the larger the better. All starts evolve side by side, each in a population of its own, so that one call scores
them all.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from dnalm.dna import edits as dna_edits
from dnalm.logs import progress

Score = Callable[[np.ndarray], np.ndarray]


@dataclass
class Search:
    """What a search of s starts over g generations (the start is generation 0) met; arrays [s, g + 1, …].

    `best` and `codes`: the best score so far and its sequence; `mean`: the population's mean score; `evaluations`
    [g + 1]: sequences scored so far for each start; `fronts`: for each start, the best (score, codes) met at each
    number of edits.
    """

    best: np.ndarray
    mean: np.ndarray
    codes: np.ndarray
    evaluations: np.ndarray
    fronts: list[dict[int, tuple[float, np.ndarray]]] = field(default_factory=list)


def evolve(
    score: Score,
    starts: np.ndarray,
    rng: np.random.Generator,
    *,
    population: int = 64,
    generations: int = 50,
    mutation_rate: float = 0.01,
    crossover_rate: float = 0.5,
    tournament: int = 3,
    elite: int = 2,
    select: bool = True,
    what: str = "evolving",
) -> Search:
    """Evolve each of `starts` (codes uint8 [s, W], A C G T only) for some generations.

    A child has one parent, or with `crossover_rate` two and a cut point, each the best of `tournament` drawn at random,
    and at least one substitution (`mutation_rate` a base). The `elite` best live on unchanged, so the best score never
    falls. `select=False` is the control: random parents and no elite, with as many children scored.
    """
    brood = population - min(elite, population - 1)
    kept, tournament = (population - brood, tournament) if select else (0, 1)
    herd = np.repeat(starts[:, None], population, 1)
    scores = np.repeat(score(starts)[:, None], population, 1).astype(np.float64)
    best, leaders = scores[:, 0].copy(), starts.copy()
    history = [(best.copy(), scores.mean(1), leaders.copy())]
    fronts = [{0: (float(value), codes)} for value, codes in zip(best, starts, strict=True)]
    with progress(what, generations, "generations") as advance:
        for _ in range(generations):
            ranks = np.argsort(-scores, 1, kind="stable")[:, :kept]
            children = breed(herd, scores, brood, rng, mutation_rate, crossover_rate, tournament)
            fresh = score(children.reshape(-1, starts.shape[1])).reshape(len(starts), -1).astype(np.float64)
            _remember(fronts, starts, children, fresh)
            herd = np.concatenate([np.take_along_axis(herd, ranks[..., None], 1), children], 1)
            scores = np.concatenate([np.take_along_axis(scores, ranks, 1), fresh], 1)
            first = fresh.argmax(1)
            better = fresh.max(1) > best
            best = np.where(better, fresh.max(1), best)
            leaders = np.where(better[:, None], children[np.arange(len(starts)), first], leaders)
            history.append((best.copy(), scores.mean(1), leaders.copy()))
            advance(1, f"best {best.mean():.3g}")
    steps = np.arange(generations + 1)
    columns = [np.stack(column, 1) for column in zip(*history, strict=True)]
    return Search(*columns, evaluations=1 + steps * brood, fronts=fronts)


def breed(
    herd: np.ndarray,
    scores: np.ndarray,
    number: int,
    rng: np.random.Generator,
    mutation_rate: float,
    crossover_rate: float,
    tournament: int,
) -> np.ndarray:
    """`number` children for each population [s, P, W], by tournament, one cut point and substitutions."""
    groups, width = np.arange(len(herd))[:, None], herd.shape[2]
    mother, father = (_tournament(scores, number, tournament, rng) for _ in range(2))
    cut = rng.integers(1, max(width, 2), (len(herd), number))
    cut = np.where(rng.random((len(herd), number)) < crossover_rate, cut, width)
    children = np.where(np.arange(width) < cut[..., None], herd[groups, mother], herd[groups, father])
    changed = rng.random(children.shape) < mutation_rate
    sure = rng.integers(width, size=(len(herd), number))
    none = ~changed.any(2)
    changed[none, sure[none]] = True
    shift = rng.integers(1, 4, children.shape, dtype=np.uint8)
    return np.where(changed, (children + shift) % 4, children).astype(np.uint8)


def _tournament(scores: np.ndarray, number: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """Index [s, number] of the best of `size` drawn at random from each population."""
    drawn = rng.integers(scores.shape[1], size=(len(scores), number, size))
    rivals = scores[np.arange(len(scores))[:, None, None], drawn]
    return np.take_along_axis(drawn, rivals.argmax(2)[..., None], 2)[..., 0]


def _remember(fronts: list, starts: np.ndarray, children: np.ndarray, scores: np.ndarray) -> None:
    edits = dna_edits.edit_counts(children, starts[:, None])
    for front, brood, values, distances in zip(fronts, children, scores, edits, strict=True):
        for row in np.argsort(values, kind="stable"):
            if values[row] > front.get(int(distances[row]), (-np.inf,))[0]:
                front[int(distances[row])] = float(values[row]), brood[row].copy()


def pareto(front: dict[int, tuple[float, np.ndarray]]) -> list[tuple[int, float, np.ndarray]]:
    """The points (edits, score, codes) that no other beats with as few edits, from the fewest edits on."""
    kept: list[tuple[int, float, np.ndarray]] = []
    for edits in sorted(front):
        value, codes = front[edits]
        if not kept or value > kept[-1][1]:
            kept.append((edits, value, codes))
    return kept
