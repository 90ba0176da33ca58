"""Compare a fine-tuned model with the baselines on the same held-out windows, by split and by kind of negative."""

import dnalm.startup

from pathlib import Path

import numpy as np
import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.errors import InputError
from dnalm.logs import log
from dnalm.metrics import ranking
from dnalm.targets.baselines import BASELINES, in_order
from dnalm.targets.negatives import NEGATIVES

KINDS = (*NEGATIVES, "given")


def main(*, predictions: Input, baselines: Input, out: Output, resamples: int = 200, seed: int = 0) -> None:
    """Write AUROC, AUPRC, MCC, recall at FDR 10 % and calibration error, each with a 95 % block-bootstrap interval.

    MCC calls windows by the threshold that is best on validation, so the test split is looked at once. The prevalence
    stands beside every AUPRC, for that is what chance would get.
    """
    table = join(predictions, baselines / "predictions.tsv.gz")
    validation, test = (table[table.split == split] for split in ("validation", "test"))
    bound = validation.label.to_numpy() == 1
    thresholds = {name: ranking.best_threshold(bound, validation[name].to_numpy()) for name in scorers()}
    report = {
        "test": assess(test, thresholds, resamples, seed),
        "validation": assess(validation, thresholds, resamples, seed),
        "by_negatives": {
            kind: assess(rows, thresholds, resamples, seed)
            for kind in KINDS
            if len(rows := against(test, kind)) and (rows.kind == kind).any()
        },
        "thresholds": thresholds,
    }
    files.write_json(out, report)
    tell(report["test"])


def scorers() -> list[str]:
    """The model and what it has to beat."""
    return ["model", *in_order()]


def join(predictions: Path, baselines: Path) -> pd.DataFrame:
    """The model's predictions of validation and test with the baselines' of the same windows."""
    model = pd.read_csv(predictions, sep="\t", dtype={"id": str, "kind": str}).rename(columns={"score": "model"})
    others = pd.read_csv(baselines, sep="\t", dtype={"id": str})
    others = others.reindex(columns=["id", "split", "label", *BASELINES]).astype(dict.fromkeys(BASELINES, float))
    model, others = (rows[rows.split.isin(["validation", "test"])] for rows in (model, others))
    table = model.merge(others[["id", "label", *BASELINES]], on="id", suffixes=("", "_baseline"))
    if not len(table) == len(model) == len(others) or (table.label != table.label_baseline).any():
        raise InputError(
            f"{predictions}: {len(model)} held-out windows, of which {len(table)} are among the {len(others)} of "
            f"{baselines}; both must come from the same windows.tsv.gz, so make the older one again"
        )
    return table.astype({"model": float})


def against(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Positives at peaks with one kind of negative; sequences that were given keep to themselves."""
    return rows[rows.kind == kind] if kind == "given" else rows[rows.kind.isin(["positive", kind])]


def assess(rows: pd.DataFrame, thresholds: dict[str, float | None], resamples: int, seed: int) -> dict:
    """Counts, prevalence and every scorer's metrics on some windows."""
    labels = rows.label.to_numpy() == 1
    blocks, size = ranking.blocks_of(rows.id) if len(rows) else (np.zeros(0, int), None)
    report = {
        "n": len(rows),
        "positives": int(labels.sum()),
        "prevalence": float(labels.mean()) if len(rows) else None,
        "blocks": int(blocks.max(initial=-1)) + 1,
        "block_bases": size,
    }
    for name in scorers():
        report[name] = ranking.assess(
            labels,
            rows[name].to_numpy(),
            blocks,
            threshold=thresholds[name],
            probability=name == "model" or BASELINES[name].probability,
            resamples=resamples,
            seed=seed,
        )
    return report


def tell(test: dict) -> None:
    """Log the test AUPRC of every scorer beside the prevalence."""
    for name in scorers():
        area = test[name]["auprc"]
        text = f"undefined, {area['reason']}" if area["value"] is None else f"{area['value']:.3f}"
        log.info(f"test: {name} AUPRC {text} (prevalence {test['prevalence'] or 0:.3f}, {test['n']:,} windows)")


if __name__ == "__main__":
    cli.run(main)
