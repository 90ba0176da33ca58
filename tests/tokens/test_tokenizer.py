"""Tokenizers: nothing vanishes, base lengths add up, the fast paths agree with Hugging Face."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from dnalm.dna import seq
from dnalm.errors import InputError, UsageError
from dnalm.genome import fasta
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk
from dnalm.tokens.kinds import KINDS as KINDS_TABLE

KINDS = ("char", "kmer", "bpe")
ALL = (*KINDS, "overlapping")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    rng = np.random.default_rng(0)
    lines = [seq.decode(rng.integers(0, 4, 500).astype(np.uint8)) for _ in range(20)]
    folder = tmp_path_factory.mktemp("tokenizers")
    for kind in KINDS:
        making.train(kind, map(seq.encode, lines), vocab_size=40, k=3).save_pretrained(folder / kind)
    making.train("kmer", k=3, overlapping=True).save_pretrained(folder / "overlapping")
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_round_trip_with_lower_case_n_and_iupac(saved, kind):
    tok = tk.load(saved / kind)
    ids = tok("acgtNNrACGTTTTA")["input_ids"]
    assert tok.decode(ids, skip_special_tokens=True) == "ACGTNNNACGTTTTA"
    assert tk.base_lengths(tok)[ids].sum() == 15


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("with_n", [False, True])
def test_windows_get_the_ids_that_transformers_gives(saved, kind, with_n):
    tok = tk.load(saved / kind)
    codes = np.random.default_rng(1).integers(0, 5 if with_n else 4, (4, 50)).astype(np.uint8)
    ids, mask = tk.tokenize(tok, codes)
    theirs = tok([tk.spell(tok, seq.decode(row)) for row in codes], padding=True)
    assert ids.tolist() == theirs["input_ids"]
    assert mask.astype(int).tolist() == theirs["attention_mask"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_base_of_a_long_stretch_is_in_exactly_one_token(saved, kind):
    tok = tk.load(saved / kind)
    codes = np.random.default_rng(2).integers(0, 4, 1234).astype(np.uint8)
    ids = tk.encode(tok, codes)
    assert tk.base_lengths(tok)[ids].sum() == 1234
    words = tk.token_codes(tok)
    assert np.array_equal(np.concatenate([words[number] for number in ids]), codes)


@pytest.mark.parametrize("kind", ALL)
def test_a_long_stretch_gets_the_ids_that_transformers_gives(saved, kind):
    tok = tk.load(saved / kind)
    codes = np.random.default_rng(3).integers(0, 5, 3000).astype(np.uint8)
    text = tk.spell(tok, seq.decode(codes))
    assert tk.encode(tok, codes).tolist() == tok(text, add_special_tokens=False)["input_ids"]
    assert tk.encode(tok, codes).tolist() == tok(text.lower(), add_special_tokens=False)["input_ids"]


@pytest.mark.parametrize("kind", ALL)
def test_decode_undoes_encode(saved, kind):
    tok = tk.load(saved / kind)
    text = "ACGTTGCANACCGTTAGNNTTT"
    ids, mask = tk.tokenize(tok, seq.encode(text)[None])
    assert tk.decode(tok, ids[0][mask[0]]) == text
    assert tk.decode(tok, np.empty(0, int)) == ""


@pytest.mark.parametrize("kind", ALL)
def test_offsets_say_which_bases_a_token_stands_for(saved, kind):
    tok = tk.load(saved / kind)
    text = seq.decode(np.random.default_rng(4).integers(0, 4, 200).astype(np.uint8))
    ids = tk.encode(tok, seq.encode(text))
    words = tok.convert_ids_to_tokens(ids.tolist())
    assert [text[start:end] for start, end in tk.offsets(tok, ids)] == words


def test_overlapping_words_of_dnabert():
    tok = making.train("kmer", k=6, overlapping=True)
    assert len(tok) == 4**6 + 5
    assert tk.base_lengths(tok).tolist() == [0, 1, 0, 0, 0] + [1] * 4**6


def test_a_kind_whose_words_overlap_need_be_no_sister_of_the_kmers(tmp_path, monkeypatch):
    monkeypatch.setitem(KINDS_TABLE, "toy", KINDS_TABLE["overlapping"]._replace(of=""))
    making.train("toy", k=3).save_pretrained(tmp_path)
    tok = tk.load(tmp_path)
    assert tk.kind(tok) == ("toy", 3)
    assert tk.spell(tok, "ACGTA") == "ACG CGT GTA"
    with pytest.raises(UsageError, match="only k-mers overlap"):
        making.train("char", overlapping=True)


def test_a_byte_pair_tokenizer_that_the_walk_cannot_do_goes_by_hugging_face():
    tok = making.train("bpe", [seq.encode("ACGTAC" * 50)], vocab_size=20)
    assert tk._lookup(tok) is not None
    text = json.loads(tok.backend_tokenizer.to_str())
    text["model"]["ignore_merges"] = True
    other = PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(json.dumps(text)), unk_token="[UNK]")
    assert tk._lookup(other) is None
    assert tk.encode(other, seq.encode("ACGTAC")).tolist() == other("ACGTAC", add_special_tokens=False)["input_ids"]


def test_kmer_ids_by_hand(saved):
    tok = tk.load(saved / "kmer")
    ids, _ = tk.tokenize(tok, seq.encode("AAAAAC" + "GT")[None])
    assert ids[0].tolist() == [2, 10, 11, 7, 8, 3]  # [CLS] AAA AAC G T [SEP]; letters are 5-9, words from 10


def test_a_folder_without_tokenizer_is_named(tmp_path):
    with pytest.raises(InputError, match=r"holds no tokenizer\.json"):
        tk.load(tmp_path)


@pytest.mark.real
def test_the_published_mistral_dna_tokenizer_gets_the_same_ids():
    data = Path(os.environ.get("DNALM_REAL_DATA", "../shared/data"))
    if not data.is_dir():
        pytest.skip("no real data beside the project; set DNALM_REAL_DATA")
    tok = tk.load(data / "models/Mistral-DNA-v1-1M-hg38-finetuned-tf0")
    lines: list[np.ndarray] = []  # of 10 kb: a text encoder takes minutes for a word as long as a chromosome
    for _, letters in fasta.read_contigs(data / "hg19/hg19_part.fa.gz"):
        codes = seq.encode(letters)
        for start, end in seq.stretches(codes, 10_000):
            lines += list(codes[start : end - (end - start) % 10_000].reshape(-1, 10_000))
    lines = lines[:1000]
    theirs = tok([seq.decode(line) for line in lines], add_special_tokens=False)["input_ids"]
    assert tk._lookup(tok) is not None
    assert [tk.encode(tok, line).tolist() for line in lines] == theirs
    ids, mask = tk.tokenize(tok, np.stack(lines))
    assert [row[there][1:-1].tolist() for row, there in zip(ids, mask, strict=True)] == theirs
