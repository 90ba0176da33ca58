"""Checkpoints that survive anything: safetensors and JSON, whole or ignored, keyed by what they belong to.

They live outside every declared output (Snakemake deletes those when a job fails) in a folder named after the hash of
data, options and code, so that a changed configuration never resumes a foreign state. A DONE file, written last, holds
the size of each part: a truncated checkpoint is passed over for the one before.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from dnalm.errors import InputError
from dnalm.files import sha256
from dnalm.fingerprint import fingerprint
from dnalm.logs import log

FINISHED = "finished"
KEY = 16  # hexadecimal digits that name the folder of a run


def folder_for(root: Path, script: Path, inputs: list[Path], options: dict) -> Path:
    """The folder for one run's state: `root`/hash of the code, the inputs' contents and the options."""
    parts = {"code": fingerprint(script), "inputs": [sha256(path) for path in inputs], "options": options}
    key = hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:KEY]
    return Path(root) / key


def save_best(folder: Path, step: int, model: nn.Module) -> None:
    """Keep the weights of the best evaluation so far beside the checkpoints."""
    path = folder / "best" / f"{step}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    save_file(_tensors(model), part)
    os.replace(part, path)


def load_best(folder: Path, step: int) -> dict[str, Tensor]:
    """The weights that `save_best` kept for a step."""
    return load_file(folder / "best" / f"{step}.safetensors")


def _tensors(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone().contiguous() for name, value in model.state_dict().items()}


def save(folder: Path, model: nn.Module, optimizers: list[Optimizer], state: dict) -> None:
    """Write step-N/ with its DONE file last, then drop all but the two newest whole checkpoints.

    Where the disk is full the new one is given up and those before it stay: InputError.
    """
    here = folder / f"step-{state['step']:09d}"
    try:
        _write(here, state, model=_tensors(model), optimizer=_moments(optimizers))
    except (OSError, SafetensorError) as error:
        kept = whole_checkpoints(folder)
        last = (
            f"the checkpoint of step {int(kept[-1].name[5:])} is whole" if kept else "no checkpoint was written before"
        )
        raise InputError(
            f"{here} cannot be written ({error}); {last}: make room for it there and run the same again"
        ) from None
    for old in whole_checkpoints(folder)[:-2]:
        shutil.rmtree(old)


def _write(here: Path, state: dict, **tensors: dict[str, Tensor]) -> None:
    """Write a folder of tensors and a state, its DONE file last; where that fails there is no such folder."""
    shutil.rmtree(here, ignore_errors=True)
    try:
        here.mkdir(parents=True)
        for name, values in tensors.items():
            save_file(values, here / f"{name}.safetensors")
        (here / "state.json").write_text(json.dumps(state), encoding="utf-8")
        sizes = {path.name: path.stat().st_size for path in here.iterdir()}
        (here / "DONE").write_text(json.dumps(sizes), encoding="utf-8")
    except (OSError, SafetensorError):
        shutil.rmtree(here, ignore_errors=True)
        raise


def _moments(optimizers: list[Optimizer]) -> dict[str, Tensor]:
    """What the optimizers remember, named {optimizer}.{weight}.{what}."""
    return {
        f"{number}.{key}.{name}": value.contiguous()
        for number, optimizer in enumerate(optimizers)
        for key, one in optimizer.state_dict()["state"].items()
        for name, value in one.items()
    }


def whole_checkpoints(folder: Path) -> list[Path]:
    """Checkpoints of a folder, oldest first, that carry their DONE file and have the sizes that it names."""
    return [here for here in sorted(folder.glob("step-*")) if _whole(here)]


def _whole(here: Path) -> bool:
    done = here / "DONE"
    if not done.exists():
        return False
    sizes = json.loads(done.read_text(encoding="utf-8"))
    return all((here / name).exists() and (here / name).stat().st_size == size for name, size in sizes.items())


def _read(here: Path, *names: str, otherwise: str) -> tuple | None:
    """What `_write` wrote: the state, then the tensors of each name; None where that is not to be read."""
    try:
        tensors = [load_file(here / f"{name}.safetensors") for name in names]
        return json.loads((here / "state.json").read_text(encoding="utf-8")), *tensors
    except (OSError, ValueError, SafetensorError) as error:
        log.info(f"{here} cannot be read ({error}); {otherwise}")
        return None


def resume(folder: Path, model: nn.Module, optimizers: list[Optimizer]) -> dict | None:
    """Load the newest whole checkpoint into model and optimizers and return its state; None where there is none."""
    for here in reversed(whole_checkpoints(folder)):
        read = _read(here, "model", "optimizer", otherwise="trying the one before")
        if read is None:
            continue
        state, weights, moments = read
        model.load_state_dict(weights)
        for number, optimizer in enumerate(optimizers):
            grouped: dict[int, dict[str, Tensor]] = {}
            for name, value in moments.items():
                owner, key, field = name.split(".", 2)
                if int(owner) == number:
                    grouped.setdefault(int(key), {})[field] = value
            optimizer.load_state_dict({"state": grouped, "param_groups": optimizer.state_dict()["param_groups"]})
        log.info(f"resumed at step {state['step']} from {here}")
        return state
    return None


def finish(folder: Path, model: nn.Module, state: dict) -> None:
    """Keep the weights of a training that is over in place of its checkpoints, until another of the same result ends.

    A time limit or a lost node may still take the results, whose files Snakemake deletes then; with this the next
    attempt writes them again and trains nothing. Where there is no room for it the checkpoints stay, which serve too.
    """
    try:
        _write(folder / FINISHED, state, model=_tensors(model))
    except (OSError, SafetensorError) as error:
        log.info(f"{folder / FINISHED} cannot be written ({error}); going on without")
        return
    for other in folder.parent.glob("[0-9a-f]" * KEY + f"/{FINISHED}"):
        if other.parent != folder:
            shutil.rmtree(other.parent)
    for old in (*folder.glob("step-*"), folder / "best"):
        shutil.rmtree(old, ignore_errors=True)


def finished(folder: Path, model: nn.Module) -> dict | None:
    """Load the weights of a training that is over and return its state; None where it is not, or cannot be read."""
    here = folder / FINISHED
    read = _read(here, "model", otherwise="training again") if _whole(here) else None
    if read is None:
        return None
    state, weights = read
    model.load_state_dict(weights)
    log.info(f"trained before, to step {state['step']}; the weights are those of {here}, delete it to train again")
    return state
