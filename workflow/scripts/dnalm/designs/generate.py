"""New DNA from a causal language model: sampled token by token, in batches, with the keys and values kept."""

import numpy as np
import torch
from torch import nn
from transformers import LogitsProcessor, LogitsProcessorList, PreTrainedTokenizerFast, StoppingCriteria
from transformers import StoppingCriteriaList as Stops

from dnalm.dna import seq
from dnalm.errors import UsageError
from dnalm.logs import progress
from dnalm.networks import device
from dnalm.tokens import tokenizer as tk


def sample(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerFast,
    number: int,
    length: int,
    *,
    temperature: float = 1.0,
    top_k: int = 0,
    prompt: str = "",
    seed: int = 0,
    batch_size: int = 64,
) -> np.ndarray:
    """`number` sequences of exactly `length` bases (A, C, G, T only) as codes uint8 [number, length].

    Each begins with [CLS] and the prompt's bases, which count towards `length`; a model that was trained without a
    token to begin with needs a prompt. `temperature` below 1 makes likely
    tokens likelier (at the price of repeats), `top_k` keeps the k likeliest tokens (0 keeps all). The same seed, model
    and batch size give the same sequences on a CPU. Raises UsageError for settings that cannot be sampled with.
    """
    start = _start(tokenizer, prompt, length)
    if temperature <= 0 or top_k < 0 or number < 1 or batch_size < 1:
        raise UsageError(
            f"got temperature {temperature}, top_k {top_k}, number {number}, batch_size {batch_size}; wanted a "
            "temperature above 0, top_k 0 (all tokens) or more, and at least one sequence"
        )
    where = next(model.parameters()).device
    devices = [where] if where.type == "cuda" else []
    sampled = []
    with progress("generating", number * length, "bases") as advance, torch.random.fork_rng(devices):
        torch.manual_seed(seed)
        for first in range(0, number, batch_size):
            count = min(batch_size, number - first)
            sampled.append(_batch(model, tokenizer, np.tile(start, (count, 1)), length, temperature, top_k))
            advance(count * length)
    return np.concatenate(sampled)


def _start(tokenizer: PreTrainedTokenizerFast, prompt: str, length: int) -> np.ndarray:
    """Ids [L] of what a sequence begins with and of the prompt."""
    codes = seq.encode(prompt)
    if (codes == seq.N).any():
        raise UsageError(f"prompt {prompt!r} holds more than A, C, G and T; give known bases only")
    if len(codes) >= length:
        raise UsageError(f"the prompt has {len(codes)} bases and the length is {length}; nothing is left to generate")
    before, after = tk.frame(tokenizer)
    if not before and not prompt:
        raise UsageError("got no prompt, but this model has no token to begin a sequence with; give one base or more")
    ids, mask = tk.tokenize(tokenizer, codes[None])
    return ids[0, : mask.sum() - len(after)]


def _batch(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerFast,
    starts: np.ndarray,
    length: int,
    temperature: float,
    top_k: int,
) -> np.ndarray:
    """Rows [b, L] of starting ids grown to `length` bases.

    Where the tokens fill the model's context, the newer half of them becomes the start of the next round. All rows
    still short then hold equally many tokens, so a round needs no padding.
    """
    words, lengths, begin = tk.token_codes(tokenizer), tk.base_lengths(tokenizer), tk.frame(tokenizer)[0]
    processors = LogitsProcessorList([OnlyBases(words, model.config.vocab_size)])
    context = getattr(model.config, "max_position_embeddings", None) or starts.shape[1] + length
    grown = list(starts[:, len(begin) :])
    while short := [row for row, tokens in enumerate(grown) if lengths[tokens].sum() < length]:
        keep = min(len(grown[short[0]]), context // 2)
        recent = np.stack([grown[row][len(grown[row]) - keep :] for row in short])
        rows = np.concatenate([np.tile(np.array(begin, recent.dtype), (len(recent), 1)), recent], 1)
        missing = np.array([length - lengths[grown[row]].sum() for row in short])
        new = _grow(model, rows, missing, context - keep - len(begin), lengths, processors, temperature, top_k)
        for row, tokens in zip(short, new, strict=True):
            grown[row] = np.concatenate([grown[row], tokens])
    return np.stack([np.concatenate([words[token] for token in row if token in words])[:length] for row in grown])


def _grow(
    model: nn.Module,
    rows: np.ndarray,
    missing: np.ndarray,
    room: int,
    lengths: np.ndarray,
    processors: LogitsProcessorList,
    temperature: float,
    top_k: int,
) -> np.ndarray:
    """One round of transformers' own sampler: at most `room` new tokens a row, int64 [b, new]."""
    where = next(model.parameters()).device
    ids = torch.from_numpy(rows).to(where)
    spans = torch.from_numpy(lengths).to(where)
    done = EnoughBases(spans, rows.shape[1], torch.as_tensor(missing, device=where))
    with torch.inference_mode(), device.autocast(where):
        answer = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            do_sample=True,
            temperature=float(temperature),
            top_k=int(top_k),
            top_p=1.0,
            max_new_tokens=int(min(room, missing.max())),
            logits_processor=processors,
            stopping_criteria=Stops([done]),
            eos_token_id=None,
            use_cache=True,
        )
    return answer[:, rows.shape[1] :].cpu().numpy()


class OnlyBases(LogitsProcessor):
    """Forbid every token that is not made of A, C, G and T: special tokens, the unknown one, N, unused rows."""

    def __init__(self, words: dict[int, np.ndarray], vocabulary: int) -> None:
        allowed = [number for number, codes in words.items() if len(codes) and (codes < seq.N).all()]
        self.forbidden = torch.ones(vocabulary, dtype=torch.bool)
        self.forbidden[allowed] = False

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Scores [b, vocabulary] with minus infinity at the forbidden tokens; fp32, for the sampling after it."""
        self.forbidden = self.forbidden.to(scores.device)
        return scores.float().masked_fill(self.forbidden, -torch.inf)


class EnoughBases(StoppingCriteria):
    """A row is done when its new tokens stand for as many bases as were missing; tokens differ in length."""

    def __init__(self, spans: torch.Tensor, first: int, missing: torch.Tensor) -> None:
        self.spans, self.first, self.missing = spans, first, missing

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **_: object) -> torch.Tensor:
        """Which rows [b] are done."""
        return self.spans[input_ids[:, self.first :]].sum(1) >= self.missing
