"""Fit the baselines of one target and score all its windows with them: what any model of it has to beat."""

import dnalm.startup

from collections.abc import Iterable
from typing import Annotated

import numpy as np
import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.dna import meme, motifs
from dnalm.errors import InputError
from dnalm.logs import log
from dnalm.metrics import ranking
from dnalm.targets import baselines as targets_baselines
from dnalm.targets import windows as labelled
from dnalm.targets.baselines import BASELINES


def main(
    *,
    windows: Input,
    out: Output,
    motif: Input | None = None,
    motif_name: str | None = None,
    baselines: Annotated[list[str] | None, BASELINES] = None,
    k: int = 6,
    cnn_epochs: float = 25.0,
    cnn_filters: int = 128,
    seed: int = 0,
) -> None:
    """Write predictions.tsv.gz (id split label kind, a column a baseline), fitted.npz and metrics.json into `out`.

    Trained once per target, on its training windows; every model of the target is compared with the same figures.
    `baselines` are those to fit, by default all that have what they need (a motif scan, a motif); the columns of others
    stay empty.
    """
    table = labelled.read(windows)
    labels, split = table.label.to_numpy(), table.split.to_numpy()
    if len(np.unique(labels[split == "train"])) < 2:
        raise InputError(f"{windows}: the training split holds one class only; add negatives or change the splits")
    log_odds = None if motif is None else motifs.log_odds(meme.read_meme(motif, motif_name))
    settings = {"k": k, "epochs": cnn_epochs, "filters": cnn_filters, "seed": seed}
    task = labelled.Task(labelled.stack(table.sequence), labels, split, log_odds, **settings)
    fitted, facts = targets_baselines.fit(task, baselines)
    scores = {
        name: row.score(task.codes, fitted[name]) if name in fitted else np.nan for name, row in BASELINES.items()
    }
    answer = table[["id", "split", "label", "kind"]].assign(**scores)
    figures = {part: areas(answer[answer.split == part], scores) for part in ("validation", "test")}
    figures |= {f"{name}_model": found for name, found in facts.items() if found}
    with files.whole(out) as folder:
        folder.mkdir()
        files.write_table(folder / "predictions.tsv.gz", answer)
        targets_baselines.save(folder / "fitted.npz", fitted)
        files.write_json(folder / "metrics.json", figures)


def areas(rows: pd.DataFrame, names: Iterable[str]) -> dict:
    """AUROC and AUPRC of each baseline on some rows, None where there is one class; `evaluate_model` adds the rest."""
    found = {"n": len(rows), "positives": int(rows.label.sum())}
    for name in names:
        usable = rows.label.nunique() == 2 and rows[name].notna().all()
        for metric in (ranking.auroc, ranking.auprc):
            value = metric(rows.label.to_numpy(), rows[name].to_numpy()) if usable else None
            found.setdefault(name, {})[metric.__name__] = value
        if usable:
            log.info(f"{rows.split.iloc[0]}: {name} AUROC {found[name]['auroc']:.3f}, AUPRC {found[name]['auprc']:.3f}")
    return found


if __name__ == "__main__":
    cli.run(main)
