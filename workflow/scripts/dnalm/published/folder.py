"""A published checkpoint's folder read: configuration and weights, and nothing in it is ever run.

Weights are safetensors, which hold numbers and no more. A pickle can run code when it is read: it is read only where
the preset allows it and its contents are pinned, and then by torch's reader of plain tensors.
"""

import json
import pickle
import re
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from dnalm import files
from dnalm.errors import InputError
from dnalm.networks import objectives

WEIGHTS, INDEX, PICKLE = "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin"
TOKENIZER_FILES = ("tokenizer.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json")
SHARD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.safetensors")


class Published(NamedTuple):
    """What a folder holds: config.json, tensors by their published names, what the model was trained for."""

    folder: Path
    config: dict[str, Any]
    tensors: dict[str, Tensor]
    objective: str


def read(folder: Path, *, allow_pickle: bool = False, sha256: str | None = None) -> Published:
    """Read a checkpoint; `sha256` is that of the file of weights, where it is known.

    Raises InputError, one line, for a file that is missing, damaged or another, and for a pickle that is not allowed.
    """
    folder = Path(folder)
    config = read_json(folder / "config.json")
    return Published(folder, config, read_tensors(folder, allow_pickle, sha256), objective_of(config, folder))


def read_json(path: Path) -> dict[str, Any]:
    """A JSON file that holds a mapping."""
    if not path.exists():
        raise InputError(f"{path}: no such file; wanted a Hugging Face folder, with config.json, weights and tokenizer")
    try:
        values = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: not JSON ({error}); fetch it again") from None
    if not isinstance(values, dict):
        raise InputError(f"{path}: got {type(values).__name__}, wanted keys and values; fetch it again")
    return values


def objective_of(config: dict[str, Any], folder: Path) -> str:
    """What a model was trained for: "mlm", "clm" or "classify", by its config's `architectures`."""
    named = config.get("architectures")
    if objective := objectives.objective_of(named, objectives.PUBLISHED):
        return objective
    raise InputError(
        f"{folder}/config.json: architectures: got {(named or ['none'])[0]}, wanted one ending in "
        f"{', '.join(objectives.PUBLISHED)}; correct it where you know what the weights are"
    )


def shards(folder: Path) -> list[str]:
    """Names of the files that the weights are in, by their index. Raises InputError for one outside of the folder."""
    named = sorted(set(read_json(folder / INDEX).get("weight_map", {}).values()))
    if not named or not all(isinstance(name, str) and SHARD.fullmatch(name) for name in named):
        raise InputError(f"{folder / INDEX}: weight_map: got {named or 'nothing'}, wanted names of .safetensors files")
    return named


def read_tensors(folder: Path, allow_pickle: bool, sha256: str | None) -> dict[str, Tensor]:
    """All tensors by name; floating-point ones as fp32."""
    if (folder / WEIGHTS).exists() or (folder / INDEX).exists():
        names = [WEIGHTS] if (folder / WEIGHTS).exists() else shards(folder)
        parts = [_safetensors(folder / name, sha256 if len(names) == 1 else None) for name in names]
        tensors = {name: tensor for part in parts for name, tensor in part.items()}
    else:
        tensors = _pickled(folder / PICKLE, allow_pickle, sha256)
    return {name: value.float() if value.is_floating_point() else value for name, value in tensors.items()}


def _safetensors(path: Path, sha256: str | None) -> dict[str, Tensor]:
    if not path.exists():
        raise InputError(f"{path}: no such file, but {INDEX} names it; fetch it too")
    _same(path, sha256)
    try:
        return load_file(path)
    except SafetensorError as error:
        size = path.stat().st_size
        raise InputError(f"{path}: {size:,} bytes are no whole safetensors file ({error}); fetch it again") from None


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
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError) as error:
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise InputError(f"{path}: holds more or less than plain tensors ({reason}); fetch or convert it") from None
    if not isinstance(tensors, dict) or not all(isinstance(one, Tensor) for one in tensors.values()):
        raise InputError(f"{path}: got {type(tensors).__name__}, wanted tensors by name; convert it to {WEIGHTS}")
    return tensors


def _same(path: Path, sha256: str | None) -> None:
    if sha256 and (found := files.sha256(path)) != sha256.lower():
        raise InputError(f"{path}: got sha256 {found}, wanted {sha256}; fetch it again or correct the preset")
