"""Fine-tune a pretrained model, or train one from nothing, on labelled windows; write its calibrated predictions."""

import dnalm.startup

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from transformers import PreTrainedConfig, PreTrainedTokenizerFast

from dnalm import cli
from dnalm.cli import OPEN, Input, Output
from dnalm.errors import UsageError
from dnalm.genome import fasta as genome_fasta
from dnalm.logs import log
from dnalm.networks import cards, classifier, flanks, lora, models, predict
from dnalm.networks.registry import NETWORKS
from dnalm.targets import split as targets_split
from dnalm.targets import windows as labelled
from dnalm.tokens import tokenizer as tk
from dnalm.training import batches, checkpoint, finetuning, history, margins, probing, starts, train
from dnalm.training.finetuning import LOSSES
from dnalm.training.tasks import LABELS, TASKS, Learnt

# These do not change the weights.
PATHS = ("windows", "split", "trained_on", "genome", "pretrained", "tokenizer", "out", "checkpoints", "save_seconds")


def main(
    *,
    windows: Input,
    out: Output,
    checkpoints: Path,
    pretrained: Input | None = None,
    tokenizer: Input | None = None,
    split: Input | None = None,
    trained_on: list[Input] | None = None,
    genome: Input | None = None,
    architecture: Annotated[str | None, NETWORKS, OPEN] = None,
    config: dict | None = None,
    context: int = 512,
    method: Literal["full", "lora", "probe", "scratch"] = "full",
    keep: list[float] = [1.0],  # noqa: B006 - read, never written
    strands: Literal["both", "given"] = "both",
    places: int = 0,
    flanked: float = 0.0,
    labels: int = 0,
    balance: Literal["sampling", "weights"] = "sampling",
    epochs: float = 3.0,
    min_steps: int = 0,
    batch_size: int = 32,
    loss: Annotated[str | None, LOSSES] = None,
    learning_rate: float = 1e-3,
    warmup: float = 0.1,
    weight_decay: float = 0.01,
    rank: int = 8,
    validation_windows: int = 1000,
    evaluations: int = 10,
    patience: int = 0,
    save_seconds: float = 60.0,
    seed: int = 0,
) -> None:
    """Train on the windows of the training contigs, keep the weights that do best on validation, predict the rest.

    full: all weights move; lora: adapters of a rank beside them, added to them at the end; probe: none, a regression
    reads the layer that validation chooses; scratch: the same network from random weights, the control that says what
    pretraining bought. In place of --pretrained, --tokenizer, --architecture and --config (its sizes) name a network
    that is built and never pretrained. --keep is the share of the pretrained weights that training starts from, random
    ones being the rest; of several shares the one is taken that does best on validation. --labels trains on so many
    windows (0: all), --min-steps in no fewer steps. --split is the windows.json of the target, which says what is
    learnt (bound or not, classes, measured values), for the split.json beside the model; --trained-on are the genomes
    of its pretraining. --strands given reads windows as they are, in training and after it, where the strand matters;
    --places so many stretches of them tells the head apart (a probe's does not), where windows are aligned on one
    base. --flanked is the share of the steps in which windows are read with the bases beside them in --genome, as far
    as convolutions reach, so that a scan reads each base once, in tiles; other networks never do. --loss is the task's
    own where it is left out.
    """
    options = {name: value for name, value in locals().items() if name not in PATHS and value is not None}
    if architecture is None:
        del options["context"]  # the pretrained network's own
    origin = check(pretrained, tokenizer, architecture, method)
    shares = starts.chosen(method, keep, built=pretrained is None)
    if keep == [1.0]:
        del options["keep"]
    sources = [windows, origin / ("tokenizer.json" if pretrained is None else "model.safetensors")]
    sources += [genome / "genome.json"] if flanked and genome is not None else []
    state = checkpoint.folder_for(checkpoints, Path(__file__), sources, options)
    table, learnt = labelled.read(windows), labelled.learnt(split)
    codes, found = labelled.stack(table.sequence), labelled.answers(table, learnt, windows)
    labelled.check_classes(table, windows, learnt)
    loss, best = finetuning.chosen(loss, learnt), TASKS[learnt.task].best
    options["loss"] = loss
    rows = finetuning.rows_of(table, "train")
    rows = finetuning.fewer(rows, found[rows], labels, seed)
    units = finetuning.units(found[rows], learnt)
    found = (found - units[1]) / units[0] if learnt.task == "regression" else found
    tok = tk.load(origin)
    said = finetuning.settings(learnt, strands) | {"places": places}
    if flanked:
        described = models.described(pretrained, architecture, config or {}, tok, context)
        said["margin"] = margin_of(described, tok, codes.shape[1], genome, method, places)
    if margin := said.get("margin", 0):
        with genome_fasta.open_genome(genome) as fasta:
            codes = margins.beside(codes, table, fasta, margin)

    def build(share: float) -> classifier.WindowClassifier:
        finetuning.seed_everything(seed)
        if pretrained is None:
            network = models.unpretrained(architecture, config or {}, tok, context, seed, **said)
        else:
            network = classifier.from_backbone(pretrained, list(tk.special_ids(tok)), keep=share, **said)
        if not margin:
            predict.check_windows(network, tok, codes)
        if method == "lora":
            network.backbone = lora.adapt(network.backbone, rank)
        return network

    told = codes[rows], found[rows]
    held_out = finetuning.rows_of(table, "validation")
    if method == "probe":
        network, facts = probed(build(1.0), tok, told, (codes[held_out], found[held_out]), Path(out) / "history.tsv")
    else:
        steps = max(round(epochs * len(rows) / batch_size), min_steps, 1)
        log.info(f"{len(rows):,} training windows, {finetuning.described(told[1], learnt)}; {steps:,} steps")
        looked_at = finetuning.some(held_out, validation_windows)
        batch = partial(margins.batch, margin=margin, share=flanked) if margin else batches.labelled_batch
        fit = partial(
            train.fit,
            batch_at=lambda step, part: batch(
                *told, tok, step, batch_size, seed, part, balance=balance, both_strands=strands == "both"
            ),
            loss_of=finetuning.loss_of(loss, learnt),
            batch_size=batch_size,
            steps=steps,
            learning_rate=learning_rate,
            warmup=warmup,
            weight_decay=weight_decay,
            evaluate=lambda network: finetuning.measure(network, tok, codes[looked_at], found[looked_at], learnt),
            evaluations=evaluations,
            best=best,
            patience=patience,
            per_step={"windows": batch_size},
            save_seconds=save_seconds,
            attend=models.write_out_attention,
        )
        network, passed, facts = starts.best_of(shares, build, fit, state, best)
        network.backbone = lora.merged(network.backbone)
        history.write_finetuning(Path(out) / "history.tsv", passed, best)
    asked = np.flatnonzero(table.split.isin(["validation", "test"]))
    answer(network, tok, table.iloc[asked], (codes[asked], found[asked]), (learnt, units), Path(out))
    if split is not None:
        new = pretrained is None or shares == [0.0]
        targets_split.write(Path(out), split, [] if new else trained_on)
    facts = {"pretrained": "no" if pretrained is None else str(pretrained), "windows": str(windows)} | facts
    if learnt.task == "binary":
        facts["prevalence at which it is calibrated"] = f"{network.config.prevalence:.4f} (of the validation windows)"
    models.save(network, tok, out, cards.finetuning_card(options, facts, learnt.task))


def answer(
    network: classifier.WindowClassifier,
    tokenizer: PreTrainedTokenizerFast,
    table: pd.DataFrame,
    asked: tuple[np.ndarray, np.ndarray],
    told: tuple[Learnt, tuple],
    out: Path,
) -> None:
    """Predict held-out windows (`asked`: codes and what is known of them), calibrate on validation, write into `out`.

    `told`: what is learnt, and the units of values.
    """
    learnt, both = told[0], network.config.strands == "both"
    reader = finetuning.reader_of(learnt)
    answers = flanks.answers(network, tokenizer, asked[0], reader, both_strands=both, what="predicting")
    at = (table.split == "validation").to_numpy()
    finetuning.calibrate(network, answers[at], asked[1][at], *told)
    kept = table[["id", "split", "label", "kind", *labelled.values_of(learnt)]]
    finetuning.write_predictions(out / "predictions.tsv.gz", kept, answers, network.config, learnt)


def probed(
    network: classifier.WindowClassifier,
    tokenizer: PreTrainedTokenizerFast,
    told: tuple[np.ndarray, np.ndarray],
    asked: tuple[np.ndarray, np.ndarray],
    out: Path,
) -> tuple[classifier.WindowClassifier, dict[str, str]]:
    """Probe every layer; the classifier that reads the best of them, and how each did, for the card and for `out`."""
    found = probing.fit(network, tokenizer, told, asked)
    quality, metric = [one.quality for one in found], TASKS[network.config.learnt].best
    history.write_probes(out, [one.layer for one in found], [one.loss for one in found], quality, metric)
    best = max(found, key=lambda one: one.quality)
    by_layer = ", ".join(f"{one.layer}: {one.quality:.4f}" for one in found)
    facts = {"layer": f"{best.layer} of {len(found)}", f"validation {LABELS[metric]} by layer": by_layer}
    return probing.written(network, best), facts


def check(pretrained: Path | None, tokenizer: Path | None, architecture: str | None, method: str) -> Path:
    """The folder whose tokenizer is used. Raises UsageError where it is not clear what is to be trained."""
    if pretrained is not None and tokenizer is None and architecture is None:
        return Path(pretrained)
    if pretrained is not None or tokenizer is None or architecture is None:
        raise UsageError("give --pretrained, or --tokenizer and --architecture for a network that was never pretrained")
    if method in ("probe", "lora"):
        raise UsageError(f"--method {method} freezes the network, and this one was never pretrained; use full")
    return Path(tokenizer)


def margin_of(
    network: PreTrainedConfig,
    tokenizer: PreTrainedTokenizerFast,
    window: int,
    genome: Path | None,
    method: str,
    places: int,
) -> int:
    """Bases to read beside a window where flanked asks for it, 0 where they cannot be; the log says why."""
    found = margins.margin(network, tokenizer, window)
    reasons = {
        "its target has no genome": genome is None,
        "a probe reads states of windows": method == "probe",
        "their stretches are told apart (places)": places > 0,
        "the network's states depend on all of a window, or its tokens are not bases": not found,
    }
    if reason := next((reason for reason, holds in reasons.items() if holds), ""):
        log.info(f"flanked: windows are read by themselves, for {reason}")
        return 0
    log.info(f"flanked: windows are also read with {found} bases on either side, and a scan reads tiles")
    return found


if __name__ == "__main__":
    cli.run(main)
