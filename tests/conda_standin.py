"""A stand-in for `conda`: the calls that Snakemake makes of it, answered by a real solver and a real linker.

py-rattler reads the environment file, solves it with strict priorities over the channels of `conda_channel.py`, and
links the packages into the prefix. Nothing is fetched. ROOT, its first argument, plays the base environment.
"""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

TESTS = Path(__file__).parent


def put(folder: Path) -> None:
    """Give a project a `conda` and its `activate`, in the `bin` that `project.snakemake` has first in PATH."""
    (folder / "bin").mkdir()
    (folder / "bin/activate").write_text('export CONDA_PREFIX="$1" PATH="$1/bin:$PATH"\n')
    conda = folder / "bin/conda"
    conda.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}" "{folder}" "$@"\n')
    conda.chmod(0o755)


def fill(folder: Path) -> None:
    """Give it channels of what the project's environment files name."""
    files = sorted((folder / "envs").glob("*.yaml"))
    subprocess.run([sys.executable, TESTS / "conda_channel.py", folder / "channels", *files], check=True)


def answers(root: Path) -> dict[tuple[str, ...], str]:
    """What is said to each call that makes nothing."""
    return {
        ("--version",): "conda 25.1.0",
        ("info", "--json"): json.dumps({"conda_prefix": str(root), "platform": "linux-64"}),
        ("config", "--get", "channel_priority", "--json"): json.dumps({"get": {"channel_priority": "strict"}}),
        ("clean", "-y", "--tarballs"): "nothing to clean",
    }


async def create(root: Path, path: Path, prefix: Path) -> None:
    """Make the environment of a file, as `conda env create` does."""
    from rattler import Channel, ChannelPriority, VirtualPackage, install, solve

    wanted = yaml.safe_load(path.read_text())
    records = await solve(
        [Channel((root / "channels" / name).as_uri()) for name in wanted["channels"] if name != "nodefaults"],
        wanted["dependencies"],
        platforms=["linux-64", "noarch"],
        virtual_packages=VirtualPackage.detect(),
        channel_priority=ChannelPriority.Strict,
    )
    await install(records, prefix, cache_dir=root / "pkgs", show_progress=False)


def main(root: Path, words: list[str]) -> int:
    """Answer one call; 1 and a line where there is no solution or the call is not known."""
    if answer := answers(root).get(tuple(words)):
        print(answer)
        return 0
    if words[:2] != ["env", "create"]:
        print(f"the stand-in for conda does not know {words}", file=sys.stderr)
        return 1
    try:
        asyncio.run(create(root, *(Path(words[words.index(option) + 1]) for option in ("--file", "--prefix"))))
    except Exception as error:
        print(f"LibMambaUnsatisfiableError: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    code = main(Path(sys.argv[1]), sys.argv[2:])
    sys.stdout.flush()
    os._exit(code)  # threads of py-rattler can crash an interpreter that is closing
