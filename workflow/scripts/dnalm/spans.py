"""Where two tokenizations of almost the same window differ, and how likely a masked model finds either reading.

Byte pairs re-segment around a substitution: about half of all SNVs move a token boundary, and a score that compares
unequal stretches then measures segmentation. A span here is the tokens between the longest common prefix and suffix;
it covers the same bases in both readings.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast

from dnalm import predict
from dnalm import tokenizer as tk
from dnalm.variants import Pairs

NONE = -1  # no token


class Spans(NamedTuple):
    """For each pair: index of the first differing token, and the number of tokens of either reading; int64 [pairs]."""

    first: np.ndarray
    ref: np.ndarray
    alt: np.ndarray


class Tokens(NamedTuple):
    """Token ids int64 [n, L] and mask bool [n, L]."""

    ids: np.ndarray
    mask: np.ndarray


def find(ref: Tokens, alt: Tokens) -> Spans:
    """Spans of two tokenizations [n, …] that begin and end alike; padding does not count."""
    width = max(ref.ids.shape[1], alt.ids.shape[1])
    there = np.arange(width)
    (one, one_length), (two, two_length) = _padded(ref, width), _padded(alt, width)
    shorter = np.minimum(one_length, two_length)
    first = _agree(one, two, shorter)
    turned = [
        np.take_along_axis(ids, np.maximum(length[:, None] - 1 - there, 0), 1)
        for ids, length in ((one, one_length), (two, two_length))
    ]
    last = np.minimum(_agree(*turned, shorter), shorter - first)
    return Spans(first, one_length - first - last, two_length - first - last)


def _padded(tokens: Tokens, width: int) -> tuple[np.ndarray, np.ndarray]:
    return np.pad(tokens.ids, ((0, 0), (0, width - tokens.ids.shape[1]))), tokens.mask.sum(1)


def _agree(one: np.ndarray, two: np.ndarray, limit: np.ndarray) -> np.ndarray:
    same = (one == two) & (np.arange(one.shape[1]) < limit[:, None])
    return np.logical_and.accumulate(same, axis=1).sum(1)


def span_ids(tokens: Tokens, first: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Ids of each span's tokens [n, longest span], `NONE` after its end."""
    place = np.arange(count.max(initial=1))
    at = np.minimum(first[:, None] + place, tokens.ids.shape[1] - 1)
    return np.where(place < count[:, None], np.take_along_axis(tokens.ids, at, 1), NONE)


def bases_in(tokenizer: PreTrainedTokenizerFast, ids: np.ndarray) -> np.ndarray:
    """Bases of each row of span ids."""
    return np.where(ids == NONE, 0, tk.base_lengths(tokenizer)[ids]).sum(1)


def log_softmax(logits: Tensor, lengths: Tensor) -> Tensor:
    """Log-probabilities among the tokens that bear bases (`lengths` > 0); special tokens take no share."""
    extra = logits.shape[-1] - len(lengths)  # embeddings are often padded beyond the vocabulary
    bearing = torch.nn.functional.pad(lengths, (0, extra)) > 0
    return logits.float().masked_fill(~bearing, -torch.inf).log_softmax(-1)


def masked_likelihoods(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerFast,
    pairs: Pairs,
    ref_windows: np.ndarray,
    alt_windows: np.ndarray,
    exact: Callable[[predict.Read], predict.Read] = lambda read: read,
) -> tuple[np.ndarray, np.ndarray]:
    """Sum of log p over the span of either allele, the span masked as a whole; float32 [pairs] each.

    `ref_windows` [sites, W] and `alt_windows` [pairs, W] are read as given (one strand). Where readings have as many
    tokens, hiding the span makes them the same input: one pass then answers for the reference and all alternatives.
    """
    sites = Tokens(*tk.tokenize(tokenizer, ref_windows))
    ref = Tokens(sites.ids[pairs.site], sites.mask[pairs.site])
    alt = Tokens(*tk.tokenize(tokenizer, alt_windows))
    spans = find(ref, alt)
    width = max(ref.ids.shape[1], alt.ids.shape[1])
    ids = np.concatenate([_padded(ref, width)[0], _padded(alt, width)[0]])
    lengths = np.concatenate([ref.mask.sum(1), alt.mask.sum(1)])
    first, count = np.tile(spans.first, 2), np.concatenate([spans.ref, spans.alt])
    tokens = Tokens(ids, np.arange(width) < lengths[:, None])
    wanted = span_ids(tokens, first, count)
    hidden = np.stack([np.tile(pairs.site, 2), first, count, lengths], 1)
    _, source, job = np.unique(hidden, axis=0, return_index=True, return_inverse=True)
    job = job.reshape(-1)
    base = np.concatenate([pairs.windows[pairs.site, pairs.windows.shape[1] // 2], pairs.alt])
    targets = np.full((len(source), 4, wanted.shape[1]), NONE, np.int64)
    targets[job, base] = wanted
    place = np.arange(width)
    inside = (place >= first[source, None]) & (place < (first + count)[source, None])
    arrays = {
        "ids": np.where(inside, tokenizer.mask_token_id, ids[source]),
        "mask": tokens.mask[source],
        "first": first[source],
        "targets": targets,
    }
    found = predict.forward(model, arrays, exact(_read_targets(tokenizer)))[job, base]
    return found[: len(pairs.alt)], found[len(pairs.alt) :]


def _read_targets(tokenizer: PreTrainedTokenizerFast) -> predict.Read:
    """Reader: sum of log p of the tokens in "targets" [b, 4, K], which stand at "first" and after; [b, 4]."""
    lengths = torch.from_numpy(tk.base_lengths(tokenizer))

    def read(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        logits, targets = predict.lm_logits(model, batch), batch["targets"]
        place = batch["first"][:, None] + torch.arange(targets.shape[-1], device=logits.device)
        place = place.clamp(max=logits.shape[1] - 1)
        here = logits.gather(1, place[..., None].expand(-1, -1, logits.shape[-1]))
        chance = log_softmax(here, lengths.to(logits.device))
        each = chance.gather(-1, targets.clamp(min=0).transpose(1, 2)).transpose(1, 2)
        return torch.where(targets == NONE, 0.0, each).sum(-1)

    return read
