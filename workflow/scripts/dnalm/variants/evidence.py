"""Evidence on the two alleles of a variant: embeddings, likelihoods or logits, gathered once for all scores of a kind.

Both strands are read and averaged, and everything runs in fp32: a variant's effect is a small difference of large
numbers, which bf16 rounds away.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from torch import nn
from transformers import PreTrainedTokenizerFast

from dnalm.errors import InputError, UsageError
from dnalm.logs import progress
from dnalm.networks import classifier, models, predict, readers
from dnalm.tokens import spans
from dnalm.tokens import tokenizer as tk
from dnalm.variants import likelihoods
from dnalm.variants.alleles import Pairs, alternatives
from dnalm.variants.scores import SCORES

TOKEN_COLUMNS = ["n_tokens_ref", "n_tokens_alt", "changed_span"]
CHUNK = 2048  # pairs held as tokens at a time
Evidence = Callable[[nn.Module, PreTrainedTokenizerFast, Pairs], tuple[np.ndarray, np.ndarray]]


def by_window(reader: Callable[[PreTrainedTokenizerFast, int], readers.Read]) -> Evidence:
    """Evidence read from whole windows: each reference window once, however many alternatives it has."""

    def evidence(model: nn.Module, tokenizer: PreTrainedTokenizerFast, pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
        read = readers.exact(reader(tokenizer, pairs.windows.shape[1]))
        ref = predict.predict(model, tokenizer, pairs.windows, read, what=None)
        return ref[pairs.site], predict.predict(model, tokenizer, alternatives(pairs), read, what=None)

    return evidence


def window_logit(tokenizer: PreTrainedTokenizerFast, width: int) -> readers.Read:
    """Reader of a classifier's logit [b]."""
    return readers.class_logit


EMBEDDING = dict.fromkeys(("mlm", "clm", "classify"), ("embed", by_window(readers.window_embedding)))
LIKELIHOOD = {"mlm": ("lm", likelihoods.masked_likelihoods), "clm": ("lm", by_window(likelihoods.window_likelihood))}
LOGIT = {"classify": ("classify", by_window(window_logit))}
EVIDENCE: dict[str, dict[str, tuple[str, Evidence]]] = {
    "embedding": EMBEDDING,
    "likelihood": LIKELIHOOD,
    "logit": LOGIT,
}
"""For each kind of evidence, by a model's objective: what the model is loaded for, and how it is gathered."""


def choose(objective: str, names: Sequence[str] | None) -> list[str]:
    """The scores asked for, or all that a model of this objective can give; UsageError for one that it cannot."""
    able = [name for name, score in SCORES.items() if objective in EVIDENCE[score.evidence]]
    for name in names or []:
        if name not in able:
            known = "cannot be had from" if name in SCORES else "is no score; choose from those of"
            raise UsageError(f"score {name!r} {known} a model trained as {objective}: {', '.join(able)}")
    return [name for name in able if not names or name in names]


def score(folder: Path, pairs: Pairs, names: Sequence[str]) -> pd.DataFrame:
    """One column a score and one row a pair, from the model in `folder`; each kind of evidence is gathered once."""
    objective, tokenizer = models.read_objective(folder), tk.load(folder)
    table = token_changes(tokenizer, pairs)
    for task, evidence in dict.fromkeys(EVIDENCE[SCORES[name].evidence][objective] for name in names):
        wanted = [name for name in names if EVIDENCE[SCORES[name].evidence][objective] == (task, evidence)]
        columns: dict[str, list[np.ndarray]] = {name: [] for name in wanted}
        model = models.load(folder, task) if len(pairs.alt) else None
        if model is not None:
            if task == "classify":
                classifier.check_one_logit(model, folder)
            predict.check_windows(model, tokenizer, pairs.windows)
        with progress(" and ".join(wanted), len(pairs.alt), "variants") as advance:
            for part in pieces(pairs):
                ref, alt = evidence(model, tokenizer, part)
                for name in wanted:
                    columns[name].append(SCORES[name].compare(ref, alt).astype(np.float64))
                advance(len(part.alt))
        for name in wanted:
            table[name] = np.concatenate(columns[name]) if columns[name] else np.empty(0)
    bad = ~np.isfinite(table[list(names)].to_numpy()).all(1)
    if bad.any():
        raise InputError(
            f"{folder}: {bad.sum():,} of {len(bad):,} scores are not finite; the model's weights are broken"
        )
    return table[[*names, *TOKEN_COLUMNS]]


def pieces(pairs: Pairs) -> Iterator[Pairs]:
    """The pairs, `CHUNK` at a time with the sites they need (pairs are in site order)."""
    for start in range(0, len(pairs.alt), CHUNK):
        site = pairs.site[start : start + CHUNK]
        low, high = site[0], site[-1] + 1
        yield Pairs(pairs.windows[low:high], site - low, pairs.alt[start : start + CHUNK], pairs.row)


def token_changes(tokenizer: PreTrainedTokenizerFast, pairs: Pairs) -> pd.DataFrame:
    """How the tokenizer sees each pair on the forward strand: how many tokens differ, and their bases."""
    columns: dict[str, list[np.ndarray]] = {name: [] for name in TOKEN_COLUMNS}
    for part in pieces(pairs):
        sites = spans.Tokens(*tk.tokenize(tokenizer, part.windows))
        ref = spans.Tokens(sites.ids[part.site], sites.mask[part.site])
        alt = spans.Tokens(*tk.tokenize(tokenizer, alternatives(part)))
        found = spans.find(ref, alt)
        bases = spans.bases_in(tokenizer, spans.span_ids(ref, found.first, found.ref))
        other = spans.bases_in(tokenizer, spans.span_ids(alt, found.first, found.alt))
        assert (bases == other).all(), "spans of unequal length: the tokenizer loses bases"
        for name, values in zip(TOKEN_COLUMNS, (found.ref, found.alt, bases), strict=True):
            columns[name].append(values)
    return pd.DataFrame({name: np.concatenate(values or [np.empty(0, np.int64)]) for name, values in columns.items()})
