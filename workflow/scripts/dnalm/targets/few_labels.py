"""What is made of few labels: baselines trained on the draws of training windows that fine-tuned models get.

What a language model has learned of DNA is worth most where labels are few, so it is compared at 100 labels as well as
at all of them: with the same network from random weights, and with what learns from the labels alone.
"""

import numpy as np
import pandas as pd

from dnalm.errors import InputError
from dnalm.logs import log
from dnalm.targets import baselines, windows
from dnalm.targets.baselines import BASELINES
from dnalm.targets.windows import Task

LEARNERS = ("cnn", "kmer")  # of BASELINES, those that a curve shows learning; a motif scan needs no label at all


def column(name: str, labels: int, seed: int) -> str:
    """What the scores of a baseline are called: `cnn 300 seed0`; 0 labels are all."""
    return f"{name} {labels} seed{seed}"


def scores(task: Task, count: int, seed: int, least_steps: int) -> dict[str, np.ndarray]:
    """Each learner's answers for the validation and test windows, trained on `count` training windows (0: all).

    The windows are those that a fine-tuned model of that seed gets (`finetuning.fewer`). The convolutional network
    takes `least_steps` at least, as recipes of few labels do. Raises InputError where so many windows there are not.
    """
    from dnalm.targets import convolution  # torch
    from dnalm.training import batches, finetuning

    rows = np.flatnonzero(task.split == "train")
    kept = finetuning.fewer(rows, task.labels[rows], count, seed)
    groups = batches.groups(task.labels[kept])
    if not windows.choosable(task, kept):
        raise InputError(f"labels: all {len(kept):,} training windows are of one class, wanted two")
    rows = np.flatnonzero(np.isin(np.arange(len(task.split)), kept) | (task.split != "train"))
    epochs = max(task.epochs, least_steps * convolution.BATCH / (len(groups) * min(map(len, groups))))
    told = task._replace(codes=task.codes[rows], labels=task.labels[rows], split=task.split[rows])
    fitted, _ = baselines.fit(told._replace(seed=seed, epochs=epochs), LEARNERS)
    log.info(f"{len(kept):,} training windows, seed {seed}: fitted {', '.join(fitted)}")
    held_out = task.codes[np.isin(task.split, ["validation", "test"])]
    return {name: BASELINES[name].score(held_out, arrays) for name, arrays in fitted.items()}


def parsed(columns: list[str]) -> pd.DataFrame:
    """Columns taken apart: name, labels and seed of each; a column for each class or output counts once."""
    columns = list(dict.fromkeys(column.split(":")[0] for column in columns))
    found = pd.Series(columns).str.extract(r"^(?P<name>\S+) (?P<labels>\d+) seed(?P<seed>\d+)$")
    return found.astype({"labels": int, "seed": int}).assign(column=columns)
