"""Pretraining: ours beside Hugging Face's Trainer at its defaults and tuned, on the same packed blocks.

STEPS and ROUNDS (24 and 3) say how long. The three ways take turns in every round, each in a process of its own,
because what one sets for its process the next would inherit.
"""

import multiprocessing
import os
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import packed
import torch
import trainer
from inputs import genomes, in_turn, machine, ratio
from torch import nn

from dnalm import logs
from dnalm.networks import models
from dnalm.tokens import making, store
from dnalm.tokens import tokenizer as tk
from dnalm.training import batches, pretraining, train
from dnalm.training.blocks import Blocks

SIZES = {"hidden_size": 256, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 1024}
EXPERTS = {"hidden_size": 64, "num_hidden_layers": 4, "num_attention_heads": 8, "num_key_value_heads": 8}
EXPERTS |= {"intermediate_size": 64, "num_local_experts": 8, "num_experts_per_tok": 1}
EXPERTS |= {"output_router_logits": True, "router_aux_loss_coef": 0.02}
CASES = {  # objective, architecture, sizes, context, blocks a batch: 4,096 tokens, the best on a CPU
    "BERT 4 x 256": ("mlm", "bert", SIZES, 512, 8),
    "Mixtral 4 x 64, 8 experts (Mistral-DNA-1M)": ("clm", "mixtral", EXPERTS, 256, 16),
}
TARGETS = {"at its defaults": 4.0, "tuned": 1.15}
RECIPE = {"learning_rate": 1e-3, "warmup": 0.1, "weight_decay": 0.01}
TOLERANCE = 0.02  # nats between two loss curves: bf16 rounds differently where sums are taken in another order
UNTOLD = "300000"  # turns that GNU's OpenMP waits if nobody says: what the peers' users have


def prepare(pieces: list[np.ndarray], folder: Path) -> None:
    """Train a tokenizer of 600 merges and write it and the pieces' tokens."""
    tokenizer = making.train("bpe", pieces, vocab_size=610, threads=os.cpu_count() or 1)
    tokenizer.save_pretrained(folder / "tokenizer")
    packed.token_store(pieces, tokenizer, folder / "tokens")


class Setting:
    """One network with the blocks that `prepare` made: what all ways of training it share."""

    def __init__(self, folder: Path, *case) -> None:
        self.objective, self.architecture, self.sizes, self.context, self.batch = case
        self.tokenizer = tk.load(folder / "tokenizer")
        ids, repeats, self.index = store.open_store(folder / "tokens")
        self.data = packed.Packed(ids, self.index, self.context - 2, self.tokenizer)
        self.collate = packed.collator(self.tokenizer, self.objective, 0.15)
        blocks = Blocks(ids, repeats, self.index, length=self.context - 2, seed=0)
        self.batch_at = partial(
            batches.pretraining_batch, blocks, self.tokenizer, size=self.batch, objective=self.objective, mask_rate=0.15
        )

    def network(self) -> nn.Module:
        """The same first weights every time."""
        return models.build(self.objective, self.architecture, self.sizes, self.tokenizer, self.context, seed=0)

    def ours(self, steps: int, evaluations: int = 0) -> list[dict[str, float]]:
        """Our loop's history; each row has the `clock` when its steps were done."""
        with tempfile.TemporaryDirectory() as folder:
            return train.fit(
                self.network(),
                lambda step, rows: self.batch_at(step=step, rows=rows),
                pretraining.loss_of(self.objective),
                attend=models.write_out_attention,
                batch_size=self.batch,
                steps=steps,
                checkpoints=Path(folder),
                evaluate=_clock,
                evaluations=evaluations or round(1 / trainer.WARM),
                save_seconds=1e9,
                **RECIPE,
            )

    def speed(self, rows: list[dict[str, float]]) -> float:
        """Tokens a second of our loop, the first stretch of steps left out."""
        took = (rows[-1]["clock"] - rows[0]["clock"]) / (rows[-1]["step"] - rows[0]["step"])
        return self.batch * self.context / took

    def peer(self, steps: int, tuned: bool) -> float:
        """Tokens a second of the Trainer."""
        network = self.network()
        if not tuned:
            first = network.state_dict()
            network = trainer.with_own_dropout(network, self.objective, seed=0)
            network.load_state_dict(first)
        recipe = RECIPE if tuned else None
        run = trainer.train(
            network, self.data, self.collate, self.objective, steps=steps, tuned=recipe, batch_size=self.batch
        )
        return run.tokens_per_second


def _clock(network: nn.Module) -> dict[str, float]:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return {"clock": time.perf_counter()}


def main() -> None:
    """Print tokens a second and the loss curves' distance; the last lines hold the ratios of the first network."""
    print(machine())
    logs.log.setLevel("WARNING")
    steps = int(os.environ.get("STEPS", "24"))
    pieces = next(iter(genomes().values()))
    found = []
    with tempfile.TemporaryDirectory() as folder:
        prepare(pieces, Path(folder))
        for name, case in CASES.items():
            agree(name, Setting(Path(folder), *case), max(steps, 30))
            found.append(compare(name, Path(folder), steps))
    for way, target in TARGETS.items():
        print(f"pretrain ratio={found[0][way]:.2f} target={target:g}  (Trainer {way})")


def agree(name: str, setting: Setting, steps: int) -> None:
    """Give the tuned Trainer our very batches and learning rates: the two loss curves must be one."""
    ours = setting.ours(steps, evaluations=2 * steps)  # every step, however the division rounds
    given = packed.Given([setting.batch_at(step=step) for step in range(steps)])
    rates = [row["learning_rate"] for row in ours]
    peer = trainer.train(
        setting.network(),
        given,
        packed.as_given,
        setting.objective,
        steps=steps,
        tuned=RECIPE,
        rates=rates,
        batch_size=1,
    )
    apart = np.abs(np.array(peer.losses) - [row["loss"] for row in ours]).max()
    print(f"{name}: same weights, batches and rates for {steps} steps, loss {ours[0]['loss']:.3f} to", end=" ")
    print(f"{ours[-1]['loss']:.3f}, tuned Trainer {peer.loss:.3f}; curves at most {apart:.4f} apart", end=" ")
    print("(same model, data and loss)" if apart < TOLERANCE else f"(MORE than {TOLERANCE})", flush=True)
    assert apart < TOLERANCE, "not the same training"


def compare(name: str, folder: Path, steps: int) -> dict[str, float]:
    """Median over rounds of how many times as fast we are as the Trainer at its defaults and tuned."""
    told = os.environ["GOMP_SPINCOUNT"]

    def alone(way: str) -> float:
        os.environ["GOMP_SPINCOUNT"] = told if way == "ours" else UNTOLD
        with multiprocessing.get_context("spawn").Pool(1) as process:
            return process.apply(measured, (name, folder, way, steps))

    speeds = in_turn({way: partial(alone, way) for way in ("ours", *TARGETS)})
    middle = {way: statistics.median(ones) for way, ones in speeds.items()}
    ratios = {way: ratio(speeds["ours"], speeds[way]) for way in TARGETS}
    tokens = CASES[name][3] * CASES[name][4]
    print(f"{name}: ours {middle['ours'] / 1e3:.1f} ktok/s", end="")
    for way, target in TARGETS.items():
        found = "{:.2f} x ({:.2f} to {:.2f})".format(*ratios[way])
        print(f", Trainer {way} {middle[way] / 1e3:.1f}, {found}, target {target:g} x", end="")
    print(f"; {len(speeds['ours'])} rounds of {steps} steps of {tokens:,} tokens", flush=True)
    return {way: found[0] for way, found in ratios.items()}


def measured(name: str, folder: Path, way: str, steps: int) -> float:
    """Tokens a second of one way of training, in this process."""
    logs.log.setLevel("WARNING")
    setting = Setting(folder, *CASES[name])
    return setting.speed(setting.ours(steps)) if way == "ours" else setting.peer(steps, tuned=way == "tuned")


if __name__ == "__main__":
    main()
