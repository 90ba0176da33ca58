"""How large things are, as far as it can be known while the graph is built: bases, rows, weights. Light imports only.

What a preset states is known from the start, the rest from files. Where such a file is still to be made, the error is
FileNotFoundError: Snakemake says <TBD> and asks again when the job can run.
"""

import gzip
import json
import os
import zlib
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

import origins
from dnalm.containers import is_gzip
from paths import DOWNLOADED, GENOME, within
from presets import preset, value

PACKED = 3.3  # bases a byte of a genome's file, where it is compressed
CHROMOSOME = 250.0  # Mb; no contig is taken to be longer before the index says so
LINE = 50  # bytes of a line, where nothing better is known
LOOK = 1 << 20  # letters of a table that are read to tell how many rows the whole has
TOWER = {"hidden_size": 128, "stem_size": 48, "num_hidden_layers": 2}  # of enformer_lite, where a preset says nothing
CONVOLVED, UNGATED = ("dilated_conv",), ("bert", "esm", "roberta", "gpt2", "dnabert", "hyena")


class Network(NamedTuple):
    """Weights of a network, those that one token meets in its layers, and the numbers that a layer hands on a token.

    `routed`: each token goes to some of many experts.
    """

    weights: float
    active: float
    width: float
    layers: float
    routed: bool = False


def scanned(target: str, genome: str) -> list[str] | None:
    """What of a genome a target's models scan: contigs or regions of them, or None for all.

    A list is of the target's own genome, and of personal ones made from it, whose contigs have the same names; another
    one is scanned whole, unless the target says of it what.
    """
    chosen, own = preset("targets", target).get("scan", {}).get("contigs"), preset("targets", target).get("genome")
    if isinstance(chosen, dict):
        return chosen.get(genome)
    return chosen if own is not None and own in (genome, preset("genomes", genome).get("reference")) else None


def contigs(genome: str) -> dict[str, float]:
    """Mb of each contig of an indexed genome; FileNotFoundError where it is not indexed yet."""
    index = Path(within(GENOME, "genome.fa.gz.fai").format(genome=genome))
    return {name: int(size) / 1e6 for name, size, *_ in map(str.split, index.read_text(encoding="utf-8").splitlines())}


def genome(name: str) -> float:
    """Mb of a genome, N included: simulated, indexed, stated, or judged by the size of its file."""
    values = preset("genomes", name)
    if values["source"] == "simulate":
        return value("genomes", name, "size") / 1e6
    try:
        return sum(contigs(name).values())
    except FileNotFoundError:
        if "reference" in values:
            return genome(values["reference"])
        if "bases" in values:
            return values["bases"] / 1e6
        if "bytes" in values:
            return values["bytes"] / 1e6 * PACKED
        return fasta(values.get("path") or within(DOWNLOADED, "genome").format(genome=name))


def fasta(path: str) -> float:
    """Mb of a genome's file, judged by its size; a plain one begins with a letter or a mark, all others are packed."""
    with open(path, "rb") as file:
        return os.path.getsize(path) / 1e6 * (1.0 if file.read(1) in (b">", b";", b"\n") else PACKED)


def longest(name: str) -> float:
    """Mb of a genome's longest contig."""
    try:
        return max(contigs(name).values())
    except FileNotFoundError:
        return min(genome(name), CHROMOSOME)


def known(name: str) -> float:
    """Share of a genome that is no N: as its index has counted, or all of it."""
    try:
        about = json.loads(Path(within(GENOME, "genome.json").format(genome=name)).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return 1.0
    return 1 - about["n_bases"] / max(about["bases"], 1)


def rows(path: str) -> float:
    """Lines of a table, packed or not: counted if it is small, else judged by its first megabyte."""
    with open(path, "rb") as file:
        packed = is_gzip(file.read(2))
        file.seek(0)
        with gzip.GzipFile(fileobj=file) if packed else nullcontext(file) as text:
            try:
                start = text.read(LOOK)
            except (EOFError, OSError, zlib.error):  # a damaged file, which its reader will name
                return os.path.getsize(path) / LINE
            lines = start.count(b"\n") - start.count(b"\n#")
            return lines if len(start) < LOOK else lines * os.path.getsize(path) / file.tell()


def window(target: str) -> int:
    """Bases of a target's window; where it has tracks and does not say, as many as bin_coverage.py takes."""
    values = preset("targets", target)
    return values.get("window", 16_384) if "tracks" in values else value("targets", target, "window")


def files(paths: Iterable[str]) -> float:
    """MB of some files."""
    return sum(map(os.path.getsize, paths)) / 1e6


def folder(path: str) -> float:
    """MB of the files beside one that is there, and of itself."""
    os.stat(path)
    return files(str(one) for one in Path(path).parent.iterdir() if one.is_file())


def vocabulary(tokenizer: str) -> int:
    """Tokens of a tokenizer's preset, the special ones among them, to within a few."""
    values = preset("tokenizers", tokenizer)
    row = origins.tokenizer_row(values)
    if row["learns"]:
        return value("tokenizers", tokenizer, "vocab_size")
    return 4 ** value("tokenizers", tokenizer, "k") + 10 if row["sized"] else 10


def bases_a_token(tokenizer: str) -> float:
    """Bases that a token stands for on average: of 600 merges it is four, of 4,096 five."""
    if tokenizer == origins.OWN:
        return 1.0  # known when it is there; one base is the most tokens that it can be
    values = preset("tokenizers", tokenizer)
    row = origins.tokenizer_row(values)
    if row["learns"]:
        return max(1.0, vocabulary(tokenizer) ** 0.2)
    return value("tokenizers", tokenizer, "k") if row["sized"] and not row["overlaps"] else 1.0


def network(model: str, tokenizer: str, inputs: Iterable[str] = ()) -> Network:
    """A model's sizes by its preset; by its file of weights among the inputs where it is imported."""
    values = preset("models", model)
    if "import" in values:
        return published(files(path for path in inputs if path.endswith("model.safetensors")) / 4 * 1e6)
    return designed(values["architecture"], values["config"], vocabulary(tokenizer))


def published(weights: float) -> Network:
    """A network of which nothing is known but its weights, taken for a transformer of twelve layers."""
    return Network(weights, weights, (weights / 12 / 12) ** 0.5, 12)


def designed(architecture: str, config: dict, tokens: int) -> Network:
    """A network by its configuration; one of an unknown kind is taken for a transformer with gates."""
    if architecture == "enformer_lite":
        return tower(config, tokens)
    width = config.get("hidden_size") or config.get("n_embd") or config.get("d_model") or 768
    layers = config.get("num_hidden_layers") or config.get("n_layer") or 12
    inner = config.get("intermediate_size") or 4 * width
    experts, speak = config.get("num_local_experts", 1), config.get("num_experts_per_tok", 1)
    mix, think = 4 * width**2, (2 if architecture in UNGATED else 3) * width * inner
    if architecture in CONVOLVED:
        mix = config.get("kernel_size", 9) * width**2
        think = width**2 * (1 if config.get("layout") == "gpn" else 2 * config.get("expansion", 2))
    table = tokens * width * (1 if architecture in UNGATED or config.get("tie_word_embeddings") else 2)
    weights, active = layers * (mix + think * experts) + table, layers * (mix + think * speak)
    return Network(weights, active, width, layers, experts > 1)


def tower(config: dict, tokens: int) -> Network:
    """Convolutions that halve the sequence, then attention among its bins: most of the work is done on single bases."""
    width, stem, layers = (config.get(key, usual) for key, usual in TOWER.items())
    place = 15 * tokens * stem
    stages = [7 * stem * width, 7 * width**2]
    each = 8 * width**2
    return Network(place + 2 * sum(stages) + layers * each, place + sum(stages) / 4 + layers * each / 128, stem, 3)
