"""Write what a language model expects along a genome, base by base, as bigWigs: a constraint track without labels."""

import dnalm.startup

import tempfile
from functools import partial

import numpy as np

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.dna import bigwig, intervals
from dnalm.errors import InputError, UsageError
from dnalm.genome import fasta as genome_fasta
from dnalm.logs import log, progress
from dnalm.networks import bases, models, positions
from dnalm.scan import constraint
from dnalm.tokens import tokenizer as tk

WINDOW = 512  # bases, where the model takes as many


def main(
    *,
    genome: Input,
    model: Input,
    out_log_probability: Output,
    out_entropy: Output,
    out_llr: Output,
    window: int | None = None,
    margin: int | None = None,
    passes: int = bases.PASSES,
) -> None:
    """Three values a base, both strands: log p of the base, entropy, mean log-likelihood ratio of the three others.

    A window is 512 bases, or as many as the model takes, and speaks for its middle: --margin bases at either end, an
    eighth of it, only give context. A masked model reads each window --passes times, with other tokens hidden each
    time. Contigs shorter than two margins have no value, nor has N.
    """
    network, tokenizer, objective = models.load(model, "lm"), tk.load(model), models.read_objective(model)
    if objective == "clm" and tk.words_a_base(tokenizer) > 1:
        raise UsageError(f"{model}: a causal model of overlapping words has seen each base in the word before it")
    most = positions.longest(network)
    window = window or min(WINDOW, WINDOW if most is None else most - 2)
    margin = window // 8 if margin is None else margin
    if not 0 <= 2 * margin < window or passes < 2:
        raise UsageError(
            f"--window {window} --margin {margin} --passes {passes}: wanted two margins shorter than the window, and "
            "two passes or more"
        )
    sizes = intervals.read_sizes(genome / "chrom.sizes")
    long = [name for name, size in sizes.items() if size >= max(2 * margin, 1)]
    if not long:
        raise InputError(f"{genome}: no contig has {2 * margin} bases, two margins; give a smaller --margin")
    log.info(
        f"{len(long):,} contigs; {len(sizes) - len(long):,} shorter than {2 * margin} bases are left without a value"
    )
    outputs = {"log_probability": out_log_probability, "entropy": out_entropy, "llr": out_llr}
    said = partial(bases.log_chances, network, tokenizer, objective=objective, passes=passes)
    files.need_room(out_entropy, 3 * 4 * sum(sizes.values()))
    beside = tempfile.TemporaryDirectory(dir=out_entropy.parent, prefix=".")
    with beside as folder, genome_fasta.open_genome(genome) as fasta:
        tracks = {
            name: {contig: kept(f"{folder}/{name}.{number}.npy", sizes[contig]) for number, contig in enumerate(long)}
            for name in outputs
        }
        total = sum(len(constraint.tiles(sizes[contig], window, margin)) for contig in long)
        with progress("constraint", total, "windows") as advance:
            for contig in long:
                codes = genome_fasta.codes(fasta, contig, 0, sizes[contig])
                out = {name: tracks[name][contig] for name in tracks}
                for number in constraint.along(codes, said, window, margin, out):
                    advance(number)
        for name, path in outputs.items():
            bigwig.write(path, sizes, tracks[name], 1)
            log.info(f"{path}: {constraint.TRACKS[name].meaning}")


def kept(path: str, length: int) -> np.ndarray:
    """An array [length] of NaN; a long one lies on disk, for three of a chromosome do not fit in a laptop."""
    if length < 1_000_000:
        return np.full(length, np.nan, np.float32)
    values = np.lib.format.open_memmap(path, "w+", np.float32, (length,))
    values[:] = np.nan
    return values


if __name__ == "__main__":
    cli.run(main)
