"""Where everything lies: the folders of the path grammar, the files in them, and the logs and timings beside them."""

import os
import re
from collections.abc import Iterable

GENOME = "resources/genomes/{genome}"
SIMULATED = f"{GENOME}/simulated"
DOWNLOADED = f"{GENOME}/download"
CONSENSUS = f"{GENOME}/consensus"
FETCHED = "resources/models/{model}"
TARGET = "results/targets/{target}"
BASELINES = f"{TARGET}/baselines"
COVERAGE = "results/tracks/{target}"
CONVERTED = "results/variants"
TOKENISED = "results/{corpus}/{tokenizer}"
TOKENIZER = f"{TOKENISED}/tokenizer"
TOKENS = f"{TOKENISED}/tokens"
MODEL = f"{TOKENISED}/{{model}}"
PRETRAINED = f"{MODEL}/pretrained"
IMPORTED = "results/published/own/{model}/pretrained"
FINETUNED = f"{MODEL}/finetuned/{{target}}/{{recipe}}/seed{{seed}}"
TRACKED = f"{MODEL}/tracks/{{target}}/{{recipe}}/seed{{seed}}"
STAGE = f"{MODEL}/{{stage}}"
GENERATED = f"{MODEL}/generated/{{design}}"
OPTIMISED = f"{FINETUNED}/optimised/{{design}}"
VOCABULARY = "results/{corpus}/vocabulary/{vocabulary}"
NEXT_BASES = f"{MODEL}/next_bases/{{vocabulary}}"

SIMULATED_FILES = ("genome.fa", "sites.tsv", "ctcf.narrowPeak", "blacklist.bed", "genes.bed", "variants.vcf")
SIMULATED_FILES += ("coverage.bw", "rate.bw", "truth.json")
CONSENSUS_FILES = ("genome.fa.gz", "to_reference.chain", "applied.tsv.gz", "consensus.json")
GENOME_FILES = ("genome.fa.gz", "genome.fa.gz.fai", "genome.fa.gz.gzi", "chrom.sizes", "softmask.bed.gz", "genome.json")
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json")
TOKENS_FILES = ("tokens.bin", "repeats.bin", "index.tsv", "counts.tsv", "summary.json")
BASELINE_FILES = ("predictions.tsv.gz", "fitted.npz", "metrics.json")
OPTIMISED_FILES = ("trajectory.tsv", "pareto.tsv", "sequences.fa", "summary.json")
COVERAGE_FILES = ("windows.tsv.gz", "values.npz", "coverage.json")
PROMPT_FILES = ("prompts.npz", "baselines.json")
MODEL_FILES = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "README.md")


def within(folder: str, names: str | tuple[str, ...]) -> str | list[str]:
    """A file, or several, in a folder of the path grammar."""
    return f"{folder}/{names}" if isinstance(names, str) else [f"{folder}/{name}" for name in names]


def seeds_of(seed: str) -> list[str]:
    """The seeds that a path's {seed} stands for: one model's own, or those of an ensemble's members (0-1-2)."""
    return seed.split("-")


def folder(path: str) -> str:
    """The folder that a file lies in."""
    return os.path.dirname(path)


def folders(paths: Iterable[str]) -> list[str]:
    """The folders that files lie in, each once, in order."""
    return list(dict.fromkeys(map(folder, paths)))


def logs(folder: str, name: str) -> str:
    """The log of a job, at its result's own path under logs/."""
    return f"logs/{folder}/{name}.log"


def benchmarks(folder: str, name: str) -> str:
    """Time and memory of a job, at its result's own path under benchmarks/."""
    return f"benchmarks/{folder}/{name}.tsv"


def checkpoints(folder: str) -> str:
    """Where a training keeps what it resumes from: undeclared, since Snakemake deletes outputs, and safe to delete."""
    return re.sub(r"(^|/)results/", r"\1checkpoints/", folder, count=1)
