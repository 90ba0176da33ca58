"""Fine-tune a pretrained model, or train one from nothing, on labelled windows; write its calibrated predictions."""

import dnalm.startup

from pathlib import Path
from typing import Annotated, Literal

import numpy as np

from dnalm import cli
from dnalm.cli import OPEN, Input, Output
from dnalm.errors import UsageError
from dnalm.logs import log
from dnalm.metrics import ranking
from dnalm.networks import cards, classifier, models, predict, readers
from dnalm.networks.registry import NETWORKS
from dnalm.targets import windows as labelled
from dnalm.tokens import tokenizer as tk
from dnalm.training import batches, checkpoint, finetuning, history, train
from dnalm.training.finetuning import LOSSES

PATHS = ("windows", "pretrained", "tokenizer", "out", "checkpoints", "save_seconds")  # they do not change the result


def main(
    *,
    windows: Input,
    out: Output,
    checkpoints: Path,
    pretrained: Input | None = None,
    tokenizer: Input | None = None,
    architecture: Annotated[str | None, NETWORKS, OPEN] = None,
    config: dict | None = None,
    context: int = 512,
    method: Literal["full", "probe", "scratch"] = "full",
    epochs: float = 3.0,
    batch_size: int = 32,
    loss: Annotated[str, LOSSES] = "cross_entropy",
    learning_rate: float = 1e-3,
    warmup: float = 0.1,
    weight_decay: float = 0.01,
    validation_windows: int = 1000,
    save_seconds: float = 60.0,
    seed: int = 0,
) -> None:
    """Train on the windows of the training contigs, keep the weights that do best on validation, predict the rest.

    full: all weights move; probe: the backbone is frozen; scratch: the same network from random weights, the control
    that says what pretraining bought. In place of --pretrained, --tokenizer, --architecture and --config (its sizes)
    name a network that is built and never pretrained.
    """
    options = {name: value for name, value in locals().items() if name not in PATHS and value is not None}
    if architecture is None:
        del options["context"]  # the pretrained network's own
    origin = check(pretrained, tokenizer, architecture, method)
    sources = [windows, origin / ("tokenizer.json" if pretrained is None else "model.safetensors")]
    state = checkpoint.folder_for(checkpoints, Path(__file__), sources, options)
    table = labelled.read(windows)
    labelled.check_classes(table, windows)
    codes, labels = labelled.stack(table.sequence), table.label.to_numpy()
    train_rows, held_out = (
        finetuning.rows_of(table, "train"),
        finetuning.some(finetuning.rows_of(table, "validation"), validation_windows),
    )
    train_codes, train_labels = codes[train_rows], labels[train_rows]
    tok = tk.load(origin)
    finetuning.seed_everything(seed)
    if pretrained is None:
        network = models.unpretrained(architecture, config or {}, tok, context, seed)
    else:
        network = classifier.from_backbone(pretrained, list(tk.special_ids(tok)), pretrained=method != "scratch")
    predict.check_windows(network, tok, codes)
    if method == "probe":
        network.backbone.requires_grad_(False)
    steps = max(round(epochs * len(train_rows) / batch_size), 1)
    log.info(f"{len(train_rows):,} training windows, {labels[train_rows].mean():.1%} bound; {steps:,} steps")

    def evaluate(network: classifier.WindowClassifier) -> dict[str, float]:
        scores = predict.predict(network, tok, codes[held_out], readers.class_logit, both_strands=False)
        return {"auprc": ranking.auprc(labels[held_out], scores)}

    rows = train.fit(
        network,
        lambda step, rows: batches.labelled_batch(train_codes, train_labels, tok, step, batch_size, seed, rows),
        finetuning.loss_of(loss),
        batch_size=batch_size,
        steps=steps,
        learning_rate=learning_rate,
        warmup=warmup,
        weight_decay=weight_decay,
        checkpoints=state,
        evaluate=evaluate,
        best="auprc",
        per_step={"windows": batch_size},
        save_seconds=save_seconds,
    )
    keep = np.flatnonzero(table.split.isin(["validation", "test"]))
    logits = predict.predict(network, tok, codes[keep], readers.class_logit, what="predicting")
    answer = table.iloc[keep][["id", "split", "label", "kind"]].assign(logit=logits)
    finetuning.calibrate(network, answer)
    finetuning.write_predictions(Path(out) / "predictions.tsv.gz", answer, network.config)
    history.write_finetuning(Path(out) / "history.tsv", rows)
    facts = {
        "pretrained": "no" if pretrained is None else str(pretrained),
        "windows": str(windows),
        "best validation AUPRC": f"{max(r['auprc'] for r in rows):.4f}",
    }
    models.save(network, tok, out, cards.finetuning_card(options, facts))


def check(pretrained: Path | None, tokenizer: Path | None, architecture: str | None, method: str) -> Path:
    """The folder whose tokenizer is used. Raises UsageError where it is not clear what is to be trained."""
    if pretrained is not None and tokenizer is None and architecture is None:
        return Path(pretrained)
    if pretrained is not None or tokenizer is None or architecture is None:
        raise UsageError("give --pretrained, or --tokenizer and --architecture for a network that was never pretrained")
    if method == "probe":
        raise UsageError("--method probe freezes the network, and this one was never pretrained; use full")
    return Path(tokenizer)


if __name__ == "__main__":
    cli.run(main)
