"""Draw ROC, precision-recall and reliability of a fine-tuned model beside its baselines, on the test split."""

import dnalm.startup

import pandas as pd

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.figures import curves, style
from dnalm.targets import baselines as targets_baselines
from dnalm.targets.negatives import NEGATIVES

LOOKS = style.beside_model(targets_baselines.BASELINES, targets_baselines.in_order())
KINDS = {kind: row.label for kind, row in NEGATIVES.items()}


def main(*, predictions: Input, baselines: Input, metrics: Input, out: Output, split: str = "test") -> None:
    """Draw the model's `predictions` beside those in the `baselines` folder, with the figures of `metrics`.

    Areas and intervals are those `evaluate_model` wrote; nothing is estimated twice.
    """
    table = join(
        style.read_table(predictions, ["id", "split", "label", "score"]),
        style.read_table(baselines / "predictions.tsv.gz", ["id"]),
        split,
    )
    found = style.read_json(metrics)
    with style.figure(out, 10.4, 10.6) as figure:
        figure.get_layout_engine().set(h_pad=0.1, w_pad=0.06)
        panels = figure.subplots(2, 2).ravel()
        for axes, draw in zip(panels, (curves.roc, curves.precision_recall), strict=False):
            draw(axes, table, found.get(split) or {}, LOOKS)
        curves.reliability(panels[2], table, found.get(split) or {})
        curves.by_negatives(panels[3], found.get("by_negatives") or {}, LOOKS, KINDS)


def join(predictions: pd.DataFrame, baselines: pd.DataFrame, split: str) -> pd.DataFrame:
    """One row per window of `split`: label, `model` (the score) and each baseline's score."""
    rows = predictions[predictions.split == split].rename(columns={"score": "model"})
    found = [name for name in LOOKS if name in baselines]
    return rows[["id", "label", "model"]].merge(baselines[["id", *found]], on="id", how="left", validate="1:1")


if __name__ == "__main__":
    cli.run(main)
