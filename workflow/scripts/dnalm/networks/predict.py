"""The one inference loop: windows in, numbers out, on either strand, in batches, on whatever device there is.

Scanning a genome, scoring variants, optimising a sequence and mapping embeddings all come through here and differ only
in the `read` function that takes what it wants from the model.
"""

import contextlib
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import nn
from transformers import PreTrainedTokenizerFast

from dnalm.dna import seq
from dnalm.errors import UsageError
from dnalm.logs import progress
from dnalm.networks import device, packed, positions, readers
from dnalm.tokens import tokenizer as tk

CHUNK = 1 << 21  # bases of the windows tokenised at a time, among which those are found that are as long
TOKENS = {"cpu": 4096, "cuda": 1 << 17}  # of a batch: what a processor's cache holds, and what keeps a GPU at work
STATES = 3 << 18  # numbers of a batch's states on a processor: what a layer makes of more does not fit there


def rows(model: nn.Module, tokens: int) -> int:
    """Windows of so many tokens that a model is given at a time, by its device and, on a processor, its width."""
    where = next(model.parameters()).device.type
    most = TOKENS.get(where, TOKENS["cpu"])
    if where == "cpu":
        most = min(most, STATES // getattr(getattr(model, "config", None), "hidden_size", 1))
    return max(most // max(tokens, 1), 1)


def chunks(windows: Sequence[np.ndarray] | np.ndarray) -> list[slice]:
    """Which windows are tokenised together, one chunk after the other."""
    each = max(CHUNK // len(windows[:1][0]), 1) if len(windows) else 1
    return [slice(start, start + each) for start in range(0, len(windows), each)]


def forward(
    model: nn.Module, arrays: dict[str, np.ndarray], read: readers.Read, *, batch_size: int = 0, pack: bool = True
) -> np.ndarray:
    """Run `read(model, batch)` over arrays that share their first dimension n; float32 [n, …].

    Always there: "ids" and "mask". Rows are sorted by length inside, so that padding is cut to each batch's longest;
    results come back in the order given and do not depend on `batch_size`, which is the device's where it is 0. With
    `pack` false linear layers are torch's own, for a reader that has a way of its own with them.
    UsageError where a row has more tokens than the model has positions.
    """
    where = next(model.parameters()).device
    mask = arrays["mask"]
    lengths = mask.shape[1] - mask[:, ::-1].argmax(1)  # to the last token: nothing may stand before the first, too
    _check_length(model, int(lengths.max(initial=0)))
    order = np.argsort(lengths, kind="stable")
    results: list[np.ndarray] = []
    batch_size = batch_size or rows(model, int(lengths.max(initial=1)))
    with torch.inference_mode(), device.autocast(where), _products(model, pack and len(order) > batch_size):
        for start in range(0, len(order), batch_size):
            some = order[start : start + batch_size]
            longest = int(lengths[some].max())
            batch = {name: values[some] for name, values in arrays.items()}
            for name in {"ids", "mask", "inside"} & set(batch):
                batch[name] = batch[name][:, :longest]
            results.append(read(model, device.on(where, batch)).float().cpu().numpy())
    if not results:
        return np.empty(0, np.float32)
    gathered = np.concatenate(results)
    answer = np.empty_like(gathered)
    answer[order] = gathered
    return answer


@contextlib.contextmanager
def _products(model: nn.Module, pack: bool) -> Iterator[None]:
    """Products as fast as a processor has them (`device.fast_fp32`; where there are several batches `networks.packed`).

    But not for a mixture of experts: its small products of ever other shapes gain nothing.
    """
    if has_experts(model):
        yield
        return
    with device.fast_fp32(next(model.parameters()).device), packed.packed(model) if pack else contextlib.nullcontext():
        yield


def has_experts(model: nn.Module) -> bool:
    """Whether a model is a mixture of experts, which chooses for each token who is asked."""
    return any("experts" in name for name, _ in model.named_modules())


def _check_length(model: nn.Module, tokens: int) -> None:
    limit = positions.longest(model)
    if limit is not None and tokens > limit:
        raise UsageError(f"windows give up to {tokens} tokens and the model takes {limit}; make the window shorter")


def check_windows(model: nn.Module, tokenizer: PreTrainedTokenizerFast, windows: np.ndarray) -> None:
    """Refuse windows [n, W] of more tokens than the model has positions, before work is put into them (UsageError).

    An imported model's tokens are not known while the graph is built, and byte pairs are as long as they happen to be.
    """
    limit = positions.longest(model)
    if limit is not None and windows.shape[1] + 2 > limit:  # no token is shorter than a base
        for here in chunks(windows):
            _, mask = tk.tokenize(tokenizer, windows[here])
            _check_length(model, int(mask.sum(1).max()))


def predict(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerFast | None,
    windows: Sequence[np.ndarray] | np.ndarray,
    read: readers.Read,
    *,
    both_strands: bool = True,
    beside: dict[str, np.ndarray] | None = None,
    batch_size: int = 0,
    what: str | None = "windows",
) -> np.ndarray:
    """`read` of each window, averaged over both strands; float32 [n, …].

    `windows` has len() and slicing that gives base codes uint8 [k, W]: an array, or a strided view of a chromosome, of
    which only a few thousand windows are held in memory at a time. A site on the minus strand is the same site, so a
    score that depends on the strand read is noise: the mean takes it out. Without a tokenizer the ids are base codes.
    What the reader needs to know of each window of one strand stands `beside` it, arrays [n, …].
    """
    assert not (beside and both_strands), "a place in a window is another one on the other strand"
    parts: list[np.ndarray] = []
    with progress(what, len(windows), "windows") as advance:
        for here in chunks(windows):
            codes = np.ascontiguousarray(windows[here])
            more = {name: values[here] for name, values in (beside or {}).items()}
            answer = _one_strand(model, tokenizer, codes, read, batch_size, more)
            if both_strands:
                turned = seq.reverse_complement(codes)
                answer = (answer + _one_strand(model, tokenizer, turned, read, batch_size, {})) / 2
            parts.append(answer)
            advance(len(codes))
    return np.concatenate(parts) if parts else np.empty(0, np.float32)


def _one_strand(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerFast | None,
    codes: np.ndarray,
    read: readers.Read,
    batch_size: int,
    beside: dict[str, np.ndarray],
) -> np.ndarray:
    ids, mask = tk.tokenize(tokenizer, codes) if tokenizer else (codes.astype(np.int64), np.ones(codes.shape, bool))
    return forward(model, {"ids": ids, "mask": mask, **beside}, read, batch_size=batch_size)
