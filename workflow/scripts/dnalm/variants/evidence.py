"""Evidence on the two alleles of a variant: embeddings, likelihoods or answers, gathered once for all scores of a kind.

Both strands and all views of a variant are read; a score is their mean, its spread their standard deviation.
Everything runs in fp32: a variant's effect is a small difference of large numbers, which bf16 rounds away. Where
something faster is asked for, products are in bf16, but of the difference by itself (`networks.differences`).
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from torch import nn
from transformers import PreTrainedTokenizerFast

from dnalm.errors import InputError, UsageError
from dnalm.logs import progress
from dnalm.networks import ensemble, models, outputs, pieces, predict, track_model
from dnalm.networks.outputs import Outputs
from dnalm.tokens import tokenizer as tk
from dnalm.variants import answers
from dnalm.variants.pairs import Pairs, reverse_complement
from dnalm.variants.scores import SCORES, Score
from dnalm.variants.strand import EVIDENCE, Evidence, one_strand

SPREAD, TWIN = "_spread", "_twin"  # endings of the columns beside a score's


def choose(
    objective: str, names: Sequence[str] | None, told: Outputs = outputs.ONE, output: str | None = None
) -> list[str]:
    """The scores asked for, or all that a model of this objective can give; UsageError for one that it cannot.

    What it says is `told`: an ensemble has no embedding, and of several outputs one is named for a change of it.
    """
    able = [name for name, score in SCORES.items() if objective in EVIDENCE[score.evidence]]
    if told.members:
        able = [name for name in able if SCORES[name].evidence != "embedding"]
        if apart := [name for name in names or [] if name in SCORES and SCORES[name].evidence == "embedding"]:
            raise UsageError(f"score {apart[0]!r}: {ensemble.APART}, or name {' and '.join(able)} alone")
    for name in names or []:
        if name not in able:
            known = "cannot be had from" if name in SCORES else "is no score; choose from those of"
            raise UsageError(f"score {name!r} {known} a model trained as {objective}: {', '.join(able)}")
    answers.check(objective in EVIDENCE["answer"], names or [], told, output)
    return [name for name in able if (name in names if names else answers.usual(name, told, output))]


def every(objective: str, told: Outputs) -> list[str]:
    """All that a model can give, and the change of each output where it has several, as `score` takes them."""
    each = [answers.of_output(name, output) for name in SCORES for output in told.names if told.several]
    return choose(objective, None, told) + [name for name in each if name not in SCORES]


def score(
    folder: Path,
    parts: Callable[[], Iterable[Pairs]],
    count: int,
    names: Sequence[str],
    *,
    layer: int = 0,
    twin: int | None = None,
    kept: Path | None = None,
    own: Sequence[int] | None = None,
    fast: bool = False,
) -> pd.DataFrame:
    """The scores of `count` edits by the model in `folder`, one a row: a column a score and one for its spread.

    `parts` gives the pairs in pieces, anew each time it is called. With a seed for its `twin` the same network with
    random weights is asked, in place of the model. Embeddings are those of the last layer, or of one that is counted
    from 1. What several scores need is read in one pass. The scores of each piece are `kept` in a folder of this very
    work, and not reckoned again after a kill; by the number of the piece, where `parts` gives the `own` ones alone. A
    name such as delta:enhancer is of that output of a model. `fast` rounds what is multiplied, where the machine is
    faster for it: scores rank as in fp32, and are the same to three digits or so.
    """
    objective, tokenizer = models.read_objective(folder), tk.load(folder)
    kinds = {
        kind: rows[objective]
        for kind, rows in EVIDENCE.items()
        if kind in {SCORES[name.partition(":")[0]].evidence for name in names}
    }
    model = _loaded(folder, kinds, twin) if count and names else None
    with progress(", ".join(names) + (" of the twin" if twin is not None else ""), count, "variants") as advance:
        found = []
        numbers = range(count) if own is None else own
        for number, pairs in zip(numbers, parts() if model is not None else [], strict=False):
            predict.check_windows(model, tokenizer, pairs.ref)
            track_model.check_width(model, pairs.ref.shape[1])
            read = partial(_scores, model, tokenizer, pairs, names, kinds, layer, fast)
            size = 2 * len(names) * len(pairs.view)
            found.append(pieces.kept(kept, number, size, read).reshape(2 * len(names), -1))
            advance(len(pairs.view))
    columns = [f"{name}{end}" for name in names for end in ("", SPREAD)]
    table = pd.DataFrame(np.concatenate([np.empty((len(columns), 0)), *found], 1).T, columns=columns)
    _refuse_broken(table, folder)
    return table


def _scores(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerFast,
    pairs: Pairs,
    names: Sequence[str],
    kinds: dict[str, Evidence],
    layer: int,
    fast: bool,
) -> np.ndarray:
    """Of each score its values and its spread, one after the other: float32 [2 scores x edits]."""
    told = outputs.of(model.config)
    asked = [answers.score_of(name, told) for name in names]
    apart, both_strands = not any(score.whole for score in asked), (pairs, reverse_complement(pairs))
    strands = [one_strand(model, tokenizer, one, kinds, layer, apart=apart, fast=fast) for one in both_strands]
    rows = []
    for score in asked:
        both = zip(*(strand[score.evidence] for strand in strands), strict=True)
        ref, alt = (np.stack(side, 1) for side in both)
        rows += compared(score, ref, alt, pairs.view)
    return np.concatenate(rows).astype(np.float32)


def _loaded(folder: Path, kinds: dict[str, Evidence], twin: int | None) -> nn.Module:
    task = next((row.task for row in kinds.values() if row.task != "embed"), "embed")
    model = models.load(folder, task, twin=twin)
    if "embedding" in kinds:
        ensemble.check_embedding(model, folder)
    return model


def compared(score: Score, ref: np.ndarray, alt: np.ndarray, view: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A score of each edit and its spread, float64 [edits], from evidence on pairs [pairs, 2 strands, …].

    What both strands say is averaged before alleles are compared, and views are averaged after. The spread is the
    standard deviation over all strands and views, each compared by itself.
    """
    both = score.compare(ref.mean(1), alt.mean(1)).astype(np.float64)
    apart = np.stack([score.compare(ref[:, strand], alt[:, strand]) for strand in (0, 1)], 1).astype(np.float64)
    return both[view].mean(1), apart[view].reshape(len(view), -1).std(1)


def _refuse_broken(table: pd.DataFrame, folder: Path) -> None:
    bad = ~np.isfinite(table.to_numpy()).all(1)
    if bad.any():
        raise InputError(
            f"{folder}: {bad.sum():,} of {len(bad):,} scores are not finite; the model's weights are broken"
        )
