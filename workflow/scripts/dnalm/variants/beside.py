"""What stands beside a variant's score, so that the number can be believed: BESIDE is the only list of it.

How far strands and views disagree, what the same network says with random weights, what is left when the change of
tokens is accounted for, and how rare the score is among random variants of the same context.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from dnalm.tokens import tokenizer as tk
from dnalm.variants import answers, evidence, percentiles, token_changes
from dnalm.variants.evidence import SPREAD, TWIN
from dnalm.variants.pairs import Pairs
from dnalm.variants.scores import SCORES, rankings

Parts = Callable[[], Iterable[Pairs]]
RESIDUAL = "_residual"


class Beside(NamedTuple):
    """A column beside a score's: its ending in a table, that of its field in a VCF ("" for none there), its meaning."""

    ending: str
    field: str
    meaning: str


BESIDE = {
    "spread": Beside(SPREAD, "", "standard deviation over strands, phases and anchorings"),
    "twin": Beside(TWIN, "", "the same network with random weights"),
    "residual": Beside(RESIDUAL, "", "less the median of variants that change as many tokens"),
    "percentile": Beside("_percentile", "_PCT", "percentile among random variants of the same context"),
    "p": Beside("_p", "_P", "chance that a random variant of the same context scores as high"),
}


def scored(
    folder: Path,
    parts: Parts,
    count: int,
    names: list[str],
    layer: int = 0,
    twin: int | None = None,
    output: str | None = None,
    *,
    fast: bool = False,
) -> pd.DataFrame:
    """Scores of `count` edits by the model in `folder`, with all that `read` puts beside them, and residuals."""
    return with_residuals(read(folder, parts, count, names, layer, twin, output=output, fast=fast), names)


def read(
    folder: Path,
    parts: Parts,
    count: int,
    names: list[str],
    layer: int = 0,
    twin: int | None = None,
    kept: Path | None = None,
    output: str | None = None,
    own: Sequence[int] | None = None,
    fast: bool = False,
) -> pd.DataFrame:
    """Scores of `count` edits by the model in `folder`, with their spread, what a twin says, and tokens.

    What is said of one edit, whatever the others are. `twin` is the seed of its random weights; None for none. Pieces
    are `kept` in a folder. A change is of the `output` of a model that has several. See `evidence.score`.
    """
    asked = [answers.of_output(name, output) for name in names]
    plain = {f"{one}{end}": f"{name}{end}" for one, name in zip(asked, names, strict=True) for end in ("", SPREAD)}
    read = partial(evidence.score, folder, parts, count, asked, layer=layer, own=own, fast=fast)
    found = [read(kept=kept and kept / "model").rename(columns=plain)]
    if twin is not None:
        other = read(twin=twin, kept=kept and kept / "twin").rename(columns=plain)
        found.append(other[names].add_suffix(TWIN))
    found.append(token_changes.of_edits(tk.load(folder), parts))
    return pd.concat(found, axis=1)


def with_residuals(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """A column more for each score: what token changes do not explain (`token_changes.residual`)."""
    total, gained = token_changes.total(table).to_numpy(), token_changes.gained(table).to_numpy()
    left = {
        f"{name}{RESIDUAL}": token_changes.residual(
            table[name].to_numpy(float), gained if SCORES[name].signed else total
        )
        for name in names
    }
    return table.assign(**left)


def with_percentiles(
    table: pd.DataFrame, names: list[str], contexts: pd.DataFrame, null: percentiles.Null
) -> pd.DataFrame:
    """Percentile and p of each score by its first way of ranking, and how many null variants of which match."""
    found = percentiles.against(table[names], contexts, null)
    ours = {f"{name}{BESIDE[kind].ending}": found[f"{way}_{kind}"] for name, way, kind in _firsts(names)}
    last = names[-1]
    return table.assign(**ours, null=found[f"{last}_null"], matched_by=found[f"{last}_matched_by"])


def _firsts(names: list[str]) -> list[tuple[str, str, str]]:
    return [(name, next(iter(rankings(name))), kind) for name in names for kind in ("percentile", "p")]


def columns(table: pd.DataFrame, names: list[str]) -> list[str]:
    """The columns of the scores and of what stands beside them, as far as the table has them."""
    wanted = [f"{name}{ending}" for name in names for ending in ("", *(row.ending for row in BESIDE.values()))]
    return [name for name in [*wanted, "null", "matched_by"] if name in table]


def fields(names: list[str], *, ranked: bool, meanings: Mapping[str, str] | None = None) -> dict[str, tuple[str, str]]:
    """What goes into a VCF: {column: (field, meaning)}; with percentiles where the scores are `ranked`.

    What a score means of this very model, its output and unit, is said by its `meanings` (`answers`). A percentile says
    what it ranks where that is not the score itself: the highest of -llr are the lowest likelihood ratios.
    """
    found, told = {}, meanings or {}
    for name in names:
        score, (by, _) = SCORES[name], next(iter(rankings(name).values()))
        ranks = score.field if by == name else f"{score.field}, ranked by {by}"
        found[name] = (score.field, f"{told.get(name, score.meaning)}, mean of both strands")
        for row in BESIDE.values():
            if row.field and ranked:
                found[f"{name}{row.ending}"] = (f"{score.field}{row.field}", f"{ranks}: {row.meaning}")
    return found
