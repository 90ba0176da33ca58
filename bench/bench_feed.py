"""Feeding a scan: windows of 1 kb every 500 bases as ids and masks, ours beside the loop that users write.

The loop fetches each window and has Hugging Face tokenise and pad 32 of them; ours cuts a contig's codes. Of either the
fastest of three passes counts, which take but hundredths of a second; our first one learns which tokens stay apart.
"""

import os
import tempfile
from pathlib import Path

import numpy as np
import pysam
from inputs import genomes, in_turn, machine, ratio, seq, timed

from dnalm.genome import fasta as genome_fasta
from dnalm.networks import predict
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk

TARGET, WINDOW, STRIDE, BATCH = 30.0, 1000, 500, 32
SIZES, BASES = (610, 4096), 5_000_000


def main() -> None:
    """Print windows/s of both for each vocabulary; the last line holds the smaller ratio."""
    print(machine())
    pieces, ratios = next(iter(genomes().values())), []
    codes = np.concatenate(pieces)[:BASES]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "g.fa"
        path.write_text(f">c\n{seq.decode(codes)}\n")
        pysam.faidx(str(path))
        count = (len(codes) - WINDOW) // STRIDE + 1
        for size in SIZES:
            tokenizer = making.train("bpe", pieces[:4], vocab_size=size, threads=os.cpu_count() or 1)
            ours(tokenizer, path, 100_000)  # compile before the clock starts
            took = in_turn(
                {
                    "ours": lambda t=tokenizer: timed(lambda: ours(t, path, len(codes)), 3)[1] / count,
                    "loop": lambda t=tokenizer: timed(lambda: loop(t, path, count // 8), 3)[1] / (count // 8),
                }
            )
            ratios.append(ratio(took["loop"], took["ours"])[0])
            print(f"{size} tokens: ours {1 / np.median(took['ours']):,.0f} windows/s, the loop", end=" ")
            print(f"{1 / np.median(took['loop']):,.0f}, {ratios[-1]:.0f} x, target {TARGET:.0f} x", flush=True)
    print(f"feed ratio={min(ratios):.0f} target={TARGET:.0f}")


def ours(tokenizer: object, path: Path, bases: int) -> int:
    """As a scan is fed: a contig read once, its windows cut and tokenised some thousands at a time."""
    with pysam.FastaFile(str(path)) as fasta:
        codes = genome_fasta.codes(fasta, "c", 0, bases)
    views, tokens = np.lib.stride_tricks.sliding_window_view(codes, WINDOW)[::STRIDE], 0
    for here in predict.chunks(views):
        _, mask = tk.tokenize(tokenizer, np.ascontiguousarray(views[here]))
        tokens += int(mask.sum())
    return tokens


def loop(tokenizer: object, path: Path, count: int) -> int:
    """As users write it."""
    tokens = 0
    with pysam.FastaFile(str(path)) as fasta:
        for first in range(0, count, BATCH):
            starts = [number * STRIDE for number in range(first, min(first + BATCH, count))]
            texts = [fasta.fetch("c", start, start + WINDOW) for start in starts]
            tokens += int(tokenizer(texts, padding=True, return_tensors="np")["attention_mask"].sum())
    return tokens


if __name__ == "__main__":
    main()
