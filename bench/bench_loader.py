"""Training input: our batches beside the `datasets` library with Hugging Face's collator, on the same blocks.

`datasets` is no part of the environment (it pins fsspec); `HOW` says how to put it beside for this measurement alone.
Both make batches of 64 blocks of 512 tokens on one thread.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import packed
import torch
from inputs import genomes, machine
from torch.utils.data import DataLoader

from dnalm.tokens import kinds
from dnalm.training import batches
from dnalm.training.blocks import Blocks

HOW = (  # dill, which `datasets` uses, works only from a folder whose path says site-packages
    "`datasets` is not installed; it stays out of .venv: D=/tmp/datasets/site-packages; .venv/bin/uv pip install "
    "--no-deps --target $D datasets pyarrow dill multiprocess xxhash; PYTHONPATH=$D make bench STEP=loader"
)
TARGET, CONTEXT, SIZE, SECONDS = 25.0, 512, 64, 2.0
TOKENIZERS = {"600 merges": {"kind": "bpe", "vocab_size": 610}, "single bases": {"kind": "char"}}


def main() -> None:
    """Print Mtok/s of each kind of token and objective; the last line holds the smallest ratio."""
    print(machine())
    try:
        import datasets
    except ImportError:
        print(HOW)
        sys.exit(1)
    torch.set_num_threads(1)
    datasets.disable_progress_bars()
    pieces, ratios = next(iter(genomes().values())), []
    for name, settings in TOKENIZERS.items():
        tokenizer = kinds.train(stretches=pieces, **settings)
        with tempfile.TemporaryDirectory() as folder:
            ids, repeats, index = packed.token_store(pieces, tokenizer, Path(folder) / "tokens")
            blocks = Blocks(ids, repeats, index, length=CONTEXT - 2, seed=0)
            theirs = arrow(datasets, packed.Packed(ids, index, CONTEXT - 2, tokenizer), Path(folder) / "arrow")
            for objective in ("mlm", "clm"):
                make = partial(batches.pretraining_batch, blocks, tokenizer, size=SIZE, objective=objective)
                ours = speed(make(step=step) for step in range(10**9))
                peers = {
                    form or "lists": speed(load(theirs.with_format(form), packed.collator(tokenizer, objective, 0.15)))
                    for form in (None, "torch", "numpy")
                }
                best = max(peers, key=peers.get)
                ratios.append(ours / peers[best])
                print(f"{name}, {objective}: ours {ours / 1e6:.1f} Mtok/s, datasets {peers[best] / 1e6:.2f}", end=" ")
                print(
                    f"(as {best}, the fastest of {len(peers)}), {ratios[-1]:.1f} x, target {TARGET:.0f} x", flush=True
                )
    print(f"loader ratio={min(ratios):.1f} target={TARGET:.0f}")


def arrow(datasets, data: packed.Packed, folder: Path, most: int = 4096):
    """At most so many blocks as a data set on disk, read by memory map, as its users keep it."""
    rows = [data[number] for number in range(min(len(data), most))]
    columns = {name: np.stack([row[name].numpy() for row in rows]) for name in rows[0]}
    datasets.Dataset.from_dict({name: list(values) for name, values in columns.items()}).save_to_disk(str(folder))
    return datasets.load_from_disk(str(folder))


def load(data, collate: packed.Collate) -> Iterator[dict[str, torch.Tensor]]:
    """Shuffled batches without end; in this process, because workers only add the cost of passing tensors on."""
    while True:
        yield from DataLoader(data, batch_size=SIZE, shuffle=True, drop_last=True, collate_fn=collate)


def speed(made: Iterator[dict]) -> float:
    """Tokens a second of batches made one after the other for `SECONDS`; the first is not timed. The best of three."""
    next(made)
    return max(_stretch(made) for _ in range(3))


def _stretch(made: Iterator[dict]) -> float:
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS:
        next(made)
        count += SIZE * CONTEXT
    return count / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
