"""Log lines for files, and progress that says how far, how fast and how long still."""

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger("dnalm")


def start(step: str, path: Path | None) -> None:
    """Send log lines to the terminal, prefixed with the step, and, where a path is given, to that file.

    Of several processes that torchrun started, the first speaks for all; the others report errors.
    """
    log.setLevel(logging.INFO if first_process() else logging.ERROR)
    log.handlers.clear()
    logging.raiseExceptions = False  # where the log's disk is full the screen must not fill with that
    screen = logging.StreamHandler(sys.stderr)
    screen.setFormatter(logging.Formatter(f"[{step}] %(message)s"))
    log.addHandler(screen)
    if path is not None and first_process():
        path.parent.mkdir(parents=True, exist_ok=True)
        file = logging.FileHandler(path, mode="w")
        file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%d %H:%M:%S"))
        log.addHandler(file)


def first_process() -> bool:
    """Whether this process is the one that speaks and writes; torchrun numbers those that it starts."""
    return os.environ.get("RANK", "0") == "0"


@contextmanager
def progress(what: str | None, total: int, unit: str, *, done: int = 0, every: float = 10.0) -> Iterator:
    """Yield `advance(n, note="")`; at most one line each `every` seconds, with rate and time left (no `what`: silent).

    >>> with progress("scan", len(windows), "windows") as advance:
    ...     advance(64)
    """
    state = {"done": done, "start": time.monotonic(), "told": time.monotonic()}

    def advance(count: int, note: str = "") -> None:
        state["done"] += count
        now = time.monotonic()
        if what and now - state["told"] >= every:
            state["told"] = now
            rate = (state["done"] - done) / (now - state["start"])
            left = (total - state["done"]) / max(rate, 1e-9)
            share = 100 * state["done"] / max(total, 1)
            log.info(
                f"{what}: {state['done']:,} of {total:,} {unit} ({share:.0f} %), "
                f"{rate:,.4g}/s, {_duration(left)} left{'; ' + note if note else ''}"
            )

    yield advance
    took = time.monotonic() - state["start"]
    if what:
        log.info(f"{what}: {state['done']:,} {unit} in {_duration(took)}")


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.{1 if seconds < 10 else 0}f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
