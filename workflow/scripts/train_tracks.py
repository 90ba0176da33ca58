"""Train a network to predict coverage along the genome, bin by bin; predict validation and test with it."""

import dnalm.startup

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from transformers import PreTrainedTokenizerFast

from dnalm import cli, files
from dnalm.cli import OPEN, Input, Output
from dnalm.errors import InputError, UsageError
from dnalm.logs import log
from dnalm.networks import cards, models, registry, track_model
from dnalm.networks.registry import NETWORKS
from dnalm.networks.track_model import TrackModel
from dnalm.targets import binned, coverage
from dnalm.targets import split as targets_split
from dnalm.tokens import tokenizer as tk
from dnalm.training import checkpoint, finetuning, history, train
from dnalm.training import coverage as training_coverage
from dnalm.training.finetuning import LOSSES
from dnalm.training.tasks import Learnt

# These do not change the weights.
PATHS = ("coverage_folder", "genome", "trained_on", "pretrained", "tokenizer", "out", "checkpoints", "save_seconds")


def main(
    *,
    coverage_folder: Input,
    genome: Input,
    out: Output,
    checkpoints: Path,
    pretrained: Input | None = None,
    tokenizer: Input | None = None,
    trained_on: list[Input] | None = None,
    architecture: Annotated[str | None, NETWORKS, OPEN] = None,
    config: dict | None = None,
    context: int = 512,
    method: Literal["full", "scratch"] = "full",
    epochs: float = 3.0,
    min_steps: int = 0,
    batch_size: int = 32,
    loss: Annotated[str, LOSSES] = "poisson",
    learning_rate: float = 1e-3,
    warmup: float = 0.1,
    weight_decay: float = 0.01,
    validation_windows: int = 1000,
    evaluations: int = 10,
    patience: int = 0,
    save_seconds: float = 60.0,
    seed: int = 0,
) -> None:
    """Train on the windows of the training places, keep the weights of the best mean Pearson r on validation.

    --coverage-folder holds what bin_coverage wrote, --genome the sequence. The network is a pretrained one (all its
    weights move; with --method scratch random ones of the same kind) or, by --tokenizer, --architecture and --config,
    one that was never pretrained. predictions.npz holds the heights float32 [windows, bins, tracks] of validation and
    test windows, both strands averaged; model.json what the network sees and how large it is.
    """
    options = {name: value for name, value in locals().items() if name not in PATHS and value is not None}
    finetuning.chosen(loss, Learnt("coverage"))
    origin = Path(pretrained or tokenizer or "")
    if (pretrained is None) == (tokenizer is None or architecture is None):
        raise UsageError("give --pretrained, or --tokenizer and --architecture for a network that was never pretrained")
    target = coverage.with_sequence(binned.load(coverage_folder), genome)
    sources = [coverage_folder, genome / "genome.json"]
    sources += [origin / ("tokenizer.json" if pretrained is None else "model.safetensors")]
    state = checkpoint.folder_for(checkpoints, Path(__file__), sources, options)
    tok = tk.load(origin)
    finetuning.seed_everything(seed)
    if pretrained is None:
        backbone = models.fresh(architecture, config or {}, tok, context, seed)
    else:
        backbone = registry.backbone(pretrained, keep=float(method != "scratch"))
    rows, held_out = (finetuning.rows_of(target.table, split) for split in ("train", "validation"))
    network, relative = on(backbone, tok, target, rows)
    steps = max(round(epochs * len(rows) / batch_size), min_steps, 1)
    log.info(f"{len(rows):,} training windows of {len(target.tracks)} tracks; {steps:,} steps")
    looked_at = finetuning.some(held_out, validation_windows)
    passed = train.fit(
        network,
        batch_at=lambda step, part: training_coverage.batch(
            target.codes[rows], relative, tok, step, batch_size, seed, part
        ),
        loss_of=training_coverage.loss_of(loss),
        batch_size=batch_size,
        steps=steps,
        learning_rate=learning_rate,
        warmup=warmup,
        weight_decay=weight_decay,
        evaluate=lambda network: training_coverage.measure(
            network, tok, target.codes[looked_at], target.values[looked_at]
        ),
        evaluations=evaluations,
        best="pearson",
        patience=patience,
        per_step={"windows": batch_size},
        save_seconds=save_seconds,
        attend=models.write_out_attention,
        checkpoints=state,
    )
    history.write_tracks(out / "history.tsv", passed)
    keep = np.flatnonzero(target.table.split.isin(["validation", "test"]))
    found = track_model.heights(network, tok, target.codes[keep], what="predicting")
    with files.whole(out / "predictions.npz") as beside:
        np.savez_compressed(beside, ids=target.table.id.to_numpy(str)[keep], heights=found)
    field = track_model.receptive_field(network)
    about = {"parameters": training_coverage.weights(network), "receptive_field": field or target.window}
    files.write_json(out / "model.json", about | {"tracks": list(target.tracks), "bin": target.bin})
    new = pretrained is None or method == "scratch"
    targets_split.write(out, coverage_folder / "coverage.json", [] if new else trained_on)
    facts = {"pretrained": "no" if new else str(pretrained), "tracks": ", ".join(target.tracks)} | about
    facts["best validation Pearson r"] = f"{max(row['pearson'] for row in passed):.4f}"
    models.save(network, tok, out, cards.tracks_card(options, facts))


def on(
    backbone: object, tok: PreTrainedTokenizerFast, target: binned.Coverage, rows: np.ndarray
) -> tuple[TrackModel, np.ndarray]:
    """The network with its head, and the heights of the training windows in units of each track's mean."""
    values = target.values[rows]
    try:
        scale = training_coverage.scales(values, target.tracks)
    except ValueError as error:
        raise InputError(f"track {error} is nought in every training bin; give one that has signal there") from None
    return track_model.on(backbone, tok, target.tracks, scale, target.bin), values / scale


if __name__ == "__main__":
    cli.run(main)
