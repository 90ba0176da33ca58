"""Blocks of real tokens: a token store made from pieces of a genome, and the data sets that peers read it through."""

from collections.abc import Callable, Sequence
from pathlib import Path

import inputs  # noqa: F401 - puts the library on the path
import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.utils.data import Dataset
from transformers import DataCollatorForLanguageModeling, PreTrainedTokenizerFast

from dnalm.tokens import store
from dnalm.tokens import tokenizer as tk

Collate = Callable[[list], dict[str, Tensor]]


def token_store(
    pieces: list[np.ndarray], tokenizer: PreTrainedTokenizerFast, folder: Path
) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """(tokens, repeats, index), read by memory map, of pieces without N, all for training, none soft-masked."""
    folder.mkdir(parents=True)
    ids = [tk.encode(tokenizer, piece, threads=1) for piece in pieces]
    counts = np.array([len(one) for one in ids])
    np.concatenate(ids).tofile(folder / "tokens.bin")
    np.zeros(counts.sum(), np.uint8).tofile(folder / "repeats.bin")
    rows = {"genome": "bench", "contig": [f"c{number}" for number in range(len(pieces))], "start": 0}
    rows |= {"end": [len(piece) for piece in pieces], "offset": np.cumsum(counts) - counts, "tokens": counts}
    pd.DataFrame(rows).assign(split="train").to_csv(folder / "index.tsv", sep="\t", index=False)
    return store.open_store(folder)


class Packed(Dataset):
    """[CLS] `length` tokens [SEP], cut side by side from every stretch of a token store's index.

    The mask of special tokens comes along, as Hugging Face advises: the collator is slower without.
    """

    def __init__(self, ids: np.ndarray, index: pd.DataFrame, length: int, tokenizer: PreTrainedTokenizerFast) -> None:
        stretches = zip(index.offset, index.tokens, strict=True)
        self.starts = np.concatenate([offset + length * np.arange(tokens // length) for offset, tokens in stretches])
        self.ids, self.length = ids, length
        self.ends = tokenizer.cls_token_id, tokenizer.sep_token_id
        self.special = torch.zeros(length + 2, dtype=torch.long)
        self.special[0] = self.special[-1] = 1

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, number: int) -> dict[str, Tensor]:
        row = torch.empty(self.length + 2, dtype=torch.long)
        row[0], row[-1] = self.ends
        start = self.starts[number]
        row[1:-1] = torch.from_numpy(self.ids[start : start + self.length].astype(np.int64))
        return {"input_ids": row, "special_tokens_mask": self.special}


class Given(Dataset):
    """Batches made beforehand: an item is a whole batch, for a batch size of one, an order kept and `as_given`."""

    def __init__(self, batches: Sequence[dict[str, np.ndarray]]) -> None:
        self.batches = batches

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, number: int) -> dict[str, Tensor]:
        batch = self.batches[number]
        return {"input_ids": torch.from_numpy(batch["ids"]), "labels": torch.from_numpy(batch["labels"])}


def as_given(items: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The collator of `Given`: nothing is left to do."""
    return items[0]


def collator(tokenizer: PreTrainedTokenizerFast, objective: str, rate: float, **options: float) -> Collate:
    """Hugging Face's collator for the masked or the causal objective."""
    return DataCollatorForLanguageModeling(tokenizer, mlm=objective == "mlm", mlm_probability=rate, **options)
