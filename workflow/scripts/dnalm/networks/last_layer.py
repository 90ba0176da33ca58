"""Run the end of a masked model for the tokens that are to be predicted, and leave the others behind.

Only hidden tokens have a loss, 15 % of them or fewer. The others serve as their context, in every layer's attention;
what comes after the last of these looks at one token at a time, so nobody misses it. The numbers are the same.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

import torch
from torch import Tensor, nn
from transformers.models.bert.modeling_bert import BertAttention
from transformers.models.esm.modeling_esm import EsmAttention


@contextmanager
def only(model: nn.Module, where: Tensor) -> Iterator[None]:
    """Within, `model` gives logits [n, vocabulary] of the places `where` of its flattened input [b, L], in order.

    BERT and ESM leave the others behind in the last layer, others before the masked language model head; a model that
    has no such head answers for all of [b, L].
    """
    inner = getattr(model, "module", model)
    layers = [part for part in inner.modules() if isinstance(part, BertAttention | EsmAttention)]
    end = layers[-1].output if layers else _head(inner)
    with ExitStack() as stack:
        if end is not None:
            hook = end.register_forward_pre_hook(lambda _, args: tuple(one.flatten(0, 1)[where] for one in args))
            stack.callback(hook.remove)
        if layers:
            attention = layers[-1].self
            attention.places = where
            stack.callback(delattr, attention, "places")
            attention.query.forward = partial(_for_places, attention.query.forward, where)
            stack.callback(delattr, attention.query, "forward")
        yield


def _for_places(project: Callable[[Tensor], Tensor], where: Tensor, hidden: Tensor) -> Tensor:
    """Project places of the flattened [b, L, width] only; the others get noughts."""
    return put_back(project(hidden.flatten(0, 1)[where]), where, *hidden.shape[:2])


def put_back(found: Tensor, where: Tensor, rows: int, length: int) -> Tensor:
    """[rows, length, ...] with `found` [n, ...] at the places `where` of its flattened form, and noughts elsewhere."""
    everywhere = found.new_zeros(rows * length, *found.shape[1:])
    return everywhere.index_put((where,), found).view(rows, length, *found.shape[1:])


def _head(model: nn.Module) -> nn.Module | None:
    """The first part of a model that comes after its backbone."""
    backbone = getattr(model, "base_model_prefix", "")
    return next((part for name, part in model.named_children() if backbone and name != backbone), None)


def queries(query: Tensor, where: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The queries [b, h, m, d] of places in the flattened [b, L]: each row's, filled up to the longest row's number.

    Also the row and the column of each place in that table.
    """
    length = query.shape[2]
    row = where // length
    counts = torch.bincount(row, minlength=len(query))
    column = torch.arange(len(where), device=where.device) - (counts.cumsum(0) - counts)[row]
    table = where.new_zeros(len(query), int(counts.max()))
    table[row, column] = where % length
    index = table[:, None, :, None].expand(-1, query.shape[1], -1, query.shape[3])
    return query.gather(2, index), row, column
