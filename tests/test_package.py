"""`pip install .` gives the library whole, under one version; GitHub runs what a fresh clone must pass."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

import dnalm

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "workflow/scripts"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DISTRIBUTIONS = {"sklearn": "scikit-learn"}  # modules that are not called what their package is called


def modules(folder):
    return {str(path.relative_to(folder)) for path in (folder / "dnalm").rglob("*.py")}


def test_one_version():
    """`dnalm.__version__` is the one place: the package reads it there, citation and changes name the same."""
    assert "version" not in PROJECT
    assert PROJECT["dynamic"] == ["version"]
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == dnalm.__version__
    assert f"\n## {dnalm.__version__}\n" in (ROOT / "CHANGELOG.md").read_text()


def test_dependencies_are_what_the_library_imports():
    imported = set()
    for path in (SOURCES / "dnalm").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            imported |= {name.split(".")[0] for name in names}
    imported -= {"dnalm", *sys.stdlib_module_names}
    assert {DISTRIBUTIONS.get(name, name) for name in imported} == {Requirement(one).name for one in wanted()}


def test_the_tested_releases_satisfy_the_dependencies():
    lines = (ROOT / "requirements.lock").read_text().lower().splitlines()
    locked = dict(line.split("==") for line in lines if re.match(r"[\w.-]+==", line))
    for one in map(Requirement, [*wanted(), *build_system()["requires"]]):
        assert one.specifier, one
        assert one.specifier.contains(locked[one.name.lower()]), one


def wanted():
    return PROJECT["dependencies"]


def build_system():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with nothing but the installed package; built from a copy, for building leaves files behind."""
    folder = tmp_path_factory.mktemp("package")
    copy = folder / "copy"
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        copy.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, copy)
    shutil.copytree(SOURCES, copy / "workflow/scripts", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(folder / "site"), str(copy)]
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", *options]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


def test_the_package_holds_every_module_and_no_script(installed):
    assert modules(installed) == modules(SOURCES)
    assert not list(installed.glob("*.py"))
    assert {path.name.split("-")[0] for path in installed.iterdir()} == {"dnalm"}


@pytest.mark.slow
def test_the_installed_package_is_imported_from_anywhere(installed, tmp_path):
    code = (
        "import dnalm; from importlib import metadata; from dnalm.networks import predict; "
        "print(dnalm.__version__, metadata.version('dnalm'), dnalm.__file__, predict.__file__)"
    )
    path = {"PYTHONPATH": str(installed)}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=os.environ | path, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    library = installed / "dnalm"
    names = [dnalm.__version__] * 2 + [str(library / "__init__.py"), str(library / "networks/predict.py")]
    assert done.stdout.decode().split() == names


def test_github_runs_what_a_fresh_clone_must_pass():
    found = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    assert set(found[True]) == {"push", "pull_request"}  # YAML 1.1 reads the key `on` as true
    (job,) = found["jobs"].values()
    assert job["timeout-minutes"] <= 30  # .ci/run promises less
    assert [step["run"] for step in job["steps"] if "run" in step] == ["bash .ci/run"]
    (python,) = (step["with"]["python-version"] for step in job["steps"] if "python" in step.get("uses", ""))
    assert tuple(map(int, python.split("."))) >= tuple(map(int, PROJECT["requires-python"].lstrip(">=").split(".")))
