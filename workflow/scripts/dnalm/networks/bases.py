"""How likely a language model finds each of the four bases at every base of a window, whatever its tokens are.

A masked model is asked with a few tokens hidden at a time, so many passes that each was hidden once; a causal model is
asked once, since it never sees what comes. A token of several bases is taken apart: the chance of a base at its j-th
place is the share of all words longer than j that have it there. Both strands are read, and everything is fp32, since
what is made of these numbers are small differences.
"""

from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast

from dnalm.dna import seq
from dnalm.networks import predict, readers
from dnalm.tokens import tokenizer as tk

PASSES = 7  # one token in seven is hidden at a time: about the share that masked models are trained with
LEAST = 1e-12  # chance of a base that no word spells
_SPELT: WeakKeyDictionary = WeakKeyDictionary()  # by tokenizer


def log_chances(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerFast,
    windows: np.ndarray,
    objective: str,
    passes: int = PASSES,
    batch_size: int = 32,
) -> np.ndarray:
    """Log-probability (nats) of A, C, G and T at each base of windows [n, W]: float32 [n, W, 4].

    The mean of both strands' logarithms, made to add up to one again; of a causal model, which knows what lies before a
    base on either strand, that is the product of two experts. NaN where a base is N, or where neither strand says
    anything (a causal model without a first token, at its first base).
    """
    both = [
        _one_strand(model, tokenizer, windows, objective, passes, batch_size),
        _one_strand(model, tokenizer, seq.reverse_complement(windows), objective, passes, batch_size)[:, ::-1, ::-1],
    ]
    said = ~np.isnan(both[0]), ~np.isnan(both[1])
    total = sum(np.where(known, strand, 0) for known, strand in zip(said, both, strict=True))
    number = said[0].astype(np.float32) + said[1]
    mean = np.where((number > 0) & (windows < seq.N)[..., None], total / np.maximum(number, 1), np.nan)
    return (mean - np.log(np.exp(mean).sum(-1, keepdims=True))).astype(np.float32)


def _one_strand(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerFast,
    windows: np.ndarray,
    objective: str,
    passes: int,
    batch_size: int,
) -> np.ndarray:
    ids, mask = tk.tokenize(tokenizer, windows)
    token, offset = bases_of_tokens(tokenizer, ids, mask, windows.shape[1])
    shared = tk.words_a_base(tokenizer)
    bearing = mask & (tk.base_lengths(tokenizer)[ids] > 0)
    rank = np.cumsum(bearing, 1) - 1
    turn = np.take_along_axis(rank, token, 1)
    rows = np.arange(len(ids))[:, None]
    found = np.full((*windows.shape, 4), np.nan, np.float32)
    read, rounds = readers.exact(_reader(tokenizer)), 1 if objective == "clm" else passes * shared
    for number in range(rounds):
        asked = turn % rounds == number
        hidden = np.zeros(ids.shape, bool)
        for shift in range(shared if objective == "mlm" else 0):
            hidden |= (rank + shift) % rounds == number
        hidden &= bearing
        wanted = np.zeros(ids.shape, bool)
        wanted[np.broadcast_to(rows, token.shape)[asked], token[asked]] = True
        places = np.argsort(~wanted, axis=1, kind="stable")[:, : max(int(wanted.sum(1).max()), 1)]
        before = places - 1 if objective == "clm" else places
        arrays = {"ids": np.where(hidden, tokenizer.mask_token_id, ids) if hidden.any() else ids, "mask": mask}
        answer = predict.forward(model, arrays | {"places": before}, read, batch_size=batch_size)
        table = np.full((*ids.shape, *answer.shape[2:]), np.nan, np.float32)
        table[rows, places] = np.where((before >= 0)[..., None, None], answer, np.nan)
        found = np.where(asked[..., None], table[rows, token, offset], found)
    return found


def bases_of_tokens(
    tokenizer: PreTrainedTokenizerFast, ids: np.ndarray, mask: np.ndarray, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """The token [n, width] that spells each base of windows, and the base's place in it [n, width].

    Of overlapping words that is the one that begins with the base; the last bases are spelt by the last word.
    """
    lengths = tk.base_lengths(tokenizer)[ids] * mask
    token = np.repeat(np.tile(np.arange(ids.shape[1]), len(ids)), lengths.ravel()).reshape(len(ids), -1)
    starts = np.take_along_axis(np.cumsum(lengths, 1) - lengths, token, 1)
    offset = np.arange(token.shape[1]) - starts
    rest = width - token.shape[1]
    if rest:
        token = np.concatenate([token, np.repeat(token[:, -1:], rest, 1)], 1)
        offset = np.concatenate([offset, np.broadcast_to(np.arange(1, rest + 1), (len(ids), rest))], 1)
    return token, offset


def spelling(tokenizer: PreTrainedTokenizerFast) -> np.ndarray:
    """Which base each token has at each of its places: float32 [vocabulary, longest, 4] of 0 and 1; made once."""
    if tokenizer in _SPELT:
        return _SPELT[tokenizer]
    codes = {number: word for number, word in tk.token_codes(tokenizer).items() if (word < seq.N).all()}
    table = np.zeros((len(tk.base_lengths(tokenizer)), max(map(len, codes.values())), 4), np.float32)
    for number, word in codes.items():
        table[number, np.arange(len(word)), word] = 1
    return _SPELT.setdefault(tokenizer, table)


def _reader(tokenizer: PreTrainedTokenizerFast) -> readers.Read:
    """Reader: log-probability of the four bases at each place of the tokens "places" [b, K]: [b, K, longest, 4]."""
    lengths, table = torch.from_numpy(tk.base_lengths(tokenizer)), torch.from_numpy(spelling(tokenizer))

    def read(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        logits = readers.lm_logits(model, batch)
        places = batch["places"].clamp(0, logits.shape[1] - 1)
        here = logits.gather(1, places[..., None].expand(-1, -1, logits.shape[-1]))
        chance = readers.log_softmax(here, lengths.to(logits.device)).exp()[..., : len(table)]
        mass = (chance @ table.flatten(1).to(logits.device)).unflatten(-1, table.shape[1:])
        return (mass / mass.sum(-1, keepdim=True).clamp(min=LEAST)).clamp(min=LEAST).log()

    return read
