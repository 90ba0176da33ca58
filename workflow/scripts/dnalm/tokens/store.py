"""The token store: a corpus tokenised once, written as flat arrays, read by memory map.

A folder with tokens.bin (uint16, one a token; uint32 for more than 65,536 ids), repeats.bin (uint8, 1 where most of the
token is soft-masked) and index.tsv: one row per stretch without N, with genome, contig, start, end (bases, 0-based
half-open), offset and tokens (its place in the arrays) and split. Rows, not files, per contig: an assembly may have a
million. counts.tsv and summary.json say what the tokens are like.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from transformers import PreTrainedTokenizerFast

from dnalm.dna import seq
from dnalm.tokens import tokenizer as tk

COLUMNS = ("genome", "contig", "start", "end", "offset", "tokens", "split")


def token_repeats(masked: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """1 for each token of which at least half the bases are soft-masked (uint8, one a token)."""
    if not len(lengths):
        return np.empty(0, np.uint8)
    ends = np.cumsum(lengths)
    inside = np.add.reduceat(masked[: ends[-1]], ends - lengths, dtype=np.int64)
    return (2 * inside >= lengths).astype(np.uint8)


def open_store(folder: Path) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """(tokens uint16 or uint32 memmap, repeats uint8 memmap, index) of a store folder."""
    folder = Path(folder)
    repeats = np.memmap(folder / "repeats.bin", np.uint8, "r")  # one byte a token
    wide = (folder / "tokens.bin").stat().st_size == 4 * len(repeats)
    tokens = np.memmap(folder / "tokens.bin", np.uint32 if wide else np.uint16, "r")
    return tokens, repeats, pd.read_csv(folder / "index.tsv", sep="\t", dtype={"genome": str, "contig": str})


def count_table(tokenizer: PreTrainedTokenizerFast, counts: np.ndarray) -> pd.DataFrame:
    """How often each token occurs, with its bases and their GC content: a row an id."""
    words = tk.token_codes(tokenizer)
    gc = [float(seq.gc_content(words[one])) if one in words else np.nan for one in range(len(counts))]
    tokens = tokenizer.convert_ids_to_tokens(range(len(counts)))
    lengths = [len(words.get(one, ())) for one in range(len(counts))]
    return pd.DataFrame({"id": range(len(counts)), "token": tokens, "count": counts, "bases": lengths, "gc": gc})


def summary(index: pd.DataFrame, counts: np.ndarray, tokenizer: PreTrainedTokenizerFast) -> dict:
    """Tokens and bases of each split, bases per token, share of unknown tokens, and their entropy.

    `entropy_bits_per_base` is what a model pays that knows the tokens' frequencies and nothing else.
    """
    splits = index.assign(bases=index.end - index.start).groupby("split")[["bases", "tokens"]].sum()
    bases, tokens = int((index.end - index.start).sum()), int(counts.sum())
    share = counts[counts > 0] / max(tokens, 1)
    entropy = float(-(share * np.log2(share)).sum())
    return {
        "bases": bases,
        "tokens": tokens,
        "bases_per_token": round(bases / max(tokens, 1), 4),
        "unknown_share": float(counts[tokenizer.unk_token_id] / max(tokens, 1)),
        "tokens_used": int((counts > 0).sum()),
        "vocabulary": len(counts),
        "entropy_bits_per_token": round(entropy, 4),
        "entropy_bits_per_base": round(entropy * tokens / max(bases, 1), 4),
        "token_bits": 8 * np.dtype(tk.id_type(tokenizer)).itemsize,
        "splits": splits.to_dict("index"),
    }
