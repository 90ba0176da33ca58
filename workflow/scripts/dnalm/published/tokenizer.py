"""The tokenizer of a published checkpoint, with the ids it was trained with, behind our interface.

Byte pairs come as a tokenizer.json and are taken as they are. k-mers and single bases come as a list of words, or as
code (HyenaDNA); they are built anew with the published ids, so that our own encoders serve them.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from dnalm import texts
from dnalm.dna import seq
from dnalm.errors import InputError, one_line
from dnalm.published import folder as published
from dnalm.published import letters
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk

ROLES = ("pad", "unk", "cls", "sep", "mask")
SPELT = {role: (f"[{role.upper()}]", f"<{role}>") for role in ROLES}
# HyenaDNA's tokenizer is a class; its characters and special tokens are the same in every checkpoint
HYENADNA = ("[CLS]", "[SEP]", "[BOS]", "[MASK]", "[PAD]", "[RESERVED]", "[UNK]", "A", "C", "G", "T", "N")
UNUSED = "[unused{}]"  # stands for an id that no word has, as BERT spells it
GAPS = 1024  # ids without a word that a published vocabulary may have
TRIED = np.random.default_rng(0).integers(0, 4, 600).astype(np.uint8)


def read(folder: Path, config: dict[str, Any]) -> PreTrainedTokenizerFast:
    """The tokenizer of a checkpoint's folder, in upper case and with a word for each id.

    Raises InputError for one that is missing, damaged, or that is none of DNA.
    """
    folder = Path(folder)
    if config.get("model_type") == "hyenadna":
        words = making.number(list(HYENADNA))
        special = {f"{role}_token": SPELT[role][0] for role in ROLES} | {"cls_token": None}  # it begins with a base
        return making.of_words(words, "char", 1, special)
    if (path := folder / "tokenizer.json").exists():
        parts = published.read_json(path)
        backend = _backend(path, parts)
        words = _numbered(path, backend.get_vocab())
        if parts["model"].get("type", "BPE") == "BPE":
            return _of_pairs(path, parts, backend, words)
    elif (path := folder / "vocab.txt").exists():
        words = _numbered(path, _listed(path))
    else:
        raise InputError(f"{folder}: got no tokenizer, wanted tokenizer.json or vocab.txt; fetch it with the weights")
    return _of_words(folder, words)


def special_tokens(folder: Path, words: dict[str, int]) -> dict[str, str | None]:
    """Special tokens by role, as the tokenizer's files name them, or as they are usually spelt.

    Raises InputError where there is none to pad with, or none for unknown bases, which would vanish.
    """
    stated: dict[str, Any] = {}
    for name in ("special_tokens_map.json", "tokenizer_config.json"):
        stated |= published.read_json(folder / name) if (folder / name).exists() else {}
    found: dict[str, str | None] = {}
    for role in ROLES:
        value = stated.get(f"{role}_token", next((word for word in SPELT[role] if word in words), None))
        found[f"{role}_token"] = value = value.get("content") if isinstance(value, dict) else value
        if value is not None and not isinstance(value, str):
            raise InputError(f"{folder}: {role}_token: got {one_line(repr(value), 60)}, wanted a word; correct it")
    if found["sep_token"] is None and isinstance(stated.get("eos_token"), str):
        found["sep_token"] = stated["eos_token"]  # ESM's way: what ends a sequence has another name
    for role in ("pad", "unk"):
        if found[f"{role}_token"] not in words:
            raise InputError(
                f"{folder}: {role}_token: got {one_line(repr(found[f'{role}_token']), 60)}, wanted a token of the "
                "vocabulary; name it in special_tokens_map.json"
            )
    return found


def _listed(path: Path) -> dict[str, int]:
    """Ids of the words of a vocab.txt: the number of their line, from 0.

    As transformers reads it: a blank line counts, and a word that is there twice has the later id.
    """
    lines = texts.read_lines(path, "a vocabulary, one word a line")
    return {word: number for number, line in enumerate(lines) if (word := line.strip())}


def _numbered(path: Path, words: dict[str, int]) -> dict[str, int]:
    """Words with ids from 0 without a gap: an id that no word has gets one that stands for no base."""
    last, ids = max(words.values(), default=-1), set(words.values())
    if len(ids) < len(words) or last >= len(words) + GAPS:
        raise InputError(
            f"{path}: got ids up to {last:,} for {len(words):,} words, wanted one for each; fetch it again"
        )
    return words | {UNUSED.format(number): number for number in range(last) if number not in ids}


def _backend(path: Path, parts: dict[str, Any]) -> Tokenizer:
    """A tokenizer.json, less what can never be read: empty words, and the merges that would make them (GROVER)."""
    model = parts.get("model")
    if isinstance(model, dict) and isinstance(model.get("vocab"), dict) and "" in model["vocab"]:
        del model["vocab"][""]
        pairs = ((merge, merge.split(" ") if isinstance(merge, str) else merge) for merge in model.get("merges") or [])
        model["merges"] = [merge for merge, pair in pairs if all(pair)]
    if isinstance(model, dict) and model.get("dropout"):
        model["dropout"] = None  # of training: the same bases would be other tokens each time
    with _named(path):
        backend = Tokenizer.from_str(json.dumps(parts))
    backend.no_truncation()
    backend.no_padding()
    return backend


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """What the tokenizers library says of a damaged file, as InputError in one line."""
    try:
        yield
    except (InputError, KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # the library raises nothing narrower, and where it panics not even an Exception
        said = one_line(error)
        raise InputError(f"{path}: no tokenizer of the tokenizers library ({said}); fetch it again") from None


def _of_pairs(path: Path, parts: dict[str, Any], before: Tokenizer, words: dict[str, int]) -> PreTrainedTokenizerFast:
    """Byte pairs as they are, or in upper case, where they give the ids that the published ones give."""
    spelling = letters.turned(words, str(path))
    special = {role: spelling.get(word, word) for role, word in special_tokens(path.parent, words).items()}
    with _named(path):
        parts["model"]["vocab"] |= {word: number for word, number in words.items() if word == UNUSED.format(number)}
        parts = letters.respelt(parts, spelling) if spelling else parts
    backend, text = _backend(path, parts), seq.decode(TRIED)
    with _named(path):
        same = not spelling or backend.encode(text).ids == before.encode(text.lower()).ids
        tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, clean_up_tokenization_spaces=False, **special)
        frame, ids = tk.frame(tokenizer), tk.encode(tokenizer, TRIED)
        known = tokenizer.unk_token_id not in ids
        read_back = int(tk.base_lengths(tokenizer)[ids].sum()) if known else 0
    if not same:
        raise InputError(
            f"{path}: got words of DNA in lower case, which give other ids in upper case; wanted upper case, as all "
            "bases are read here: convert its normalizer, pre_tokenizer and words"
        )
    if read_back != len(TRIED):
        raise InputError(
            f"{path}: got {read_back} of {len(TRIED)} bases back from the tokens of a text of DNA, wanted all; "
            "give a tokenizer that knows A, C, G and T and adds nothing to its words"
        )
    if not {*frame[0], *frame[1]} <= set(words.values()):
        raise InputError(f"{path}: post_processor: got an id that no word has round a sequence; fetch it again")
    return tokenizer


def _of_words(folder: Path, words: dict[str, int]) -> PreTrainedTokenizerFast:
    """Single bases, or k-mers: side by side where the letters are words too, otherwise overlapping."""
    spelling = letters.turned(words, str(folder))
    turned = {spelling.get(word, word): number for word, number in words.items()}
    bases = {word for word in turned if word and set(word) <= set("ACGT")}
    k = max(map(len, bases), default=0)
    longest = sum(len(word) == k for word in bases)
    if not k or longest != 4**k:
        raise InputError(
            f"{folder}: vocabulary: got {longest} words of {k} bases, wanted all {4**k if k else 4} of them, or byte "
            "pairs in a tokenizer.json"
        )
    kind = "char" if k == 1 else "kmer" if set("ACGT") <= bases else "overlapping"
    special = {role: spelling.get(word, word) for role, word in special_tokens(folder, words).items()}
    for role in ("cls_token", "sep_token"):
        if special[role] is not None and special[role] not in turned:
            raise InputError(
                f"{folder}: {role}: got {one_line(repr(special[role]), 60)}, wanted a token of the vocabulary; correct "
                "it in special_tokens_map.json, or say null where a sequence has none"
            )
    return making.of_words(turned, kind, k, special)
