"""Measure a classifier as it is on labelled windows: for one that was published fine-tuned, or another species."""

import dnalm.startup

import numpy as np

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.logs import log
from dnalm.metrics import ranking
from dnalm.networks import classifier, models, predict, readers
from dnalm.targets import windows as labelled
from dnalm.tokens import tokenizer as tk
from dnalm.training.tasks import BINARY


def main(*, model: Input, windows: Input, out: Output, out_predictions: Output | None = None) -> None:
    """Write accuracy, MCC, AUROC and AUPRC over all windows, of the strand given and of the mean of both strands.

    Nothing is fitted, so no split is kept back, and windows are called at log-odds 0. Published figures are of the one
    strand given; the mean of both is what the rest of this workflow uses.
    """
    network, tokenizer = models.load(model, "classify"), tk.load(model)
    classifier.check_one_logit(network, model)
    table = labelled.read(windows)
    labelled.answers(table, BINARY, windows)
    codes, labels = labelled.stack(table.sequence), table.label.to_numpy() == 1
    if labels.all() or not labels.any():
        raise InputError(f"{windows}: got windows of one label, wanted both 0 and 1; add the other")
    given, turned = (
        predict.predict(network, tokenizer, strand, readers.class_logit, both_strands=False, what=name)
        for name, strand in (("strand given", codes), ("other strand", seq.reverse_complement(codes)))
    )
    scores = {"one_strand": given, "both_strands": (given + turned) / 2}
    report = {"n": len(labels), "positives": int(labels.sum())}
    report |= {name: measure(labels, logits) for name, logits in scores.items()}
    files.write_json(out, report)
    if out_predictions is not None:
        answer = table[["id", "split", "label", "kind"]].assign(**scores)
        files.write_table(out_predictions, answer)
    figures = ", ".join(f"{key} {value:.3f}" for key, value in report["one_strand"].items())
    log.info(f"{len(labels):,} windows, one strand: {figures}")


def measure(labels: np.ndarray, logits: np.ndarray) -> dict[str, float]:
    """Accuracy and MCC at log-odds 0, and the areas that need no threshold."""
    called = logits > 0
    true, false = np.sum(called & labels), np.sum(called & ~labels)
    return {
        "accuracy": float(np.mean(called == labels)),
        "mcc": float(ranking.matthews(true, false, labels.sum(), np.sum(~labels))),
        "auroc": ranking.auroc(labels, logits),
        "auprc": ranking.auprc(labels, logits),
    }


if __name__ == "__main__":
    cli.run(main)
