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
from dnalm.targets.negatives import NEGATIVES

KINDS = (*NEGATIVES, "given")


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

    Intervals are 95 % block bootstraps; `model_minus` holds the paired differences to each baseline. MCC and F1 call by
    the threshold that is best on validation, recall by the one whose calls are at most 10 % false there, so the test
    split is looked at once. The prevalence stands beside every AUPRC, for that is what chance would get. `relatives`
    (id, identity of the best alignment to a training window) adds the test windows without one at 80 %. `split`, the
    split.json of the model, says whether pretraining saw the test places.
    """
    table = comparison.join({"model": predictions}, baselines / "predictions.tsv.gz")
    at = comparison.choose(table, scorers())
    validation, test = (table[table.split == split] for split in ("validation", "test"))
    report = {
        "test": assess(test, at, resamples, seed),
        "validation": assess(validation, at, resamples, seed),
        "by_negatives": {
            kind: assess(rows, at, resamples, seed)
            for kind in KINDS
            if len(rows := against(test, kind)) and (rows.kind == kind).any()
        },
        "thresholds": {name: edges.best for name, edges in at.items()},
        "thresholds_fdr10": {name: finite(edges.fdr10) for name, edges in at.items()},
        "pretraining_saw_test": targets_split.UNKNOWN if split is None else texts.read_json(split)["saw_test"],
    }
    if relatives is not None:
        report["without_relatives"] = assess(comparison.without_relatives(test, relatives), at, resamples, seed)
    files.write_json(out, report)
    tell(report["test"])


def scorers() -> list[str]:
    """The model and what it has to beat."""
    return ["model", *in_order()]


def finite(threshold: float | None) -> float | None:
    """A threshold as JSON has it; where nothing may be called there is none."""
    return None if threshold is None or math.isinf(threshold) else threshold


def against(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Positives at peaks with one kind of negative; sequences that were given keep to themselves."""
    return rows[rows.kind == kind] if kind == "given" else rows[rows.kind.isin(["positive", kind])]


def assess(rows: pd.DataFrame, at: dict[str, Thresholds], resamples: int, seed: int) -> dict:
    """Counts, prevalence, every scorer's metrics on some windows, and the model's paired differences to the others."""
    samples, report = comparison.measure(rows, at, resamples, seed)
    report |= {name: bootstrap.summary(found) for name, found in samples.items()}
    report["model_minus"] = {
        name: bootstrap.summary(bootstrap.minus(samples["model"], samples[name]), bootstrap.COMPARED)
        for name in in_order()
    }
    return report


def tell(test: dict) -> None:
    """Log the test AUPRC of every scorer beside the prevalence."""
    for name in scorers():
        area = test[name]["auprc"]
        text = f"undefined, {area['reason']}" if area["value"] is None else f"{area['value']:.3f}"
        log.info(f"test: {name} AUPRC {text} (prevalence {test['prevalence'] or 0:.3f}, {test['n']:,} windows)")


if __name__ == "__main__":
    cli.run(main)
