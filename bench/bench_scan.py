"""Scanning a genome: ours beside the loop that users write, and convolutions in tiles beside window after window.

The loop fetches 1 kb every 500 bases, tokenises it by Hugging Face, pads it (to 512 tokens, or to the batch's longest)
and runs the network in fp32, 32 windows at a time; ours is the workflow's scan, one strand as the loop is. Beside it
stands the network alone on windows without padding, which nothing can be faster than in the same precision. Networks
have random weights: what is measured does not depend on them.
"""

import os
import tempfile
from pathlib import Path

import numpy as np
import pysam
import torch
from inputs import genomes, in_turn, machine, ratio, seq, timed
from torch import nn

from dnalm.networks import device, flanks, models, predict, readers, tiles
from dnalm.scan import peaks, tracks
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk
from dnalm.training import margins

WINDOW, STRIDE, BATCH, PADDED = 1000, 500, 32, 512
BERTS = {  # width, layers, heads, windows that are timed: as many as a piece of a scan has, or as time allows
    "small": (256, 4, 4, tracks.PIECE // STRIDE),
    "86M": (768, 12, 12, 96),
}
TARGETS = {"padded to 512": 8.0, "padded to the longest": 3.5}
FORWARD, TILES, SAME, PEARSON = 0.85, 4.0, 0.98, 0.999
NARROW, BASES = 200, 200_000  # the windows of convolutions, every quarter of one, and the bases they are read on
CONVOLUTIONS = {"hidden_size": 96, "num_hidden_layers": 8, "kernel_size": 9}


def main() -> None:
    """Print windows/s of each; the last line holds the ratio that is furthest from its target."""
    print(machine())
    pieces = next(iter(genomes().values()))
    tokenizer = making.train("bpe", pieces[:4], vocab_size=610, threads=os.cpu_count() or 1)
    found = [one for name in BERTS for one in transformer(name, tokenizer, pieces)] + convolutions(pieces)
    worst, target = min(found, key=lambda one: one[0] / one[1])
    print(f"scan ratio={worst:.2f} target={target:.2f}")


def transformer(name: str, tokenizer: object, pieces: list[np.ndarray]) -> list[tuple[float, float]]:
    """A BERT over byte pairs: (ratio, target) against both loops, and of the network alone."""
    width, layers, heads, count = BERTS[name]
    sizes = {"hidden_size": width, "num_hidden_layers": layers, "num_attention_heads": heads}
    network = models.unpretrained("bert", sizes | {"intermediate_size": 4 * width}, tokenizer, PADDED, 0)
    codes = np.concatenate(pieces)[: WINDOW + (count - 1) * STRIDE]
    with tempfile.TemporaryDirectory() as folder:
        models.save(network, tokenizer, Path(folder) / "model", "")
        loaded = models.load(Path(folder) / "model", "classify")
        network = network.eval().to(loaded.device)
        path = Path(folder) / "g.fa"
        path.write_text(f">c\n{seq.decode(codes)}\n")
        pysam.faidx(str(path))
        ways = {
            kind: (lambda kind=kind: timed(lambda: loop(network, tokenizer, path, count, kind))[1]) for kind in TARGETS
        }
        ways["ours"] = lambda: timed(lambda: ours(loaded, tokenizer, codes))[1]
        ways["alone"] = lambda: alone(loaded, tokenizer, codes)
        took = in_turn(ways)
    told = []
    for kind, target in TARGETS.items():
        told.append((ratio(took[kind], took["ours"])[0], target))
        print(f"{name}: ours {count / np.median(took['ours']):.1f} windows/s, the loop {kind}", end=" ")
        print(f"{count / np.median(took[kind]):.1f}, {told[-1][0]:.1f} x, target {target} x", flush=True)
    told.append((ratio(took["alone"], took["ours"])[0], FORWARD))
    print(f"{name}: {told[-1][0]:.0%} of the network alone, target {FORWARD:.0%}", flush=True)
    return told


def loop(network: nn.Module, tokenizer: object, path: Path, count: int, kind: str) -> np.ndarray:
    """What users write: fetch, tokenise, pad, run."""
    fasta, found = pysam.FastaFile(str(path)), []
    how = {"padding": "max_length", "max_length": PADDED} if kind == "padded to 512" else {"padding": True}
    with torch.no_grad():
        for first in range(0, count, BATCH):
            starts = [number * STRIDE for number in range(first, min(first + BATCH, count))]
            texts = [fasta.fetch("c", start, start + WINDOW) for start in starts]
            batch = tokenizer(texts, truncation=True, return_tensors="pt", **how)
            ids, mask = (batch[name].to(network.device) for name in ("input_ids", "attention_mask"))
            found.append(network(input_ids=ids, attention_mask=mask).logits.cpu().numpy())
    return np.concatenate(found)


def ours(network: nn.Module, tokenizer: object, codes: np.ndarray) -> np.ndarray:
    """The workflow's scan, of one strand."""

    def score(windows: np.ndarray) -> np.ndarray:
        return predict.predict(network, tokenizer, windows, readers.class_logit, both_strands=False, what=None)

    return tracks.track(codes, tracks.by_window(score), WINDOW, STRIDE)


def alone(network: nn.Module, tokenizer: object, codes: np.ndarray) -> float:
    """Seconds that the network takes for as many tokens, without padding, mask or anything that makes them."""
    views = np.lib.stride_tricks.sliding_window_view(codes, WINDOW)[::STRIDE]
    ids, mask = tk.tokenize(tokenizer, views)
    longest, where = int(mask.sum(1).mean()), network.device
    each = predict.rows(network, longest)
    batches = [torch.from_numpy(ids[first : first + each, :longest]).to(where) for first in range(0, len(ids), each)]
    with torch.inference_mode(), device.autocast(where):
        return timed(lambda: [network(input_ids=one).logits.float().cpu() for one in batches])[1]


def convolutions(pieces: list[np.ndarray]) -> list[tuple[float, float]]:
    """Tiles against windows of the same network with the same bases beside them, and against windows by themselves."""
    tokenizer, stride = making.train("char"), NARROW // 4
    network = models.unpretrained("dilated_conv", CONVOLUTIONS, tokenizer, 512, 0).eval()
    margin = network.config.margin = margins.margin(network.backbone.config, tokenizer, NARROW)
    network = network.to(device.device())
    codes = np.concatenate(pieces)[:BASES]
    wanted = np.ones((BASES - NARROW) // stride + 1, bool)
    said: dict[str, np.ndarray] = {}

    def tiled() -> None:
        said["tiles"] = tiles.logits(network, tokenizer, codes, NARROW, stride, wanted)

    def beside() -> None:
        padded = np.pad(codes, margin, constant_values=flanks.NOTHING)
        views = np.lib.stride_tricks.sliding_window_view(padded, NARROW + 2 * margin)[::stride]
        said["windows"] = flanks.answers(network, tokenizer, views, readers.class_logit)

    def by_themselves() -> None:
        views = np.lib.stride_tricks.sliding_window_view(codes, NARROW)[::stride]
        predict.predict(network, tokenizer, views, readers.class_logit, what=None)

    works = {"tiles": tiled, "windows": beside, "by themselves": by_themselves}
    took = in_turn({name: (lambda work=work: timed(work)[1]) for name, work in works.items()})
    took["alone"] = [dense(network, tokenizer, codes)]
    told = [(ratio(took["windows"], took["tiles"])[0], TILES)]
    told.append((took["alone"][0] / float(np.median(took["tiles"])), FORWARD))
    same, pearson = agreement(said["tiles"], said["windows"], stride)
    print(
        f"convolutions, {NARROW} bases every {stride}: {BASES / np.median(took['tiles']) / 1e3:.1f} kb/s in tiles,",
        end=" ",
    )
    print(f"{told[0][0]:.1f} x windows with {margin} bases beside them, target {TILES} x", end="; ")
    print(f"{ratio(took['by themselves'], took['tiles'])[0]:.1f} x windows by themselves, another function")
    print(f"convolutions: {told[1][0]:.0%} of the network alone, target {FORWARD:.0%}; Pearson {pearson:.6f}", end=", ")
    print(f"the highest maxima in common (Jaccard) {same:.3f}", flush=True)
    return [*told, (pearson, PEARSON), (same, SAME)]


def dense(network: nn.Module, tokenizer: object, codes: np.ndarray) -> float:
    """Seconds of the convolutions alone for each base once a strand, in tiles without margins."""
    ids = torch.from_numpy(
        flanks.ids(tokenizer, codes[: len(codes) // tiles.TILE * tiles.TILE]).reshape(-1, tiles.TILE)
    )
    parts = [one.to(network.device) for one in ids.split(predict.rows(network, tiles.TILE))]
    with torch.inference_mode(), device.autocast(network.device):
        run = lambda: [network.backbone(input_ids=one).last_hidden_state.float() for one in parts]  # noqa: E731
        return 2 * timed(run)[1] * len(codes) / ids.numel()


def agreement(one: np.ndarray, other: np.ndarray, stride: int) -> tuple[float, float]:
    """(Jaccard of the bins of the highest tenth of all maxima, Pearson r of the tracks) of two scans' logits."""
    tops = []
    for said in (one, other):
        track = tracks.track(np.zeros(BASES, np.uint8), lambda *_, said=said: said.astype(float), NARROW, stride)
        maxima = peaks.local_maxima(track, NARROW // stride)
        tops.append(set(maxima[np.argsort(-track[maxima])[: len(maxima) // 10]].tolist()))
    return len(tops[0] & tops[1]) / len(tops[0] | tops[1]), float(np.corrcoef(one, other)[0, 1])


if __name__ == "__main__":
    main()
