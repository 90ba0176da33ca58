"""What is missing is said at set-up: bedtools, Python itself, wheels for each Python that is promised."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from project import ROOT, copied, snakemake

BEDTOOLS = ROOT / "workflow/scripts/install_bedtools.py"
ADVICE = "bedtools is missing and cannot be installed from here: get it with `conda install -c bioconda bedtools`"


def tools(folder, **scripts):
    """A folder of programs that is all there is on the PATH: those needed, and small scripts in place of others."""
    folder.mkdir()
    for name in ("bash", "sh", "env", "touch", "chmod", "which"):
        (folder / name).symlink_to(shutil.which(name))
    for name, text in scripts.items():
        (folder / name.replace("_", "-")).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name.replace("_", "-")).chmod(0o755)
    return folder


@pytest.mark.parametrize(
    "scripts, status, said",
    [
        ({"bedtools": ""}, 0, ""),
        ({}, 1, ADVICE),
        ({"apt_get": "exit 100"}, 1, ADVICE),
        ({"apt_get": "exit 0"}, 1, ADVICE),  # an update without a network ends well
        (
            {"apt_get": "touch $PLACE/bedtools; chmod +x $PLACE/bedtools"},
            0,
            "bedtools: installed from Debian's package",
        ),
    ],
)
def test_a_set_up_without_bedtools_says_so_and_ends(tmp_path, scripts, status, said):
    place = tools(tmp_path / "bin", sudo='shift; exec "$@"', **scripts)
    done = subprocess.run(
        [sys.executable, BEDTOOLS], env={"PATH": str(place), "PLACE": str(place)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == status
    assert done.stderr.startswith(said)
    assert len(done.stderr.splitlines()) == bool(said)


@pytest.mark.parametrize("python", ["exit 1", "exit 127"])
def test_a_python_that_does_not_fit_or_does_not_run_is_refused_in_one_line(tmp_path, python):
    for name in ("Makefile", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    old = tools(tmp_path / "bin", old=python) / "old"
    command = ["make", "--no-print-directory", ".venv/ready", f"PYTHON={old}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0].startswith(f"dnalm needs Python 3.11, 3.12 or 3.13, and '{old}' is none; ")
    assert done.stdout == ""
    assert not (tmp_path / ".venv").exists()


def test_the_pythons_are_the_same_everywhere():
    """The Makefile's check, the package and the README."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.11"
    assert "(3, 11) <= sys.version_info < (3, 14)" in (ROOT / "Makefile").read_text()
    assert "Python 3.11 to 3.13 and bedtools are needed" in (ROOT / "README.md").read_text()


@pytest.mark.slow
def test_plain_snakemake_says_at_its_start_that_bedtools_is_missing(tmp_path):
    folder = copied(tmp_path / "clone")
    place = tools(tmp_path / "bin")
    for name in ("snakemake", "python"):
        (place / name).symlink_to(Path(sys.executable).parent / name)
    goal = "resources/genomes/tiny/genome.json"
    said = "bedtools is not installed, and windows cannot be labelled without it"
    assert said in snakemake(folder, "-n", goal, PATH=str(place))
    assert said not in snakemake(folder, goal, "-n", "--sdm", "env-modules", PATH=str(place))


def test_where_home_cannot_be_written_snakemake_has_its_cache_in_the_working_directory(tmp_path):
    """Snakemake wants a cache at home before it reads anything of ours."""
    assert "cp workflow/home.pth" in (ROOT / "Makefile").read_text()
    (tmp_path / "site").mkdir()
    shutil.copy(ROOT / "workflow/home.pth", tmp_path / "site")
    code = "import site; site.addsitedir('site'); import os; print(os.environ.get('XDG_CACHE_HOME'))"
    found = [
        subprocess.run(
            [sys.executable, "-S", "-c", code],
            env={"HOME": home},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for home in ("/proc/nohome", str(tmp_path))
    ]
    assert found == [str(tmp_path / ".snakemake/cache"), "None"]
