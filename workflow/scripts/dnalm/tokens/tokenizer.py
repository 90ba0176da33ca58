"""Tokenizers behind one interface: bases in, token ids out, and how many bases each token stands for.

Each is of a kind of KINDS, a `tokenizer.json` that `AutoTokenizer` loads and that gives the same ids.

Lower case is read as upper case and any other letter as N: no base vanishes. Every sequence is given to a model as
[CLS] tokens [SEP], so that a causal model has something to predict the first base from; an imported model has what it
was trained with (`frame`). Ids are looked up: special tokens may lie anywhere.
"""

import json
import os
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from transformers import PreTrainedTokenizerFast

from dnalm.dna import seq
from dnalm.errors import InputError, one_line
from dnalm.tokens import bpe_encode, bpe_tables
from dnalm.tokens.kinds import KINDS, row_name

_KEPT: WeakKeyDictionary = WeakKeyDictionary()  # what was worked out once for a tokenizer


def load(folder: Path) -> PreTrainedTokenizerFast:
    """Load a tokenizer folder; nothing is fetched and no code in it is run."""
    if not (Path(folder) / "tokenizer.json").exists():
        raise InputError(f"{folder}: holds no tokenizer.json; give a folder written by train_tokenizer or Hugging Face")
    try:
        return PreTrainedTokenizerFast.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    except Exception as error:  # the library of tokenizers raises nothing narrower
        raise InputError(f"{folder}: no whole tokenizer ({one_line(error, 200)}); make or fetch it again") from None


def kind(tokenizer: PreTrainedTokenizerFast) -> tuple[str, int]:
    """(a name in KINDS, k); a tokenizer that is not ours counts as bpe."""
    settings = tokenizer.init_kwargs
    name = row_name(settings.get("dna_kind", "bpe"), settings.get("dna_overlapping", False))
    return name, settings.get("dna_k", 1)


def words_a_base(tokenizer: PreTrainedTokenizerFast) -> int:
    """Tokens in a row that spell the same base: k where words overlap, otherwise 1."""
    name, k = kind(tokenizer)
    return k if KINDS[name].overlaps else 1


def special_ids(tokenizer: PreTrainedTokenizerFast) -> np.ndarray:
    """Ids of the tokens that stand for no base: whatever is not spelt with A, C, G, T and N, the unknown one apart."""
    kept = _KEPT.setdefault(tokenizer, {})
    if "special" not in kept:
        words = tokenizer.get_vocab().items()
        found = {number for word, number in words if not set(word) <= set(seq.LETTERS)}
        kept["special"] = np.array(sorted(found - {tokenizer.unk_token_id}), np.int64)
    return kept["special"]


def frame(tokenizer: PreTrainedTokenizerFast) -> tuple[list[int], list[int]]:
    """Ids before and after a sequence's own: [CLS] and [SEP] of ours, what its tokenizer.json says of another."""
    kept = _KEPT.setdefault(tokenizer, {})
    if "frame" not in kept:
        encode = tokenizer.backend_tokenizer.encode
        bare, framed = (encode("A", add_special_tokens=special).ids for special in (False, True))
        first = next(place for place in range(len(framed)) if framed[place : place + len(bare)] == bare)
        kept["frame"] = framed[:first], framed[first + len(bare) :]
    return kept["frame"]


def base_lengths(tokenizer: PreTrainedTokenizerFast) -> np.ndarray:
    """Bases that each token id stands for: 0 for special tokens, 1 for the unknown one. int64 [vocabulary].

    Losses divided by these are bits per base, the only unit in which two tokenizers can be compared. An overlapping
    word counts as the one base that it adds.
    """
    kept = _KEPT.setdefault(tokenizer, {})
    if "lengths" not in kept:
        lengths = np.zeros(len(tokenizer), np.int64)
        for token, number in tokenizer.get_vocab().items():
            single = number == tokenizer.unk_token_id or KINDS[kind(tokenizer)[0]].overlaps
            lengths[number] = 1 if single else len(token)
        lengths[special_ids(tokenizer)] = 0
        kept["lengths"] = lengths
    return kept["lengths"].copy()


def id_type(tokenizer: PreTrainedTokenizerFast) -> type:
    """The smallest of uint16 and uint32 that holds every id."""
    return np.uint16 if len(base_lengths(tokenizer)) <= 1 << 16 else np.uint32


def encode(tokenizer: PreTrainedTokenizerFast, codes: np.ndarray, threads: int = 1) -> np.ndarray:
    """Token ids of one stretch of bases, however long, without special tokens (uint16, or uint32 if need be)."""
    if KINDS[kind(tokenizer)[0]].learns and (lookup := _lookup(tokenizer)):
        ids = bpe_encode.encode(codes, lookup, threads)
    else:
        ids = _bodies(tokenizer, codes[None])[0][0]
    return ids.astype(id_type(tokenizer))


def tokenize(tokenizer: PreTrainedTokenizerFast, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Windows of base codes [n, W] to (ids int64 [n, L], mask bool [n, L]): framed, then padded."""
    return _frame(tokenizer, *_bodies(tokenizer, codes))


def _bodies(tokenizer: PreTrainedTokenizerFast, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Windows [n, W] each on its own: ids [n, longest] without special tokens, and how many each has, int64 [n]."""
    name, k = kind(tokenizer)
    if KINDS[name].learns:
        lookup = _lookup(tokenizer)
        return bpe_encode.encode_windows(codes, lookup, _threads()) if lookup else _by_hugging_face(tokenizer, codes)
    return KINDS[name].encode(codes, k, _word_ids(tokenizer))


def _threads() -> int:
    """Those of the job, which Snakemake says by OMP_NUM_THREADS; without it all cores that are to be had."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    return int(given) if given.isdigit() and int(given) else os.cpu_count() or 1


def _word_ids(tokenizer: PreTrainedTokenizerFast) -> np.ndarray:
    """Ids of what our encoders count from 0, int32: A, C, G, T, N, then k-mers; or k-mers, then the unknown word."""
    kept = _KEPT.setdefault(tokenizer, {})
    if "words" not in kept:
        name, k = kind(tokenizer)
        letters, words = seq.LETTERS if KINDS[name].letters else "", KINDS[name].words(k)
        known, unknown = tokenizer.get_vocab(), tokenizer.unk_token_id
        kept["words"] = np.array([*(known.get(word, unknown) for word in [*letters, *words]), unknown], np.int32)
    return kept["words"]


def _frame(tokenizer: PreTrainedTokenizerFast, body: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of `counts` tokens within what goes round a sequence, padded; ids and mask."""
    before, after = frame(tokenizer)
    width = len(before) + body.shape[1]
    ids = np.empty((len(body), width + len(after)), np.int64)
    ids[:, : len(before)], ids[:, len(before) : width] = before, body
    ends, mask = (counts + len(before)).astype(np.int32)[:, None], np.ones(ids.shape, bool)
    ragged = slice(int(ends.min(initial=width)), None)  # left of the shortest row's end there is nothing to pad
    places = np.arange(ids.shape[1], dtype=np.int32)[ragged]
    ids[:, ragged][places >= ends] = tokenizer.pad_token_id
    mask[:, ragged] = places < ends + len(after)
    for step, token in enumerate(after):
        ids[np.arange(len(ids)), ends[:, 0] + step] = token
    return ids, mask


def _by_hugging_face(tokenizer: PreTrainedTokenizerFast, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    texts = [seq.decode(window) for window in codes]
    rows = [one.ids for one in tokenizer.backend_tokenizer.encode_batch_fast(texts, add_special_tokens=False)]
    counts = np.array([len(row) for row in rows], np.int64)
    ids = np.zeros((len(rows), counts.max(initial=0)), np.int64)
    for row, place in zip(rows, ids, strict=True):
        place[: len(row)] = row
    return ids, counts


def _lookup(tokenizer: PreTrainedTokenizerFast) -> bpe_tables.Tables | None:
    """Tables of our encoder, where it gives the ids of this byte-pair tokenizer; otherwise None."""
    kept = _KEPT.setdefault(tokenizer, {})
    if "lookup" not in kept:
        parts = json.loads(tokenizer.backend_tokenizer.to_str())
        kept["lookup"] = _tables(tokenizer, parts["model"]) if _plain(parts) else None
    return kept["lookup"]


def _plain(parts: dict[str, Any]) -> bool:
    """Whether a tokenizer.json is byte-pair encoding of A, C, G, T and nothing else that changes their ids."""
    model, before = parts["model"], parts["pre_tokenizer"] or {"type": "Whitespace"}
    odd = ("dropout", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges")
    ours = before["type"] == "Split" and before["pattern"] == {"Regex": "N"}
    harmless = parts["normalizer"] is None or (parts["normalizer"]["type"] == "Sequence" and ours)
    return (
        model["type"] == "BPE"
        and harmless
        and (ours or before["type"] in ("Whitespace", "WhitespaceSplit"))
        and not any(model.get(key) for key in odd)
    )


def _tables(tokenizer: PreTrainedTokenizerFast, model: dict[str, Any]) -> bpe_tables.Tables | None:
    merges = [tuple(merge.split(" ")) if isinstance(merge, str) else tuple(merge) for merge in model["merges"]]
    if not bpe_tables.walkable(model["vocab"], merges):
        return None
    return bpe_tables.tables(model["vocab"], merges, model["vocab"].get("N", tokenizer.unk_token_id))


def offsets(tokenizer: PreTrainedTokenizerFast, ids: np.ndarray) -> np.ndarray:
    """Bases [start, end) of each token of a stretch, 0-based half-open; int64 [L, 2]. Special tokens are empty."""
    ends = np.cumsum(base_lengths(tokenizer)[ids])
    starts = np.concatenate([[0], ends[:-1]]) if len(ids) else ends
    name, k = kind(tokenizer)
    if KINDS[name].overlaps:
        ends = np.where(ends > starts, starts + k, starts)
    return np.stack([starts, ends], 1)


def decode(tokenizer: PreTrainedTokenizerFast, ids: np.ndarray) -> str:
    """The bases of a row of tokens; N where one is unknown. Special tokens are passed over."""
    ids = np.asarray(ids)
    ids = ids[base_lengths(tokenizer)[ids] > 0]
    words = tokenizer.convert_ids_to_tokens(ids.tolist())
    name, k = kind(tokenizer)
    if not KINDS[name].overlaps:
        return "".join("N" if one == tokenizer.unk_token_id else word for word, one in zip(words, ids, strict=True))
    letters = ["N"] * (len(ids) + k - 1 if len(ids) else 0)
    for place, (word, one) in enumerate(zip(words, ids, strict=True)):
        if one != tokenizer.unk_token_id:
            letters[place : place + k] = word
    return "".join(letters)


def spell(tokenizer: PreTrainedTokenizerFast, text: str) -> str:
    """What to give to a tokenizer loaded by AutoTokenizer: the text, or its overlapping k-mers with blanks between."""
    name, k = kind(tokenizer)
    return " ".join(text[at : at + k] for at in range(len(text) - k + 1)) if KINDS[name].overlaps else text


def token_codes(tokenizer: PreTrainedTokenizerFast) -> dict[int, np.ndarray]:
    """Bases of each base-bearing token, by id."""
    special = set(special_ids(tokenizer)) | {tokenizer.unk_token_id}
    return {number: seq.encode(token) for token, number in tokenizer.get_vocab().items() if number not in special}
