"""The files of a checkpoint on Hugging Face's hub, at one revision: fetched, compared, listed.

A revision is a commit, so the same name gives the same files for ever; what came first is recorded all the same.
"""

from pathlib import Path

from dnalm import files
from dnalm.errors import AbsentError, InputError
from dnalm.genome import lockfile
from dnalm.genome.download import Wanted, download
from dnalm.published import folder as published
from dnalm.published import weights

ENDPOINT = "https://huggingface.co"


def fetch(
    hub: str,
    revision: str,
    folder: Path,
    *,
    sha256: str | None = None,
    allow_pickle: bool = False,
    lock: Path | None = None,
    endpoint: str = ENDPOINT,
    attempts: int = 6,
) -> dict[str, str]:
    """Fetch configuration, weights and tokenizer of `hub` (owner/name) into `folder`: sha256 of each file by name.

    Safetensors are taken, whole or in shards; a pickle only where that is allowed and there is nothing else. `sha256`
    is that of the weights. Raises InputError for a hub without weights that may be read, and as `download` does.
    """

    def get(name: str, wanted: str | None = None) -> None:
        address = f"{endpoint}/{hub}/resolve/{revision}/{name}"
        first = lockfile.recall(lock, address) if lock else None
        known = wanted or (first.sha256 if first else None)
        if known and (folder / name).exists() and files.sha256(folder / name) == known:
            return  # it came before an interruption
        options = {"wanted": Wanted(wanted), "lock": lock, "unpack": False, "attempts": attempts}
        download(address, folder / name, **options)

    def there(name: str, wanted: str | None = None) -> bool:
        try:
            get(name, wanted)
        except AbsentError:
            return False
        return True

    get("config.json")
    names = ["config.json", *(name for name in published.TOKENIZER_FILES if there(name))]
    if there(weights.WEIGHTS, sha256):
        names.append(weights.WEIGHTS)
    elif there(weights.INDEX):
        parts = weights.shards(folder)
        for part in parts:
            get(part)
        names += [weights.INDEX, *parts]
    elif allow_pickle and there(weights.PICKLE, sha256):
        names.append(weights.PICKLE)
    else:
        raise InputError(
            f"{hub} at {revision}: got no {weights.WEIGHTS}, wanted weights as safetensors; name a revision that has "
            "them, or pin the sha256 of its pickle and say allow_pickle: true under import of the model preset"
        )
    return {name: files.sha256(folder / name) for name in names}
