"""A conda channel, `file://`, of what environment files name; `conda_standin.py` is the `conda` that reads it.

Real: archives, index, versions, and what each package asks of others, as its installed metadata and SOLVER_RULES say.
Not real: the contents. They are links to what is installed here, so that a prefix made of them is a virtual environment
whose Python imports what its packages bring, and nothing else.
"""

import asyncio
import io
import json
import os
import re
import shutil
import sys
import tarfile
from functools import cache
from importlib.metadata import distribution
from pathlib import Path, PurePosixPath

import yaml
from packaging.requirements import Requirement

PYPI_NAMES = {"matplotlib-base": "matplotlib", "pytorch-gpu": "torch"}  # of what conda calls otherwise
CONDA_NAMES = {pypi: conda for conda, pypi in PYPI_NAMES.items()}
CONDA_ONLY = ("python", "bedtools", "mmseqs2", "cuda-version")  # not Python packages
COMMANDS = {"mmseqs2": "mmseqs"}  # of packages that are called otherwise
BIOCONDA = ("bedtools", "mmseqs2", "pybedtools", "pybigwig", "pysam")
SITE = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
# What conda's recipes of these series ask for. Not all of it is in PyPI's metadata, as setuptools for torch.
SOLVER_RULES = {
    ("transformers", "5.15"): {"tokenizers": ">=0.22,<=0.23.0", "safetensors": ">=0.8", "huggingface-hub": "<2"},
    ("numba", "0.66"): {"numpy": "<2.5"},
    ("pytorch-gpu", "2.13"): {"setuptools": "<82"},
}
NOT_INSTALLED = {"setuptools": "81.0.0"}


def pins(path: Path) -> dict[str, str]:
    """{package: version} of an environment file."""
    return dict(one.split("=") for one in yaml.safe_load(path.read_text())["dependencies"])


def ruled(name: str, version: str) -> dict[str, str]:
    """What the solver's rules say that a version of a package asks of others."""
    return SOLVER_RULES.get((name, ".".join(version.split(".")[:2])), {})


def conda_name(name: str) -> str:
    """What conda calls a package of PyPI."""
    plain = re.sub(r"[-_.]+", "-", name).lower()
    return CONDA_NAMES.get(plain, plain)


@cache
def installed(name: str) -> tuple[dict[str, str], dict[str, str]]:
    """({package: versions} that an installed package asks for, {place in a prefix: what lies there})."""
    here = distribution(PYPI_NAMES.get(name, name))
    asked = map(Requirement, here.requires or [])
    asked = [one for one in asked if not one.marker or one.marker.evaluate({"extra": ""})]
    tops = {PurePosixPath(path).parts[0] for path in here.files if path.parts[0] not in ("..", "__pycache__")}
    links = {f"{SITE}/{top}": str(here.locate_file(top)) for top in tops}
    return {conda_name(one.name): str(one.specifier) for one in asked}, links


def available(name: str) -> str:
    """The version of a package that no file pins: what is installed, where the solver's rules let it be."""
    return NOT_INSTALLED.get(name) or distribution(PYPI_NAMES.get(name, name)).version.split("+")[0]


def contents(name: str) -> tuple[dict[str, str], dict[str, str]]:
    """The same of any package: bedtools is a link too, python the interpreter of a virtual environment."""
    if name == "python":
        return {}, {"bin/python": str(Path(sys.executable).resolve()), "pyvenv.cfg": f"{sys.prefix}/pyvenv.cfg"}
    if name in CONDA_ONLY:
        name = COMMANDS.get(name, name)
        return {}, {f"bin/{name}": found} if (found := shutil.which(name)) else {}
    return installed(name)


def write_package(folder: Path, name: str, version: str, depends: list[str], links: dict[str, str]) -> None:
    """One archive, as conda lays them out."""
    about = {"name": name, "version": version, "build": "standin_0", "build_number": 0, "depends": depends}
    about |= {"constrains": [], "subdir": "noarch", "noarch": "generic", "license": "none"}
    listed = [{"_path": path, "path_type": "softlink", "size_in_bytes": 0} for path in links]
    files = {"info/index.json": json.dumps(about), "info/files": "\n".join(links)}
    files["info/paths.json"] = json.dumps({"paths_version": 1, "paths": listed})
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(folder / f"{name}-{version}-standin_0.tar.bz2", "w:bz2") as archive:
        for path, text in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
        for path, target in links.items():
            entry = tarfile.TarInfo(path)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)


def main(folder: Path, paths: list[Path]) -> None:
    """Make the channels: every version that the files pin, and what it needs in the version that is installed."""
    from rattler.index import index_fs

    wanted, made = [pin for path in paths for pin in pins(path).items()], set()
    while wanted:
        name, version = wanted.pop()
        if (name, version) in made:
            continue
        made.add((name, version))
        asked, links = contents(name)
        wanted += [(other, available(other)) for other in asked]
        bounds = [asked, ruled(name, version)]
        depends = [f"{other} {','.join(one[other] for one in bounds if one.get(other))}".strip() for other in asked]
        channel = folder / ("bioconda" if name in BIOCONDA else "conda-forge")
        write_package(channel / "noarch", name, version, depends, links)
    for channel in ("bioconda", "conda-forge"):
        (folder / channel / "noarch").mkdir(parents=True, exist_ok=True)
        asyncio.run(index_fs(folder / channel, write_shards=False, write_zst=False))


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(path) for path in sys.argv[2:]])
    sys.stdout.flush()
    os._exit(0)  # threads of py-rattler can crash an interpreter that is closing
