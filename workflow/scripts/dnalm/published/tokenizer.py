"""The tokenizer of a published checkpoint, with the ids it was trained with, behind our interface.

Byte pairs come as a tokenizer.json and are taken as they are. k-mers and single bases come as a list of words, or as
code (HyenaDNA); they are built anew with the published ids, so that our own encoders serve them.
"""

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from dnalm.errors import InputError
from dnalm.published import folder as published
from dnalm.tokens import making

ROLES = ("pad", "unk", "cls", "sep", "mask")
SPELT = {role: (f"[{role.upper()}]", f"<{role}>") for role in ROLES}
# HyenaDNA's tokenizer is a class; its characters and special tokens are the same in every checkpoint
HYENADNA = ("[CLS]", "[SEP]", "[BOS]", "[MASK]", "[PAD]", "[RESERVED]", "[UNK]", "A", "C", "G", "T", "N")


def read(folder: Path, config: dict[str, Any]) -> PreTrainedTokenizerFast:
    """The tokenizer of a checkpoint's folder. Raises InputError for one that is missing or that is none of DNA."""
    folder = Path(folder)
    if config.get("model_type") == "hyenadna":
        words = making.number(list(HYENADNA))
        special = {f"{role}_token": SPELT[role][0] for role in ROLES} | {"cls_token": None}  # it begins with a base
        return making.of_words(words, "char", 1, special)
    if (folder / "tokenizer.json").exists():
        backend = _backend(folder / "tokenizer.json")
        words = backend.get_vocab()
        if json.loads(backend.to_str())["model"]["type"] == "BPE":
            special = special_tokens(folder, words)
            return PreTrainedTokenizerFast(tokenizer_object=backend, clean_up_tokenization_spaces=False, **special)
    elif (folder / "vocab.txt").exists():
        words = making.number((folder / "vocab.txt").read_text("utf-8").split())
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
        found[f"{role}_token"] = value["content"] if isinstance(value, dict) else value
    if found["sep_token"] is None and isinstance(stated.get("eos_token"), str):
        found["sep_token"] = stated["eos_token"]  # ESM's way: what ends a sequence has another name
    for role in ("pad", "unk"):
        if found[f"{role}_token"] not in words:
            raise InputError(
                f"{folder}: {role}_token: got {found[f'{role}_token']!r}, wanted a token of the vocabulary; name it in "
                "special_tokens_map.json"
            )
    return found


def _backend(path: Path) -> Tokenizer:
    """A tokenizer.json, less what can never be read: empty words, and the merges that would make them (GROVER)."""
    parts = published.read_json(path)
    model = parts.get("model")
    if isinstance(model, dict) and "" in (model.get("vocab") or ()) and model.get("type") == "BPE":
        del model["vocab"][""]
        pairs = ((merge, merge.split(" ") if isinstance(merge, str) else merge) for merge in model.get("merges", []))
        model["merges"] = [merge for merge, pair in pairs if all(pair)]
    try:
        backend = Tokenizer.from_str(json.dumps(parts))
    except Exception as error:  # the library raises nothing narrower
        raise InputError(f"{path}: no tokenizer of the tokenizers library ({error}); fetch it again") from None
    backend.no_truncation()
    backend.no_padding()
    return backend


def _of_words(folder: Path, words: dict[str, int]) -> PreTrainedTokenizerFast:
    """Single bases, or k-mers: side by side where the letters are words too, otherwise overlapping."""
    bases = {word for word in words if word and set(word) <= set("ACGT")}
    k = max(map(len, bases), default=0)
    longest = sum(len(word) == k for word in bases)
    if not k or longest != 4**k:
        raise InputError(
            f"{folder}: vocabulary: got {longest} words of {k} bases, wanted all {4**k if k else 4} of them, or byte "
            "pairs in a tokenizer.json"
        )
    kind = "char" if k == 1 else "kmer" if set("ACGT") <= bases else "overlapping"
    return making.of_words(words, kind, k, special_tokens(folder, words))
