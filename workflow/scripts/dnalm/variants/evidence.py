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
from dnalm.networks import classifier, ensemble, models, paired, pieces, predict, readers
from dnalm.tokens import tokenizer as tk
from dnalm.variants import likelihoods
from dnalm.variants.pairs import Pairs, near, reverse_complement, some
from dnalm.variants.scores import SCORES, Score

SPREAD, TWIN = "_spread", "_twin"  # endings of the columns beside a score's
Sides = tuple[np.ndarray, np.ndarray]  # of the reference and of the alternative, [pairs, …]


class Evidence(NamedTuple):
    """What a model is loaded for, and how pairs of windows of one strand are read.

    `part` is read of a whole window, with other parts in one pass; `gather` asks in a way of its own. `near`: the two
    alleles differ in it by nothing that lies further from the change than the network reaches, and `readers.LOCAL`.
    """

    task: str
    part: Callable[[PreTrainedTokenizerFast], readers.Part] | None = None
    gather: Callable[[nn.Module, PreTrainedTokenizerFast, Pairs], Sides] | None = None
    near: bool = False


def _hidden_spans(model: nn.Module, tokenizer: PreTrainedTokenizerFast, pairs: Pairs) -> Sides:
    found = likelihoods.span_likelihoods(model, tokenizer, pairs)
    return found[:, 0], found[:, 1]


EVIDENCE: dict[str, dict[str, Evidence]] = {
    "embedding": dict.fromkeys(("mlm", "clm", "classify"), Evidence("embed", readers.window_embedding, near=True)),
    "likelihood": {
        "mlm": Evidence("lm", gather=_hidden_spans),
        "clm": Evidence("lm", likelihoods.window_likelihood),
    },
    "entropy": dict.fromkeys(("mlm", "clm"), Evidence("lm", readers.near_entropy, near=True)),
    "logit": {"classify": Evidence("classify", readers.one_logit)},
}
"""For each kind of evidence, by a model's objective: what the model is loaded for, and how it is read.

An embedding is read of whatever the model is loaded for; it comes first, and all other parts are one number each.
"""


def one_strand(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerFast,
    pairs: Pairs,
    kinds: dict[str, Evidence],
    layer: int = 0,
    *,
    apart: bool = False,
) -> dict[str, Sides]:
    """Evidence of each of the `kinds`; each reference window is read once, however many alternatives it has.

    Where it is wanted only how the alleles are `apart`, embeddings are true but for what both alleles have in common.
    """
    reach = paired.reach(model, tokenizer)
    found = {}
    for kind, row in kinds.items():
        if row.gather:
            ask = partial(row.gather, model, tokenizer)
            found |= _shown(pairs, reach, lambda those, kind=kind, ask=ask: {kind: ask(those)})
    if parts := {kind: row.part(tokenizer) for kind, row in kinds.items() if row.part}:
        nearby = apart and all(kinds[kind].near for kind in parts)
        ask = partial(_parts, model, tokenizer, parts, layer, pairs.ref.shape[1])
        found |= _shown(pairs, (reach + max(reach, readers.LOCAL)) if reach and nearby else 0, ask)
    return found


def _shown(pairs: Pairs, margin: int, ask: Callable[[Pairs], dict[str, Sides]]) -> dict[str, Sides]:
    """What is said of pairs when of a substitution so many bases are shown on either side, or the whole window for 0.

    An insertion moves what is beside it, and is felt as far as the window goes.
    """
    moved = pairs.count[:, 0] != pairs.count[:, 1]
    if not margin or moved.all():
        return ask(pairs)
    if not moved.any():
        return ask(near(pairs, margin))
    stay, move = np.flatnonzero(~moved), np.flatnonzero(moved)
    back = np.argsort(np.concatenate([stay, move]))
    both = ask(near(some(pairs, stay), margin)), ask(some(pairs, move))
    return {
        kind: tuple(np.concatenate(sides)[back] for sides in zip(both[0][kind], both[1][kind], strict=True))
        for kind in both[0]
    }


def _parts(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerFast,
    parts: dict[str, readers.Part],
    layer: int,
    window: int,
    pairs: Pairs,
) -> dict[str, Sides]:
    """What is read of windows in one pass, for each part; means over a window that is shown in part are its share."""
    exact = readers.exact(readers.together(list(parts.values()), layer))
    beside = tuple({"first": pairs.first[:, side], "count": pairs.count[:, side]} for side in (0, 1))
    ref, alt = paired.answers(model, tokenizer, pairs.ref, pairs.site, pairs.alt, exact, beside)
    single = [kind for kind in parts if kind != "embedding"]
    cut = ref.shape[1] - len(single)
    found = {kind: (ref[:, cut + at], alt[:, cut + at]) for at, kind in enumerate(single)}
    if "embedding" in parts:
        share = np.array([[pairs.ref.shape[1] / window], [1], [1]], np.float32)
        found["embedding"] = tuple(share * side[:, :cut].reshape(len(side), 3, -1) for side in (ref, alt))
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
) -> pd.DataFrame:
    """The scores of `count` edits by the model in `folder`, one a row: a column a score and one for its spread.

    `parts` gives the pairs in pieces, anew each time it is called. With a seed for its `twin` the same network with
    random weights is asked, in place of the model. Embeddings are those of the last layer, or of one that is counted
    from 1. What several scores need is read in one pass. The scores of each piece are `kept` in a folder of this very
    work, and not reckoned again after a kill.
    """
    objective, tokenizer = models.read_objective(folder), tk.load(folder)
    kinds = {
        kind: rows[objective] for kind, rows in EVIDENCE.items() if kind in {SCORES[name].evidence for name in names}
    }
    model = _loaded(folder, kinds, twin) if count and names else None
    with progress(", ".join(names) + (" of the twin" if twin is not None else ""), count, "variants") as advance:
        found = []
        for number, pairs in enumerate(parts() if model is not None else []):
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
    apart = not any(SCORES[name].whole for name in names)
    both_strands = (pairs, reverse_complement(pairs))
    strands = [one_strand(model, tokenizer, one, kinds, layer, apart=apart) for one in both_strands]
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
