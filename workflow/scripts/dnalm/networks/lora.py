"""Low-rank adapters (Hu et al. 2021) by peft: the pretrained weights stay, small matrices beside them learn.

A few thousand labels cannot spoil what megabases taught, and once it is over the adapters are added to the weights, so
that a scan or a score reads the model as it reads any other.
"""

from torch import nn
from transformers.pytorch_utils import Conv1D

from dnalm.errors import UsageError


def adapt(backbone: nn.Module, rank: int) -> nn.Module:
    """The backbone with adapters of `rank` at its linear and convolution layers, and nothing else left to train.

    What the adapters say counts twice (alpha is twice the rank, as is usual) and is nought to begin with. Convolutions
    of channels apart from one another (groups) have none. Raises UsageError where there is no layer to adapt.
    """
    from peft import LoraConfig, get_peft_model  # seconds to import, and only this method needs it

    names = [name for name, part in backbone.named_modules() if _takes(part)]
    if not names:
        raise UsageError(f"{type(backbone).__name__} has no layer that takes an adapter; use method full")
    turned = any(isinstance(part, Conv1D) for part in backbone.modules())
    settings = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=names, bias="none", fan_in_fan_out=turned)
    adapted = get_peft_model(backbone, settings)
    for part in adapted.modules():
        if isinstance(getattr(part, "base_layer", None), nn.Conv1d):
            for one in part.lora_A.values():
                one.dilation = part.base_layer.dilation  # which peft 0.19 forgets
    return adapted


def _takes(part: nn.Module) -> bool:
    return isinstance(part, nn.Linear | Conv1D) or (isinstance(part, nn.Conv1d) and part.groups == 1)


def merged(adapted: nn.Module) -> nn.Module:
    """The backbone with what its adapters learned added to its weights: layers and names are as they were.

    One that has no adapters is given back as it is.
    """
    return adapted.merge_and_unload() if hasattr(adapted, "merge_and_unload") else adapted
