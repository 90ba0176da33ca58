"""Tokenizers: nothing vanishes, base lengths add up, the fast paths agree with Hugging Face."""

import numpy as np
import pytest

from dnalm import seq
from dnalm import tokenizer as tk
from dnalm.errors import InputError

KINDS = ("char", "kmer", "bpe")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    rng = np.random.default_rng(0)
    lines = [seq.decode(rng.integers(0, 4, 500).astype(np.uint8)) for _ in range(20)]
    folder = tmp_path_factory.mktemp("tokenizers")
    for kind in KINDS:
        tk.train(kind, lines, vocab_size=40, k=3).save_pretrained(folder / kind)
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_round_trip_with_lower_case_n_and_iupac(saved, kind):
    tok = tk.load(saved / kind)
    ids = tok("acgtNNrACGTTTTA")["input_ids"]
    assert tok.decode(ids, skip_special_tokens=True) == "ACGTNNNACGTTTTA"
    assert tk.base_lengths(tok)[ids].sum() == 15


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("with_n", [False, True])
def test_windows_get_the_ids_that_transformers_gives(saved, kind, with_n):
    tok = tk.load(saved / kind)
    codes = np.random.default_rng(1).integers(0, 5 if with_n else 4, (4, 50)).astype(np.uint8)
    ids, mask = tk.tokenize(tok, codes)
    theirs = tok([seq.decode(row) for row in codes], padding=True)
    assert ids.tolist() == theirs["input_ids"]
    assert mask.astype(int).tolist() == theirs["attention_mask"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_base_of_a_long_stretch_is_in_exactly_one_token(saved, kind):
    tok = tk.load(saved / kind)
    codes = np.random.default_rng(2).integers(0, 4, 1234).astype(np.uint8)
    ids = tk.encode(tok, codes, line=100)
    assert tk.base_lengths(tok)[ids].sum() == 1234
    words = tk.token_codes(tok)
    assert np.array_equal(np.concatenate([words[number] for number in ids]), codes)


def test_kmer_ids_by_hand(saved):
    tok = tk.load(saved / "kmer")
    ids, _ = tk.tokenize(tok, seq.encode("AAAAAC" + "GT")[None])
    assert ids[0].tolist() == [2, 10, 11, 7, 8, 3]  # [CLS] AAA AAC G T [SEP]; letters are 5-9, words from 10


def test_a_folder_without_tokenizer_is_named(tmp_path):
    with pytest.raises(InputError, match=r"holds no tokenizer\.json"):
        tk.load(tmp_path)
