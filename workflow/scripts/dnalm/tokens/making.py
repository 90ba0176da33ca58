"""Tokenizers made: each a Hugging Face tokenizer whose `tokenizer.json` gives the ids that our own encoders give.

Ids: five special tokens, the letters A, C, G, T, N where a kind has them, then words.
"""

from collections.abc import Iterable

import numpy as np
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from dnalm.dna import seq
from dnalm.errors import UsageError
from dnalm.tokens import bpe
from dnalm.tokens.kinds import KINDS, row_name

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
OURS = {
    "pad_token": "[PAD]",
    "unk_token": "[UNK]",
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "mask_token": "[MASK]",
    "bos_token": "[CLS]",
    "eos_token": "[SEP]",
}


def train(
    kind: str,
    stretches: Iterable[np.ndarray] = (),
    *,
    vocab_size: int = 4096,
    k: int = 6,
    overlapping: bool = False,
    bases: int | None = None,
    line: int = 0,
    max_token_length: int = 0,
    memory: float = 12e9,
    threads: int = 1,
) -> PreTrainedTokenizerFast:
    """Make a tokenizer of a kind of KINDS; one that learns looks at `stretches` (codes, 4 for what is left out).

    `vocab_size` counts the special tokens and the letters. `bases` is the stretches' total, where known. `line`,
    `max_token_length`, `memory` and `threads` are those of `bpe.train`: cut into lines of that many bases (0: whole).
    """
    name = row_name(kind, overlapping)
    if overlapping and not KINDS[name].overlaps:
        raise UsageError(f"--overlapping: got it with kind {kind}; only k-mers overlap, drop it or say kind kmer")
    row = KINDS[name]
    first = [*SPECIAL, *(seq.LETTERS if row.letters else "")]
    if row.learns:
        stretches = list(stretches) if bases is None else stretches
        array = bpe.join_stretches(stretches, sum(map(len, stretches)) if bases is None else bases, line)
        size = vocab_size - len(first) + len("ACGT")
        merges = bpe.train(array, size, max_token_length=max_token_length, memory=memory, threads=threads)
        vocabulary = number([*first, *(left + right for left, right in merges)])
        backend = Tokenizer(models.BPE(vocabulary, merges, unk_token="[UNK]"))
        backend.pre_tokenizer = pre_tokenizers.Split(Regex("N"), "isolated")
        return wrap(bases_only(backend, spaced=False), name, 1)
    return of_words(number([*first, *row.words(k)]), name, k if row.sized else 1)


def of_words(vocabulary: dict[str, int], name: str, k: int, special: dict[str, str] = OURS) -> PreTrainedTokenizerFast:
    """A tokenizer that looks words up, of a kind of KINDS; ids as in `vocabulary`."""
    split = KINDS[name].split
    backend = Tokenizer(models.WordLevel(vocabulary, unk_token=special["unk_token"]))
    backend.pre_tokenizer = (
        pre_tokenizers.Split(Regex(split.format(k=k)), "isolated") if split else pre_tokenizers.WhitespaceSplit()
    )
    return wrap(bases_only(backend, spaced=not split), name, k, special)


def bases_only(backend: Tokenizer, spaced: bool) -> Tokenizer:
    """Lower case is read as upper case and any other letter as N, before anything else; blanks between words stay."""
    upper = [normalizers.Replace(letter.lower(), letter) for letter in "ACGT"]
    others = "[^ACGT ]" if spaced else "[^ACGT]"
    backend.normalizer = normalizers.Sequence([*upper, normalizers.Replace(Regex(others), "N")])
    if not spaced:
        backend.decoder = decoders.Fuse()
    return backend


def number(tokens: list[str]) -> dict[str, int]:
    """Ids in the order given."""
    return {token: place for place, token in enumerate(tokens)}


def wrap(backend: Tokenizer, name: str, k: int, special: dict[str, str] = OURS) -> PreTrainedTokenizerFast:
    """With special tokens round a sequence, and what our own encoders must know in tokenizer_config.json.

    `special` are special tokens by the role that transformers knows them by; a sequence begins with its cls_token and
    ends with its sep_token, where it has them.
    """
    first, last = special.get("cls_token"), special.get("sep_token")
    around = [token for token in (first, last) if token]
    backend.post_processor = processors.TemplateProcessing(
        single=" ".join(part for part in (first, "$A", last) if part),
        special_tokens=[(token, backend.token_to_id(token)) for token in around],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        **special,
        clean_up_tokenization_spaces=False,
        dna_kind=KINDS[name].of or name,
        dna_k=k,
        dna_overlapping=KINDS[name].overlaps,
    )
