"""A published checkpoint's folder read: configuration and weights, and nothing in it is ever run."""

from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor

from dnalm import texts
from dnalm.errors import InputError, one_line
from dnalm.networks import objectives
from dnalm.published import weights

TOKENIZER_FILES = ("tokenizer.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json")


class Published(NamedTuple):
    """What a folder holds: config.json, tensors by their published names, what the model was trained for."""

    folder: Path
    config: dict[str, Any]
    tensors: dict[str, Tensor]
    objective: str


def read(folder: Path, *, allow_pickle: bool = False, sha256: str | None = None) -> Published:
    """Read a checkpoint; `sha256` is that of the file of weights, where it is known.

    Raises InputError, one line, for a file that is missing, damaged or another, for a pickle that is not allowed, for
    quantized weights, and for a folder that holds several models.
    """
    folder = Path(folder)
    _check_one(folder)
    config = read_json(folder / "config.json")
    if method := config.get("quantization_config") or config.get("compression_config"):
        named = method.get("quant_method", "weights of few bits") if isinstance(method, dict) else method
        raise InputError(f"{folder}/config.json: quantization_config: {weights.quantized(one_line(named, 60))}")
    objective = objective_of(config, folder)
    return Published(folder, config, weights.read(folder, allow_pickle, sha256), objective)


def _check_one(folder: Path) -> None:
    """Refuse a folder of folders, such as a trainer's checkpoint-500 and checkpoint-1000: which one, only you know."""
    if folder.is_file():
        raise InputError(f"{folder}: is a file; wanted a Hugging Face folder, with config.json, weights and tokenizer")
    inside = sorted({path.parent.name for path in folder.glob("*/config.json")})
    has_weights = any(folder.glob("*.safetensors")) or any(
        (folder / name).exists() for name in (weights.INDEX, weights.PICKLE)
    )
    if inside and not ((folder / "config.json").exists() and has_weights):
        got = f"models in {len(inside)} folders" if len(inside) > 1 else "a model in a folder"
        named = ", ".join(inside[:8]) + (" …" if len(inside) > 8 else "")
        raise InputError(
            f"{folder}: got {got} ({named}) and none here, wanted one model; name the folder that it is in"
        )


def read_json(path: Path) -> dict[str, Any]:
    """A JSON file that holds a mapping."""
    if not path.exists():
        raise InputError(f"{path}: no such file; wanted a Hugging Face folder, with config.json, weights and tokenizer")
    values = texts.read_json(path)
    if not isinstance(values, dict):
        raise InputError(f"{path}: got {type(values).__name__}, wanted keys and values; fetch it again")
    return values


def objective_of(config: dict[str, Any], folder: Path) -> str:
    """What a model was trained for: "mlm", "clm" or "classify", by its config's `architectures`."""
    named = config.get("architectures")
    if objective := objectives.objective_of(named, objectives.PUBLISHED):
        return objective
    got = named[0] if isinstance(named, list) and named else named or "none"
    raise InputError(
        f"{folder}/config.json: architectures: got {one_line(got, 80)}, wanted one ending in "
        f"{', '.join(objectives.PUBLISHED)}; correct it where you know what the weights are"
    )
