"""Environments: exact pins, the lock's versions, what a solver would ask, and everything that a script imports."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from conda_channel import CONDA_ONLY, PYPI_NAMES, SOLVER_RULES, pins, ruled
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ROOT / "workflow/scripts"
LIBRARY = SCRIPTS / "dnalm"
ENVIRONMENTS = ("data", "torch", "plot", "similarity", "parquet")
IMPORTS = {
    "sklearn": "scikit-learn",
    "pyBigWig": "pybigwig",
    "torch": "pytorch-gpu",
    "matplotlib": "matplotlib-base",
}
# These read the labels in BASELINES and run none of it; torch is imported by the functions that they do not call.
READ_THE_TABLE = {
    "evaluate_model",
    "measure_label_curve",
    "draw_evaluation",
    "draw_regions",
    "draw_scan",
    "draw_label_curve",
    "draw_leaderboard",
    "draw_trajectory",
    "rank_models",
    "score_peaks",
}
DIFFERS = {"pybedtools": "conda has 0.12.0, PyPI wheels begin with 0.12.1"}


def environment(path):
    values = yaml.safe_load(path.read_text())
    assert set(values) == {"channels", "dependencies"}
    assert values["channels"] == ["conda-forge", "bioconda", "nodefaults"]
    assert all(isinstance(one, str) and re.fullmatch(r"[\w-]+=\d[\w.]+", one) for one in values["dependencies"]), path
    return pins(path)


def locked():
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return dict(line.split("==") for line in lines if re.match(r"[\w.-]+==", line))


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_pins_agree_with_the_lock(name):
    lock = locked()
    for package, version in environment(ROOT / f"envs/{name}.yaml").items():
        if package not in {*CONDA_ONLY, *DIFFERS}:
            assert lock.get(PYPI_NAMES.get(package, package)) == version, package


def test_the_lock_has_what_is_asked_of_it():
    asked = [Requirement(one) for one in (ROOT / "requirements.in").read_text().split()]
    assert {one.name for one in asked if "==" in str(one.specifier)} > {"torch", "transformers", "numpy", "snakemake"}
    for one in asked:
        assert one.specifier.contains(locked()[canonicalize_name(one.name)]), one


def test_environments_agree_with_each_other():
    """Also on what no lock has: one Python, one bedtools."""
    every = {name: environment(ROOT / f"envs/{name}.yaml") for name in ENVIRONMENTS}
    for package in {package for found in every.values() for package in found}:
        versions = {name: found[package] for name, found in every.items() if package in found}
        assert len(set(versions.values())) == 1, (package, versions)
    python = every["data"]["python"]
    assert all("python" in found for found in every.values())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert SpecifierSet(project["requires-python"]).contains(python)
    assert SpecifierSet(">=3.11,<3.14").contains(python), "the versions that the pinned packages were seen built for"


def rules():
    """(rule, script, environment) of every rule."""
    for path in sorted((ROOT / "workflow/rules").glob("*.smk")):
        for block in re.split(r"(?m)^rule ", path.read_text())[1:]:
            script = re.search(r"\{params\.scripts:q\}/(\w+)\.py", block)[1]
            yield block.split(":")[0], script, re.search(r"envs/(\w+)\.yaml", block)[1]


@pytest.mark.parametrize("rule, script, name", list(rules()))
def test_an_environment_has_what_its_scripts_import(rule, script, name):
    have = {*environment(ROOT / f"envs/{name}.yaml"), "dnalm"}
    for package in reached(ROOT / f"workflow/scripts/{script}.py", set(), lazy=script not in READ_THE_TABLE):
        assert IMPORTS.get(package, package) in have, f"{rule}: {package} is not in envs/{name}.yaml"


def reached(path, seen, lazy=True):
    """Third-party packages that a script and the project modules it imports need; `lazy`: inside functions too."""
    found = set()
    if path in seen:
        return found
    seen.add(path)
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree) if lazy else tree.body:
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            top, *rest = name.split(".")
            if top == "dnalm":
                inner = LIBRARY.joinpath(*rest).with_suffix(".py")
                found |= reached(inner, seen, lazy) if inner.exists() else set()
            elif top not in sys.stdlib_module_names:
                found.add(top)
    return found


def test_what_only_reads_the_table_of_baselines_runs_without_torch():
    """Imported, and its labels read, where torch and transformers cannot be had."""
    code = """
import sys
class Bare:
    def find_spec(self, name, *_):
        if name in ("torch", "transformers", "accelerate"):
            raise ImportError(name)
sys.meta_path.insert(0, Bare())
"""
    code += f"import {', '.join(sorted(READ_THE_TABLE))}; print(*draw_evaluation.LOOKS)"
    done = subprocess.run([sys.executable, "-c", code], cwd=SCRIPTS, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()[:1]) == (0, ["model"]), done.stderr
    assert "torch" in reached(SCRIPTS / "draw_evaluation.py", set())  # there is something that must not be imported


def test_imports_are_followed_into_wings():
    """Were they not, any environment would do: a scan needs torch by way of networks, FASTA and bigWig by others."""
    seen = set()
    assert {"torch", "transformers", "pysam", "pyBigWig", "pybedtools"} <= reached(SCRIPTS / "scan_genome.py", seen)
    assert {path.parent.name for path in seen} >= {"scan", "networks", "tokens", "genome", "dna", "metrics"}
    for script in SCRIPTS.glob("*.py"):
        reached(script, seen)
    assert {path for path in LIBRARY.rglob("*.py") if path.name != "__init__.py"} - seen <= {LIBRARY / "fingerprint.py"}


def broken(found):
    """Pins that the solver's rules forbid: (who asks, what for, the version found)."""
    for name, version in found.items():
        for other, versions in ruled(name, version).items():
            if other in found and not SpecifierSet(versions).contains(found[other]):
                yield name, f"{other} {versions}", found[other]


def test_the_solvers_rules_are_kept_by_every_environment_and_by_the_lock():
    for name in ENVIRONMENTS:
        assert list(broken(environment(ROOT / f"envs/{name}.yaml"))) == []
    assert list(broken(locked())) == []


def test_there_is_a_rule_for_what_is_pinned():
    """A pin that moves to another series needs its own rules: those of the old one would pass without a look."""
    found = environment(ROOT / "envs/torch.yaml")
    for name, series in SOLVER_RULES:
        assert found[name].startswith(f"{series}."), f"{name} {found[name]}: SOLVER_RULES has {series} only"


@pytest.mark.parametrize(
    "package, version",
    [
        ("tokenizers", "0.21.4"),
        ("tokenizers", "0.23.1"),
        ("safetensors", "0.7.0"),
        ("huggingface-hub", "2.0.0"),
        ("numpy", "2.5.0"),
        ("setuptools", "82.0.0"),
    ],
)
def test_a_pin_that_a_solver_would_refuse_is_found(package, version):
    found = environment(ROOT / "envs/torch.yaml")
    assert [what.split()[0] for _, what, _ in broken(found | {package: version})] == [package]


def test_what_will_not_install_is_in_no_environment():
    """Known to crash, to drag in a database, or to want a compiler: users' first complaint about DNA models."""
    unwanted = {"cyvcf2", "genomepy", "datasets", "triton", "flash-attn", "mamba-ssm", "pytorch", "pip"}
    assert not unwanted & {package for name in ENVIRONMENTS for package in environment(ROOT / f"envs/{name}.yaml")}
    assert not unwanted - {"pip"} & set(locked())


def test_figures_need_neither_torch_nor_pysam():
    """They are drawn on laptops and login nodes; the tables that they read are light."""
    assert not {"pytorch-gpu", "transformers", "pysam"} & set(environment(ROOT / "envs/plot.yaml"))
