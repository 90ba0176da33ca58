"""The card beside every result: what made it, from what, with which code, where and at what cost."""

import os
import platform
import resource
import shlex
import sys
import time
from importlib import metadata
from pathlib import Path

from dnalm import __version__
from dnalm.files import sha256, write_json
from dnalm.fingerprint import fingerprint

PACKAGES = ("torch", "transformers", "tokenizers", "safetensors", "numpy", "pandas", "scipy", "pysam", "pybedtools")


def write_card(
    output: Path, script: Path, options: dict, inputs: list[Path], outputs: list[Path], started: float
) -> Path:
    """Write `{output}.card.json`, or `card.json` inside an output folder, and return its path.

    `options` is the whole typed command line, so it is also the part of the configuration that this result
    depends on; `started` is `time.time()` at the start.
    """
    card = output / "card.json" if output.is_dir() else output.with_name(f"{output.name}.card.json")
    usage = resource.getrusage(resource.RUSAGE_SELF)
    write_json(
        card,
        {
            "dnalm": __version__,
            "command": shlex.join([Path(sys.executable).name, *sys.argv]),
            "options": {key: str(value) if isinstance(value, Path) else value for key, value in options.items()},
            "inputs": {str(path): sha256(path) for path in inputs},
            "outputs": [str(path) for path in outputs],
            "code": fingerprint(script),
            "seed": options.get("seed"),
            "versions": {"python": platform.python_version(), **_versions()},
            "device": _device(),
            "threads": os.environ.get("OMP_NUM_THREADS"),
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
            "wall_s": round(time.time() - started, 2),
            "peak_memory_mb": round(usage.ru_maxrss / 1024, 1),
        },
    )
    return card


def _versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in PACKAGES if name in sys.modules}


def _device() -> str:
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        return torch.cuda.get_device_name()
    return f"cpu ({platform.machine()})"
