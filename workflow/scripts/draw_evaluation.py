"""Draw ROC, precision-recall and reliability of a fine-tuned model beside its baselines, on the test split."""

import pandas as pd

from dnalm import accuracy, cli, plots
from dnalm.cli import Input, Output


def main(*, predictions: Input, baselines: Input, metrics: Input, out: Output, split: str = "test") -> None:
    """Draw the model's `predictions` beside those in the `baselines` folder, with the figures of `metrics`.

    Areas and intervals are those `evaluate_model` wrote; nothing is estimated twice.
    """
    table = join(
        plots.read_table(predictions, ["id", "split", "label", "score"]),
        plots.read_table(baselines / "predictions.tsv.gz", ["id"]),
        split,
    )
    found = plots.read_json(metrics)
    with plots.figure(out, 10.4, 10.6) as figure:
        figure.get_layout_engine().set(h_pad=0.1, w_pad=0.06)
        panels = figure.subplots(2, 2).ravel()
        for axes, draw in zip(panels, (accuracy.roc, accuracy.precision_recall, accuracy.reliability), strict=False):
            draw(axes, table, found.get(split) or {})
        accuracy.by_negatives(panels[3], found.get("by_negatives") or {})


def join(predictions: pd.DataFrame, baselines: pd.DataFrame, split: str) -> pd.DataFrame:
    """One row per window of `split`: label, `model` (the score) and each baseline's score."""
    rows = predictions[predictions.split == split].rename(columns={"score": "model"})
    found = [name for name in accuracy.METHODS if name in baselines]
    return rows[["id", "label", "model"]].merge(baselines[["id", *found]], on="id", how="left", validate="1:1")


if __name__ == "__main__":
    cli.run(main)
