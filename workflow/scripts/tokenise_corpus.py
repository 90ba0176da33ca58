"""Tokenise a corpus once into the flat arrays that training reads."""

import dnalm.startup

import numpy as np
import pandas as pd

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.genome import corpus
from dnalm.logs import log, progress
from dnalm.tokens import store
from dnalm.tokens import tokenizer as tk


def main(
    *,
    genomes: list[Input],
    tokenizer: Input,
    out: Output,
    shortest: int = 100,
    threads: int = 1,
    held_out: list[str] = [],  # noqa: B006 - read, never written
) -> None:
    """Write tokens.bin, repeats.bin, index.tsv, counts.tsv and summary.json: every stretch without N of every contig.

    Of the genomes named by --held-out no contig is for training. Stretches of fewer than --shortest bases are left
    out, and counted.
    """
    tok = tk.load(tokenizer)
    lengths, counts = tk.base_lengths(tok), np.zeros(len(tk.base_lengths(tok)), np.int64)
    rows, offset, lost = [], 0, {"n": 0, "short": 0}
    total = sum(corpus.bases(genome) for genome in genomes)
    with files.whole(out) as beside, progress("tokenising", total, "bases") as advance:
        beside.mkdir()
        with open(beside / "tokens.bin", "wb") as tokens, open(beside / "repeats.bin", "wb") as repeats:
            for name, contig, split, letters in corpus.contigs(genomes, held_out):
                codes, masked = seq.encode(letters), seq.soft_masked(letters)
                known = kept = 0
                for start, end in seq.stretches(codes):
                    known += end - start
                    if end - start < shortest:
                        continue
                    ids = tk.encode(tok, codes[start:end], threads)
                    tokens.write(ids.tobytes())
                    repeats.write(store.token_repeats(masked[start:end], lengths[ids]).tobytes())
                    counts += np.bincount(ids, minlength=len(counts))
                    rows.append((name, contig, start, end, offset, len(ids), split))
                    offset += len(ids)
                    kept += end - start
                here = len(letters) - letters.count(b".")  # the rest is another split's
                lost["n"] += here - known
                lost["short"] += known - kept
                advance(here)
        if not offset:
            raise InputError(
                f"{', '.join(map(str, genomes))}: no base is left to tokenise: {lost['n']:,} are N, {lost['short']:,} "
                f"lie in stretches of fewer than {shortest} bases (--shortest); give another genome"
            )
        index = pd.DataFrame(rows, columns=list(store.COLUMNS))
        index.to_csv(beside / "index.tsv", sep="\t", index=False)
        store.count_table(tok, counts).to_csv(beside / "counts.tsv", sep="\t", index=False)
        files.write_json(beside / "summary.json", store.summary(index, counts, tok) | {"left_out_bases": lost})
    log.info(f"{offset:,} tokens in {len(rows):,} stretches; left out {lost['n']:,} N, {lost['short']:,} in short ones")


if __name__ == "__main__":
    cli.run(main)
