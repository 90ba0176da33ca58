"""Pretrain a language model on a token store, masked or causal, and save it as a Hugging Face folder."""

import dnalm.startup

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd

from dnalm import cli
from dnalm.cli import OPEN, Input, Output
from dnalm.errors import InputError
from dnalm.logs import first_process, log
from dnalm.networks import cards, models
from dnalm.networks.registry import NETWORKS
from dnalm.tokens import store
from dnalm.tokens import tokenizer as tk
from dnalm.training import batches, checkpoint, history, mixture, pretraining, train
from dnalm.training import blocks as training_blocks
from dnalm.training.blocks import Blocks
from dnalm.training.descent import Batch

TRAINING = ("steps", "minutes", "batch_size", "micro_batch", "optimizer", "learning_rate", "schedule", "warmup")
TRAINING += ("decay", "weight_decay", "clip", "evaluations", "patience")  # keys that the training loop has too
ELSEWHERE = ("tokens", "tokenizer", "out", "checkpoints", "save_seconds")  # options that do not change the result


def main(
    *,
    tokens: Input,
    tokenizer: Input,
    out: Output,
    checkpoints: Path,
    objective: Literal["mlm", "clm"],
    architecture: Annotated[str, NETWORKS, OPEN],
    config: dict,
    context: int = 512,
    steps: int = 1000,
    minutes: float = 0.0,
    batch_size: int = 32,
    micro_batch: int = 0,
    optimizer: Literal["adamw", "muon"] = "adamw",
    learning_rate: float = 1e-3,
    schedule: Literal["cosine", "wsd", "linear"] = "cosine",
    warmup: float = 0.1,
    decay: float = 0.2,
    weight_decay: float = 0.01,
    clip: float = 1.0,
    mask_rate: float = 0.15,
    mask_span: int = 0,
    mask_random: float = 0.1,
    mask_keep: float = 0.1,
    repeat_weight: float = 1.0,
    reverse_complement: bool = False,
    validation_blocks: int = 128,
    evaluations: int = 10,
    patience: int = 0,
    weights: dict = {},  # noqa: B006 - read, never written
    balance: float = 1.0,
    save_seconds: float = 60.0,
    seed: int = 0,
) -> None:
    """Train for `steps` batches of `batch_size` blocks of `context` tokens on the training contigs, or for `minutes`.

    `weights` and `balance` say how often each genome of the corpus is seen, as `mixture` has it. Validation is measured
    on the genomes that are trained on and, where there are several or others are held out, on each by itself.
    Can be stopped at any moment and run again: it carries on from `checkpoints` and ends in the same weights.
    Under torchrun several processes share every batch.
    """
    options = {name: value for name, value in locals().items() if name not in ELSEWHERE}
    state = checkpoint.folder_for(checkpoints, Path(__file__), [tokens, tokenizer], options)
    tok = tk.load(tokenizer)
    ids, repeats, index = store.open_store(tokens)
    if ids.size and int(ids.max()) >= len(tok):
        raise InputError(f"{tokens}: holds token {ids.max()} but {tokenizer} has only {len(tok)}; tokenise again")
    cut = partial(training_blocks.Blocks, ids, repeats, length=context - 2, separator=tok.sep_token_id)
    training, validation = (index[index.split == split] for split in ("train", "validation"))
    if training.empty:
        raise InputError(f"{tokens}: no contig is for training; hold out fewer in the genome's splits")
    drawn = mixture.blocks(cut, training, seed, weights, balance)
    masking = {"objective": objective, "mask_rate": mask_rate, "mask_span": mask_span}
    make = partial(batches.pretraining_batch, tokenizer=tok, size=batch_size, **masking)
    held_out = validation_batches(validation, partial(cut, seed=seed), make, validation_blocks // batch_size)
    pooled = [name for name in held_out if (training.genome == name).any()] or list(held_out)
    network = models.build(objective, architecture, config, tok, context, seed)
    parameters = sum(one.numel() for one in network.parameters())
    log.info(f"{architecture} with {parameters:,} parameters; {len(drawn):,} blocks of {context} tokens a pass")
    lengths = tk.base_lengths(tok)
    bases_a_token = float((index.end - index.start).sum() / len(ids))
    tokens_a_step = batch_size * (context - 2)
    rows = train.fit(
        network,
        lambda step, rows: make(
            drawn,
            step=step,
            rows=rows,
            mask_random=mask_random,
            mask_keep=mask_keep,
            repeat_weight=repeat_weight,
            reverse_complement=reverse_complement,
        ),
        pretraining.loss_of(objective),
        attend=models.write_out_attention,
        **{name: options[name] for name in TRAINING},
        checkpoints=state,
        evaluate=(lambda network: pretraining.bits_per_base(network, held_out, objective, lengths, pooled))
        if held_out
        else None,
        best="bits_per_base" if patience and held_out else None,
        lowest=True,
        per_step={"tokens": tokens_a_step, "bases": tokens_a_step * bases_a_token},
        save_seconds=save_seconds,
    )
    if not first_process():
        return
    history.write_pretraining(Path(out), rows, tokens_a_step, bases_a_token)
    models.save(network, tok, out, cards.pretraining_card(options, rows, parameters, Path(tokens)))


def validation_batches(
    validation: pd.DataFrame, cut: Callable[[pd.DataFrame], Blocks], make: Callable[..., Batch], number: int
) -> dict[str, list[Batch]]:
    """Some `number` batches in all, by genome; each genome has as many as any other, and one at least."""
    parts = {name: cut(rows) for name, rows in validation.groupby("genome", sort=False)}
    if not parts:
        log.info("no contig is held out: name some under splits.validation of the genome to see the held-out loss")
    each = range(max(number // max(len(parts), 1), 1))
    return {
        name: [make(blocks, step=step, mask_random=0.0, mask_keep=0.0) for step in each]
        for name, blocks in parts.items()
    }


if __name__ == "__main__":
    cli.run(main)
