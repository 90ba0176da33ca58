"""Scoring variants: ours beside everybody's notebook, which takes them one at a time.

The notebook fetches the window round a variant, writes both alleles, tokenises either by Hugging Face and runs the
network once each in fp32; ours is what `score_variants.py` does with a table. Both read both strands and give the same
number, the Euclidean distance of mean embeddings, so that the work is the same; both load the model themselves. Beside
them stands ours with `fast`, whose products are of bf16 where the machine is faster in it; of convolutions over single
bases it is the same. The ratios at the end are its. Networks have random weights: speed does not depend on them.
"""

import os
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pysam
import torch
from inputs import in_turn, machine, ratio, seq, simulated, timed
from torch import Tensor
from transformers import AutoModel, AutoTokenizer

from dnalm.genome import fasta as genome_fasta
from dnalm.metrics import regression
from dnalm.networks import device, models
from dnalm.tokens import making
from dnalm.variants import alleles, evidence, pairs

BASES, SPEARMAN = 2_000_000, 0.999
CASES = {"scattered, 1 kb": (1000, 3.0), "scattered, 200 bp": (200, 5.0), "dense, 1 kb": (1000, 6.0)}  # window, target
SMALL = {"hidden_size": 256, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 1024}
LARGE = {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072}
CONVOLUTIONS = {"hidden_size": 96, "num_hidden_layers": 8, "kernel_size": 9}
NETWORKS = {  # architecture, sizes, tokens, and how many variants of each case are timed
    "BERT 4 x 256": ("bert", SMALL, "bpe", (60, 240, 300)),
    "86M, 12 x 768": ("bert", LARGE, "bpe", (30, 60, 60)),
    "convolutions 8 x 96": ("dilated_conv", CONVOLUTIONS, "char", (60, 240, 300)),
}
COMPLEMENT = str.maketrans("ACGT", "TGCA")


def main() -> None:
    """Print variants/s of both; at the end a line for each target, the one that is furthest from its own last."""
    print(machine())
    found: list[tuple[float, float, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "g.fa"
        simulated([BASES], 0, path)
        pysam.faidx(str(path))
        with genome_fasta.open_genome(path) as fasta:
            codes = genome_fasta.codes(fasta, "c0", 0, BASES)
        for number, (name, (architecture, sizes, kind, counts)) in enumerate(NETWORKS.items()):
            tokenizer = making.train(kind, [codes], vocab_size=610, threads=os.cpu_count() or 1)
            network, saved = models.build("mlm", architecture, sizes, tokenizer, 1024, 0), Path(folder) / str(number)
            models.save(network, tokenizer, saved, "")
            for (case, (window, target)), count in zip(CASES.items(), counts, strict=True):
                table = variants(codes, count, dense=case.startswith("dense"))
                found.append((compare(saved, path, table, window), target, f"{name}, {case}"))
                print(f" of {count}; {found[-1][2]}: {found[-1][0]:.2f} x, target {target:.0f} x", flush=True)
    worst = [min(one for one in found if one[2].endswith(case)) for case in CASES]
    for times, target, what in sorted(worst, key=lambda one: -one[0] / one[1]):
        print(f"variants ratio={times:.2f} target={target:.2f}  ({what})")


def variants(codes: np.ndarray, count: int, *, dense: bool) -> pd.DataFrame:
    """Substitutions of one base: at places anywhere, or all three at each of as many bases in a row as it takes."""
    rng, number = np.random.default_rng(count), np.arange(count)
    if dense:
        pos0, step = BASES // 2 + number // 3, number % 3 + 1
    else:
        pos0, step = np.sort(rng.choice(np.arange(1000, BASES - 1000), count, replace=False)), rng.integers(1, 4, count)
    ref, alt = (list(seq.decode(bases)) for bases in (codes[pos0], (codes[pos0] + step) % 4))
    return pd.DataFrame({"chrom": "c0", "pos": pos0 + 1, "ref": ref, "alt": alt})


def compare(folder: Path, path: Path, table: pd.DataFrame, window: int) -> float:
    """How many times as fast ours is with `fast`; all must rank the variants alike."""
    said: dict[str, np.ndarray] = {}
    ways = {"exact": ours, "fast": partial(ours, fast=True), "notebook": notebook}

    def clock(name: str) -> float:
        said[name], took = timed(lambda: ways[name](folder, path, table, window))
        return took

    for way in ways.values():  # compile before the clock starts
        way(folder, path, table[:3], window)
    took = in_turn({name: partial(clock, name) for name in ways})
    same = {name: regression.spearman(said["notebook"], said[name]) for name in ("exact", "fast")}
    assert min(same.values()) >= SPEARMAN, f"Spearman {same}: not the same scores"
    pace = {name: len(table) / np.median(seconds) for name, seconds in took.items()}
    times = {name: ratio(took["notebook"], took[name])[0] for name in same}
    print(f"the notebook {pace['notebook']:.1f} variants/s", end="")
    for name, found in same.items():
        print(f", ours {name} {pace[name]:.1f}: {times[name]:.2f} x, Spearman {found:.6f}", end="")
    return times["fast"]


def ours(folder: Path, path: Path, table: pd.DataFrame, window: int, *, fast: bool = False) -> np.ndarray:
    """The workflow's: all pairs of alleles, then their scores."""
    with genome_fasta.open_genome(path) as fasta:
        table, edits = alleles.hold(table, fasta, window)
        found = evidence.score(folder, pairs.pieces(edits, fasta, window), len(edits), ["l2"], fast=fast)
    return alleles.with_scores(table, found).l2.to_numpy()


def notebook(folder: Path, path: Path, table: pd.DataFrame, window: int) -> np.ndarray:
    """What users write."""
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)
    model.eval().to(device.device())
    special, found = torch.tensor(tokenizer.all_special_ids), []

    def embed(sequence: str) -> Tensor:
        batch = tokenizer(sequence, return_tensors="pt")
        bearing = ~torch.isin(batch["input_ids"][0], special)
        return model(**batch.to(model.device)).last_hidden_state[0, bearing].mean(0)

    def both_strands(sequence: str) -> Tensor:
        return (embed(sequence) + embed(sequence.translate(COMPLEMENT)[::-1])) / 2

    with pysam.FastaFile(str(path)) as fasta, torch.inference_mode():
        for chrom, pos, alt in zip(table.chrom, table.pos, table.alt, strict=True):
            start = pos - 1 - window // 2
            ref = fasta.fetch(chrom, start, start + window).upper()
            other = ref[: window // 2] + alt + ref[window // 2 + 1 :]
            found.append(float(torch.linalg.norm(both_strands(other) - both_strands(ref))))
    return np.array(found)


if __name__ == "__main__":
    main()
