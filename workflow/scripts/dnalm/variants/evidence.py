"""Evidence on the two alleles of a variant: embeddings, likelihoods or logits, gathered once for all scores of a kind.

Both strands and all views of a variant are read; a score is their mean, its spread their standard deviation.
Everything runs in fp32: a variant's effect is a small difference of large numbers, which bf16 rounds away.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from torch import nn
from transformers import PreTrainedTokenizerFast

from dnalm.errors import InputError, UsageError
from dnalm.logs import progress
from dnalm.networks import classifier, ensemble, models, pieces, predict, readers
from dnalm.tokens import tokenizer as tk
from dnalm.variants import likelihoods
from dnalm.variants.pairs import Pairs, reverse_complement
from dnalm.variants.scores import SCORES, Score

SPREAD, TWIN = "_spread", "_twin"  # endings of the columns beside a score's
Sides = tuple[np.ndarray, np.ndarray]  # of the reference and of the alternative, [pairs, …]


class Evidence(NamedTuple):
    """What a model is loaded for, and how pairs of windows of one strand are read.

    `part` is read of a whole window, with other parts in one pass; `gather` asks in a way of its own.
    """

    task: str
    part: Callable[[PreTrainedTokenizerFast], readers.Part] | None = None
    gather: Callable[[nn.Module, PreTrainedTokenizerFast, Pairs], Sides] | None = None


def _hidden_spans(model: nn.Module, tokenizer: PreTrainedTokenizerFast, pairs: Pairs) -> Sides:
    found = likelihoods.span_likelihoods(model, tokenizer, pairs)
    return found[:, 0], found[:, 1]


EVIDENCE: dict[str, dict[str, Evidence]] = {
    "embedding": dict.fromkeys(("mlm", "clm", "classify"), Evidence("embed", readers.window_embedding)),
    "likelihood": {
        "mlm": Evidence("lm", gather=_hidden_spans),
        "clm": Evidence("lm", likelihoods.window_likelihood),
    },
    "entropy": dict.fromkeys(("mlm", "clm"), Evidence("lm", readers.near_entropy)),
    "logit": {"classify": Evidence("classify", readers.one_logit)},
}
"""For each kind of evidence, by a model's objective: what the model is loaded for, and how it is read.

An embedding is read of whatever the model is loaded for; it comes first, and all other parts are one number each.
"""


def one_strand(
    model: nn.Module, tokenizer: PreTrainedTokenizerFast, pairs: Pairs, kinds: dict[str, Evidence], layer: int = 0
) -> dict[str, Sides]:
    """Evidence of each of the `kinds`; each reference window is read once, however many alternatives it has."""
    found = {kind: row.gather(model, tokenizer, pairs) for kind, row in kinds.items() if row.gather}
    if parts := {kind: row.part(tokenizer) for kind, row in kinds.items() if row.part}:
        exact = readers.exact(readers.together(list(parts.values()), layer))
        read = partial(predict.predict, model, tokenizer, read=exact, both_strands=False, what=None)
        first, count = np.zeros((2, len(pairs.ref)), np.int64)
        first[pairs.site], count[pairs.site] = pairs.first[:, 0], pairs.count[:, 0]
        ref = read(pairs.ref, beside={"first": first, "count": count})[pairs.site]
        alt = read(pairs.alt, beside={"first": pairs.first[:, 1], "count": pairs.count[:, 1]})
        single = [kind for kind in parts if kind != "embedding"]
        cut = ref.shape[1] - len(single)
        if "embedding" in parts:
            found["embedding"] = tuple(side[:, :cut].reshape(len(side), 3, -1) for side in (ref, alt))
        found |= {kind: (ref[:, cut + at], alt[:, cut + at]) for at, kind in enumerate(single)}
    return found


def choose(objective: str, names: Sequence[str] | None) -> list[str]:
    """The scores asked for, or all that a model of this objective can give; UsageError for one that it cannot."""
    able = [name for name, score in SCORES.items() if objective in EVIDENCE[score.evidence]]
    for name in names or []:
        if name not in able:
            known = "cannot be had from" if name in SCORES else "is no score; choose from those of"
            raise UsageError(f"score {name!r} {known} a model trained as {objective}: {', '.join(able)}")
    return [name for name in able if not names or name in names]


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
) -> pd.DataFrame:
    """The scores of `count` edits by the model in `folder`, one a row: a column a score and one for its spread.

    `parts` gives the pairs in pieces, anew each time it is called. With a seed for its `twin` the same network with
    random weights is asked, in place of the model. Embeddings are those of the last layer, or of one that is counted
    from 1. What several scores need is read in one pass. The scores of each piece are `kept` in a folder of this very
    work, and not reckoned again after a kill; by the number of the piece, where `parts` gives the `own` ones alone.
    """
    objective, tokenizer = models.read_objective(folder), tk.load(folder)
    kinds = {
        kind: rows[objective] for kind, rows in EVIDENCE.items() if kind in {SCORES[name].evidence for name in names}
    }
    model = _loaded(folder, kinds, twin) if count and names else None
    with progress(", ".join(names) + (" of the twin" if twin is not None else ""), count, "variants") as advance:
        found = []
        numbers = range(count) if own is None else own
        for number, pairs in zip(numbers, parts() if model is not None else [], strict=False):
            predict.check_windows(model, tokenizer, pairs.ref)
            read = partial(_scores, model, tokenizer, pairs, names, kinds, layer)
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
) -> np.ndarray:
    """Of each score its values and its spread, one after the other: float32 [2 scores x edits]."""
    strands = [one_strand(model, tokenizer, one, kinds, layer) for one in (pairs, reverse_complement(pairs))]
    rows = []
    for name in names:
        both = zip(*(strand[SCORES[name].evidence] for strand in strands), strict=True)
        ref, alt = (np.stack(side, 1) for side in both)
        rows += compared(SCORES[name], ref, alt, pairs.view)
    return np.concatenate(rows).astype(np.float32)


def _loaded(folder: Path, kinds: dict[str, Evidence], twin: int | None) -> nn.Module:
    task = next((row.task for row in kinds.values() if row.task != "embed"), "embed")
    model = models.load(folder, task, twin=twin)
    if task == "classify":
        classifier.check_one_logit(model, folder)
    if "embedding" in kinds and isinstance(model, ensemble.EnsembleClassifier):
        raise UsageError(f"{folder}: an ensemble has an embedding for each member; name the score delta alone")
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
