"""Fit the baselines of one target, GC content, k-mers and a motif scan, and score all its windows with them."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.dna import motifs
from dnalm.errors import InputError
from dnalm.logs import log
from dnalm.metrics import ranking
from dnalm.targets import baselines
from dnalm.targets import windows as labelled


def main(*, windows: Input, out: Output, motif: Input | None = None, k: int = 6, seed: int = 0) -> None:
    """Write predictions.tsv.gz (id split label kind gc pwm kmer), kmer.npz and metrics.json into the folder `out`.

    Trained once per target, on its training windows; every model of the target is compared with the same figures.
    Without `motif` the pwm column stays empty.
    """
    table = labelled.read(windows)
    labels, split = table.label.to_numpy(), table.split.to_numpy()
    if len(np.unique(labels[split == "train"])) < 2:
        raise InputError(f"{windows}: the training split holds one class only; add negatives or change the splits")
    codes = labelled.stack(table.sequence)
    arrays, facts = baselines.fit_kmers(codes, labels, split, k, seed)
    scores = {
        "gc": baselines.gc_scores(codes, labels, split),
        "pwm": np.nan if motif is None else baselines.pwm_scores(codes, read_log_odds(motif)),
        "kmer": baselines.kmer_scores(codes, arrays),
    }
    answer = table[["id", "split", "label", "kind"]].assign(**scores)
    figures = {part: areas(answer[answer.split == part], scores) for part in ("validation", "test")}
    with files.whole(out) as folder:
        folder.mkdir()
        files.write_table(folder / "predictions.tsv.gz", answer)
        baselines.save_kmers(folder / "kmer.npz", arrays)
        files.write_json(folder / "metrics.json", figures | {"kmer_model": facts})


def read_log_odds(path: Path) -> np.ndarray:
    """Log odds of the motif in a MEME file."""
    return motifs.log_odds(motifs.read_meme(path))


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
