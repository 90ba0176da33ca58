"""What a model says of both alleles of a variant as one strand reads them: embeddings, likelihoods, entropies, answers.

EVIDENCE is the list of what can be asked. Of a network whose states depend on a few bases on either side only what a
substitution can change is read (`networks.paired`), and only as much of a window shown as that takes.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from torch import nn
from transformers import PreTrainedTokenizerFast

from dnalm.networks import outputs, paired, readers
from dnalm.variants import likelihoods
from dnalm.variants.pairs import Pairs, near, some

Sides = tuple[np.ndarray, np.ndarray]  # of the reference and of the alternative, [pairs, …]


class Evidence(NamedTuple):
    """What a model is loaded for, and how pairs of windows of one strand are read.

    `part` is read of a whole window, with other parts in one pass; `gather` asks in a way of its own. `near`: the two
    alleles differ in it by nothing that lies further from the change than the network reaches, and `readers.LOCAL`.
    `number`: how many numbers a model's part is, where it is not one.
    """

    task: str
    part: Callable[[PreTrainedTokenizerFast], readers.Part] | None = None
    gather: Callable[[nn.Module, PreTrainedTokenizerFast, Pairs], Sides] | None = None
    near: bool = False
    number: Callable[[nn.Module], int] | None = None


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
    "answer": {
        "classify": Evidence("classify", readers.window_answer, number=lambda model: outputs.number(model.config)),
        "tracks": Evidence("tracks", readers.window_answer, number=lambda model: outputs.number(model.config)),
    },
}
"""For each kind of evidence, by a model's objective: what the model is loaded for, and how it is read.

An embedding is read of whatever the model is loaded for; it comes first, and all other parts are one number each, but
for answers, [pairs, outputs].
"""


def one_strand(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerFast,
    pairs: Pairs,
    kinds: dict[str, Evidence],
    layer: int = 0,
    *,
    apart: bool = False,
    fast: bool = False,
) -> dict[str, Sides]:
    """Evidence of each of the `kinds`; each reference window is read once, however many alternatives it has.

    Where it is wanted only how the alleles are `apart`, embeddings are true but for what both alleles have in common.
    `fast`: products may be rounded (`networks.differences`), but for what is gathered in a way of its own.
    """
    reach = paired.reach(model, tokenizer)
    found = {}
    for kind, row in kinds.items():
        if row.gather:
            ask = partial(row.gather, model, tokenizer)
            found |= _shown(pairs, reach, lambda those, kind=kind, ask=ask: {kind: ask(those)})
    if parts := {kind: row for kind, row in kinds.items() if row.part}:
        nearby = apart and all(row.near for row in parts.values())
        heard = layer if any(kind != "answer" for kind in parts) else None
        ask = partial(_parts, model, tokenizer, parts, heard, pairs.ref.shape[1], fast)
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
    parts: dict[str, Evidence],
    layer: int | None,
    window: int,
    fast: bool,
    pairs: Pairs,
) -> dict[str, Sides]:
    """What is read of windows in one pass, for each part; means over a window that is shown in part are its share."""
    exact = readers.exact(readers.together([row.part(tokenizer) for row in parts.values()], layer))
    beside = tuple({"first": pairs.first[:, side], "count": pairs.count[:, side]} for side in (0, 1))
    windows = paired.Windows(pairs.ref, pairs.site, pairs.alt, beside)
    ref, alt = paired.answers(model, tokenizer, windows, exact, within=bool(layer), rounded=fast)
    sizes = {kind: row.number and row.number(model) for kind, row in parts.items() if kind != "embedding"}
    cut = ref.shape[1] - sum(size or 1 for size in sizes.values())
    found = {}
    if "embedding" in parts:
        share = np.array([[pairs.ref.shape[1] / window], [1], [1]], np.float32)
        found["embedding"] = tuple(share * side[:, :cut].reshape(len(side), 3, -1) for side in (ref, alt))
    for kind, size in sizes.items():
        here = slice(cut, cut + size) if size else cut
        found[kind], cut = (ref[:, here], alt[:, here]), cut + (size or 1)
    return found
