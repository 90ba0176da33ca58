"""Train a tokenizer on a corpus's training contigs and save it as a folder that AutoTokenizer loads."""

import dnalm.startup

from typing import Annotated

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.errors import InputError, UsageError
from dnalm.genome import corpus
from dnalm.logs import log
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk
from dnalm.tokens.kinds import KINDS, NAMED


def main(
    *,
    genomes: list[Input],
    out: Output,
    kind: Annotated[str, NAMED],
    vocab_size: int = 4096,
    k: int = 6,
    overlapping: bool = False,
    line: int = 0,
    max_token_length: int = 0,
    repeats: bool = True,
    memory_gb: float = 12.0,
    threads: int = 1,
) -> None:
    """Train on the training contigs only, upper-cased, between N; with --no-repeats, not on soft-masked bases.

    Held-out contigs must not shape the vocabulary, or their words are known before the model is tested on them. --line
    cuts the sequence into lines of so many bases (0: whole). --memory-gb and --threads change nothing but speed. Kinds
    that learn nothing need no --genomes.
    """
    if KINDS[kind].learns and not genomes:
        raise UsageError(f"--genomes: kind {kind} is learnt from sequence; give a genome folder or more")
    tokenizer = making.train(
        kind,
        corpus.training_sequence(genomes, repeats=repeats) if KINDS[kind].learns else (),
        bases=sum(corpus.bases(genome) for genome in genomes),
        vocab_size=vocab_size,
        k=k,
        overlapping=overlapping,
        line=line,
        max_token_length=max_token_length,
        memory=memory_gb * 1e9,
        threads=threads,
    )
    longest = max(len(word) for word in tk.token_codes(tokenizer).values())
    if KINDS[kind].learns and longest < 2:
        raise InputError(
            f"{', '.join(map(str, genomes))}: no pair of bases is left to learn from: all training contigs are N, "
            "soft-masked (--no-repeats) or held out; change the splits or the genome"
        )
    with files.whole(out) as beside:
        tokenizer.save_pretrained(beside)
    log.info(f"{kind} tokenizer with {len(tokenizer):,} tokens, longest {longest} bases")
    if KINDS[kind].learns and len(tokenizer) < vocab_size:
        log.info(f"only {len(tokenizer):,} of {vocab_size:,} tokens: the sequence holds no more pairs")


if __name__ == "__main__":
    cli.run(main)
