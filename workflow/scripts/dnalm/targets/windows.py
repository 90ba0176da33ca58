"""The labelled windows of a target: the one reader of what `label_windows` wrote, and what baselines make of them."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from dnalm import texts
from dnalm.dna import intervals, seq
from dnalm.errors import InputError
from dnalm.training import tasks
from dnalm.training.tasks import BINARY, Learnt

NOWHERE = "."  # the contig of a window that has no place on the genome
VALUE = "value:"  # before the name of an output of a regression: its column of numbers
COLUMNS = ("id", "label", "kind", "split", "sequence")


class Task(NamedTuple):
    """What a baseline is fitted on: windows uint8 [n, W], labels [n], split [n], the motif's log odds where known.

    `k`: bases of a k-mer; `epochs` and `filters`: passes over the rarer class and width of the convolutional network.
    `learnt` says what labels are: bound or not (1, 0), numbers of classes, or what was measured, then float [n, m].
    `places`: stretches of a window that the network tells apart, where windows are aligned on one base, or 0.
    `seeds`: networks of the convolutional network's ensemble, 1 for none.
    `both_strands` is false where a window means something else the other way round, such as a promoter.
    """

    codes: np.ndarray
    labels: np.ndarray
    split: np.ndarray
    log_odds: np.ndarray | None = None
    k: int = 6
    epochs: float = 25.0
    filters: int = 128
    seed: int = 0
    seeds: int = 1
    learnt: Learnt = BINARY
    both_strands: bool = True
    places: int = 0


def choosable(task: Task, rows: np.ndarray) -> bool:
    """Whether the best of several can be told on these rows: there are two classes, or values that differ."""
    return len(np.unique(task.labels[rows], axis=0)) > 1


def quality(task: Task, rows: np.ndarray, answers: np.ndarray) -> float:
    """The metric by which the best is chosen, of a baseline's answers for some rows."""
    return tasks.TASKS[task.learnt.task].quick(task.labels[rows], answers)


def jitter(number: int, window: int, rng: np.random.Generator) -> np.ndarray:
    """How far windows to train on are shifted, either way by an eighth of their width at most: whole bases [number]."""
    return rng.integers(-(window // 8), window // 8 + 1, number)


def read(path: Path) -> pd.DataFrame:
    """Columns id chrom start end label kind split sequence, a row a window; InputError for another or an empty file."""
    table = pd.read_csv(path, sep="\t", dtype=dict.fromkeys(("id", "chrom", "sequence", "split", "kind"), str))
    if missing := [name for name in COLUMNS if name not in table]:
        raise InputError(f"{path}: lacks column(s) {', '.join(missing)}; give a table made by label_windows")
    if table.empty:
        raise InputError(f"{path}: holds no window; check the peaks and splits it was made from")
    return table


def learnt(summary: Path | None) -> Learnt:
    """What is learnt of the windows, by the windows.json beside them; bound or unbound where there is none."""
    return BINARY if summary is None else tasks.of(texts.read_json(summary), summary)


def answers(table: pd.DataFrame, learnt: Learnt, path: Path) -> np.ndarray:
    """What was found of each window: its label int [n], or what was measured float [n, m], in the order of `names`.

    Raises InputError where a column of values is not there, or holds what is no number, or a label is no class.
    """
    if learnt.task != "regression":
        labels, most = table.label.to_numpy(), max(len(learnt.names), 2)
        if not np.isin(labels, np.arange(most)).all():
            raise InputError(f"{path}: label: got {labels.max()}, wanted 0 to {most - 1}; label the windows again")
        return labels
    if missing := [name for name in values_of(learnt) if name not in table]:
        raise InputError(f"{path}: lacks column(s) {', '.join(missing)}; label the windows again, with their values")
    values = table[values_of(learnt)].apply(pd.to_numeric, errors="coerce").to_numpy(float)
    if len(bad := np.flatnonzero(~np.isfinite(values).all(1))):
        raise InputError(f"{path}:{bad[0] + 2}: got a value that is no number, wanted one for each output")
    return values


def values_of(learnt: Learnt) -> list[str]:
    """The columns of a table of windows, or of predictions, that hold what was measured."""
    return [VALUE + name for name in learnt.names] if learnt.task == "regression" else []


def check_classes(table: pd.DataFrame, path: Path, learnt: Learnt = BINARY) -> None:
    """Each split must hold what differs: without it there is nothing to learn, to calibrate or to measure.

    That is both classes, of several all in training and two at least elsewhere, and values that vary.
    """
    for split in intervals.SPLITS:
        rows = table[table.split == split]
        if learnt.task == "regression":
            if flat := [name for name in values_of(learnt) if rows[name].nunique() < 2]:
                raise InputError(
                    f"{path}: the {split} split has {len(rows)} windows whose {flat[0]} does not vary, wanted two or "
                    "more that differ; choose other splits (splits: in the target preset, or a column split)"
                )
            continue
        counts = rows.label.value_counts()
        if learnt.task == "classes" and split == "train" and len(counts) < len(learnt.names):
            absent = [name for number, name in enumerate(learnt.names) if number not in counts.index]
            raise InputError(
                f"{path}: the train split holds no window of {', '.join(absent)}; leave out the class or choose other "
                "splits (splits: in the target preset, or a column split)"
            )
        if len(counts) < 2:
            wanted = "both 0 and 1" if learnt.task == "binary" else "two classes or more"
            raise InputError(
                f"{path}: the {split} split has {counts.to_dict()} windows by label, wanted {wanted}; "
                "choose contigs for this split that hold peaks (splits: in the genome or target preset)"
            )


def stack(sequences: pd.Series) -> np.ndarray:
    """Base codes of the windows, uint8 [n, W]; all have one length."""
    lengths = sequences.str.len()
    if lengths.nunique() != 1:
        raise InputError(f"windows of {lengths.min()} to {lengths.max()} bases; all must have one length")
    return seq.encode("".join(sequences)).reshape(len(sequences), -1)
