"""What a model says of windows and of others that are like them but for a change: the alleles of variants, mutants.

A network that attends reads each window whole, in fp32, or of one that is like another only what they differ by in
fewer digits (`networks.differences`). Of one whose states depend on a few bases on either side, the states that no
changed base reaches are those of the window it was changed from (`networks.likeness`).
"""

import contextlib
from collections.abc import Callable
from inspect import signature
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast

from dnalm.networks import device, differences, predict, readers, registry
from dnalm.tokens import tokenizer as tk

FEW = 8  # a change that takes more than one in so many tokens of its window is read as a window of its own

Context = Callable[[dict[str, Tensor], Tensor], contextlib.AbstractContextManager]
Beside = dict[str, np.ndarray]  # arrays [n, …]: what the reader needs to know of each window


class Windows(NamedTuple):
    """Pairs of windows: `ref` uint8 [sites, W] distinct ones, `site` int64 [n] rows of it, `alt` uint8 [n, W].

    What is `beside` windows is that of each pair's first, the same for all pairs of a site, and of each pair's second.
    """

    ref: np.ndarray
    site: np.ndarray
    alt: np.ndarray
    beside: tuple[Beside, Beside]


def answers(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerFast,
    windows: Windows,
    read: readers.Read,
    *,
    within: bool = False,
    rounded: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """`read` of either window of n pairs, one strand, as given: float32 [n, …] twice.

    Each of `ref` is read once, however many pairs it is in. `within`: what is read is heard inside the network, where
    rows that are like others are not whole. `rounded`: where bf16 is fast, windows of a network that attends, and has
    no experts to choose from, are multiplied in it, themselves and what they differ by (`networks.differences`).
    """
    differ = windows.alt != windows.ref[windows.site]
    other, alike = differ.any(1), np.zeros(len(differ), bool)  # windows that are the same get the same, bit by bit
    local = reach(model, tokenizer) > 0
    if not within and local and _told_likeness(model):
        extent = differ.shape[1] - differ[:, ::-1].argmax(1) - differ.argmax(1)
        alike = other & (extent <= differ.shape[1] // FEW)
    differing = other & (rounded and not local and _bears_rounding(model))
    ways = ((alike, _alike), (differing, _differing), (~alike & ~differing, _apart))
    found = [(rows, way(model, tokenizer, _some(windows, rows), read)) for rows, way in ways if rows.any()]
    if not found:
        return np.empty(0, np.float32), np.empty(0, np.float32)
    both = np.empty((2, len(differ), *found[0][1][0].shape[1:]), np.float32)
    for rows, sides in found:
        both[:, rows] = sides
    return both[0], both[1]


def _some(windows: Windows, rows: np.ndarray) -> Windows:
    """The pairs of these rows (bool [n]), and the sites that they have."""
    sites, own = np.unique(windows.site[rows], return_inverse=True)
    sides = tuple({name: values[rows] for name, values in side.items()} for side in windows.beside)
    return Windows(windows.ref[sites], own.reshape(-1), windows.alt[rows], sides)


def reach(model: nn.Module, tokenizer: PreTrainedTokenizerFast) -> int:
    """Bases on either side that the states of a base depend on; 0 where there is no end to it (`registry.reach`)."""
    configs = [getattr(one.base_model, "config", None) for one in _networks(model)]
    found = [registry.reach(config, tokenizer) if hasattr(config, "model_type") else 0 for config in configs]
    return max(found) if all(found) else 0


def _networks(model: nn.Module) -> list[nn.Module]:
    """The model, or the members of an ensemble."""
    return list(getattr(model, "members", [model]))


def _told_likeness(model: nn.Module) -> bool:
    """Whether a model makes use of which rows are like others, as it does where it reads its network's last states."""
    return all(
        "like" in signature(one.forward).parameters and not getattr(one.config, "layer", 0) for one in _networks(model)
    )


def _bears_rounding(model: nn.Module) -> bool:
    """Whether bf16 is fast where a model is, and what it does changes by little: rounded, it chooses other experts."""
    return device.fast_bf16(next(model.parameters()).device) and not predict.has_experts(model)


def _apart(
    model: nn.Module, tokenizer: PreTrainedTokenizerFast, windows: Windows, read: readers.Read
) -> tuple[np.ndarray, np.ndarray]:
    first = np.unique(windows.site, return_index=True)[1]  # a pair of each site: sites are counted, and each has one
    of_site = {name: values[first] for name, values in windows.beside[0].items()}
    ref, alt = (
        predict.predict(model, tokenizer, codes, read, both_strands=False, beside=known, what=None)
        for codes, known in ((windows.ref, of_site), (windows.alt, windows.beside[1]))
    )
    return ref[windows.site], alt


def _alike(
    model: nn.Module, tokenizer: PreTrainedTokenizerFast, windows: Windows, read: readers.Read
) -> tuple[np.ndarray, np.ndarray]:
    def told(own: dict[str, Tensor], number: Tensor) -> contextlib.AbstractContextManager:
        sites = torch.arange(len(own["ids"]) - len(number), device=number.device)
        own["like"] = torch.cat([sites, number])
        return contextlib.nullcontext()

    return _side_by_side(model, tokenizer, windows, read, told, len(windows.alt) / len(windows.ref))


def _differing(
    model: nn.Module, tokenizer: PreTrainedTokenizerFast, windows: Windows, read: readers.Read
) -> tuple[np.ndarray, np.ndarray]:
    rounded: dict[int, tuple[Tensor, Tensor]] = {}
    words = getattr(model.config, "vocab_size", 0)

    def told(own: dict[str, Tensor], number: Tensor) -> contextlib.AbstractContextManager:
        partner = differences.partners(own["ids"], own["mask"].sum(1), number)
        return differences.Differences(*own["ids"].shape, partner, rounded, words)

    share = len(windows.alt) / (len(windows.alt) + len(windows.ref))
    return _side_by_side(model, tokenizer, windows, read, told, share, pack=False)


def _side_by_side(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerFast,
    windows: Windows,
    read: readers.Read,
    told: Context,
    share: float,
    pack: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """What is read of pairs whose references are in the same batch, as `told`; pairs are a `share` of a usual batch.

    `pack` as `predict.forward` has it.
    """
    order = np.argsort(windows.site, kind="stable")
    site = windows.site[order]
    both = {"ref": tk.tokenize(tokenizer, windows.ref), "alt": tk.tokenize(tokenizer, windows.alt[order])}
    width = max(ids.shape[1] for ids, _ in both.values())
    arrays = {"site": site}
    for side, (ids, mask) in both.items():
        more, rows = ((0, 0), (0, width - ids.shape[1])), site if side == "ref" else slice(None)
        arrays[f"{side}_ids"] = np.pad(ids, more, constant_values=tokenizer.pad_token_id)[rows]
        arrays[f"{side}_mask"] = np.pad(mask, more)[rows]
    longest = np.zeros(len(windows.ref), np.int64)
    np.maximum.at(longest, site, (arrays["ref_mask"] | arrays["alt_mask"]).sum(1))
    here = np.arange(width) < longest[site, None]  # as long as any of its site, so that sorting keeps these together
    arrays |= {"ids": arrays["alt_ids"], "mask": here}
    for prefix, side in zip(("ref_", ""), windows.beside, strict=True):
        arrays |= {prefix + name: values[order] for name, values in side.items()}
    rows = max(int(predict.rows(model, width) * share), 1)
    said = predict.forward(model, arrays, _of_both(read, list(windows.beside[0]), told), batch_size=rows, pack=pack)
    found = np.empty_like(said)
    found[order] = said
    return found[:, 0], found[:, 1]


def _of_both(read: readers.Read, names: list[str], told: Context) -> readers.Read:
    """A reader of pairs: what `read` says of the window of its site and of its own, [b, 2, …], in one pass.

    Before, it is `told` what both are, and which of the sites, which come first, each of the others has.
    """

    def read_both(model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        sites, number = torch.unique_consecutive(batch["site"], return_inverse=True)
        first = torch.searchsorted(number, torch.arange(len(sites), device=number.device))
        own = {name: torch.cat([batch["ref_" + name][first], batch[name]]) for name in names}
        for name in ("ids", "mask"):
            ref, alt = (batch[f"{side}_{name}"][:, : batch["ids"].shape[1]] for side in ("ref", "alt"))
            own[name] = torch.cat([ref[first], alt])
        with told(own, number):
            said = read(model, own)
        return torch.stack([said[: len(sites)][number], said[len(sites) :]], 1)

    return read_both
