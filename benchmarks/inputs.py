"""What the benchmarks read: real genomes where they are at hand ($DNALM_REAL_DATA), a simulated one otherwise."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from dnalm import fasta, seq  # noqa: E402

DATA = Path(os.environ.get("DNALM_REAL_DATA", ROOT / "../shared/data"))
GENOMES = {"yeast": "yeast/sacCer3.fa.gz", "human": "hg19/hg19_part.fa.gz", "vertebrates": "vertebrates/*.fa.gz"}


def genomes() -> dict[str, list[np.ndarray]]:
    """Stretches without N of each genome, as base codes."""
    if not DATA.is_dir():
        print(f"{DATA} is not there; random sequence instead")
        return {"random": [np.random.default_rng(0).integers(0, 4, 10_000_000).astype(np.uint8)]}
    return {name: stretches(sorted(DATA.glob(pattern))) for name, pattern in GENOMES.items()}


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
