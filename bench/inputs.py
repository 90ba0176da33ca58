"""What the benchmarks share: the machine's name, the input, and measuring in rounds.

Genomes are real where they are at hand ($DNALM_REAL_DATA), random otherwise. Whatever is compared takes turns for
$ROUNDS rounds (3), because machines are noisy and a ratio of two single runs swings by half.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numba
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from dnalm.dna import seq  # noqa: E402
from dnalm.genome import fasta  # noqa: E402

DATA = Path(os.environ.get("DNALM_REAL_DATA", ROOT / "../shared/data"))
GENOMES = {"yeast": "yeast/sacCer3.fa.gz", "human": "hg19/hg19_part.fa.gz", "vertebrates": "vertebrates/*.fa.gz"}
BF16 = {"amx_bf16": "bf16 by AMX", "avx512_bf16": "avx512_bf16, no AMX"}  # a ratio is judged by the make


def machine() -> str:
    """The CPU's make and how it multiplies bf16: the first line of every benchmark."""
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return f"{os.cpu_count()} cores of a CPU that the system does not name"
    names = re.findall(r"^model name\s*:\s*(.+)$", told, re.M)
    flags = (re.findall(r"^flags\s*:\s*(.+)$", told, re.M) or [""])[0].split()
    way = next((way for flag, way in BF16.items() if flag in flags), "no bf16 products")
    return f"{len(os.sched_getaffinity(0))} cores of {names[0] if names else 'a CPU without a name'}, {way}"


def genomes() -> dict[str, list[np.ndarray]]:
    """Stretches without N of each genome, as base codes."""
    if not DATA.is_dir():
        print(f"{DATA} is not there; random sequence instead")
        return {"random": [np.random.default_rng(0).integers(0, 4, 10_000_000).astype(np.uint8)]}
    paths = {name: sorted(DATA.glob(pattern)) for name, pattern in GENOMES.items()}
    return {name: stretches(found) for name, found in paths.items() if found}


def stretches(paths: list[Path]) -> list[np.ndarray]:
    """Stretches without N of at least 100 bases."""
    contigs = (seq.encode(letters) for path in paths for _, letters in fasta.read_contigs(path))
    return [codes[start:end].copy() for codes in contigs for start, end in seq.stretches(codes, 100)]


def lines(pieces: list[np.ndarray], width: int) -> list[np.ndarray]:
    """Cut into lines of at most `width` bases."""
    return [piece[start : start + width] for piece in pieces for start in range(0, len(piece), width)]


def timed(work: Callable[[], object], times: int = 1) -> tuple[object, float]:
    """What it returns, and the fastest of `times` runs in seconds."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        answer = work()
        took.append(time.perf_counter() - start)
    return answer, min(took)


class Race(NamedTuple):
    """Two ways that took turns: the last answer and the median seconds of each, and how many times as fast ours was."""

    answers: tuple[object, object]
    seconds: tuple[float, float]
    ratio: float  # the median over rounds
    low: float
    high: float

    def told(self, target: float) -> str:
        """The ratio, its range over the rounds, and what was wanted."""
        return f"{self.ratio:.1f} x ({self.low:.1f} to {self.high:.1f}), target {target:.0f} x, identical"


def race(ours: Callable[[], object], theirs: Callable[[], object]) -> Race:
    """Time both in every round, one after the other."""
    answers: dict[str, object] = {}

    def clock(name: str, work: Callable[[], object]) -> float:
        answers[name] = None  # the answer before is no longer held
        answers[name], took = timed(work)
        return took

    took = in_turn({"ours": lambda: clock("ours", ours), "theirs": lambda: clock("theirs", theirs)})
    seconds = statistics.median(took["ours"]), statistics.median(took["theirs"])
    return Race((answers["ours"], answers["theirs"]), seconds, *ratio(took["theirs"], took["ours"]))


def in_turn(ways: dict[str, Callable[[], float]]) -> dict[str, list[float]]:
    """What each way measures in every round, by name; in a round each has its turn."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(int(os.environ.get("ROUNDS", "3"))):
        for name, way in ways.items():
            found[name].append(way())
    return found


def ratio(above: list[float], below: list[float]) -> tuple[float, float, float]:
    """Median, smallest and largest over the rounds of one measurement over another."""
    each = [one / other for one, other in zip(above, below, strict=True)]
    return statistics.median(each), min(each), max(each)


def script(name: str, *options: object) -> tuple[float, float]:
    """Run one of the workflow's scripts as a user would; its wall seconds and its peak memory in GiB."""
    command = [sys.executable, str(ROOT / "workflow/scripts" / f"{name}.py"), *map(str, options)]
    start = time.perf_counter()
    job = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(job.pid, 0)
    assert status == 0, f"failed: {' '.join(command)}"
    return time.perf_counter() - start, usage.ru_maxrss / 2**20


def options(values: dict[str, object]) -> list[str]:
    """Keys and values as words of a command line: mappings as JSON, booleans as --flag or --no-flag."""
    words: list[str] = []
    for key, value in values.items():
        flag = key.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{flag}" if value else f"--no-{flag}")
        else:
            words += [f"--{flag}", json.dumps(value) if isinstance(value, dict) else str(value)]
    return words


def simulated(lengths: list[int], seed: int, path: Path) -> None:
    """A FASTA of contigs c0, c1, … from an order-5 Markov chain poor in CpG; 300 of 1,000 bases are lower case."""
    rng = np.random.default_rng(seed)
    chances = rng.dirichlet(np.full(4, 12.0), 4**5)
    chances[np.arange(4**5) % 4 == 1, 2] *= 0.25  # G after C
    limits = np.cumsum(chances / chances.sum(1, keepdims=True), 1)
    with open(path, "wb") as handle:
        for number, length in enumerate(lengths):
            letters = markov(length, limits, int(rng.integers(1 << 31)))
            handle.write(f">c{number}\n".encode() + letters.tobytes() + b"\n")


@numba.njit
def markov(length, limits, seed):
    """Letters of one contig, uint8."""
    np.random.seed(seed)
    letters, state = np.empty(length, np.uint8), 0
    for at in range(length):
        draw, base = np.random.random(), 0
        while base < 3 and draw > limits[state, base]:
            base += 1
        letters[at] = b"ACGT"[base] if at % 1000 < 700 else b"acgt"[base]
        state = (4 * state + base) % 1024
    return letters
