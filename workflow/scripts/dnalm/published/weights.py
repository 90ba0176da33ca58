"""The weights of a published checkpoint: which files they are in, read as tensors under the names that classes expect.

Weights are safetensors, which hold numbers and no more. A pickle can run code when it is read: it is read only where
the preset allows it and its contents are pinned, and then by torch's reader of plain tensors.
"""

import re
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from dnalm import containers, files, texts
from dnalm.errors import InputError, one_line

WEIGHTS, INDEX, PICKLE = "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin"
SHARD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.safetensors")
NUMBERED = re.compile(r".*-\d+-of-\d+\.safetensors")
# What torch.compile, data-parallel and sharded training put before a name, or within it
ROUND = re.compile(r"(^|(?<=\.))(_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\.")
PARALLEL = "module."
# What stands beside weights in eight bits or fewer: bitsandbytes, GPTQ and AWQ, compressed-tensors, fp8
SCALES = re.compile(r".*\.(absmax|quant_map|nested_absmax|quant_state\..+|SCB|qweight|qzeros|weight_scale(_inv)?)")


def read(folder: Path, allow_pickle: bool, sha256: str | None) -> dict[str, Tensor]:
    """All tensors by name, floating-point ones as fp32; `sha256` is that of the file of weights, where it is known."""
    pinned = allow_pickle and not (folder / WEIGHTS).exists() and not (folder / INDEX).exists()
    if names := [] if pinned else choose(folder):
        parts = {folder / name: _safetensors(folder / name, sha256 if len(names) == 1 else None) for name in names}
    else:
        parts = {folder / PICKLE: _pickled(folder / PICKLE, allow_pickle, sha256)}
    found: dict[str, Tensor] = {}
    for path, tensors in parts.items():
        if twice := next((name for name in tensors if name in found), None):
            raise InputError(f"{path}: {twice}: got it in another shard too, wanted it once; fetch the shards again")
        _check(path, tensors)
        found |= tensors
    return unwrapped(
        folder, {name: value.float() if value.is_floating_point() else value for name, value in found.items()}
    )


def choose(folder: Path) -> list[str]:
    """The files that the weights are in; none where there is no safetensors file.

    Raises InputError where there is more than one model, or a name that does not say which is the model: the first of
    them could be an earlier state, an adapter, or a half of it.
    """
    there = sorted(path.name for path in folder.glob("*.safetensors"))
    whole, index, numbered = WEIGHTS in there, (folder / INDEX).exists(), [one for one in there if NUMBERED.match(one)]
    listed = shards(folder) if index else []
    others = [one for one in (listed or numbered) if one != WEIGHTS]
    if whole and others:
        raise InputError(
            f"{folder}: got {WEIGHTS} and the shards {_few(others)}, wanted one set of weights; move the other away"
        )
    if whole or index:
        return [WEIGHTS] if whole else listed
    if not there:
        return []
    if numbered:
        raise InputError(f"{folder}: got the shards {_few(numbered)} without {INDEX}, wanted it beside them; fetch it")
    if any("adapter" in one for one in there):
        raise InputError(
            f"{folder}: got an adapter ({_few(there)}), wanted whole weights; merge it into the model that it adapts "
            "(merge_and_unload of peft) and save that"
        )
    raise InputError(
        f"{folder}: got {_few(there)}, wanted one that is named {WEIGHTS}; rename the one that is the model"
    )


def _few(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def shards(folder: Path) -> list[str]:
    """Names of the files that the weights are in, by their index. Raises InputError for one outside of the folder."""
    index = texts.read_json(folder / INDEX)
    places = index.get("weight_map") if isinstance(index, dict) else None
    named = list(places.values()) if isinstance(places, dict) else []
    if not named or not all(isinstance(name, str) and SHARD.fullmatch(name) for name in named):
        got = one_line(sorted(set(map(str, named))) or "nothing", 120)
        raise InputError(f"{folder / INDEX}: weight_map: got {got}, wanted names of .safetensors files")
    return sorted(set(named))


def _safetensors(path: Path, sha256: str | None) -> dict[str, Tensor]:
    if not path.exists():
        raise InputError(f"{path}: no such file, but {INDEX} names it; fetch it too")
    _same(path, sha256)
    try:
        return load_file(path)
    except Exception as error:  # its own error, and whatever Python and torch raise where the header lies
        _check_whole(path)
        said = f"{path.stat().st_size:,} bytes are no whole safetensors file ({one_line(error, 120)})"
        raise InputError(f"{path}: {said}; fetch it again") from None


def _pickled(path: Path, allowed: bool, sha256: str | None) -> dict[str, Tensor]:
    if not path.exists():
        raise InputError(f"{path.parent}: got no {WEIGHTS}, wanted the weights as safetensors; fetch or convert them")
    if not allowed:
        raise InputError(
            f"{path}: got a pickle, which can run code when read, wanted {WEIGHTS}; convert it (safetensors.torch."
            "save_file), or pin its sha256 and say allow_pickle: true under import of the model preset"
        )
    if not sha256:
        raise InputError(f"{path}: allow_pickle: got no sha256, wanted that of the file you trust; sha256sum tells it")
    _same(path, sha256)
    try:
        tensors = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged pickle is a program: it can fail with any error
        _check_whole(path)
        said = one_line(error, 120)
        raise InputError(f"{path}: holds more or less than plain tensors ({said}); fetch or convert it") from None
    if not isinstance(tensors, dict) or not all(isinstance(one, Tensor) for one in tensors.values()):
        raise InputError(f"{path}: got {type(tensors).__name__}, wanted tensors by name; convert it to {WEIGHTS}")
    return tensors


def _same(path: Path, sha256: str | None) -> None:
    if sha256 and (found := files.sha256(path)) != sha256.lower():
        _check_whole(path)
        raise InputError(f"{path}: got sha256 {found}, wanted {sha256}; fetch it again or correct the preset")


def _check_whole(path: Path) -> None:
    """Say what a file that is no weights is, such as a Git LFS pointer or a web page; torch's pickles are zips."""
    head = containers.head(path, "weights")
    other = None if head.startswith(b"PK") else containers.named(head)
    if other:
        raise InputError(f"{path}: is {other[0]}; wanted weights: {other[1]}")


def _check(path: Path, tensors: dict[str, Tensor]) -> None:
    """Refuse names that no class has, and weights of few bits, whose scales stand in another tensor."""
    for name, value in tensors.items():
        if not (isinstance(name, str) and name.isprintable()):
            raise InputError(f"{path}: {one_line(repr(name), 80)}: got a damaged name of a tensor; fetch it again")
        small = value.element_size() == 1 and value.dtype != torch.bool
        if SCALES.fullmatch(name) or (small and (value.is_floating_point() or name.endswith(".weight"))):
            raise InputError(f"{path}: {name}: {quantized(str(value.dtype).removeprefix('torch.'))}")


def quantized(got: str) -> str:
    """The line's end for weights of few bits, whichever way they showed."""
    return (
        f"got {got}, wanted full weights (float32, float16 or bfloat16): quantized weights are not read; give the full "
        "ones that they were made from, or save them dequantized"
    )


def unwrapped(folder: Path, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Tensors by the names that they had before training put the network into wrappers, of one kind or several."""
    plain = list(tensors)
    while True:
        names = [ROUND.sub("", name) for name in plain]
        if names and all(name.startswith(PARALLEL) for name in names):
            names = [name.removeprefix(PARALLEL) for name in names]
        if names == plain:
            break
        plain = names
    if len(set(plain)) < len(plain):
        raise InputError(f"{folder}: got two tensors of one name beside {ROUND.pattern}; wanted one model's weights")
    return dict(zip(plain, tensors.values(), strict=True))
