"""A real Slurm of one node for the tests of this folder, all marked `cluster`, and projects to run on it.

The tests wait more than they compute, so several run side by side on one Slurm, which the first of the processes that
run them starts and the last one ends.
"""

import fcntl
import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
from one_node import PRESET, end_all, with_line, wrapped
from project import TINY, copied, snakemake, tiny_results

HERE = Path(__file__).parent
BEFORE_TRAINING = ("resources/genomes", "results/tiny/char/tokenizer", "results/tiny/char/tokens")
SLOWLY = """import pathlib, time
    take = train.descent.take
    slow = lambda: time.sleep(0 if pathlib.Path('hurry').exists() else 0.5)
    train.descent.take = lambda *a, **k: slow() or take(*a, **k)"""


def pytest_collection_modifyitems(items):
    """Mark the tests of this folder; the longest go first, since others run beside them."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.cluster)
    items.sort(key=lambda item: not item.name.startswith(("test_the_shipped", "test_a_time_limit", "test_ctrl_c")))


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """A folder of all the processes that run these tests."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@contextmanager
def alone(folder):
    """One process at a time."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def node(*words):
    """Install, start or end the one-node Slurm; skips the test where it cannot be installed."""
    environment = os.environ | {"NODE_CPUS": "12", "NODE_MEM": "64000", "NODE_GPUS": "4"}
    done = subprocess.run([HERE / "one_node.sh", *words], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        give_up = pytest.skip if words == ("install",) else pytest.fail
        give_up(f"no Slurm for tests: {' '.join(words)}: {(done.stdout + done.stderr).strip()[-600:]}")


@pytest.fixture(scope="session")
def cluster(shared):
    """Slurm with accounts in slurmdbd; with none where NODE_ACCOUNTING=no."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        pytest.skip("a Slurm for tests wants root on Debian, in a container say")
    users = shared / "users"
    with alone(shared):
        number = len(users.read_text()) if users.exists() else 0
        if not number:
            node("install")
            node("up", *([] if os.environ.get("NODE_ACCOUNTING") == "no" else ["--dbd"]))
        users.write_text("x" * (number + 1))
    yield
    with alone(shared):
        users.write_text(users.read_text()[1:])
        if not users.read_text():
            node("down")


@pytest.fixture(autouse=True)
def nothing_left(cluster):
    """A test leaves no run behind it, and no jobs."""
    yield
    end_all()


@pytest.fixture(scope="session")
def tokenised(shared, request):
    """The tiny genome up to its tokens, made without Slurm."""
    folder = shared / "tokenised"
    with alone(shared):
        if not folder.exists():
            copied(folder)
            made = tiny_results(request.config.cache)
            for part in BEFORE_TRAINING if made else ():
                shutil.copytree(made / part, folder / part)
            snakemake(folder, f"{BEFORE_TRAINING[-1]}/tokens.bin", "--cores", "2", *TINY)
    return folder


@pytest.fixture
def project(tokenised, tmp_path):
    """A project of the test's own, tokenised already."""
    return Path(shutil.copytree(tokenised, tmp_path / "project"))


@pytest.fixture
def training(project):
    """A project whose training saves its state after every step, and hurries only once there is a file `hurry`."""
    with_line(project, "save_seconds: 0", PRESET)
    wrapped(project, "pretrain_model.py", SLOWLY)
    return project
