"""A scan of genomes of growing size, up to a human's: peak memory, and cost per base that is read.

Of each genome one stretch in fifty is known and the rest is N, which is not read: memory is that of the whole genome
(tracks, windows and the longest contig grow with it), time that of a fiftieth. The network is as small as can be, so
that what is measured is the scan and not the network.

`SIZES=3100 make bench STEP=reach` is the human genome's size; it wants 4 GB of disk.
"""

import os
import tempfile
from pathlib import Path

import numpy as np
import pysam
from inputs import machine, script

from dnalm.networks import models
from dnalm.tokens import making

GIB = 4.0  # of memory at most
SHARES = np.linspace(8.0, 1.5, 23)  # of the chromosomes, about as in man
KNOWN, EVERY = 20_000, 50  # bases of a stretch that is known, one in so many
SIZES = {"hidden_size": 8, "num_hidden_layers": 2}


def main() -> None:
    """Print seconds, ns a known base and GiB of each size; the last line holds the largest's memory."""
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        network, tokenizer = Path(folder) / "network", making.train("char")
        small = models.unpretrained("dilated_conv", SIZES, tokenizer, 64, 0, margin=12)
        models.save(small, tokenizer, network, "")
        found = [one(int(1e6 * size), network) for size in map(float, os.environ.get("SIZES", "60,600").split(","))]
    print(f"reach ratio={GIB / found[-1]:.1f} target=1  (GiB: {found[-1]:.2f}, wanted at most {GIB:.0f})")


def one(bases: int, network: Path) -> float:
    """Write a genome, scan it; GiB of the scan."""
    with tempfile.TemporaryDirectory() as folder:
        genome = write(bases, Path(folder))
        script("index_genome", "--fasta", genome, "--name", "big", "--out", Path(folder) / "genome")
        given = ("--genome", Path(folder) / "genome", "--model", network, "--window", 200, "--stride", 50)
        out = ("--out-signal", Path(folder) / "s.bw", "--out-null", Path(folder) / "n.tsv.gz", "--null-windows", 500)
        seconds, memory = script("scan_genome", *given, *out, "--checkpoints", Path(folder) / "state")
    cost = 1e9 * seconds / (bases / EVERY)
    print(f"{bases / 1e6:,.0f} Mb: {seconds:.0f} s, {cost:,.0f} ns a known base, {memory:.2f} GiB", flush=True)
    return memory


def write(bases: int, folder: Path) -> Path:
    """A packed FASTA of contigs c0, c1, …; a genome of that size as plain text would want its size of disk."""
    rng, path = np.random.default_rng(0), folder / "genome.fa.gz"
    block = b"N" * (KNOWN * (EVERY - 1)) + b"\n"
    with pysam.BGZFile(str(path), "wb") as handle:
        for number, length in enumerate((bases * SHARES / SHARES.sum()).astype(int)):
            handle.write(f">c{number}\n".encode())
            for _ in range(max(length // (KNOWN * EVERY), 1)):
                handle.write(np.frombuffer(b"ACGT", np.uint8)[rng.integers(0, 4, KNOWN)].tobytes() + block)
    return path


if __name__ == "__main__":
    main()
