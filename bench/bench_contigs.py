"""An assembly of a million contigs, from FASTA to token store: seconds and peak memory."""

import os
import tempfile
from pathlib import Path

import numpy as np
from inputs import machine, script, simulated

TARGET_SECONDS, TARGET_GIB = 600, 4.0


def main() -> None:
    """Index the assembly, train 600 merges, tokenise; the last line compares the whole with ten minutes."""
    print(machine())
    count = int(os.environ.get("CONTIGS", "1000000"))
    lengths = np.random.default_rng(0).lognormal(6, 0.7, count).astype(int) + 50
    with tempfile.TemporaryDirectory() as name:
        folder, threads = Path(name), os.cpu_count() or 1
        simulated(lengths.tolist(), 0, folder / "genome.fa")
        total, most = 0.0, 0.0
        genome, tokenizer = folder / "genome", folder / "tokenizer"
        training = ("--kind", "bpe", "--vocab-size", 610, "--memory-gb", 2, "--threads", threads, "--out", tokenizer)
        for step, *options in (
            ("index_genome", "--fasta", folder / "genome.fa", "--name", "pieces", "--out", genome),
            ("train_tokenizer", "--genomes", genome, *training),
            ("tokenise_corpus", "--genomes", genome, "--tokenizer", tokenizer, "--threads", threads)
            + ("--out", folder / "tokens"),
        ):
            seconds, memory = script(step, *options)
            print(f"{step}: {seconds:.0f} s, {memory:.2f} GiB", flush=True)
            total, most = total + seconds, max(most, memory)
    bases = lengths.sum() / 1e6
    print(f"{count:,} contigs, {bases:.0f} Mb: {total:.0f} s, peak {most:.2f} GiB (limit {TARGET_GIB:.0f})")
    print(f"contigs ratio={TARGET_SECONDS / total:.1f} target=1")


if __name__ == "__main__":
    main()
