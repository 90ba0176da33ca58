"""What bench_gpu measures: a function a measurement, each through the functions of the library that users run.

The input is random bases, so that nothing has to be carried to the machine. Every function takes the `Bench` and gives
its figures by name; what a CPU cannot say (the share of a GPU's peak, its memory) is None there.
"""

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import packed
import torch
import yaml
from inputs import ROOT
from torch import nn

from dnalm.designs import generate
from dnalm.metrics import regression
from dnalm.networks import classifier, device, flanks, models, predict, readers, scorer, tiles
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk
from dnalm.training import batches, margins, pretraining, throughput, train
from dnalm.training.blocks import Blocks
from dnalm.variants import evidence
from dnalm.variants import pairs as variants_pairs

Figures = dict[str, float | None]
DATA_SHEET = {"H100": 989e12, "H200": 989e12, "A100": 312e12}  # FLOP/s in bf16, dense
CONVOLUTIONS = {"hidden_size": 96, "num_hidden_layers": 8, "kernel_size": 9}
NARROW, STEP = 200, 50  # the windows of convolutions, and how far apart they are
RECIPE = {"learning_rate": 1e-3, "warmup": 0.1, "weight_decay": 0.01}
BASE = ("batch_size", "micro_batch", "optimizer", "learning_rate", "schedule", "warmup", "decay", "weight_decay")


class Sizes(NamedTuple):
    """How much is measured: on a GPU, or so little that a CPU shows in seconds that every measurement runs."""

    width: int
    layers: int
    heads: int
    context: int
    batch: int  # blocks
    steps: int
    bases: int
    window: int
    variants: int
    sequences: int
    length: int


FULL = Sizes(768, 12, 12, 512, 64, 96, 10_000_000, 1000, 4096, 128, 2000)
TOY = Sizes(64, 2, 2, 64, 8, 6, 100_000, 200, 32, 4, 100)


class Bench:
    """A genome, its tokens, and the networks of 86 million parameters (or of a toy's size)."""

    def __init__(self, folder: Path, sizes: Sizes) -> None:
        self.folder, self.sizes, self.where = folder, sizes, device.device()
        self.codes = np.random.default_rng(0).integers(0, 4, sizes.bases).astype(np.uint8)
        self.tokenizer = making.train("bpe", [self.codes], vocab_size=610, threads=os.cpu_count() or 1)
        self.store = packed.token_store([self.codes], self.tokenizer, folder / "tokens")
        self.peak = throughput.peak(self.where) if self.where.type == "cuda" else None

    def network(self, objective: str) -> nn.Module:
        """BERT for "mlm", Llama for "clm": as many weights in the layers of either."""
        width, layers, heads = self.sizes[:3]
        config = {"hidden_size": width, "num_hidden_layers": layers, "num_attention_heads": heads}
        if objective == "mlm":
            return self.build("mlm", "bert", config | {"intermediate_size": 4 * width})
        return self.build("clm", "llama", config | {"num_key_value_heads": heads, "intermediate_size": 8 * width // 3})

    def build(self, objective: str, architecture: str, config: dict) -> nn.Module:
        """The same first weights every time."""
        return models.build(objective, architecture, config, self.tokenizer, self.sizes.context, seed=0)

    def batch_at(self, objective: str, size: int) -> Callable[[int, slice], dict[str, np.ndarray]]:
        """Training batches of `size` blocks."""
        ids, repeats, index = self.store
        blocks = Blocks(ids, repeats, index, length=self.sizes.context - 2, seed=0)
        make = partial(batches.pretraining_batch, blocks, self.tokenizer, size=size, objective=objective)
        return lambda step, rows: make(step=step, rows=rows)

    def clock(self, *_: object) -> dict[str, float]:
        """Seconds, when the GPU has done all that it was told."""
        if self.where.type == "cuda":
            torch.cuda.synchronize()
        return {"clock": time.perf_counter()}

    def timed(self, work: Callable[[], object]) -> float:
        """Seconds that it takes, the GPU's included."""
        began = self.clock()["clock"]
        work()
        return self.clock()["clock"] - began

    def step_seconds(self, network: nn.Module, batch_at: Callable, objective: str, **recipe: object) -> float:
        """Seconds a step of the training loop; the first third, in which kernels are chosen, is not timed."""
        with tempfile.TemporaryDirectory() as folder:
            settings = {"steps": self.sizes.steps, "checkpoints": Path(folder), "save_seconds": 1e9}
            settings |= {"evaluate": self.clock, "evaluations": 3, "attend": models.write_out_attention} | recipe
            rows = train.fit(network, batch_at, pretraining.loss_of(objective), **settings)
        return (rows[-1]["clock"] - rows[0]["clock"]) / (rows[-1]["step"] - rows[0]["step"])


def tests(bench: Bench) -> Figures:
    """The tests marked gpu; without a GPU they skip themselves."""
    if importlib.util.find_spec("pytest") is None:
        raise RuntimeError("pytest is not installed: put its wheel among those to carry")
    files = map(str, sorted(ROOT.glob("tests/**/test_gpu.py")))
    command = [sys.executable, "-m", "pytest", "-q", "-m", "gpu", "-W", "default", "-p", "no:cacheprovider", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    counts = {word: float(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|error)", done.stdout)}
    if done.returncode or (bench.where.type == "cuda" and not counts.get("passed")):
        raise RuntimeError(f"pytest exits with {done.returncode}: {done.stdout[-1500:]}{done.stderr[-500:]}".strip())
    return {"passed": counts.get("passed", 0.0), "skipped": counts.get("skipped", 0.0)}


def training(bench: Bench, objective: str, compiled: bool) -> Figures:
    """Tokens a second, the share of the peak, and the memory taken.

    Counted are the products that the model needs: six a weight and token in the layers, and the attention's own, whole
    also where it looks one way; the head and what is computed twice to save memory are not.
    """
    network, (width, layers, _, context, batch) = bench.network(objective), bench.sizes[:5]
    if compiled:
        compile_layers(network, "inductor" if bench.where.type == "cuda" else "eager")
    if bench.where.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
    seconds = bench.step_seconds(network, bench.batch_at(objective, batch), objective, batch_size=batch, **RECIPE)
    pace = batch * context / seconds
    found: Figures = {"tokens_per_second": pace, "mfu": None, "mfu_data_sheet": None, "peak_gib": None}
    if bench.peak:
        used = pace * (6 * 12 * width**2 * layers + 12 * context * width * layers)
        name = torch.cuda.get_device_name()
        sheet = next((most for one, most in DATA_SHEET.items() if one in name), None)
        found |= {"mfu": used / bench.peak, "mfu_data_sheet": used / sheet if sheet else None}
        found["peak_gib"] = torch.cuda.max_memory_allocated() / 2**30
    return found


def compile_layers(network: nn.Module, backend: str) -> None:
    """Compile every layer but the last, whose end runs for the predicted tokens alone, by a hook that each step sets.

    They are alike, so this takes a twelfth of the time that the whole network takes.
    """
    torch._dynamo.config.recompile_limit = 64  # a decoder's layers differ by their number in the cache
    layers = max((part for part in network.modules() if isinstance(part, nn.ModuleList)), key=len)
    for layer in layers[:-1]:
        layer.compile(backend=backend)


def base(bench: Bench) -> Figures:
    """dnalm-base as its preset has it, and how long its steps wait for batches: what batches made before would save.

    A third of the steps will do: each is four times the others' batch.
    """
    preset = yaml.safe_load((ROOT / "config/models/dnalm-base.yaml").read_text())
    config, recipe = preset["config"], {name: preset[name] for name in BASE}
    if bench.sizes is TOY:
        config |= {"hidden_size": 64, "num_hidden_layers": 2, "intermediate_size": 128}
        config |= {"num_attention_heads": 2, "num_key_value_heads": 2}
        recipe |= {"batch_size": 8, "micro_batch": 4}
    objective, size = preset["objective"], recipe["batch_size"]
    make = bench.batch_at(objective, size)
    kept = cache(lambda step, start, stop: make(step, slice(start, stop)))
    recipe["steps"] = max(bench.sizes.steps // 3, 3)
    took = [
        bench.step_seconds(bench.build(objective, preset["architecture"], config), batch_at, objective, **recipe)
        for batch_at in (make, lambda step, rows: kept(step % 2, rows.start, rows.stop))
    ]
    return {"tokens_per_second": size * bench.sizes.context / took[0], "waits_for_data": 1 - took[1] / took[0]}


def scan(bench: Bench) -> Figures:
    """Windows a second, both strands, of a scan, and the share of its time in which the model has nothing to do."""
    models.save(bench.network("mlm"), bench.tokenizer, bench.folder / "encoder", "")
    special = list(tk.special_ids(bench.tokenizer))
    models.save(
        classifier.from_backbone(bench.folder / "encoder", special), bench.tokenizer, bench.folder / "classifier", ""
    )
    from dnalm.scan import tracks  # it needs pyBigWig and pybedtools, which must not cost the other figures

    window, score = bench.sizes.window, scorer.load_classifier(bench.folder / "classifier", what=None, rounded=True)
    views = np.lib.stride_tricks.sliding_window_view(bench.codes, window)[:: window // 2]
    score(views[predict.chunks(views)[0]])
    seconds = bench.timed(lambda: tracks.track(bench.codes, tracks.by_window(score), window, window // 2))
    model = models.load(bench.folder / "classifier", "classify")
    chunks = (np.ascontiguousarray(views[here]) for here in predict.chunks(views))
    ready = [dict(zip(("ids", "mask"), tk.tokenize(bench.tokenizer, one), strict=True)) for one in chunks]
    alone = bench.timed(lambda: [predict.forward(model, one, readers.class_logit) for one in ready])
    return {"windows_per_second": len(views) / seconds, "waits_for_data": 1 - 2 * alone / seconds}


def scan_in_tiles(bench: Bench) -> Figures:
    """Bases a second of convolutions that read each base once a strand, and how many times as fast that is as windows.

    The windows are fewer, for they take long, and have the bases beside them, so that both say the same.
    """
    tokenizer = making.train("char")
    network = models.unpretrained("dilated_conv", CONVOLUTIONS, tokenizer, 512, 0).eval().to(bench.where)
    margin = network.config.margin = margins.margin(network.backbone.config, tokenizer, NARROW)
    few = bench.codes[: len(bench.codes) // 20]
    padded = np.pad(few, margin, constant_values=flanks.NOTHING)
    views = np.lib.stride_tricks.sliding_window_view(padded, NARROW + 2 * margin)[::STEP]

    def tiled(codes: np.ndarray) -> np.ndarray:
        wanted = np.ones((len(codes) - NARROW) // STEP + 1, bool)
        return tiles.logits(network, tokenizer, codes, NARROW, STEP, wanted)

    said = tiled(few), flanks.answers(network, tokenizer, views, readers.class_logit)  # and kernels are chosen
    slow = bench.timed(lambda: flanks.answers(network, tokenizer, views, readers.class_logit)) / len(few)
    seconds = bench.timed(lambda: tiled(bench.codes)) / len(bench.codes)
    figures: Figures = {"bases_per_second": 1 / seconds, "times_windows": slow / seconds}
    return figures | {"pearson": float(np.corrcoef(*said)[0, 1]), "most_apart": float(np.abs(said[0] - said[1]).max())}


def scores(bench: Bench) -> Figures:
    """Variants a second by `l2`, one alternative a window, both strands; the loading of the model included.

    In fp32, and `fast`, with products of bf16, whose scores must rank as those do.
    """
    models.save(bench.network("mlm"), bench.tokenizer, bench.folder / "scorer", "")
    count, window = bench.sizes.variants, bench.sizes.window
    windows = np.random.default_rng(1).integers(0, 4, (count, window)).astype(np.uint8)
    alt = windows.copy()
    alt[:, window // 2] = (alt[:, window // 2] + 1) % 4
    shown = [variants_pairs.of_windows(windows, alt)]
    said: dict[bool, np.ndarray] = {}

    def ask(fast: bool) -> None:
        found = evidence.score(bench.folder / "scorer", lambda: shown, count, ["l2"], fast=fast)
        said[fast] = found.l2.to_numpy()

    exact, fast = (bench.timed(partial(ask, way)) for way in (False, True))
    same = regression.spearman(said[False], said[True])
    return {"variants_per_second": count / exact, "fast_variants_per_second": count / fast, "fast_spearman": same}


def generation(bench: Bench) -> Figures:
    """Bases a second that the decoder writes."""
    network = bench.network("clm").eval().to(bench.where)
    number, length = bench.sizes.sequences, bench.sizes.length
    generate.sample(network, bench.tokenizer, 2, 50)
    make = partial(generate.sample, network, bench.tokenizer, number, length, batch_size=number)
    return {"bases_per_second": number * length / bench.timed(make)}
