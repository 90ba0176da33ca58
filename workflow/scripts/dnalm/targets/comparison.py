"""Models and baselines on the same held-out windows: one table, and what all of them are measured by.

Thresholds come from validation, so that the test windows are looked at once; and test windows that have a relative in
training (a paralogue, a repeat, a duplication) can be left out, for of these a model may have learned by heart.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from dnalm.errors import InputError
from dnalm.metrics import bootstrap, calibration
from dnalm.metrics.bootstrap import Sample, Thresholds
from dnalm.targets import windows
from dnalm.targets.baselines import BASELINES, in_order
from dnalm.targets.negatives import NEGATIVES
from dnalm.training import tasks
from dnalm.training.tasks import BINARY, TASKS, Learnt

NEAR = 0.8  # identity of an alignment from which on a training window is a relative


def join(predictions: Mapping[str, Path], baselines: Path, learnt: Learnt = BINARY) -> pd.DataFrame:
    """Validation and test windows (id split label kind) with a column for each baseline and each of `predictions`.

    Of models the probability, from the logit where it is written, which tells more windows apart; of classes and of
    what was measured (in columns value:{name}) a column for each name (`tasks.columns`). Raises InputError where a
    model predicted other windows than the baselines, or other labels.
    """
    scored, measured = [one for name in BASELINES for one in tasks.columns(name, learnt)], windows.values_of(learnt)
    table = _held_out(_read(baselines)).reindex(columns=["id", "split", "label", "kind", *measured, *scored])
    table = table.astype(dict.fromkeys(scored, float)).reset_index(drop=True)
    found = {}
    for name, path in predictions.items():
        rows = _held_out(_read(path))
        place = pd.Index(rows.id).get_indexer(table.id) if rows.id.is_unique else np.full(len(table), -1)
        if len(rows) != len(table) or (place < 0).any() or (rows.label.to_numpy()[place] != table.label).any():
            raise InputError(
                f"{path}: {len(rows)} held-out windows, of which {(place >= 0).sum()} are among the {len(table)} of "
                f"{baselines}; both must come from the same windows.tsv.gz, so make the older one again"
            )
        for column in measured:
            if column in rows and not np.allclose(rows[column].to_numpy(float)[place], table[column], rtol=1e-4):
                raise InputError(f"{path}: {column}: other values than in {baselines}; make the older one again")
        for column, score in zip(tasks.columns(name, learnt), _scores(rows, learnt, path), strict=True):
            found[column] = score[place]
    return pd.concat([table, pd.DataFrame(found)], axis=1)


def _scores(rows: pd.DataFrame, learnt: Learnt, path: Path) -> list[np.ndarray]:
    """What a model says of its windows: its probability; a logit a class, or the value of each output."""
    if learnt.task == "binary":
        return [calibration.sigmoid(rows.logit) if "logit" in rows else rows.score.to_numpy(float)]
    wanted = tasks.columns(TASKS[learnt.task].prefix, learnt)
    if missing := [name for name in wanted if name not in rows]:
        raise InputError(f"{path}:1: lacks column(s) {', '.join(missing)}; make it again with finetune_model")
    return [rows[name].to_numpy(float) for name in wanted]


def answers(rows: pd.DataFrame, name: str, learnt: Learnt) -> np.ndarray:
    """The answers of a model or baseline in a joined table: [n], or [n, m] where there is one for each name."""
    return rows[name].to_numpy() if learnt.task == "binary" else rows[tasks.columns(name, learnt)].to_numpy()


def truth(rows: pd.DataFrame, learnt: Learnt) -> np.ndarray:
    """What is known of the windows of a joined table: labels [n], or what was measured [n, m]."""
    return rows.label.to_numpy() if learnt.task != "regression" else rows[windows.values_of(learnt)].to_numpy(float)


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", dtype={"id": str, "kind": str})


def _held_out(table: pd.DataFrame) -> pd.DataFrame:
    return table[table.split.isin(["validation", "test"])]


def by_model(names: list[str]) -> dict[str, list[str]]:
    """Names such as `corpus/tokenizer/model recipe seed0` by what is before the last word, which tells seeds apart."""
    models: dict[str, list[str]] = {}
    for name in names:
        models.setdefault(name.rpartition(" ")[0] or name, []).append(name)
    return models


def without_relatives(rows: pd.DataFrame, relatives: Path) -> pd.DataFrame:
    """The windows whose best alignment to any training window has an identity below NEAR; `relatives`: id, identity."""
    table = pd.read_csv(relatives, sep="\t", dtype={"id": str})
    if missing := [name for name in ("id", "identity") if name not in table]:
        raise InputError(f"{relatives}:1: got columns {', '.join(table.columns)}, wanted also {', '.join(missing)}")
    if not table.identity.between(0, 1).all():
        raise InputError(f"{relatives}: identity: got {table.identity.max()}, wanted shares from 0 to 1")
    identity = rows.id.map(table.drop_duplicates("id").set_index("id").identity)
    if identity.isna().any():
        raise InputError(
            f"{relatives}: no row for {identity.isna().sum()} of {len(rows)} test windows, such as "
            f"{rows.id[identity.isna()].iloc[0]}; align the windows of this target again"
        )
    return rows[identity < NEAR]


def by_kind(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Windows at peaks with one kind of negative at a time, of the kinds that there are; given sequences by themselves.

    Random windows are told from sites by composition, sites without a factor by what the motif does not say: the one
    says little of the other.
    """
    there = [kind for kind in (*NEGATIVES, "given") if (rows.kind == kind).any()]
    return {kind: rows[rows.kind.isin([kind] if kind == "given" else ["positive", kind])] for kind in there}


def competing(table: pd.DataFrame, learnt: Learnt = BINARY) -> list[str]:
    """The baselines to compare with, `in_order`; an ensemble is none of them where none was asked for."""
    asked = {name for name in BASELINES if "seeds" not in BASELINES[name].needs}
    return [name for name in in_order() if name in asked or not np.isnan(answers(table, name, learnt)).all()]


def choose(table: pd.DataFrame, names: list[str], learnt: Learnt = BINARY) -> dict[str, Thresholds]:
    """Where each score is called: by the validation windows, and them alone. Of other tasks nowhere."""
    if learnt.task != "binary":
        return dict.fromkeys(names, bootstrap.NOWHERE)
    rows = table[table.split == "validation"]
    return {name: bootstrap.thresholds(rows.label.to_numpy() == 1, rows[name].to_numpy()) for name in names}


def measure(
    rows: pd.DataFrame, at: Mapping[str, Thresholds], resamples: int, seed: int, learnt: Learnt = BINARY
) -> tuple[dict[str, Sample], dict]:
    """Every score on some windows, on the same resamples; and their counts, prevalence and blocks."""
    known = truth(rows, learnt)
    blocks, size = bootstrap.blocks_of(rows.id) if len(rows) else (np.zeros(0, int), None)
    facts = {"n": len(rows)} | _counts(known, learnt)
    facts |= {"blocks": int(blocks.max(initial=-1)) + 1, "block_bases": size}
    samples = {
        name: TASKS[learnt.task].sample(
            known,
            answers(rows, name, learnt),
            blocks,
            learnt,
            at=edges,
            probability=name not in BASELINES or BASELINES[name].probability,
            resamples=resamples,
            seed=seed,
        )
        for name, edges in at.items()
    }
    return samples, facts


def _counts(known: np.ndarray, learnt: Learnt) -> dict:
    """How many windows there are of each class; nothing of measured values."""
    if learnt.task == "classes":
        return {"windows": {name: int((known == number).sum()) for number, name in enumerate(learnt.names)}}
    bound = known == 1
    shares = {"positives": int(bound.sum()), "prevalence": float(bound.mean()) if len(bound) else None}
    return shares if learnt.task == "binary" else {}


def best_baseline(table: pd.DataFrame, learnt: Learnt = BINARY) -> str | None:
    """The baseline that does best on validation, never on test; None where none scored these windows."""
    rows = table[table.split == "validation"]
    known, found = truth(rows, learnt), {name: answers(rows, name, learnt) for name in in_order()}
    there = {name: said for name, said in found.items() if not np.isnan(said).any() and len(rows)}
    quality = {name: TASKS[learnt.task].quick(known, said) for name, said in there.items()}
    quality = {name: value for name, value in quality.items() if not np.isnan(value)}
    return max(quality, key=quality.__getitem__) if quality else None


def ensemble(table: pd.DataFrame, names: list[str], learnt: Learnt = BINARY) -> np.ndarray:
    """What several models say together: the mean of their logits, calibrated on validation as each is, or of values.

    Of bound and unbound the probability [n]; of classes logits [n, K]; of what was measured [n, m].
    """
    mean = together(table, names, learnt)
    held_out = (table.split == "validation").to_numpy()
    scale, shift = tasks.calibrated(mean[held_out], truth(table, learnt)[held_out], learnt)
    mean = np.asarray(scale) * mean + np.asarray(shift)
    return calibration.sigmoid(mean) if learnt.task == "binary" else mean


def together(table: pd.DataFrame, names: list[str], learnt: Learnt = BINARY) -> np.ndarray:
    """The mean of several models' calibrated logits [n], [n, K], or values [n, m], not calibrated itself."""
    said = [answers(table, name, learnt) for name in names]
    return np.mean([calibration.logit(one) for one in said] if learnt.task == "binary" else said, axis=0)
