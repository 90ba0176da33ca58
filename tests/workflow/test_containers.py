"""Containers without an engine: the recipes agree, and Snakemake looks for the environments that its own recipe makes.

`containers/try.sh` runs the Dockerfile's lines in a clean Debian.
"""

import re
import shlex
import shutil
import subprocess

import pytest
from conda_standin import put
from project import ROOT, TINY, copied, snakemake

RECIPE = (ROOT / "Dockerfile").read_text()
DEFINITION = (ROOT / "containers/dnalm.def").read_text()
APPTAINER = """#!/bin/sh
# exec … IMAGE SHELL -c COMMAND: the last word is run here, where the image's environments are those under image/.
[ "$1" = --version ] && echo "apptainer version 1.3.4" && exit
for command; do :; done
exec bash -c "$(echo "$command" | sed "s#/conda-envs#$PWD/image/conda-envs#g")"
"""


def copies():
    """(file, folder) of each file that the Dockerfile copies."""
    for line in re.findall(r"(?m)^COPY (.+)", RECIPE):
        *files, place = line.split()
        yield from ((file, place) for file in files)


def section(name):
    return [line.strip() for line in re.search(rf"(?m)^%{name}\n((?: +.+\n)+)", DEFINITION)[1].splitlines()]


def test_both_recipes_take_the_same_steps():
    assert section("files") == [" ".join(pair) for pair in copies()]
    assert section("post") == re.findall(r"(?m)^RUN (.+)", RECIPE)
    assert re.search(r"(?m)^From: (.+)", DEFINITION)[1] == re.search(r"(?m)^FROM (.+)", RECIPE)[1]
    assert section("environment") == [f"export {re.search(r'(?m)^ENV (PATH=.+)', RECIPE)[1]}"]


def test_the_set_up_needs_no_file_that_is_not_copied(tmp_path):
    for file, place in copies():
        folder = tmp_path / place.removeprefix("/opt/dnalm/")
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, folder)
    steps = subprocess.run(
        ["make", "-n", "-C", tmp_path, ".venv/ready"], check=True, capture_output=True, text=True
    ).stdout
    named = re.findall(r"[\w/]+\.(?:py|lock)\b", steps)
    assert named
    assert all((tmp_path / path).exists() for path in named)


def test_docker_is_let_see_what_is_copied():
    """All else stays out of its context: a clone may hold gigabytes of genomes."""
    first, *rest = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert first == "*"
    assert set(rest) == {f"!{file}" for file, _ in copies()} | {"!envs/*.yaml"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A project with stand-ins for conda and Apptainer, and the Dockerfile that README's line writes."""
    folder = copied(tmp_path_factory.mktemp("containers"))
    put(folder)
    (folder / "bin/apptainer").write_text(APPTAINER)
    (folder / "bin/apptainer").chmod(0o755)
    line = re.search(r"(?m)^snakemake (--containerize) \| (sed .+) > (\S+)", (ROOT / "README.md").read_text())
    printed = snakemake(folder, line[1])
    edited = subprocess.run(shlex.split(line[2]), input=printed, check=True, capture_output=True, text=True).stdout
    (folder / line[3]).write_text(edited)
    (folder / "recipe").write_text(edited)
    return folder


def built(folder):
    """{prefix in the image: environment's file} of a recipe that Snakemake wrote."""
    return {
        re.search(r"/conda-envs/\w+", place)[0]: file
        for file, place in re.findall(r"(?m)^COPY (\S+) (\S+)", (folder / "recipe").read_text())
    }


@pytest.mark.slow
def test_snakemakes_recipe_makes_each_environment_where_there_is_no_gpu(folder):
    recipe, environments = (folder / "recipe").read_text(), built(folder)
    assert sorted(environments.values()) == [
        "envs/data.yaml",
        "envs/parquet.yaml",
        "envs/plot.yaml",
        "envs/similarity.yaml",
        "envs/torch.yaml",
    ]
    for prefix in environments:
        assert f"conda env create --prefix {prefix} --file {prefix}/environment.yaml" in recipe
    words = [line.split()[0] for line in recipe.splitlines() if line[:1].isupper()]
    assert words[0] == "FROM"
    assert words.index("ENV") < words.index("RUN"), "pytorch-gpu has no solution where no GPU is, unless it is told one"
    assert "ENV CONDA_OVERRIDE_CUDA=12.9\n" in recipe


@pytest.mark.slow
def test_snakemake_looks_in_the_image_for_what_its_recipe_made(folder):
    for prefix in built(folder):
        (folder / f"image{prefix}").mkdir(parents=True)
    look = ("--cores", "1", "--sdm", "conda", "apptainer", "--conda-create-envs-only", *TINY)
    snakemake(folder, *look, DNALM_IMAGE="dnalm-conda.sif")
    assert not (folder / ".snakemake/conda").exists() or not list((folder / ".snakemake/conda").iterdir())
    environment = folder / "envs/plot.yaml"
    environment.write_text(environment.read_text().replace("# Figures.", "# Pictures."))
    text = snakemake(folder, *look, DNALM_IMAGE="dnalm-conda.sif", ok=False)
    assert "Unable to find environment in container image" in text
