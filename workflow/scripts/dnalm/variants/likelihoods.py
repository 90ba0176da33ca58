"""How likely a language model finds either allele: of a window as a whole, or of the tokens that differ.

Everything runs in fp32: a variant's effect is a small difference of large numbers, which bf16 rounds away.
"""

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast

from dnalm.dna import seq
from dnalm.networks import predict, readers
from dnalm.tokens import spans as tokens_spans
from dnalm.tokens import tokenizer as tk
from dnalm.variants.alleles import Pairs, alternatives


def span_likelihoods(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerFast,
    pairs: Pairs,
    ref_windows: np.ndarray,
    alt_windows: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Sum of log p over the span of either allele, the span masked as a whole; float32 [pairs] each.

    `ref_windows` [sites, W] and `alt_windows` [pairs, W] are read as given (one strand). Where readings have as many
    tokens, hiding the span makes them the same input: one pass then answers for the reference and all alternatives.
    """
    sites = tokens_spans.Tokens(*tk.tokenize(tokenizer, ref_windows))
    ref = tokens_spans.Tokens(sites.ids[pairs.site], sites.mask[pairs.site])
    alt = tokens_spans.Tokens(*tk.tokenize(tokenizer, alt_windows))
    spans = tokens_spans.find(ref, alt)
    width = max(ref.ids.shape[1], alt.ids.shape[1])
    ids = np.concatenate([tokens_spans.padded(ref, width)[0], tokens_spans.padded(alt, width)[0]])
    lengths = np.concatenate([ref.mask.sum(1), alt.mask.sum(1)])
    first, count = np.tile(spans.first, 2), np.concatenate([spans.ref, spans.alt])
    tokens = tokens_spans.Tokens(ids, np.arange(width) < lengths[:, None])
    wanted = tokens_spans.span_ids(tokens, first, count)
    hidden = np.stack([np.tile(pairs.site, 2), first, count, lengths], 1)
    _, source, job = np.unique(hidden, axis=0, return_index=True, return_inverse=True)
    job = job.reshape(-1)
    base = np.concatenate([pairs.windows[pairs.site, pairs.windows.shape[1] // 2], pairs.alt])
    targets = np.full((len(source), 4, wanted.shape[1]), tokens_spans.NONE, np.int64)
    targets[job, base] = wanted
    place = np.arange(width)
    inside = (place >= first[source, None]) & (place < (first + count)[source, None])
    arrays = {
        "ids": np.where(inside, tokenizer.mask_token_id, ids[source]),
        "mask": tokens.mask[source],
        "first": first[source],
        "targets": targets,
    }
    found = predict.forward(model, arrays, readers.exact(_read_targets(tokenizer)))[job, base]
    return found[: len(pairs.alt)], found[len(pairs.alt) :]


def _read_targets(tokenizer: PreTrainedTokenizerFast) -> readers.Read:
    """Reader: sum of log p of the tokens in "targets" [b, 4, K], which stand at "first" and after; [b, 4]."""
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


def window_likelihood(tokenizer: PreTrainedTokenizerFast, width: int) -> readers.Read:
    """Reader of a causal model's log-likelihood of a window [b], in nats above that of uniform bases.

    The uniform share is the same for both alleles and only keeps the numbers small, so that fp32 holds differences.
    """
    lengths = torch.from_numpy(tk.base_lengths(tokenizer))

    def read(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        bases = lengths.to(batch["ids"].device)
        logits = readers.lm_logits(model, batch)[:, :-1]
        targets = batch["ids"][:, 1:]
        chance = readers.log_softmax(logits, bases).gather(-1, targets[..., None])[..., 0]
        counted = bases[targets] * batch["mask"][:, 1:]
        return torch.where(counted > 0, chance + counted * np.log(4), 0.0).sum(1)

    return read


def masked_likelihoods(
    model: nn.Module, tokenizer: PreTrainedTokenizerFast, pairs: Pairs
) -> tuple[np.ndarray, np.ndarray]:
    """A masked model's log-likelihood of the tokens that differ between the alleles, mean of both strands, in nats."""
    ref, alt = pairs.windows, alternatives(pairs)
    forward = span_likelihoods(model, tokenizer, pairs, ref, alt)
    turned = seq.reverse_complement(ref), seq.reverse_complement(alt)
    reverse = span_likelihoods(model, tokenizer, pairs, *turned)
    return (forward[0] + reverse[0]) / 2, (forward[1] + reverse[1]) / 2
