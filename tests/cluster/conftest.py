"""A real Slurm of one node for the tests of this folder, all marked `cluster`, and projects to run on it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from one_node import end_all, wrapped
from project import TINY, copied, snakemake

HERE = Path(__file__).parent
BEFORE_TRAINING = "results/tiny/char/tokens/tokens.bin"


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.cluster)


def node(*words):
    """Install, start or end the one-node Slurm; skips the test where that cannot be."""
    environment = os.environ | {"NODE_CPUS": "4", "NODE_MEM": "64000", "NODE_GPUS": "2"}
    done = subprocess.run([HERE / "one_node.sh", *words], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no Slurm for tests here: {(done.stdout + done.stderr).strip()[-600:]}")


@pytest.fixture(autouse=True)
def nothing_left():
    """A test leaves no run behind it, and no jobs."""
    yield
    end_all()


@pytest.fixture(scope="session")
def installed():
    """Slurm's packages."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        pytest.skip("a Slurm for tests wants root on Debian, in a container say")
    node("install")


@pytest.fixture(scope="module")
def without_accounting(installed):
    """A Slurm that sacct knows nothing of."""
    node("up")
    yield
    node("down")


@pytest.fixture(scope="module")
def with_accounting(installed):
    """A Slurm with slurmdbd: sacct tells of jobs that are over, sacctmgr of accounts."""
    node("up", "--dbd")
    yield
    node("down")


@pytest.fixture(scope="session")
def tokenised(tmp_path_factory):
    """The tiny genome up to its tokens, made without Slurm."""
    folder = copied(tmp_path_factory.mktemp("tokenised") / "project")
    snakemake(folder, BEFORE_TRAINING, "--cores", "2", *TINY)
    return folder


@pytest.fixture
def project(tokenised, tmp_path):
    """A project of the test's own, tokenised already."""
    return Path(shutil.copytree(tokenised, tmp_path / "project"))


SLOWLY = """import pathlib, time
    take = train.descent.take
    slow = lambda: time.sleep(0 if pathlib.Path('hurry').exists() else 0.5)
    train.descent.take = lambda *a, **k: slow() or take(*a, **k)"""


@pytest.fixture
def training(project):
    """A project whose training saves its state after every step, and hurries only once there is a file `hurry`."""
    preset = project / "config/models/tiny-conv.yaml"
    preset.write_text(re.sub("save_seconds: .*", "save_seconds: 0", preset.read_text()))
    wrapped(project, "pretrain_model.py", SLOWLY)
    return project
