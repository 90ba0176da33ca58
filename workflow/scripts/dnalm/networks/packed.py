"""Linear layers on a processor whose weights lie as oneDNN reads them, laid out once for many batches.

torch rounds and lays out a layer's weights anew for each batch. The products are the same without, and a scan is a
twentieth faster; so is fp32 where oneDNN multiplies it (`device.slow_mkl`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor, nn

from dnalm.networks import device

LEAST = 1 << 12  # weights of a layer that gains by it
ROWS = 1024  # tokens of a batch, about, that they are laid out for

Laid = dict[torch.dtype, tuple[Tensor, Tensor | None]]


@contextmanager
def packed(model: nn.Module) -> Iterator[None]:
    """Within, the linear layers of a model on a processor multiply so, where that is faster. No weight may change."""
    where = next(model.parameters()).device
    gains = where.type == "cpu" and can() and (device.fast_bf16(where) or device.slow_mkl())
    layers = [one for one in model.modules() if gains and type(one) is nn.Linear and one.weight.numel() >= LEAST]
    try:
        for layer in layers:
            layer.forward = partial(_multiply, layer, {})
        yield
    finally:
        for layer in layers:
            vars(layer).pop("forward", None)


def can() -> bool:
    """Whether this torch has oneDNN, and the product by weights that are laid out, which torch.compile asks for."""
    return torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")


def _multiply(layer: nn.Linear, laid: Laid, states: Tensor) -> Tensor:
    """What the layer makes of its input, in the precision that torch would have chosen."""
    dtype = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else states.dtype
    if dtype != torch.bfloat16 and not (dtype == torch.float32 and device.slow_mkl()):
        return nn.Linear.forward(layer, states)
    if dtype not in laid:
        weight = torch.ops.mkldnn._reorder_linear_weight(layer.weight.to(dtype).contiguous(), ROWS)
        laid[dtype] = weight, None if layer.bias is None else layer.bias.to(dtype)
    return torch.ops.mkldnn._linear_pointwise(states.to(dtype), *laid[dtype], "none", [], "")
