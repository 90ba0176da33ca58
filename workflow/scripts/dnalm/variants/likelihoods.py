"""How likely a language model finds either allele, in nats an allele: of its bases, or of the window as a whole.

Of two alleles stretches of as many bases are compared, each strand for itself. Everything runs in fp32: a variant's
effect is a small difference of large numbers, which bf16 rounds away.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast

from dnalm.networks import predict, readers
from dnalm.tokens import spans as tokens_spans
from dnalm.tokens import tokenizer as tk
from dnalm.variants.pairs import Pairs


class Hidden(NamedTuple):
    """Passes of a masked model: the row of tokens, the first that is hidden, and how many are; int64 [passes]."""

    row: np.ndarray
    first: np.ndarray
    count: np.ndarray


def span_likelihoods(model: nn.Module, tokenizer: PreTrainedTokenizerFast, pairs: Pairs) -> np.ndarray:
    """A masked model's log p of the tokens that spell either allele, one strand, as given; float32 [pairs, 2].

    The alleles' spans (`spans.of`) have as many bases. Where they have as many tokens, too, all of a span are hidden
    together; where byte pairs cut them into more for one allele than for the other, one at a time, the others to be
    seen: so either allele is judged with equally many hidden. Words that overlap spell each base k times, and their sum
    is divided by k.
    """
    sites = tokens_spans.Tokens(*tk.tokenize(tokenizer, pairs.ref))
    ref = tokens_spans.Tokens(sites.ids[pairs.site], sites.mask[pairs.site])
    alt = tokens_spans.Tokens(*tk.tokenize(tokenizer, pairs.alt))
    spans = tokens_spans.of(tokenizer, ref, alt, pairs.first, pairs.count)
    width = max(ref.ids.shape[1], alt.ids.shape[1])
    both = [tokens_spans.padded(one, width) for one in (ref, alt)]
    ids, lengths = (np.concatenate(parts) for parts in zip(*both, strict=True))
    tokens = tokens_spans.Tokens(ids, np.arange(width) < lengths[:, None])
    passes = _passes(spans)
    found = _read(model, tokenizer, tokens, passes)
    total = np.bincount(passes.row, found, len(ids)).astype(np.float32) / tk.words_a_base(tokenizer)
    return total.reshape(2, -1).T


def _passes(spans: tokens_spans.Spans) -> Hidden:
    """What is hidden, of the rows of all references and then of all alternatives."""
    first, count = spans.first.T.reshape(-1), spans.count.T.reshape(-1)
    apart = np.tile(spans.count[:, 0] != spans.count[:, 1], 2)
    row = np.repeat(np.arange(len(first)), np.where(apart, count, 1))
    step = np.arange(len(row)) - np.searchsorted(row, row)
    return Hidden(row, first[row] + step, np.where(apart[row], 1, count[row]))


def _read(
    model: nn.Module, tokenizer: PreTrainedTokenizerFast, tokens: tokens_spans.Tokens, passes: Hidden
) -> np.ndarray:
    """Sum of log p of the hidden tokens of each pass [passes]; passes that look the same are one."""
    ids, first, count = tokens.ids[passes.row], passes.first[:, None], passes.count[:, None]
    wanted = tokens_spans.span_ids(tokens_spans.Tokens(ids, tokens.mask[passes.row]), passes.first, passes.count)
    place = np.arange(ids.shape[1])
    ids = np.where((place >= first) & (place < first + count), tokenizer.mask_token_id, ids)
    told = np.concatenate([ids, first, tokens.mask[passes.row].sum(1)[:, None]], 1).astype(np.int32)
    _, source, number = np.unique(
        told.view([("", told.dtype)] * told.shape[1]).reshape(-1), return_index=True, return_inverse=True
    )
    order = np.argsort(number, kind="stable")
    slot = np.empty(len(number), np.int64)
    slot[order] = np.arange(len(number)) - np.searchsorted(number[order], number[order])
    targets = np.full((len(source), slot.max(initial=0) + 1, wanted.shape[1]), tokens_spans.NONE, np.int64)
    targets[number, slot] = wanted
    arrays = {
        "ids": ids[source],
        "mask": tokens.mask[passes.row[source]],
        "first": passes.first[source],
        "targets": targets,
    }
    return predict.forward(model, arrays, readers.exact(_targets(tokenizer)))[number, slot]


def _targets(tokenizer: PreTrainedTokenizerFast) -> readers.Read:
    """Reader: sum of log p of the tokens in "targets" [b, T, K], which stand at "first" and after; [b, T]."""
    lengths = torch.from_numpy(tk.base_lengths(tokenizer))

    def read(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        logits, targets = readers.lm_logits(model, batch), batch["targets"]
        place = batch["first"][:, None] + torch.arange(targets.shape[-1], device=logits.device)
        place = place.clamp(max=logits.shape[1] - 1)
        here = logits.gather(1, place[..., None].expand(-1, -1, logits.shape[-1]))
        chance = readers.log_softmax(here, lengths.to(logits.device))
        each = chance.gather(-1, targets.clamp(min=0).transpose(1, 2)).transpose(1, 2)
        return torch.where(targets == tokens_spans.NONE, 0.0, each).sum(-1)

    return read


def window_likelihood(tokenizer: PreTrainedTokenizerFast) -> readers.Part:
    """A causal model's log-likelihood of a window [b, 1], in nats above that of uniform bases.

    The uniform share is the same for both alleles and only keeps the numbers small, so that fp32 holds differences. A
    first token that nothing stands before counts as uniform.
    """
    lengths = torch.from_numpy(tk.base_lengths(tokenizer))

    def part(said: readers.Said, batch: dict[str, Tensor]) -> Tensor:
        bases, targets = lengths.to(batch["ids"].device), batch["ids"][:, 1:]
        chance = readers.log_softmax(said.logits[:, :-1], bases).gather(-1, targets[..., None])[..., 0]
        counted = bases[targets] * batch["mask"][:, 1:]
        return torch.where(counted > 0, chance + counted * np.log(4), 0.0).sum(1, keepdim=True)

    return part
