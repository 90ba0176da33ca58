"""Fit the baselines of one target and score all its windows with them: what any model of it has to beat."""

import dnalm.startup

from typing import Annotated, Literal

import numpy as np
import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.dna import meme, motifs
from dnalm.errors import InputError
from dnalm.logs import log
from dnalm.metrics import bootstrap
from dnalm.targets import baselines as targets_baselines
from dnalm.targets import comparison
from dnalm.targets import windows as labelled
from dnalm.targets.baselines import BASELINES
from dnalm.training import tasks
from dnalm.training.tasks import LABELS, TASKS, Learnt


def main(
    *,
    windows: Input,
    out: Output,
    summary: Input | None = None,
    strands: Literal["both", "given"] = "both",
    places: int = 0,
    motif: Input | None = None,
    motif_name: str | None = None,
    baselines: Annotated[list[str] | None, BASELINES] = None,
    k: int = 6,
    cnn_epochs: float = 25.0,
    cnn_filters: int = 128,
    cnn_seeds: int = 1,
    seed: int = 0,
) -> None:
    """Write predictions.tsv.gz (id split label kind, columns of each baseline), fitted.npz, metrics.json into `out`.

    Trained once per target, on its training windows; every model of the target is compared with the same figures.
    `baselines` are those to fit, by default all that have what they need (a motif scan, a motif) and can learn what the
    windows.json `summary` says; the columns of others stay empty. `strands` given reads windows as they are; with
    `places` the network tells apart so many stretches of them; of `cnn_seeds` of them there is an ensemble.
    """
    table, learnt = labelled.read(windows), labelled.learnt(summary)
    labels, split = labelled.answers(table, learnt, windows), table.split.to_numpy()
    if len(np.unique(labels[split == "train"], axis=0)) < 2:
        raise InputError(f"{windows}: the training split holds one class only; add negatives or change the splits")
    log_odds = None if motif is None else motifs.log_odds(meme.read_meme(motif, motif_name))
    settings = {"k": k, "epochs": cnn_epochs, "filters": cnn_filters, "seeds": cnn_seeds, "seed": seed}
    settings |= {"places": places, "learnt": learnt, "both_strands": strands == "both"}
    task = labelled.Task(labelled.stack(table.sequence), labels, split, log_odds, **settings)
    fitted, facts = targets_baselines.fit(task, baselines)
    scores = {}
    for name, row in BASELINES.items():
        columns = tasks.columns(name, learnt)
        found = row.score(task.codes, fitted[name]) if name in fitted else np.full((len(table), len(columns)), np.nan)
        scores |= dict(zip(columns, found.reshape(len(table), -1).T, strict=True))
    answer = table[["id", "split", "label", "kind", *labelled.values_of(learnt)]].assign(**scores)
    figures = {part: quality(answer[answer.split == part], learnt) for part in ("validation", "test")}
    figures |= {f"{name}_model": found for name, found in facts.items() if found}
    with files.whole(out) as folder:
        folder.mkdir()
        files.write_table(folder / "predictions.tsv.gz", answer)
        targets_baselines.save(folder / "fitted.npz", fitted)
        files.write_json(folder / "metrics.json", figures)


def quality(rows: pd.DataFrame, learnt: Learnt) -> dict:
    """AUROC and AUPRC of each baseline on some rows, or the metrics of its task; `evaluate_model` adds the rest.

    None where there is one class.
    """
    samples, facts = comparison.measure(rows, dict.fromkeys(BASELINES, bootstrap.NOWHERE), 0, 0, learnt)
    wanted = ("auroc", "auprc") if learnt.task == "binary" else TASKS[learnt.task].metrics
    found = {key: value for key, value in facts.items() if key in ("n", "positives", "windows")}
    for name, sample in samples.items():
        known = {metric: one["value"] for metric, one in bootstrap.summary(sample, wanted).items()}
        found[name] = known
        if None not in known.values():
            said = ", ".join(f"{LABELS[metric]} {value:.3f}" for metric, value in known.items())
            log.info(f"{rows.split.iloc[0]}: {name} {said}")
    return found


if __name__ == "__main__":
    cli.run(main)
