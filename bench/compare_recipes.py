"""Which recipe reaches fewer bits per base: in the same wall-clock, on the same machine, data and held-out contigs.

    python bench/compare_recipes.py --minutes 20 --seeds 0 1 2 --out table.tsv --contestants \
        trainer:grover-small:TOKENIZER:TOKENS dnalm:grover-small:TOKENIZER:TOKENS

A contestant is WAY:PRESET:TOKENIZER:TOKENS. Ways: `trainer` is Hugging Face's Trainer at its defaults on the preset's
network, objective, context and masking; `tuned` the same with the preset's batch and learning rate and what an expert
sets; `dnalm` is pretrain_model.py with --minutes. None of them evaluates or saves on the way. Give stores that were cut
from one genome, so that their held-out contigs are the same.

Bits of a masked model are those of hidden tokens that it sees both sides of, bits of a causal model those of the next
token: different tasks, told apart in the column `task`. Two tokenizers hide different amounts of sequence at a time.
"""

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import inputs
import numpy as np
import packed
import pandas as pd
import trainer
import yaml
from scipy import stats
from torch import nn

from dnalm import cli
from dnalm.errors import InputError, UsageError
from dnalm.logs import log
from dnalm.networks import models
from dnalm.tokens import store
from dnalm.tokens import tokenizer as tk
from dnalm.training import batches, pretraining
from dnalm.training.blocks import Blocks

BATCH = 16  # blocks measured at a time
RESAMPLED = 2000
ENDLESS = 10**9  # steps, where time says when to stop
MASKING = {"mask_rate": 0.15, "mask_random": 0.1, "mask_keep": 0.1}
KEY = ["contestant", "seed", "minutes"]


class Contestant(NamedTuple):
    """One way of training one preset on one token store."""

    way: str
    preset: str
    tokenizer: Path
    tokens: Path

    @classmethod
    def read(cls, text: str) -> "Contestant":
        """WAY:PRESET:TOKENIZER:TOKENS."""
        parts = text.split(":")
        if len(parts) != 4 or parts[0] not in WAYS:
            raise UsageError(f"contestant {text!r}: wanted WAY:PRESET:TOKENIZER:TOKENS, WAY one of {', '.join(WAYS)}")
        return cls(*parts[:2], *map(Path, parts[2:]))

    def recipe(self) -> dict[str, Any]:
        """The preset's keys; the context and the masking filled in."""
        path = inputs.ROOT / f"config/models/{self.preset}.yaml"
        if not path.exists():
            raise UsageError(f"{self.preset}: no such preset in config/models")
        return {"context": 512} | MASKING | yaml.safe_load(path.read_text())


class Trained(NamedTuple):
    """A network and what it took; `tokens` are those that bear bases."""

    network: nn.Module
    steps: int
    seconds: float
    tokens: int


def main(
    *,
    contestants: list[str],
    minutes: float,
    out: Path,
    seeds: list[int] = [0, 1, 2],  # noqa: B006 - read, never written
    bases: int = 1_000_000,
) -> None:
    """Train every contestant for --minutes with every seed, measure it on --bases held-out bases, add a row to --out.

    Rows are added run by run and those already there are not run again. The summary goes beside, to *.summary.tsv.
    """
    every = {text: Contestant.read(text) for text in contestants}
    for seed in seeds:  # contestants take turns, so that a noisy hour does not fall on one of them
        for text, one in every.items():
            done = pd.read_csv(out, sep="\t") if out.exists() else pd.DataFrame(columns=KEY)
            if (done[KEY] == [text, seed, minutes]).all(axis=1).any():
                continue
            row = dict(zip(KEY, (text, seed, minutes), strict=True)) | run(one, seed, minutes, bases)
            pd.DataFrame([row]).to_csv(out, sep="\t", index=False, mode="a", header=not out.exists())
            log.info(", ".join(f"{name} {value}" for name, value in row.items()))
    table = summary(pd.read_csv(out, sep="\t"))
    table.to_csv(out.with_suffix(".summary.tsv"), sep="\t", index=False)
    print(table.to_string(index=False))


def run(one: Contestant, seed: int, minutes: float, bases: int) -> dict[str, Any]:
    """Train and measure: the row's figures."""
    recipe, tokenizer = one.recipe(), tk.load(one.tokenizer)
    ids, repeats, index = store.open_store(one.tokens)
    trained = WAYS[one.way](one, recipe, seed, minutes)
    lengths = tk.base_lengths(tokenizer)
    counts = np.bincount(ids, minlength=len(lengths))
    length, objective = recipe["context"] - 2, recipe["objective"]
    blocks = Blocks(ids, repeats, held_out(ids, index, lengths, length, bases), length=length, seed=0)
    made = list(measured(blocks, tokenizer, objective, recipe.get("mask_span", 0)))
    return {
        "way": one.way,
        "task": f"hidden tokens, {MASKING['mask_rate']:.0%}" if objective == "mlm" else "next token",
        "steps": trained.steps,
        "seconds": round(trained.seconds, 1),
        "tokens": trained.tokens,
        "bases_seen": round(trained.tokens * float((lengths * counts).sum() / counts.sum())),
        **bits(trained.network, made, objective, lengths),
    }


def by_trainer(one: Contestant, recipe: dict[str, Any], seed: int, minutes: float, *, expert: bool = False) -> Trained:
    """The Trainer; it has no spans of masks, weights of repeats or second strand: such keys are passed over."""
    tokenizer, length, objective = tk.load(one.tokenizer), recipe["context"] - 2, recipe["objective"]
    ids, _, index = store.open_store(one.tokens)
    network = models.build(objective, recipe["architecture"], recipe["config"], tokenizer, recipe["context"], seed)
    network = network if expert else trainer.with_own_dropout(network, objective, seed)
    data = packed.Packed(ids, index[index.split == "train"], length, tokenizer)
    shares = {"mask_replace_prob": 1 - recipe["mask_random"] - recipe["mask_keep"]}
    shares |= {"random_replace_prob": recipe["mask_random"]}
    collate = packed.collator(tokenizer, objective, recipe["mask_rate"], **(shares if objective == "mlm" else {}))
    size = recipe.get("batch_size", 32) if expert else 8
    tuned = {"learning_rate": 1e-3, "warmup": 0.1, "weight_decay": 0.01}
    tuned |= {name: recipe[name] for name in tuned if name in recipe}
    settings = {"tuned": tuned if expert else None, "seed": seed, "batch_size": size}
    ran = trainer.train(network, data, collate, objective, seconds=60 * minutes, **settings)
    return Trained(ran.network, ran.steps, ran.seconds, ran.steps * size * length)


def by_dnalm(one: Contestant, recipe: dict[str, Any], seed: int, minutes: float) -> Trained:
    """pretrain_model.py as a user runs it; the time is its own, of training alone."""
    given = recipe | {"steps": ENDLESS, "minutes": minutes, "seed": seed, "evaluations": 1, "save_seconds": ENDLESS}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "model"
        paths = {"tokens": one.tokens, "tokenizer": one.tokenizer, "out": out, "checkpoints": Path(folder) / "state"}
        inputs.script("pretrain_model", *inputs.options(given | paths))
        last = pd.read_csv(out / "metrics.tsv", sep="\t").iloc[-1]
        seconds = pd.read_csv(out / "speed.tsv", sep="\t").seconds.iloc[-1]
        return Trained(models.load(out, "lm"), int(last.step), float(seconds), int(last.tokens))


WAYS = {"trainer": by_trainer, "tuned": partial(by_trainer, expert=True), "dnalm": by_dnalm}


def held_out(ids: np.ndarray, index: pd.DataFrame, lengths: np.ndarray, length: int, bases: int) -> pd.DataFrame:
    """Index rows that cover the first share of each held-out stretch, some `bases` in all, by whole blocks.

    The bases are the same for every tokenizer: a stretch is cut by bases, and where blocks leave over a rest, one more
    block ends with the share. Stretches shorter than a block are left out.
    """
    validation = index[index.split == "validation"]
    share, rows = min(bases / max((validation.end - validation.start).sum(), 1), 1.0), []
    for row in validation.to_dict("records"):
        ends = np.cumsum(lengths[ids[row["offset"] : row["offset"] + row["tokens"]]])
        count = int(np.searchsorted(ends, share * (row["end"] - row["start"]), side="right"))
        if count >= length:
            rows.append(row | {"tokens": count // length * length})
            rows += [row | {"offset": row["offset"] + count - length, "tokens": length}] if count % length else []
    if not rows:
        raise InputError("no held-out stretch is as long as a block; hold out contigs, or measure more --bases")
    return pd.DataFrame(rows)


def measured(blocks: Blocks, tokenizer: Any, objective: str, span: int) -> Iterator[dict[str, np.ndarray]]:
    """Every block once; of a masked model all hidden tokens are [MASK], at one rate whatever it was trained with."""
    hide = {"mask_rate": MASKING["mask_rate"], "mask_span": span, "mask_random": 0.0, "mask_keep": 0.0}
    whole = len(blocks) // BATCH
    for step, size in [(step, BATCH) for step in range(whole)] + [(at, 1) for at in range(whole * BATCH, len(blocks))]:
        yield batches.pretraining_batch(blocks, tokenizer, step, size, objective=objective, **hide)


def bits(network: nn.Module, made: list[dict], objective: str, lengths: np.ndarray) -> dict[str, float]:
    """Bits per base, with the 95 % interval of a bootstrap over blocks, drawn in the shuffled batches they came in."""
    named = {str(number): [batch] for number, batch in enumerate(made)}
    found = pretraining.bits_per_base(network.eval(), named, objective, lengths, list(named))
    each = np.array([found.get(f"bits_in_{name}", found["bits_per_base"]) for name in named])
    weight = np.array([lengths[np.maximum(one["labels"], 0)][one["labels"] >= 0].sum() for one in made])
    drawn = np.random.default_rng(0).integers(0, len(made), (RESAMPLED, len(made)))
    low, high = np.quantile((each * weight)[drawn].sum(1) / weight[drawn].sum(1), [0.025, 0.975])
    return {"bits_per_base": found["bits_per_base"], "low": low, "high": high}


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean over seeds with its 95 % t-interval, a row a contestant and budget."""
    table = rows.groupby(["contestant", "minutes", "task"]).bits_per_base.agg(["mean", "std", "count"]).reset_index()
    half = stats.t.ppf(0.975, table["count"] - 1) * table["std"] / np.sqrt(table["count"])
    table = table.assign(low=table["mean"] - half, high=table["mean"] + half).drop(columns="std")
    return table.rename(columns={"mean": "bits_per_base", "count": "seeds"}).sort_values(["task", "bits_per_base"])


if __name__ == "__main__":
    cli.run(main)
