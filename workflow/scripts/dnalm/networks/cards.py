"""The model cards that travel with the weights: what a model is, what it saw, how well it does."""

from pathlib import Path

TERMS = (
    "Made for research on sequence, not for decisions about patients. The licence of the training genome and labels "
    "applies; card.json beside this file names them with their checksums.\n"
)


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
        "Sequence is upper case A, C, G, T, N, given as [CLS] tokens [SEP]. "
        + TERMS
        + ("\n" + "\n".join(table) + "\n" if measured else ""),
    )


SAYS = {
    "binary": "One logit a window, calibrated on the validation windows: its sigmoid is the probability at the "
    "prevalence of that set, not of the genome. ",
    "classes": "One logit a class, in the order of `names` in config.json, calibrated on the validation windows: their "
    "softmax are the probabilities of the classes, as frequent as in that set. ",
    "regression": "One value an output, in the order of `names` in config.json, in the units of its training table. ",
}


def finetuning_card(options: dict, facts: dict, task: str = "binary") -> str:
    """The README.md of a model fine-tuned on a task."""
    title, tags = "A DNA language model fine-tuned to score windows", ["dna", "genomics"]
    return _card(title, tags, {**facts, **options}, SAYS[task] + TERMS)


def import_card(origin: str, objective: str, parameters: int, given: str) -> str:
    """The README.md of an imported model; `given` shows how a sequence is given to it, framed as by its authors."""
    return _card(
        "A published DNA language model",
        ["dna", "genomics"],
        {"from": origin, "objective": objective, "parameters": f"{parameters:,}", "sequence": given},
        "Its weights and its licence are those of the authors; some forbid commercial use. "
        "card.json beside this file has the checksums of what was read.\n",
    )


def _card(title: str, tags: list[str], facts: dict, text: str) -> str:
    head = "\n".join(f"- {tag}" for tag in tags)
    rows = "\n".join(f"| {name} | {value} |" for name, value in facts.items())
    return f"---\nlibrary_name: transformers\ntags:\n{head}\n---\n\n# {title}\n\n| | |\n|---|---|\n{rows}\n\n{text}"
