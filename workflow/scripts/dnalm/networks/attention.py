"""Attention written out as matrix products, row by row of the batch, where that is faster than torch's fused kernel.

It is in training on a CPU that multiplies bf16 fast: the kernel's way back gains nothing from bf16 there, and the
scores of a whole batch, which transformers' own "eager" attention makes, fit no cache. One row's do: a step of BERT
4 x 256 over 8 x 512 tokens takes 390 ms so, 430 eagerly and 490 by the kernel, and the numbers are those of "eager".
And it is wherever MKL is slow (`device.slow_mkl`), by which the kernel multiplies. Beyond 1,024 tokens, and with narrow
heads, the kernel wins.
"""

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.masking_utils import eager_mask

from dnalm.networks import last_layer
from dnalm.networks.registry import NETWORKS

NAME = "products"
LONGEST, NARROWEST = 1024, 32  # tokens, and dimensions of a head
SCORES = 1 << 17  # of a thread's rows that are attended to together: what stays in its cache
WIDE = 32  # a softmax of as many numbers a row, or of a multiple, is a quarter faster than one of a few fewer


def write_out(model: nn.Module, written: bool = True) -> None:
    """Let every part that can attend by products; with `written` false by torch's kernel, as a loaded model does."""
    for part in model.modules():
        if isinstance(part, PreTrainedModel) and part._supports_sdpa:
            width = part.config.hidden_size // part.config.num_attention_heads
            if width >= NARROWEST and getattr(part.config, "max_position_embeddings", 0) <= LONGEST + 2:
                row = NETWORKS.get(part.config.model_type)
                by_products = NAME if row and row.plain else "eager"  # what others do, "eager" knows
                part.set_attn_implementation(by_products if written else "sdpa")


def products(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **_: object,
) -> tuple[Tensor, None]:
    """What queries [b, h, L, d] make of values [b, h or fewer, L, d], as [b, L, h, d]: for a transformers layer.

    Where the layer has been told the only `places` that count, it answers for them and is nought elsewhere.
    """
    rows, heads, length, width = query.shape
    places = getattr(module, "places", None) if attention_mask is None else None
    if places is not None:
        query, row, column = last_layer.queries(query, places)
    scaling = width**-0.5 if scaling is None else scaling
    key, value = (one.repeat_interleave(heads // one.shape[1], 1) for one in (key, value))
    if torch.is_autocast_enabled("cpu"):
        query, key, value = (one.to(torch.get_autocast_dtype("cpu")) for one in (query, key, value))
    if dropout and module.training:
        scores = query * scaling @ key.transpose(2, 3) + (0 if attention_mask is None else attention_mask)
        answer = nn.functional.dropout(scores.softmax(-1), p=dropout).to(value.dtype) @ value
    else:
        answer = _Rows.apply(query, key, value, attention_mask, scaling)
    answer = answer.transpose(1, 2).contiguous()
    if places is None:
        return answer, None
    return last_layer.put_back(answer[row, column], places, rows, length), None


class _Rows(torch.autograd.Function):
    """softmax(scale query key' + mask) value, a row of the batch a thread at a time so that its scores stay in cache.

    The scale is taken into the queries, of which there are fewer than scores.
    """

    @staticmethod
    def forward(ctx, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, scale: float) -> Tensor:
        query = torch.mul(query, scale, out=torch.empty_like(query, memory_format=torch.contiguous_format))
        key, value = key.contiguous(), value.contiguous()
        answer = torch.empty_like(query)
        learns, step, length = any(ctx.needs_input_grad), _step(query, key), key.shape[2]
        weights = query.new_empty(len(query), *query.shape[1:3], length) if learns else None
        wide = length if learns else -(-length // WIDE) * WIDE
        scores = query.new_empty(min(step, len(query)), *query.shape[1:3], wide)
        for some in _at_once(len(query), step):
            whole = scores[: len(query[some])]
            here = whole[..., :length]
            _multiply(query[some], key[some].mT, here)
            if mask is not None:
                here += mask[some] if len(mask) > 1 else mask
            whole[..., length:] = -torch.inf
            there = weights[some] if learns else here
            torch.softmax(whole, -1, out=there if learns else whole)
            _multiply(there, value[some], answer[some])
        ctx.save_for_backward(query, key, value, weights)
        ctx.scale = scale
        return answer

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:
        query, key, value, weights = ctx.saved_tensors
        gradient = gradient.contiguous()
        to_query, to_key, to_value = (torch.empty_like(one) for one in (query, key, value))
        step = _step(query, key)
        made = [torch.empty_like(weights[:step]) for _ in range(2)]
        for some in _at_once(len(query), step):
            to_weights, to_scores = (one[: len(query[some])] for one in made)
            _multiply(gradient[some], value[some].mT, to_weights)
            _multiply(weights[some].mT, gradient[some], to_value[some])
            torch._softmax_backward_data(to_weights, weights[some], -1, weights.dtype, grad_input=to_scores)
            _multiply(to_scores, key[some], to_query[some])
            _multiply(to_scores.mT, query[some], to_key[some])
        return to_query.mul_(ctx.scale), to_key, to_value, None, None


def _step(query: Tensor, key: Tensor) -> int:
    """Rows at once: one a thread, for a row of narrow heads is too little work for several; more of short rows."""
    scores = query.shape[1] * query.shape[2] * key.shape[2]
    return torch.get_num_threads() * max(SCORES // max(scores, 1), 1)


def _at_once(rows: int, step: int) -> list[slice]:
    return [slice(first, first + step) for first in range(0, rows, step)]


def _multiply(one: Tensor, other: Tensor, out: Tensor) -> None:
    """Products of matrices [rows, heads, ., .], written into another."""
    torch.bmm(one.flatten(0, 1), other.flatten(0, 1), out=out.flatten(0, 1))


AttentionInterface.register(NAME, products)
AttentionMaskInterface.register(NAME, eager_mask)
