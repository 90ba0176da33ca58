"""Tokenise a corpus once into the flat arrays that training reads."""

import numpy as np
import pandas as pd

from dnalm import cli, corpus, files, seq, store
from dnalm import tokenizer as tk
from dnalm.cli import Input, Output
from dnalm.logs import log, progress


def main(*, genomes: list[Input], tokenizer: Input, out: Output) -> None:
    """Write tokens.bin, repeats.bin, index.tsv and summary.json: every stretch without N of every contig."""
    tok = tk.load(tokenizer)
    lengths = tk.base_lengths(tok)
    rows, offset = [], 0
    total = sum(corpus.bases(genome) for genome in genomes)
    with files.whole(out) as beside, progress("tokenising", total, "bases") as advance:
        beside.mkdir()
        with open(beside / "tokens.bin", "wb") as tokens, open(beside / "repeats.bin", "wb") as repeats:
            for name, contig, split, letters in corpus.contigs(genomes):
                codes, masked = seq.encode(letters), store.soft_masked(letters)
                for start, end in store.stretches(letters):
                    ids = tk.encode(tok, codes[start:end])
                    tokens.write(ids.tobytes())
                    repeats.write(store.token_repeats(masked[start:end], lengths[ids]).tobytes())
                    rows.append((name, contig, start, end, offset, len(ids), split))
                    offset += len(ids)
                advance(len(letters))
        index = pd.DataFrame(rows, columns=list(store.COLUMNS))
        index.to_csv(beside / "index.tsv", sep="\t", index=False)
        files.write_json(beside / "summary.json", summary(index, np.fromfile(beside / "tokens.bin", np.uint16), tok))
    log.info(f"{offset:,} tokens in {len(rows):,} stretches")


def summary(index: pd.DataFrame, tokens: np.ndarray, tok: tk.PreTrainedTokenizerFast) -> dict:
    """Tokens and bases of each split, bases per token and the share of unknown tokens."""
    index = index.assign(bases=index.end - index.start)
    splits = index.groupby("split")[["bases", "tokens"]].sum().to_dict("index")
    return {
        "bases_per_token": round(float(index.bases.sum() / max(index.tokens.sum(), 1)), 4),
        "unknown_share": float((tokens == tok.unk_token_id).mean()) if len(tokens) else 0.0,
        "tokens_used": len(np.unique(tokens)),
        "vocabulary": len(tok),
        "splits": splits,
    }


if __name__ == "__main__":
    cli.run(main)
