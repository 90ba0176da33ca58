"""Environments: exact pins, the same versions as the lock file, and everything that a script imports."""

import ast
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ROOT / "workflow/scripts"
LIBRARY = SCRIPTS / "dnalm"
CONDA_NAMES = {"matplotlib-base": "matplotlib", "pytorch-gpu": "torch", "pybigwig": "pybigwig"}
IMPORTS = {
    "sklearn": "scikit-learn",
    "pyBigWig": "pybigwig",
    "torch": "pytorch-gpu",
    "matplotlib": "matplotlib-base",
}
DIFFERS = {"pybedtools": "conda has 0.12.0, PyPI wheels begin with 0.12.1"}


def environment(path):
    values = yaml.safe_load(path.read_text())
    assert values["channels"][-1] == "nodefaults"
    assert all(isinstance(one, str) and re.fullmatch(r"[\w-]+=[\d.]+", one) for one in values["dependencies"]), path
    return dict(one.split("=") for one in values["dependencies"])


def locked():
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return dict(line.split("==") for line in lines if re.match(r"[\w.-]+==", line))


@pytest.mark.parametrize("name", ["data", "torch", "plot"])
def test_pins_agree_with_the_lock(name):
    lock = locked()
    for package, version in environment(ROOT / f"envs/{name}.yaml").items():
        package = CONDA_NAMES.get(package, package)
        if package in lock and package not in DIFFERS:
            assert lock[package] == version, package


def rules():
    """(rule, script, environment) of every rule."""
    for path in sorted((ROOT / "workflow/rules").glob("*.smk")):
        for block in re.split(r"(?m)^rule ", path.read_text())[1:]:
            script = re.search(r"\{params\.scripts:q\}/(\w+)\.py", block)[1]
            yield block.split(":")[0], script, re.search(r"envs/(\w+)\.yaml", block)[1]


@pytest.mark.parametrize("rule, script, name", list(rules()))
def test_an_environment_has_what_its_scripts_import(rule, script, name):
    have = {*environment(ROOT / f"envs/{name}.yaml"), "dnalm"}
    for package in reached(ROOT / f"workflow/scripts/{script}.py", set()):
        assert IMPORTS.get(package, package) in have, f"{rule}: {package} is not in envs/{name}.yaml"


def reached(path, seen):
    """Third-party packages that a script and the project modules it imports need."""
    import sys

    found = set()
    if path in seen:
        return found
    seen.add(path)
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            top, *rest = name.split(".")
            if top == "dnalm":
                inner = LIBRARY.joinpath(*rest).with_suffix(".py")
                found |= reached(inner, seen) if inner.exists() else set()
            elif top not in sys.stdlib_module_names:
                found.add(top)
    return found


def test_imports_are_followed_into_wings():
    """Were they not, any environment would do: a scan needs torch by way of networks, FASTA and bigWig by others."""
    seen = set()
    assert {"torch", "transformers", "pysam", "pyBigWig", "pybedtools"} <= reached(SCRIPTS / "scan_genome.py", seen)
    assert {path.parent.name for path in seen} >= {"scan", "networks", "tokens", "genome", "dna", "metrics"}
    for script in SCRIPTS.glob("*.py"):
        reached(script, seen)
    assert {path for path in LIBRARY.rglob("*.py") if path.name != "__init__.py"} - seen <= {LIBRARY / "fingerprint.py"}


def test_transformers_rules_that_a_solver_enforces():
    lock = locked()
    assert lock["tokenizers"].startswith("0.22")
    assert int(lock["numpy"].split(".")[1]) < 5
    assert int(lock["huggingface-hub"].split(".")[0]) < 2


def test_figures_need_neither_torch_nor_pysam():
    """They are drawn on laptops and login nodes; the tables that they read are light."""
    assert not {"pytorch-gpu", "transformers", "pysam"} & set(environment(ROOT / "envs/plot.yaml"))
