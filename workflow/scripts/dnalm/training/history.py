"""Training histories as tables."""

import math
from pathlib import Path

import pandas as pd

from dnalm import files

PRETRAINING = ["step", "split", "tokens", "bases", "learning_rate", "loss", "bits_per_base"]
PRETRAINING += ["bits_repeat", "bits_unique"]
SPEED = ["step", "seconds", "tokens_per_second", "bases_per_second", "mfu"]


def write_pretraining(out: Path, rows: list[dict], tokens_a_step: int, bases_a_token: float) -> None:
    """Write metrics.tsv, what was learned: the same bytes however often the run was stopped; and speed.tsv.

    metrics.tsv has a row a split and evaluation: training loss turned into bits per base, beside held-out bits per
    base; a corpus of several genomes has a column for each, bits_in_{genome}.
    """
    table = []
    for row in rows:
        seen = row["step"] * tokens_a_step
        common = {"step": row["step"], "tokens": seen, "bases": round(seen * bases_a_token)}
        common |= {"learning_rate": row["learning_rate"]}
        bits = row["loss"] / math.log(2) / bases_a_token
        table.append(common | {"split": "train", "loss": row["loss"], "bits_per_base": bits})
        held_out = {name: value for name, value in row.items() if name.startswith("bits_")}
        table += [common | {"split": "validation"} | held_out] if held_out else []
    by_genome = [name for name in table[-1] if name.startswith("bits_in_")]
    files.write_table(out / "speed.tsv", pd.DataFrame(rows)[SPEED])
    files.write_table(out / "metrics.tsv", pd.DataFrame(table, columns=PRETRAINING + by_genome))


def write_finetuning(path: Path, rows: list[dict], metric: str = "auprc") -> None:
    """One row an evaluation: mean training loss and the validation metric that the weights were chosen by."""
    table = pd.DataFrame(rows).assign(split="validation")
    files.write_table(path, table[["step", "split", "seconds", "learning_rate", "loss", metric]])


def write_tracks(path: Path, rows: list[dict]) -> None:
    """One row an evaluation: mean training loss, and Pearson r over validation bins, of each track and on average."""
    table = pd.DataFrame(rows).assign(split="validation")
    found = [name for name in table if name.startswith("pearson")]
    files.write_table(path, table[["step", "split", "seconds", "learning_rate", "loss", *found]])


def write_probes(
    path: Path, layers: list[int], losses: list[float], quality: list[float], metric: str = "auprc"
) -> None:
    """One row a layer, where nothing was trained but a regression on it: its training loss, the validation metric."""
    table = pd.DataFrame({"layer": layers, "step": 0, "split": "validation", "loss": losses, metric: quality})
    files.write_table(path, table)
