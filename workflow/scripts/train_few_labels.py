"""Train the baselines that learn on as few labels as a target's recipes do, seed by seed, for the curve over labels."""

import dnalm.startup

from typing import Literal

import numpy as np

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.targets import few_labels
from dnalm.targets import windows as labelled
from dnalm.training import tasks


def main(
    *,
    windows: Input,
    out: Output,
    labels: list[int],
    seeds: list[int],
    summary: Input | None = None,
    strands: Literal["both", "given"] = "both",
    places: int = 0,
    k: int = 6,
    cnn_epochs: float = 25.0,
    cnn_filters: int = 128,
    min_steps: int = 600,
) -> None:
    """Write the scores of the validation and test windows: id split label kind, a column a baseline, number and seed.

    `labels` are numbers of training windows (0: all), drawn as fine-tuning draws them. `min_steps` are those of the
    convolutional network at least, however few its windows. `summary` and the rest are as `train_baselines` has them.
    """
    table, learnt = labelled.read(windows), labelled.learnt(summary)
    split = table.split.to_numpy()
    settings = {"k": k, "epochs": cnn_epochs, "filters": cnn_filters, "places": places}
    settings |= {"learnt": learnt, "both_strands": strands == "both"}
    codes = labelled.stack(table.sequence)
    task = labelled.Task(codes, labelled.answers(table, learnt, windows), split, **settings)
    held_out = table[np.isin(split, ["validation", "test"])]
    columns = {}
    for count in labels:
        for seed in seeds:
            for name, said in few_labels.scores(task, count, seed, min_steps).items():
                names = tasks.columns(few_labels.column(name, count, seed), learnt)
                columns |= dict(zip(names, said.reshape(len(held_out), -1).T, strict=True))
    files.write_table(out, held_out[["id", "split", "label", "kind"]].assign(**columns))


if __name__ == "__main__":
    cli.run(main)
