"""Compare a fine-tuned model with the baselines on the same held-out windows, by split and by kind of negative."""

import dnalm.startup

import math

import pandas as pd

from dnalm import cli, files, texts
from dnalm.cli import Input, Output
from dnalm.logs import log
from dnalm.metrics import bootstrap
from dnalm.metrics.bootstrap import Thresholds
from dnalm.targets import comparison
from dnalm.targets import split as targets_split
from dnalm.targets.baselines import in_order
from dnalm.training import tasks
from dnalm.training.tasks import LABELS, TASKS, Learnt


def main(
    *,
    predictions: Input,
    baselines: Input,
    out: Output,
    relatives: Input | None = None,
    split: Input | None = None,
    resamples: int = 200,
    seed: int = 0,
) -> None:
    """Write AUROC, AUPRC, MCC, F1, recall at FDR 10 %, the FDR observed there and calibration error, with intervals.

    Where `split` says that classes were learnt: MCC, accuracy, macro F1 and macro AUROC; of measured values Pearson's
    r, Spearman's rho and R², as means over the outputs and for each.
    Intervals are 95 % block bootstraps; `model_minus` holds the paired differences to each baseline. MCC and F1 call by
    the threshold that is best on validation, recall by the one whose calls are at most 10 % false there, so the test
    split is looked at once. The prevalence stands beside every AUPRC, for that is what chance would get. `relatives`
    (id, identity of the best alignment to a training window) adds the test windows without one at 80 %. `split`, the
    split.json of the model, says whether pretraining saw the test places.
    """
    about = {} if split is None else texts.read_json(split)
    learnt = tasks.of(about, split)
    table = comparison.join({"model": predictions}, baselines / "predictions.tsv.gz", learnt)
    at = comparison.choose(table, ["model", *comparison.competing(table, learnt)], learnt)
    validation, test = (table[table.split == split] for split in ("validation", "test"))
    report = {
        "test": assess(test, at, resamples, seed, learnt),
        "validation": assess(validation, at, resamples, seed, learnt),
        "pretraining_saw_test": about.get("saw_test", targets_split.UNKNOWN),
    }
    if learnt.task == "binary":
        report["by_negatives"] = {
            kind: assess(rows, at, resamples, seed, learnt) for kind, rows in comparison.by_kind(test).items()
        }
        report["thresholds"] = {name: edges.best for name, edges in at.items()}
        report["thresholds_fdr10"] = {name: finite(edges.fdr10) for name, edges in at.items()}
    if relatives is not None:
        rows = comparison.without_relatives(test, relatives)
        report["without_relatives"] = assess(rows, at, resamples, seed, learnt)
    files.write_json(out, report | tasks.told(learnt))
    tell(report["test"], learnt)


def finite(threshold: float | None) -> float | None:
    """A threshold as JSON has it; where nothing may be called there is none."""
    return None if threshold is None or math.isinf(threshold) else threshold


def assess(rows: pd.DataFrame, at: dict[str, Thresholds], resamples: int, seed: int, learnt: Learnt) -> dict:
    """Counts, prevalence, every scorer's metrics on some windows, and the model's paired differences to the others."""
    samples, report = comparison.measure(rows, at, resamples, seed, learnt)
    report |= {name: bootstrap.summary(found) for name, found in samples.items()}
    report["model_minus"] = {
        name: bootstrap.summary(bootstrap.minus(samples["model"], samples[name]), TASKS[learnt.task].compared)
        for name in at
        if name != "model"
    }
    return report


def tell(test: dict, learnt: Learnt) -> None:
    """Log the best metric of every scorer on test, and for the AUPRC the prevalence beside it."""
    metric = TASKS[learnt.task].best
    beside = f"prevalence {test['prevalence'] or 0:.3f}, " if "prevalence" in test else ""
    for name in [name for name in ("model", *in_order()) if name in test]:
        found = test[name][metric]
        text = f"undefined, {found['reason']}" if found["value"] is None else f"{found['value']:.3f}"
        log.info(f"test: {name} {LABELS[metric]} {text} ({beside}{test['n']:,} windows)")


if __name__ == "__main__":
    cli.run(main)
