"""A poor machine: no network, no compiler, no writable home, the C locale, no root. Each where it may be had here."""

import os
import shutil
import subprocess
from pathlib import Path

from project import BIN

COMPILERS = ("cc", "c++", "gcc", "g++", "c89", "c99", "clang", "cpp", "ld", "as", "nvcc", "x86_64-linux-gnu-")
VARIABLES = {"HOME": "/dev/null", "LC_ALL": "C", "CC": "/nonexistent/cc", "CXX": "/nonexistent/c++"}
NOBODY = "65534"


def without_compilers(folder):
    """A PATH that has all that this one has, but for compilers; an environment is found by its own programs alone."""
    folder.mkdir(parents=True)
    for place in reversed(os.environ["PATH"].split(os.pathsep)):
        for program in Path(place).iterdir() if Path(place).is_dir() else ():
            if not program.name.startswith(COMPILERS) or program.name.startswith("ldd"):
                (folder / program.name).unlink(missing_ok=True)
                (folder / program.name).symlink_to(program)
    return f"{BIN}{os.pathsep}{folder}"


def without_network():
    """What a command is put behind to see no network, not even its own machine's; nothing where that is refused."""
    as_root, as_user = ["unshare", "--net"], ["unshare", "--user", "--map-current-user", "--net"]
    return next((way for way in (as_root, as_user) if works([*way, "true"])), [])


def without_root(*folders):
    """What a command is put behind so that nobody runs it, to whom the folders are given; nothing where no root is."""
    way = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]
    shell = ["bash", "-c", 'PATH="$0:$PATH"; python -c "import snakemake"', str(BIN)]
    if os.geteuid() or not works([*way, *shell]):  # an environment made by root may be closed to others
        return []
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, int(NOBODY), int(NOBODY))
    return way


def works(command):
    return bool(shutil.which(command[0])) and not subprocess.run(command, capture_output=True, check=False).returncode
