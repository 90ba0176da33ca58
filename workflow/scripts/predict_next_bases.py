"""Fine-tune a pretrained model to name the bases that follow a prompt, and measure it on held-out contigs."""

import dnalm.startup

from pathlib import Path

import numpy as np
import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.logs import log
from dnalm.networks import models, predict
from dnalm.tokens import tokenizer as tk
from dnalm.training import checkpoint, next_bases, train


def main(
    *,
    prompts: Input,
    pretrained: Input,
    out: Output,
    checkpoints: Path,
    epochs: float = 1.0,
    batch_size: int = 64,
    learning_rate: float = 4e-4,
    warmup: float = 0.1,
    weight_decay: float = 0.01,
    save_seconds: float = 60.0,
    seed: int = 0,
) -> None:
    """Train on the sequences of `sample_prompts`, all weights, then write metrics.json and history.tsv into `out`.

    The last weights are measured, not the best: the number of steps is the same for every tokenizer. They are not
    kept, for the figure is all that the choice of a vocabulary needs.
    """
    options = {name: value for name, value in locals().items() if name in ("epochs", "batch_size", "seed")}
    options |= {"learning_rate": learning_rate, "warmup": warmup, "weight_decay": weight_decay}
    state = checkpoint.folder_for(
        checkpoints, Path(__file__), [prompts, Path(pretrained) / "model.safetensors"], options
    )
    tok = tk.load(pretrained)
    stored = files.read_arrays(prompts, "sample_prompts.py", "prompt", "k", "train", "validation", "test")
    prompt, ks = int(stored["prompt"]), [int(one) for one in stored["k"]]
    words = {k: stored[f"words_{k}"] for k in ks}
    codes = {split: stored[split] for split in ("train", "validation", "test")}
    sets = {split: arrays(tok, rows, prompt, ks) for split, rows in codes.items()}
    steps = max(round(epochs * len(codes["train"]) / batch_size), 1)
    order = next_bases.order_of(len(codes["train"]), steps * batch_size, seed).reshape(steps, batch_size)
    network = next_bases.from_backbone(pretrained, tk.special_ids(tok), words, seed)
    log.info(f"{len(codes['train']):,} training sequences, {steps:,} steps of {batch_size}")
    some = {name: values[:1000] for name, values in sets["validation"].items()}
    history = train.fit(
        network,
        lambda step, rows: {name: values[order[step][rows]] for name, values in sets["train"].items()},
        next_bases.loss,
        attend=models.write_out_attention,
        batch_size=batch_size,
        steps=steps,
        learning_rate=learning_rate,
        warmup=warmup,
        weight_decay=weight_decay,
        checkpoints=state,
        evaluate=lambda network: {"validation_loss": measured(network, some)[0].mean().item()},
        save_seconds=save_seconds,
    )
    files.write_table(Path(out) / "history.tsv", pd.DataFrame(history))
    found = {split: next_bases.summary(*measured(network, sets[split]), ks) for split in ("validation", "test")}
    for k in ks:
        log.info(f"next {k} bases: {found['test']['k'][str(k)]['accuracy']['value']:.3%} right on test contigs")
    files.write_json(Path(out) / "metrics.json", about(tok, sets["test"], prompt) | {"steps": steps} | found)


def arrays(tok: tk.PreTrainedTokenizerFast, codes: np.ndarray, prompt: int, ks: list[int]) -> dict[str, np.ndarray]:
    """A split's sequences as ids, mask and labels."""
    ids, mask = next_bases.tokenize(tok, codes, prompt)
    return {"ids": ids, "mask": mask, "labels": next_bases.labels(codes, prompt, ks)}


def measured(network: next_bases.NextBases, given: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """(nats, right), both [n, len(ks)]."""
    found = predict.forward(network, given, next_bases.outcome, batch_size=256)
    return found[:, : len(network.ks)], found[:, len(network.ks) :] > 0.5


def about(tok: tk.PreTrainedTokenizerFast, given: dict[str, np.ndarray], prompt: int) -> dict:
    """What a tokenizer is: kind, tokens that bear bases, bases a token in these prompts."""
    lengths = tk.base_lengths(tok)
    bearing = lengths[given["ids"]] * given["mask"]
    return {
        "kind": tok.init_kwargs.get("dna_kind", "other"),
        "tokens": len(tk.token_codes(tok)),
        "bases_per_token": float(bearing.sum() / (bearing > 0).sum()),
        "prompt": prompt,
    }


if __name__ == "__main__":
    cli.run(main)
