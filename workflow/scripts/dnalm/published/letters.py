"""Vocabularies in lower case (GPN, marin-dna), turned to upper case, ids kept: all else here reads A, C, G and T.

Tokenizers that lower every letter first lose nothing by it. Where a vocabulary has words of both cases, case means
something to its model (repeats, as a rule), which is not kept here.
"""

from collections.abc import Iterable
from typing import Any

from dnalm.errors import InputError


def turned(words: Iterable[str], where: str) -> dict[str, str]:
    """New spelling of each word that is to be turned, by its old one; none for a vocabulary in upper case.

    Raises InputError for DNA words of both cases. Single letters of one case beside longer words of the other are only
    the alphabet that a byte-pair trainer starts from, and stay what they are.
    """
    words = set(words)
    dna = [word for word in words if word and set(word) <= set("acgtACGT")]
    lower, upper = (sorted(word for word in dna if word == case(word)) for case in (str.lower, str.upper))
    longest = max(map(len, upper), default=0)
    if not lower or (longest > 1 and max(map(len, lower)) == 1 and len(lower) + len(upper) == len(dna)):
        return {}
    if upper or len(lower) < len(dna):
        other = next(word for word in sorted(dna) if word not in lower)
        raise InputError(
            f"{where}: vocabulary: got words of DNA in both cases, such as {lower[0]} and {other}, wanted one case; "
            "bases are read without their case here, so such a model would be given other text than it knows"
        )
    rest = {word for word in words if word and set(word) <= set("acgtn") and word.upper() not in words}
    return {word: word.upper() for word in sorted(rest)}


def respelt(parts: dict[str, Any], spelling: dict[str, str]) -> dict[str, Any]:
    """A tokenizer.json of byte pairs with its words spelt anew, less what lowers a text before they are found."""

    def anew(word: Any) -> Any:
        return spelling.get(word, word) if isinstance(word, str) else word

    model = parts["model"]
    merges = (merge.split(" ") if isinstance(merge, str) else merge for merge in model.get("merges") or [])
    model |= {
        "vocab": {anew(word): number for word, number in model["vocab"].items()},
        "merges": [[anew(part) for part in merge] for merge in merges],
        "unk_token": anew(model.get("unk_token")),
    }
    added = [token | {"content": anew(token["content"])} for token in parts.get("added_tokens") or []]
    return parts | {"model": model, "added_tokens": added, "normalizer": _case_kept(parts.get("normalizer"))}


def _case_kept(normalizer: dict[str, Any] | None) -> dict[str, Any] | None:
    """A normalizer less its steps that make lower case of upper case."""
    kind = (normalizer or {}).get("type")
    if kind == "Sequence":
        steps = [one for step in normalizer.get("normalizers", []) if (one := _case_kept(step))]
        return normalizer | {"normalizers": steps} if steps else None
    if kind == "Lowercase":
        return None
    if kind == "Replace":
        pattern, content = normalizer.get("pattern"), normalizer.get("content")
        letter = pattern.get("String") if isinstance(pattern, dict) else None
        return None if isinstance(letter, str) and letter != content == letter.lower() else normalizer
    return normalizer | {"lowercase": False} if kind == "BertNormalizer" else normalizer
