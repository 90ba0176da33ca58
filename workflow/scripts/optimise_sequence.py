"""Search for sequences that a fine-tuned model calls bound (or unbound), with a control and independent judges."""

import dnalm.startup

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.designs import evolution, judges, objectives
from dnalm.designs.objectives import OBJECTIVES
from dnalm.designs.searches import SEARCHES
from dnalm.dna import edits, seq
from dnalm.errors import UsageError
from dnalm.genome import markov, stretches
from dnalm.logs import log
from dnalm.networks import scorer
from dnalm.targets import baselines as targets_baselines


def main(
    *,
    model: Input,
    out: Output,
    genome: Input | None = None,
    baselines: Input | None = None,
    length: int = 256,
    number: int = 4,
    population: int = 48,
    generations: int = 30,
    mutation_rate: float = 0.01,
    crossover_rate: float = 0.5,
    start: Literal["genome", "random"] = "genome",
    objective: Annotated[str, OBJECTIVES] = "logit",
    search: Annotated[str, SEARCHES] = "evolution",
    direction: Literal["maximise", "minimise"] = "maximise",
    naturalness: float = 0.0,
    seed: int = 0,
) -> None:
    """Write trajectory.tsv, pareto.tsv, sequences.fa and summary.json into the folder `out`.

    `number` starts, random stretches of held-out contigs or random bases, evolve apart from each other; the control
    mutates as often without selection. The judges never guide the search: the baselines of fitted.npz, which
    train_baselines wrote. `naturalness` takes that many units of score for each bit per base under an order-3 Markov
    chain of the genome, so that the search keeps to words the genome uses.
    """
    check(genome, length, number, population, generations, start, naturalness)
    rng = np.random.default_rng(seed)
    bits = None if genome is None else partial(markov.bits_per_base, markov.fit([genome]))
    starts = first_windows(genome, start, length, number, rng)
    logits = scorer.load_classifier(model, what=None)
    score = objectives.build(objective, direction, naturalness, objectives.Given(logits, bits))
    settings = {
        "population": population,
        "generations": generations,
        "mutation_rate": mutation_rate,
        "crossover_rate": crossover_rate,
    }
    method = SEARCHES[search]
    found = {
        search: method.run(score, starts, rng, what=f"searching by {search}", **settings),
        "control": method.control(score, starts, rng, what="control", **settings),
    }
    measures = judges.measures(logits, bits, {} if baselines is None else targets_baselines.load(baselines))
    table = pd.concat([trajectory(name, one, starts, measures) for name, one in found.items()])
    front = front_table(found[search], starts, measures)
    report = summarise(table, search, direction)
    log.info(
        f"probability {report['start']['probability']:.3g} at the start, "
        f"{report[search]['probability']:.3g} found, {report['control']['probability']:.3g} without selection"
    )
    files.write_table(out / "trajectory.tsv", table)
    files.write_table(out / "pareto.tsv", front)
    with files.whole(out / "sequences.fa") as beside:
        beside.write_text(records(table, search, found[search], starts), encoding="utf-8")
    files.write_json(out / "summary.json", report)


def check(
    genome: Path | None, length: int, number: int, population: int, generations: int, start: str, naturalness: float
) -> None:
    """Refuse what cannot be searched, before a model is loaded."""
    if genome is None and (start == "genome" or naturalness):
        raise UsageError("starts from a genome and naturalness need --genome; give one, or --start random")
    if min(length, number, generations) < 1 or population < 2:
        raise UsageError("wanted a length, a number and generations of at least 1, and a population of at least 2")


def first_windows(genome: Path | None, start: str, length: int, number: int, rng: np.random.Generator) -> np.ndarray:
    """Where the searches begin: codes [number, length]."""
    if start == "random":
        return rng.integers(0, 4, (number, length)).astype(np.uint8)
    _, codes = stretches.held_out([genome], length, number, rng)
    return codes[np.arange(number) % len(codes)]


def trajectory(name: str, search: evolution.Search, starts: np.ndarray, measures: dict) -> pd.DataFrame:
    """One row for each start and generation: the best so far, the population's mean, edits, and every measure."""
    number, steps = search.best.shape
    codes = search.codes.reshape(number * steps, -1)
    columns = {
        "start": np.repeat([label(row) for row in range(number)], steps),
        "search": name,
        "generation": np.tile(np.arange(steps), number),
        "evaluations": np.tile(search.evaluations, number),
        "best": search.best.ravel(),
        "mean": search.mean.ravel(),
        "edits": edits.edit_counts(search.codes, starts[:, None]).ravel(),
    }
    return pd.DataFrame(columns | judges.measured(codes, measures))


def front_table(search: evolution.Search, starts: np.ndarray, measures: dict) -> pd.DataFrame:
    """The Pareto front of each start: what the best sequence scores for each number of edits that buys anything."""
    points = [(row, *point) for row, front in enumerate(search.fronts) for point in evolution.pareto(front)]
    codes = np.stack([point[3] for point in points])
    table = pd.DataFrame({"start": [label(one[0]) for one in points], "edits": [one[1] for one in points]})
    table = table.assign(score=[one[2] for one in points], **judges.measured(codes, measures))
    return table.assign(sequence=[seq.decode(row) for row in codes])


def label(row: int) -> str:
    """Name of a start."""
    return f"start_{row + 1:02d}"


def summarise(table: pd.DataFrame, method: str, direction: str) -> dict:
    """Means over the starts: where they began, and what the search and its control made of them."""
    names = ["best", "logit", "probability", "edits", "gc", *judges.names(), "bits_per_base"]
    last = table[table.generation == table.generation.max()]
    parts = {"start": table[(table.generation == 0) & (table.search == method)]}
    parts |= {name: last[last.search == name] for name in (method, "control")}
    means = {name: rows[names].mean() for name, rows in parts.items()}
    facts = {
        name: {key: None if np.isnan(value) else value for key, value in row.items()} for name, row in means.items()
    }
    return {"direction": direction, "starts": table.start.nunique(), "evaluations": int(last.evaluations.max())} | facts


def records(table: pd.DataFrame, method: str, search: evolution.Search, starts: np.ndarray) -> str:
    """FASTA of each start and of the best that the search made of it."""
    rows = table[table.search == method].set_index(["start", "generation"])
    last = int(table.generation.max())
    lines = []
    for number, codes in enumerate(starts):
        for name, step, letters in (("start", 0, codes), ("best", last, search.codes[number, -1])):
            row = rows.loc[(label(number), step)]
            about = f"score={row.best:.4f} probability={row.probability:.4f} edits={row.edits}"
            lines.append(f">{name}_{number + 1:02d} {about}\n{seq.decode(letters)}\n")
    return "".join(lines)


if __name__ == "__main__":
    cli.run(main)
