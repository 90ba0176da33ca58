"""An imported network tried before it is kept: its size, its numbers, and one window of DNA through it.

A configuration that is damaged, or that does not go with its weights, shows at import and not hours into a scan.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast

from dnalm.errors import InputError, one_line
from dnalm.networks import positions
from dnalm.tokens import tokenizer as tk

SLACK = 10_000_000  # numbers that are computed anew, such as positions, beside the weights
REPEATED = ("layer", "expert", "block", "label", "head")  # keys that count parts, each made on its own
BASES = 24
SAME = 1e-4  # of the largest logit: long convolutions are computed by a transform that mixes positions in rounding


def check_size(path: Path, config: Any, network: type[nn.Module], tensors: dict[str, Tensor]) -> None:
    """Refuse a configuration of a network far larger than its weights, which would fill the memory before it failed.

    Raises whatever the class raises of a configuration that it does not take.
    """
    for key, value in vars(config).items():
        repeats = any(word in key for word in REPEATED) and isinstance(value, int | float)
        if repeats and value > len(tensors) + 1024:
            raise InputError(
                f"{path}: {key}: got {value:,}, but the weights are {len(tensors)} tensors; fetch it again"
            )
    with torch.device("meta"):
        made = network(config)
    spoken = sum(one.numel() for one in [*made.parameters(), *made.buffers()])
    held = sum(one.numel() for one in tensors.values())
    if spoken > 2 * held + SLACK:
        raise InputError(f"{path}: got a network of {spoken:,} numbers, but the weights are {held:,}; fetch both again")


def check_numbers(where: Path, network: nn.Module, tensors: dict[str, Tensor]) -> None:
    """Refuse weights that are no numbers (NaN), infinite, or whole numbers where the network computes with others."""
    for name, value in network.named_parameters():
        if name in tensors and not tensors[name].is_floating_point():
            kind = str(tensors[name].dtype).removeprefix("torch.")
            raise InputError(f"{where}: {name}: got {kind}, wanted floating-point weights; fetch them again")
        if not torch.isfinite(value).all():
            raise InputError(
                f"{where}: {name}: got weights that are not finite (NaN or infinite), wanted numbers; fetch them again"
            )


@torch.no_grad()
def check_window(
    where: Path, network: nn.Module, tokenizer: PreTrainedTokenizerFast, objective: str, size: int = BASES
) -> None:
    """Refuse a network that fails on a window of DNA, gives none but finite numbers, or sees what it is to predict."""
    try:
        most = positions.longest(network)
        ids, mask = _window(tokenizer, size if most is None else max(1, min(size, most - 2)))
        logits = network(input_ids=ids, attention_mask=mask).logits.float()
        changed = ids.clone()
        place = ids.shape[1] - 1 - len(tk.frame(tokenizer)[1])
        others = np.flatnonzero(tk.base_lengths(tokenizer))
        changed[0, place] = int(others[others != int(ids[0, place])][0])
        again = network(input_ids=changed, attention_mask=mask).logits.float() if objective == "clm" else logits
    except Exception as error:  # a class may raise anything of what its configuration says
        said = f"{type(error).__name__}: {one_line(error, 200)}"
        raise InputError(f"{where}: the network fails on a window of DNA ({said}); fetch all its files again") from None
    if not torch.isfinite(logits).all():
        raise InputError(f"{where}: the network gives no finite numbers for a window of DNA; fetch all its files again")
    if objective == "clm" and (logits - again)[:, :place].abs().max() > SAME * logits.abs().max():
        raise InputError(
            f"{where}/config.json: architectures: got a causal model, but it reads the bases after those that it "
            "predicts (is_decoder?), wanted one that does not; correct its config.json, or import it as masked"
        )


def _window(tokenizer: PreTrainedTokenizerFast, size: int) -> tuple[Tensor, Tensor]:
    """A window of bases as ids and mask [1, L]."""
    codes = np.resize(np.array([0, 1, 2, 3, 3, 1, 0, 2, 1], np.uint8), (1, size))
    ids, mask = tk.tokenize(tokenizer, codes)
    return torch.from_numpy(ids), torch.from_numpy(mask.astype(np.int64))
