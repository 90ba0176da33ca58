"""A project of its own for each test, as a fresh clone is, and Snakemake run in it."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("Snakefile", "workflow", "config", "envs", "resources/motifs", "resources/contigs", "slurm")
BIN = Path(sys.executable).parent
TINY = ("--configfile", "config/tiny.yaml")


def copied(folder):
    """A project of its own, as a fresh clone is."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, folder / part)
    return folder


def tiny_results(cache, made=None):
    """Results of the tiny graph, run without Slurm from the code as it is, or None; `made`: a project to keep them of.

    They lie in pytest's cache, so that the tests on a cluster need not make again what the slow tests made.
    """
    code = hashlib.sha256()
    for path in sorted(one for part in PARTS for one in (ROOT / part, *(ROOT / part).rglob("*")) if one.is_file()):
        if "__pycache__" not in path.parts:
            code.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    folder = Path(cache.mkdir("tiny")) / code.hexdigest()[:16]
    if made is not None:
        shutil.rmtree(folder.parent)
        for part in ("results", "resources/genomes"):
            shutil.copytree(made / part, folder / part)
    return folder if folder.exists() else None


def snakemake(folder, *words, ok=True, behind=(), **variables):
    """What a run in a folder prints, put behind another command; it must end well, or not at all well with ok=False."""
    environment = os.environ | {"PATH": f"{folder / 'bin'}:{BIN}:{os.environ['PATH']}"} | variables
    done = subprocess.run(
        [*behind, "snakemake", *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    text = done.stdout + done.stderr
    assert (done.returncode == 0) == ok, text[-4000:]
    return text


def planned(text):
    """Rules that a dry run would execute."""
    return {line.split()[1].rstrip(":") for line in text.splitlines() if line.startswith(("rule ", "localrule "))}
