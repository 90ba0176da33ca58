"""Pretrain a language model on a token store, masked or causal, and save it as a Hugging Face folder."""

from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np

from dnalm import batches, checkpoint, cli, history, model, objectives, store, train
from dnalm import tokenizer as tk
from dnalm.cli import Input, Output
from dnalm.errors import InputError
from dnalm.logs import log


def main(
    *,
    tokens: Input,
    tokenizer: Input,
    out: Output,
    checkpoints: Path,
    objective: Literal["mlm", "clm"],
    architecture: str,
    config: dict,
    context: int = 512,
    steps: int = 1000,
    batch_size: int = 32,
    learning_rate: float = 1e-3,
    warmup: float = 0.1,
    weight_decay: float = 0.01,
    mask_rate: float = 0.15,
    mask_span: int = 0,
    mask_random: float = 0.1,
    mask_keep: float = 0.1,
    repeat_weight: float = 1.0,
    reverse_complement: bool = False,
    validation_blocks: int = 128,
    save_seconds: float = 60.0,
    seed: int = 0,
) -> None:
    """Train for `steps` batches of `batch_size` blocks of `context` tokens on the training contigs.

    Can be stopped at any moment and run again: it carries on from `checkpoints` and ends in the same weights.
    """
    options = {
        name: value
        for name, value in locals().items()
        if name not in ("tokens", "tokenizer", "out", "checkpoints", "save_seconds")
    }
    state = checkpoint.folder_for(checkpoints, Path(__file__), [tokens, tokenizer], options)
    tok = tk.load(tokenizer)
    ids, repeats, index = store.open_store(tokens)
    if ids.size and int(ids.max()) >= len(tok):
        raise InputError(f"{tokens}: holds token {ids.max()} but {tokenizer} has only {len(tok)}; tokenise again")
    cut = partial(batches.Blocks, ids, repeats, length=context - 2)
    blocks = cut(index[index.split == "train"], seed=seed)
    make = partial(
        batches.pretraining_batch,
        tokenizer=tok,
        size=batch_size,
        objective=objective,
        mask_rate=mask_rate,
        mask_span=mask_span,
        mask_random=mask_random,
        mask_keep=mask_keep,
    )
    held_out = []
    if (index.split == "validation").any():
        validation = cut(index[index.split == "validation"], seed=seed)
        held_out = [make(validation, step=step) for step in range(max(validation_blocks // batch_size, 1))]
    else:
        log.info("no contig is held out: name some under splits.validation of the genome to see the held-out loss")
    network = model.build(objective, architecture, config, tok, context, seed)
    parameters = sum(one.numel() for one in network.parameters())
    log.info(f"{architecture} with {parameters:,} parameters; {len(blocks):,} blocks of {context} tokens a pass")
    lengths = tk.base_lengths(tok)
    rows = train.fit(
        network,
        lambda step: make(blocks, step=step, repeat_weight=repeat_weight, reverse_complement=reverse_complement),
        objectives.loss_of(objective),
        steps=steps,
        learning_rate=learning_rate,
        warmup=warmup,
        weight_decay=weight_decay,
        checkpoints=state,
        evaluate=(lambda network: objectives.bits_per_base(network, held_out, objective, lengths))
        if held_out
        else None,
        save_seconds=save_seconds,
    )
    tokens_a_step = batch_size * (context - 2)
    bases_a_token = float(np.average(lengths[5:], weights=np.bincount(ids, minlength=len(tok))[5:]))
    history.write_pretraining(Path(out) / "metrics.tsv", rows, tokens_a_step, bases_a_token)
    model.save(network, tok, out, history.pretraining_card(options, rows[-1], parameters, Path(tokens)))
    checkpoint.forget(state)


if __name__ == "__main__":
    cli.run(main)
