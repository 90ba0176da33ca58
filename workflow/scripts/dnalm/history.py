"""Training histories as tables, and the model cards that travel with the weights."""

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


def write_finetuning(path: Path, rows: list[dict]) -> None:
    """One row an evaluation: mean training loss and the validation AUPRC."""
    table = pd.DataFrame(rows).assign(split="validation")
    files.write_table(path, table[["step", "split", "seconds", "learning_rate", "loss", "auprc"]])


def pretraining_card(options: dict, rows: list[dict], parameters: int, tokens: Path) -> str:
    """The README.md of a pretrained model: what it is, what it saw, how well it does, what it is not for."""
    measured = "bits_per_base" in rows[-1]
    held_out = (
        f"{rows[-1]['bits_per_base']:.4f} (2 is a blind guess)" if measured else "not measured: no contig is held out"
    )
    curve = [f"| {row['step']:,} | {row['loss']:.4f} | {row['bits_per_base']:.4f} |" for row in rows if measured]
    table = ["## How it learned", "", "| step | training loss | held-out bits per base |", "|---|---|---|", *curve]
    return _card(
        "A DNA language model",
        ["dna", "genomics", "fill-mask" if options["objective"] == "mlm" else "text-generation"],
        {
            "parameters": f"{parameters:,}",
            "tokens": str(tokens),
            "steps taken": f"{rows[-1]['step']:,}",
            "held-out bits per base": held_out,
            **options,
        },
        "Sequence is upper case A, C, G, T, N, given as [CLS] tokens [SEP].",
        "\n".join(table) if measured else "",
    )


def finetuning_card(options: dict, facts: dict) -> str:
    """The README.md of a fine-tuned model."""
    return _card(
        "A DNA language model fine-tuned to score windows",
        ["dna", "genomics"],
        {**facts, **options},
        "One logit a window, calibrated on the validation windows: its sigmoid is the probability at the prevalence "
        "of that set, not of the genome.",
    )


def _card(title: str, tags: list[str], facts: dict, use: str, curve: str = "") -> str:
    head = "\n".join(f"- {tag}" for tag in tags)
    rows = "\n".join(f"| {name} | {value} |" for name, value in facts.items())
    return (
        f"---\nlibrary_name: transformers\ntags:\n{head}\n---\n\n# {title}\n\n| | |\n|---|---|\n{rows}\n\n"
        f"{use} Made for research on sequence, not for decisions about patients. The licence of the training genome "
        "and labels applies; card.json beside this file names them with their checksums.\n"
        f"{curve and chr(10) + curve + chr(10)}"
    )
