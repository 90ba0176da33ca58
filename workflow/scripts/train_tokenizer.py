"""Train a tokenizer on a corpus's training contigs and save it as a folder that AutoTokenizer loads."""

from typing import Literal

from dnalm import cli, corpus, files
from dnalm import tokenizer as tk
from dnalm.cli import Input, Output
from dnalm.logs import log


def main(
    *,
    genomes: list[Input],
    out: Output,
    kind: Literal["bpe", "kmer", "char"],
    vocab_size: int = 4096,
    k: int = 6,
    line: int = 1000,
) -> None:
    """Train on the training contigs only, upper-cased and without N, cut into lines of `line` bases.

    Held-out contigs must not shape the vocabulary, or their words are known before the model is tested on them.
    """
    lines = corpus.lines(genomes, line) if kind == "bpe" else []
    tokenizer = tk.train(kind, lines, vocab_size=vocab_size, k=k)
    with files.whole(out) as beside:
        tokenizer.save_pretrained(beside)
    log.info(f"{kind} tokenizer with {len(tokenizer):,} tokens, longest {tk.base_lengths(tokenizer).max()} bases")


if __name__ == "__main__":
    cli.run(main)
