"""`--sdm conda` through a stand-in: files are read, solved, linked, activated, and give only what they name."""

import json
import re
import subprocess
from importlib.util import find_spec

import pytest
from conda_standin import fill, put
from project import TINY, copied, snakemake

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not find_spec("rattler"), reason="needs py-rattler: make .venv/rattler"),
]
CONDA = ("--cores", "2", "--sdm", "conda", *TINY)
DRAWN = "results/tiny/char/tiny-conv/pretrained/training.png"


@pytest.fixture
def folder(tmp_path):
    """A project with a conda, and channels of what its files name."""
    put(copied(tmp_path))
    fill(tmp_path)
    return tmp_path


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def prefixes(folder):
    """{environment's file: what conda linked into its prefix}."""
    names = {path.read_text(): path.name for path in (folder / "envs").glob("*.yaml")}
    return {
        names[file.read_text()]: {
            json.loads(one.read_text())["name"] for one in file.with_suffix("").glob("conda-meta/*.json")
        }
        for file in (folder / ".snakemake/conda").glob("*.yaml")
    }


def test_a_model_is_pretrained_and_drawn_in_three_environments(folder):
    """From a genome in one, by a network in another, to a picture in the third; asked again, nothing is to be done."""
    edit(folder / "config/models/tiny-conv.yaml", "steps: 60", "steps: 5")
    snakemake(folder, DRAWN, *CONDA)
    assert (folder / DRAWN).stat().st_size > 0
    linked = prefixes(folder)
    assert set(linked) == {"data.yaml", "torch.yaml", "plot.yaml"}
    assert {"pytorch-gpu", "transformers", "sympy"} <= linked["torch.yaml"]
    assert not {"pytorch-gpu", "matplotlib-base"} & linked["data.yaml"]
    assert "Nothing to be done" in snakemake(folder, "-n", DRAWN, *CONDA)


def test_a_rule_whose_environment_lacks_what_it_imports_fails(folder):
    """The package is installed where Snakemake runs: the environment alone decides. pybedtools would bring pysam."""
    for package in ("pysam=0.24.0", "pybedtools=0.12.0"):
        edit(folder / "envs/data.yaml", f"  - {package}\n", "")
    text = snakemake(folder, "resources/genomes/tiny/genome.json", *CONDA, "--show-failed-logs", ok=False)
    assert "ModuleNotFoundError: No module named 'pysam'" in text
    assert "Error in rule index_genome" in text
    assert (folder / "resources/genomes/tiny/simulated/genome.fa").exists(), "what needs no pysam ran"


def test_a_pin_that_the_solver_refuses_makes_no_environment(folder):
    """Snakemake's own words, without Snakemake: the channel has both versions, and transformers asks for the other."""
    create = [folder / "bin/conda", "env", "create", "--quiet", "--prefix", folder / "prefix", "--file"]
    edit(folder / "envs/torch.yaml", "tokenizers=0.22.2", "tokenizers=0.23.1")
    fill(folder)
    done = subprocess.run([*create, folder / "envs/torch.yaml"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert re.search(r"transformers 5\.15\.1 would require\s+└─ tokenizers [^ ]*<=0\.23\.0", done.stderr), done.stderr
    assert not (folder / "prefix").exists()


@pytest.mark.conda
def test_the_whole_tiny_graph_runs_in_its_environments(folder):
    snakemake(folder, *CONDA)
    assert "Nothing to be done" in snakemake(folder, "-n", *CONDA)
