"""Models and baselines on the same held-out windows: one table, and what all of them are measured by.

Thresholds come from validation, so that the test windows are looked at once; and test windows that have a relative in
training (a paralogue, a repeat, a duplication) can be left out, for of these a model may have learned by heart.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from dnalm.errors import InputError
from dnalm.metrics import bootstrap, calibration, ranking
from dnalm.metrics.bootstrap import Sample, Thresholds
from dnalm.targets.baselines import BASELINES, in_order

NEAR = 0.8  # identity of an alignment from which on a training window is a relative


def join(predictions: Mapping[str, Path], baselines: Path) -> pd.DataFrame:
    """Validation and test windows (id split label kind) with a column for each baseline and each of `predictions`.

    Of models the probability, from the logit where it is written, which tells more windows apart. Raises InputError
    where a model predicted other windows than the baselines, or other labels.
    """
    table = _held_out(_read(baselines)).reindex(columns=["id", "split", "label", "kind", *BASELINES])
    table = table.astype(dict.fromkeys(BASELINES, float)).reset_index(drop=True)
    found = {}
    for name, path in predictions.items():
        rows = _held_out(_read(path))
        place = pd.Index(rows.id).get_indexer(table.id) if rows.id.is_unique else np.full(len(table), -1)
        if len(rows) != len(table) or (place < 0).any() or (rows.label.to_numpy()[place] != table.label).any():
            raise InputError(
                f"{path}: {len(rows)} held-out windows, of which {(place >= 0).sum()} are among the {len(table)} of "
                f"{baselines}; both must come from the same windows.tsv.gz, so make the older one again"
            )
        score = calibration.sigmoid(rows.logit) if "logit" in rows else rows.score.to_numpy(float)
        found[name] = score[place]
    return table.assign(**found)


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", dtype={"id": str, "kind": str})


def _held_out(table: pd.DataFrame) -> pd.DataFrame:
    return table[table.split.isin(["validation", "test"])]


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


def choose(table: pd.DataFrame, names: list[str]) -> dict[str, Thresholds]:
    """Where each score is called: by the validation windows, and them alone."""
    rows = table[table.split == "validation"]
    return {name: bootstrap.thresholds(rows.label.to_numpy() == 1, rows[name].to_numpy()) for name in names}


def measure(
    rows: pd.DataFrame, at: Mapping[str, Thresholds], resamples: int, seed: int
) -> tuple[dict[str, Sample], dict]:
    """Every score on some windows, on the same resamples; and their counts, prevalence and blocks."""
    labels = rows.label.to_numpy() == 1
    blocks, size = bootstrap.blocks_of(rows.id) if len(rows) else (np.zeros(0, int), None)
    facts = {
        "n": len(rows),
        "positives": int(labels.sum()),
        "prevalence": float(labels.mean()) if len(rows) else None,
        "blocks": int(blocks.max(initial=-1)) + 1,
        "block_bases": size,
    }
    samples = {
        name: bootstrap.sample(
            labels,
            rows[name].to_numpy(),
            blocks,
            at=edges,
            probability=name not in BASELINES or BASELINES[name].probability,
            resamples=resamples,
            seed=seed,
        )
        for name, edges in at.items()
    }
    return samples, facts


def best_baseline(table: pd.DataFrame) -> str | None:
    """The baseline with the best AUPRC on validation, never on test; None where none scored these windows."""
    rows = table[table.split == "validation"]
    areas = {
        name: ranking.auprc(rows.label.to_numpy() == 1, rows[name].to_numpy())
        for name in in_order()
        if rows[name].notna().all()
    }
    known = {name: area for name, area in areas.items() if not np.isnan(area)}
    return max(known, key=known.__getitem__) if known else None


def ensemble(table: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Probability of each window by the mean of several models' logits, calibrated on validation as each of them is."""
    mean = np.mean([calibration.logit(table[name].to_numpy()) for name in names], axis=0)
    held_out, labels = (table.split == "validation").to_numpy(), table.label.to_numpy() == 1
    if len(set(labels[held_out])) < 2:
        return calibration.sigmoid(mean)
    scale, shift = calibration.platt(mean[held_out], labels[held_out])
    return calibration.sigmoid(scale * mean + shift)
