"""600 merges and the token store of simulated genomes of growing size: cost per base, and peak memory.

Whole scripts are timed, with their start and the reading of the FASTA; "merges alone" is what the log says of them.

`SIZES=3100 make bench STEP=scale` is the human genome's size; it wants 12 GB of disk and 16 GiB of memory.
"""

import os
import re
import tempfile
from pathlib import Path

import numpy as np
from inputs import machine, script, simulated

TARGET = 387.0  # ns a base: 3.1 Gb in 20 minutes
SHARES = np.linspace(8.0, 1.5, 23)  # of the chromosomes, about as in man


def main() -> None:
    """Print seconds, ns a base and GiB of each step and size; the last line holds the training of the largest."""
    print(machine())
    threads, cost = os.cpu_count() or 1, 0.0
    for size in map(float, os.environ.get("SIZES", "10,100").split(",")):
        with tempfile.TemporaryDirectory() as folder:
            cost = one(int(1e6 * size), Path(folder), threads)
    print(f"scale ratio={TARGET / cost:.1f} target=1  (ns a base: {cost:.0f}, wanted at most {TARGET:.0f})")


def one(bases: int, folder: Path, threads: int) -> float:
    """Simulate, index, train, tokenise; ns a base of the training."""
    lengths = (bases * SHARES / SHARES.sum()).astype(int).tolist()
    simulated(lengths, 0, folder / "genome.fa")
    steps = {
        "index": ("index_genome", "--fasta", folder / "genome.fa", "--name", "big", "--out", folder / "genome"),
        "600 merges": ("train_tokenizer", "--genomes", folder / "genome", "--kind", "bpe", "--vocab-size", 610),
        "token store": ("tokenise_corpus", "--genomes", folder / "genome", "--tokenizer", folder / "tokenizer"),
    }
    steps["600 merges"] += ("--threads", threads, "--out", folder / "tokenizer", "--log", folder / "log")
    steps["token store"] += ("--threads", threads, "--out", folder / "tokens")
    costs = {}
    for name, command in steps.items():
        seconds, memory = script(*command)
        costs[name] = 1e9 * seconds / sum(lengths)
        print(f"{bases / 1e6:,.0f} Mb, {name}: {seconds:.0f} s,", end=" ")
        print(f"{costs[name]:.0f} ns a base, {memory:.1f} GiB", flush=True)
        (folder / "genome.fa").unlink(missing_ok=True)
    amount, unit = re.search(r"learning words: .* in ([\d.]+) (s|min)", (folder / "log").read_text()).groups()
    alone = float(amount) * (60 if unit == "min" else 1)
    print(f"{bases / 1e6:,.0f} Mb, merges alone: {alone:.1f} s, {1e9 * alone / sum(lengths):.0f} ns a base", flush=True)
    return costs["600 merges"]


if __name__ == "__main__":
    main()
