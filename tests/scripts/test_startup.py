"""A script that dies while it is still importing says why in the log that Snakemake points to."""

import shutil
import subprocess
import sys

import pytest
from project import ROOT, copied, snakemake

from dnalm import cli, startup

SCRIPTS = sorted((ROOT / "workflow/scripts").glob("*_*.py"))
SCRIPTS.remove(ROOT / "workflow/scripts/install_bedtools.py")  # it belongs to the set-up, and no rule calls it
BROKEN = "raise ImportError('libtorch.so: cannot open shared object file')\n"


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """The scripts in an environment whose packages cannot be imported, and a library whose command lines cannot."""
    folder = tmp_path_factory.mktemp("broken")
    shutil.copytree(ROOT / "workflow/scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "scripts/dnalm/cli.py").write_text(BROKEN)
    (folder / "packages").mkdir()
    for package in ("numpy", "pandas", "matplotlib", "torch"):
        (folder / f"packages/{package}.py").write_text(BROKEN)
    return folder


@pytest.mark.parametrize("script", [path.name for path in SCRIPTS])
def test_a_script_that_dies_at_import_leaves_its_traceback_in_its_log(broken, tmp_path, script):
    log = tmp_path / "logs/a/b.log"
    done = subprocess.run(
        [sys.executable, broken / "scripts" / script, "--out", "x", "--log", log],
        env={"PYTHONPATH": str(broken / "packages")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    said = log.read_text()
    assert said == done.stderr
    assert said.startswith("Traceback (most recent call last):")
    assert said.splitlines()[-1].startswith("error: libtorch.so: cannot open shared object file: the environment is")


OWN = '''import dnalm.startup
import gc
import importlib.util
print(gc.isenabled(), gc.get_freeze_count() > 1000, importlib.util.find_spec("sklearn") is not None)
from dnalm import cli

def main():
    """Say whether garbage is looked for, and whether scikit-learn is to be had."""
    print(gc.isenabled(), gc.get_freeze_count() > 1000, importlib.util.find_spec("sklearn") is not None)

cli.run(main)
'''


def test_a_script_imports_without_garbage_and_scikit_learn_and_then_has_both(tmp_path):
    shutil.copytree(ROOT / "workflow/scripts", tmp_path / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "scripts/own_script.py").write_text(OWN)
    words = [sys.executable, tmp_path / "scripts/own_script.py"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "False", "True", "True", "True"]


def test_what_is_no_script_keeps_looking_for_garbage():
    words = [sys.executable, "-c", "import dnalm.startup, gc; print(gc.isenabled())"]
    done = subprocess.run(words, cwd=ROOT / "workflow/scripts", capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
    assert not startup.is_script(str(ROOT / "tests/conftest.py"))
    assert not startup.is_script(None)


def test_a_fault_of_ours_at_import_is_called_so_and_without_a_log_it_is_on_the_screen(broken, tmp_path):
    shutil.copytree(broken / "scripts", tmp_path / "scripts")
    (tmp_path / "scripts/dnalm/cli.py").write_text("1 / 0\n")
    words = [sys.executable, tmp_path / "scripts/index_genome.py"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "error: ZeroDivisionError: division by zero, while importing: a fault of dnalm" in done.stderr


def test_of_several_processes_the_first_writes_the_log(broken, tmp_path):
    words = [sys.executable, broken / "scripts/index_genome.py", f"--log={tmp_path / 'x.log'}"]
    for rank in ("1", "0"):
        subprocess.run(words, env={"RANK": rank}, capture_output=True, check=False)
        assert (tmp_path / "x.log").exists() == (rank == "0")


def test_an_import_that_fails_later_is_no_fault_of_ours_either(capsys):
    def main() -> None:
        """Import late."""
        import nowhere  # noqa: F401

    with pytest.raises(SystemExit) as stop:
        cli.run(main, [])
    said = capsys.readouterr().err
    assert stop.value.code == 1
    assert "Traceback" in said
    assert "error: No module named 'nowhere': the environment is incomplete or broken" in said


@pytest.mark.slow
def test_snakemake_points_to_a_log_that_holds_the_traceback(tmp_path):
    folder = copied(tmp_path)
    module = folder / "workflow/scripts/dnalm/simulate/genome.py"
    module.write_text(module.read_text() + "\nimport nowhere_at_all\n")
    said = snakemake(folder, "--cores", "1", "resources/genomes/tiny/simulated/genome.fa", ok=False)
    log = "logs/resources/genomes/tiny/simulated/simulate_genome.log"
    assert f"log: {log} (check log file(s) for error details)" in said
    assert "No module named 'nowhere_at_all': the environment" in (folder / log).read_text().splitlines()[-1]


def test_no_import_starts_a_process():
    """While it starts one a process counts twice: beside torch that is more memory than a job of Slurm has."""
    code = (
        "import importlib, sys\n"
        "from pathlib import Path\n"
        "started = []\n"
        "events = ('subprocess.Popen', 'os.fork', 'os.posix_spawn', 'os.system')\n"
        "sys.addaudithook(lambda event, words: started.append(words[1]) if event in events else None)\n"
        "names = [path.stem for path in Path('.').glob('*.py')]\n"
        "modules = [importlib.import_module(name) for name in names]\n"
        "assert len(modules) > 60\n"
        "assert started == [], started\n"
        "import pybedtools\n"
        "assert started, 'nothing would have been seen'\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "workflow/scripts", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
