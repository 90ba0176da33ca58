"""What is learnt of a window: whether it is bound, which of several classes it is, or what was measured of it.

Whatever differs between the three stands in one row here: how good an answer is, by which metric the best is chosen,
which loss is made small, how answers are calibrated. Training, baselines, comparison and figures ask the row. There is
no torch in it, since figures are drawn where there is none.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from dnalm.errors import InputError
from dnalm.metrics import bootstrap, calibration, classes, ranking, regression
from dnalm.metrics.bootstrap import Sample

Calibration = tuple[float | list[float], float | list[float]]


class Learnt(NamedTuple):
    """A row of TASKS by its name, and the names of its classes or of the outputs that were measured (binary: none)."""

    task: str = "binary"
    names: tuple[str, ...] = ()


BINARY = Learnt()


class Aim(NamedTuple):
    """How answers are judged. `best` is the metric that the best weights, and the best baseline, are chosen by.

    `metrics` and `compared` are reported, in that order; `loss` is a row of LOSSES; `quick` gives `best` of (labels,
    answers); `sample` all of the metrics on resamples; `calibrate` scale and shift of answers by validation, None where
    they are in units that need none. `prefix`: of a model's columns in predictions.tsv.gz, one for each name.
    """

    metrics: tuple[str, ...]
    compared: tuple[str, ...]
    best: str
    loss: str
    quick: Callable[[np.ndarray, np.ndarray], float]
    sample: Callable[..., Sample]
    calibrate: Callable[[np.ndarray, np.ndarray], Calibration] | None = None
    prefix: str = ""


def _bound(labels: np.ndarray, scores: np.ndarray, blocks: np.ndarray, learnt: Learnt, **options: Any) -> Sample:
    return bootstrap.sample(labels == 1, scores, blocks, **options)


def _called(labels: np.ndarray, logits: np.ndarray, blocks: np.ndarray, learnt: Learnt, **options: Any) -> Sample:
    return classes.sample(labels, logits, blocks, **_plain(options))


def _measured(values: np.ndarray, predicted: np.ndarray, blocks: np.ndarray, learnt: Learnt, **options: Any) -> Sample:
    return regression.sample(values, predicted, blocks, learnt.names, **_plain(options))


def _plain(options: dict[str, Any]) -> dict[str, Any]:
    """Options of a sample without what only calls of bound and unbound have: thresholds, probabilities."""
    return {key: value for key, value in options.items() if key not in ("at", "probability")}


TASKS = {  # closed: a fourth would change what a head, a figure and a table of predictions look like
    "binary": Aim(
        metrics=bootstrap.METRICS,
        compared=bootstrap.COMPARED,
        best="auprc",
        loss="cross_entropy",
        quick=ranking.auprc,
        sample=_bound,
        calibrate=calibration.platt,
    ),
    "classes": Aim(
        metrics=classes.METRICS,
        compared=("mcc", "accuracy", "macro_auroc"),
        best="mcc",
        loss="cross_entropy",
        quick=lambda labels, logits: classes.measure(labels, logits)[0],
        sample=_called,
        calibrate=calibration.platt_classes,
        prefix="logit",
    ),
    "regression": Aim(
        metrics=regression.METRICS,
        compared=regression.METRICS,
        best="pearson",
        loss="squared_error",
        quick=lambda values, predicted: regression.measure(values, predicted)[0],
        sample=_measured,
        prefix="predicted",
    ),
}
LABELS = {  # of metrics, on an axis
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "mcc": "MCC",
    "f1": "F1",
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
    "macro_auroc": "macro AUROC",
    "pearson": "Pearson r",
    "spearman": "Spearman rho",
    "r2": "R²",
}


def of(about: Mapping[str, Any], where: object = "windows.json") -> Learnt:
    """What is learnt by a target's windows.json, or what repeats it (split.json, metrics.json); binary where it is old.

    Raises InputError for a task that there is not, or one without the names that it needs.
    """
    task = about.get("task", "binary")
    if task not in TASKS:
        raise InputError(f"{where}: task: got {task!r}, wanted one of {', '.join(TASKS)}; label the windows again")
    key = {"classes": "classes", "regression": "outputs"}.get(task)
    names = tuple(map(str, about.get(key) or ())) if key else ()
    if key and (len(names) < 1 + (key == "classes") or len(set(names)) < len(names)):
        raise InputError(f"{where}: {key}: got {list(names)}, wanted names, all different; label the windows again")
    return Learnt(task, names)


def told(learnt: Learnt) -> dict[str, Any]:
    """What `of` reads, for a JSON that repeats it."""
    key = {"classes": "classes", "regression": "outputs"}.get(learnt.task)
    return {"task": learnt.task} | ({key: list(learnt.names)} if key else {})


def metrics(learnt: Learnt) -> tuple[str, ...]:
    """Names of all that is reported: the row's metrics, and of several outputs those of each."""
    return regression.names(learnt.names) if learnt.task == "regression" else TASKS[learnt.task].metrics


def columns(name: str, learnt: Learnt) -> list[str]:
    """The columns in which the answers of a model or a baseline stand: one for all, or one for each name."""
    return [name] if learnt.task == "binary" else [f"{name}:{one}" for one in learnt.names]


def calibrated(answers: np.ndarray, labels: np.ndarray, learnt: Learnt) -> Calibration:
    """Scale and shift of answers by validation windows; (1, 0) where they cannot be had: one class, or values."""
    fit = TASKS[learnt.task].calibrate
    return (1.0, 0.0) if fit is None or len(np.unique(labels)) < 2 else fit(answers, labels)
