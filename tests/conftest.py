"""The library lies beside the scripts; the tests import it the way the scripts do."""

import contextlib
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "workflow" / "scripts"), str(ROOT / "workflow"), str(ROOT / "tests")]

from loopback import server  # noqa: E402, F401 - a fixture

import dnalm  # noqa: E402, F401 - before a test imports torch: threads that wait must sleep

# Processes side by side share the cores: with a spinning thread a core each, two trainings took five times as long.
SIDE_BY_SIDE = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // SIDE_BY_SIDE)))


# Files whose slow tests take a minute or more, the longest first: begun last, one would run beside an idle core.
LONG = ("test_graph", "test_recipes", "test_paths_with_spaces", "test_resume", "test_newcomers", "test_fuzz_variants")
LONG += ("test_fuzz_checkpoints", "test_module", "test_bench_gpu")


def pytest_collection_modifyitems(items: list) -> None:
    """Long files first, the others in their order; xdist keeps it under --no-loadscope-reorder."""
    items.sort(key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes that are no text by their argument.

    gzip writes the time into its header, and each of the processes that run the tests must find the same names.
    """
    return argname if isinstance(val, bytes) and not val.isascii() else None


@pytest.fixture
def fp32(monkeypatch):
    """Nothing is rounded to bf16, whatever this CPU multiplies fast: for numbers that are held against exact ones."""
    from dnalm.networks import device

    monkeypatch.setattr(device, "autocast", lambda where: contextlib.nullcontext())


@pytest.fixture(autouse=True)
def no_log_handlers_left():
    """A command run inside a test must not log to a stream that is closed after it."""
    yield
    from dnalm.logs import log

    log.handlers.clear()
