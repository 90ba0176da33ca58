"""Train the baselines that learn on as few labels as a target's recipes do, seed by seed, for the curve over labels."""

import dnalm.startup

import numpy as np

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.targets import few_labels
from dnalm.targets import windows as labelled


def main(
    *,
    windows: Input,
    out: Output,
    labels: list[int],
    seeds: list[int],
    k: int = 6,
    cnn_epochs: float = 25.0,
    cnn_filters: int = 128,
    min_steps: int = 600,
) -> None:
    """Write the scores of the validation and test windows: id split label kind, a column a baseline, number and seed.

    `labels` are numbers of training windows (0: all), drawn as fine-tuning draws them. `min_steps` are those of the
    convolutional network at least, however few its windows.
    """
    table = labelled.read(windows)
    labelled.check_classes(table, windows)
    split = table.split.to_numpy()
    settings = {"k": k, "epochs": cnn_epochs, "filters": cnn_filters}
    task = labelled.Task(labelled.stack(table.sequence), table.label.to_numpy(), split, **settings)
    columns = {
        few_labels.column(name, count, seed): scores
        for count in labels
        for seed in seeds
        for name, scores in few_labels.scores(task, count, seed, min_steps).items()
    }
    held_out = table[np.isin(split, ["validation", "test"])]
    files.write_table(out, held_out[["id", "split", "label", "kind"]].assign(**columns))


if __name__ == "__main__":
    cli.run(main)
