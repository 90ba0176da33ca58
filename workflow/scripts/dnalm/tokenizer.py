"""Tokenizers behind one interface: bases in, token ids out, and how many bases each token stands for.

Three kinds, each a `tokenizer.json` that `AutoTokenizer` loads and that gives the same ids:

char  one token a base (HyenaDNA, GPN): a variant changes one token, so this is the default for variant effects
kmer  non-overlapping k-mers; N and remainders as single letters (Nucleotide Transformer)
bpe   byte-pair encoding: frequent words of the genome become tokens (GROVER, DNABERT-2, Mistral-DNA)

Lower case is read as upper case and any other letter as N: no base vanishes. Every sequence is given to a model as
[CLS] tokens [SEP], so that a causal model has something to predict the first base from.
"""

from collections.abc import Iterable
from itertools import product
from pathlib import Path

import numpy as np
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from dnalm import seq
from dnalm.errors import InputError

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def train(kind: str, lines: Iterable[str], *, vocab_size: int, k: int) -> PreTrainedTokenizerFast:
    """Make a tokenizer of the given kind; only `bpe` looks at the lines (A, C, G, T only, upper case).

    `vocab_size` counts the five special tokens and the five letters; ties between equally frequent pairs go to the
    pair with the smaller ids, as Hugging Face's trainer has it.
    """
    letters = list(seq.LETTERS)
    if kind == "bpe":
        backend = Tokenizer(models.BPE(unk_token="[UNK]"))
        trainer = trainers.BpeTrainer(
            vocab_size=vocab_size, special_tokens=list(SPECIAL), initial_alphabet=letters, show_progress=False
        )
        backend.train_from_iterator(lines, trainer)
        backend.pre_tokenizer = pre_tokenizers.Split(Regex("N"), "isolated")
    else:
        words = ["".join(word) for word in product("ACGT", repeat=k)] if kind == "kmer" else []
        vocabulary = {token: number for number, token in enumerate([*SPECIAL, *letters, *words])}
        backend = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
        pattern = f"[ACGT]{{{k}}}|." if kind == "kmer" else "."
        backend.pre_tokenizer = pre_tokenizers.Split(Regex(pattern), "isolated")
    upper = [normalizers.Replace(letter.lower(), letter) for letter in "ACGT"]
    backend.normalizer = normalizers.Sequence([*upper, normalizers.Replace(Regex("[^ACGT]"), "N")])
    backend.decoder = decoders.Fuse()
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        bos_token="[CLS]",
        eos_token="[SEP]",
        clean_up_tokenization_spaces=False,
        dna_kind=kind,
        dna_k=k if kind == "kmer" else 1,
    )


def load(folder: Path) -> PreTrainedTokenizerFast:
    """Load a tokenizer folder; nothing is fetched and no code in it is run."""
    if not (Path(folder) / "tokenizer.json").exists():
        raise InputError(f"{folder}: holds no tokenizer.json; give a folder written by train_tokenizer or Hugging Face")
    return AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)


def special_ids(tokenizer: PreTrainedTokenizerFast) -> np.ndarray:
    """Ids of the tokens that stand for no base."""
    return np.array(sorted(set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}))


def base_lengths(tokenizer: PreTrainedTokenizerFast) -> np.ndarray:
    """Bases that each token id stands for: 0 for special tokens, 1 for the unknown one. int64 [vocabulary].

    Losses divided by these are bits per base, the only unit in which two tokenizers can be compared.
    """
    lengths = np.zeros(len(tokenizer), np.int64)
    for token, number in tokenizer.get_vocab().items():
        lengths[number] = 1 if number == tokenizer.unk_token_id else len(token)
    lengths[special_ids(tokenizer)] = 0
    return lengths


def encode(tokenizer: PreTrainedTokenizerFast, codes: np.ndarray, line: int = 10_000) -> np.ndarray:
    """Token ids of one long stretch of bases, without special tokens (uint16).

    BPE is applied to lines of `line` bases: a whole chromosome as one word costs quadratic time and the cut costs one
    token boundary in ten thousand bases.
    """
    kind = tokenizer.init_kwargs.get("dna_kind")
    if kind == "char":
        return (codes + np.uint8(len(SPECIAL))).astype(np.uint16)
    lines = [codes[start : start + line] for start in range(0, len(codes), line)]
    if kind == "kmer":
        lines = [codes]
    texts = [seq.decode(part) for part in lines]
    encoded = tokenizer.backend_tokenizer.encode_batch_fast(texts, add_special_tokens=False)
    return np.concatenate([np.array(one.ids, np.uint16) for one in encoded]) if encoded else np.empty(0, np.uint16)


def tokenize(tokenizer: PreTrainedTokenizerFast, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Windows of base codes [n, W] to (ids int64 [n, L], mask bool [n, L]): [CLS] tokens [SEP], then padding."""
    cls, sep, pad = tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id
    kind, k = tokenizer.init_kwargs.get("dna_kind"), tokenizer.init_kwargs.get("dna_k", 1)
    if kind == "char" or (kind == "kmer" and not (codes == seq.N).any()):
        body = codes.astype(np.int64) + len(SPECIAL) if kind == "char" else _kmer_ids(codes, k)
        ids = np.pad(body, ((0, 0), (1, 1)), constant_values=((0, 0), (cls, sep)))
        return ids, np.ones(ids.shape, bool)
    texts = [seq.decode(window) for window in codes]
    rows = [one.ids for one in tokenizer.backend_tokenizer.encode_batch_fast(texts, add_special_tokens=False)]
    ids = np.full((len(rows), max(map(len, rows), default=0) + 2), pad, np.int64)
    for number, row in enumerate(rows):
        ids[number, : len(row) + 2] = [cls, *row, sep]
    lengths = np.array([len(row) + 2 for row in rows])
    return ids, np.arange(ids.shape[1]) < lengths[:, None]


def _kmer_ids(codes: np.ndarray, k: int) -> np.ndarray:
    count = codes.shape[1] // k
    words = codes[:, : count * k].reshape(len(codes), count, k).astype(np.int64)
    first = len(SPECIAL) + len(seq.LETTERS)
    whole = words @ (4 ** np.arange(k - 1, -1, -1)) + first
    return np.concatenate([whole, codes[:, count * k :].astype(np.int64) + len(SPECIAL)], 1)


def token_codes(tokenizer: PreTrainedTokenizerFast) -> dict[int, np.ndarray]:
    """Bases of each base-bearing token, by id."""
    special = set(special_ids(tokenizer)) | {tokenizer.unk_token_id}
    return {number: seq.encode(token) for token, number in tokenizer.get_vocab().items() if number not in special}
