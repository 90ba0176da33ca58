"""Every figure that wants a GPU, in one table and one JSON: training, scanning, scoring, writing, and the gpu tests.

`bench/gpu.sh` runs it on a machine that has little besides torch. Each measurement has its own limit of time, and one
that fails leaves its error in its row and the others theirs; then the exit status is 1. The JSON is written anew after
each, to $OUT/gpu.json, or results/gpu.json. Without a GPU, or with --toy, sizes are a toy's: nothing but a proof that
all of it runs.
"""

import gc
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import gpu_figures as figures
import torch
import transformers
from inputs import ROOT, machine

from dnalm import files, logs

TARGET = 0.45  # model FLOPs utilisation of the encoder
LEGEND = """mfu: operations that the model needs, a second, over those of a large bf16 product measured on this GPU
(mfu_data_sheet: over the maker's figure). waits_for_data, in training: the share of a step that is saved where batches
are made beforehand; in a scan: the share of its time that is not the model's on windows tokenised beforehand."""


class Measurement(NamedTuple):
    """A row of the table: what it is called, the seconds it may take, and the function that gives its figures."""

    name: str
    seconds: int
    figures: Callable[[figures.Bench], figures.Figures]


MEASUREMENTS = (
    Measurement("gpu tests", 75, figures.tests),
    Measurement("86M encoder", 30, partial(figures.training, objective="mlm", compiled=False)),
    Measurement("86M decoder", 30, partial(figures.training, objective="clm", compiled=False)),
    Measurement("dnalm-base", 75, figures.base),
    Measurement("scan", 45, figures.scan),
    Measurement("scan in tiles", 30, figures.scan_in_tiles),
    Measurement("variants", 30, figures.scores),
    Measurement("generation", 40, figures.generation),
    Measurement("86M encoder, compiled", 50, partial(figures.training, objective="mlm", compiled=True)),
    Measurement("86M decoder, compiled", 50, partial(figures.training, objective="clm", compiled=True)),
)


def main() -> int:
    """Measure all, print the table; the last line holds the encoder's share of the peak and its target."""
    toy = "--toy" in sys.argv or not torch.cuda.is_available()
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    print(f"{machine()}; {gpu or 'no GPU'}{'; TOY sizes, no figure means anything' if toy else ''}", flush=True)
    logs.log.setLevel("WARNING")
    out = Path(os.environ.get("OUT") or ROOT / "results") / "gpu.json"
    told = {"machine": machine(), "gpu": gpu, "toy": toy, "torch": torch.__version__}
    told |= {"transformers": transformers.__version__, "legend": LEGEND, "rows": []}
    with tempfile.TemporaryDirectory() as folder:
        bench = figures.Bench(Path(folder), figures.TOY if toy else figures.FULL)
        for one in MEASUREMENTS:
            told["rows"].append(measure(bench, one))
            files.write_json(out, told)
            print(line(told["rows"][-1]), flush=True)
    print(f"{LEGEND}\n{out} holds the same")
    mfu = told["rows"][1].get("mfu")
    print(f"gpu ratio={'none' if mfu is None else f'{mfu:.2f}'} target={TARGET}  (mfu of the 86M encoder)")
    return int(any("error" in row for row in told["rows"]))


def measure(bench: figures.Bench, one: Measurement) -> dict[str, object]:
    """One row: the figures, or the error."""
    began = time.perf_counter()
    try:
        with within(one.seconds):
            found: dict[str, object] = dict(one.figures(bench))
    except Exception as error:  # whatever it is, the other measurements are still wanted
        found = {"error": f"{type(error).__name__}: {error}"}
    gc.collect()  # a network that failed must not fill the GPU for the next
    if bench.where.type == "cuda":
        torch.cuda.empty_cache()
    return {"name": one.name, "seconds": round(time.perf_counter() - began, 1), **found}


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Raise TimeoutError in what takes longer."""

    def late(*_: object) -> None:
        raise TimeoutError(f"took more than {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def line(row: dict[str, object]) -> str:
    """A row as text."""
    told = [f"{name} {value:.4g}" for name, value in row.items() if isinstance(value, float) and name != "seconds"]
    return f"{row['name']:22} {row['seconds']:5.0f} s  {row.get('error') or ', '.join(told)}"


if __name__ == "__main__":
    sys.exit(main())
