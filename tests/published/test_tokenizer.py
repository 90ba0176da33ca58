"""Published tokenizers keep their ids, behind our interface: nothing vanishes and base lengths add up."""

import json

import numpy as np
import pytest
from checkpoints import nt_vocabulary
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from dnalm.dna import seq
from dnalm.errors import InputError
from dnalm.published import tokenizer as published_tokenizer
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk

DNABERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "AA", "AT", "AC", "AG", "TA", "TT", "TC", "TG"]
DNABERT += ["CA", "CT", "CC", "CG", "GA", "GT", "GC", "GG"]


def words(folder, vocabulary, **stated):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
    (folder / "tokenizer_config.json").write_text(json.dumps(stated))
    return folder


def pairs(folder, vocabulary, merges, unk="[UNK]", special=("[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"), frame=True):
    folder.mkdir(parents=True, exist_ok=True)
    # the library refuses empty words and unknown merges when a tokenizer is made, not when it is read
    plain = {word: number for word, number in vocabulary.items() if word}
    backend = Tokenizer(models.BPE(plain, [merge for merge in merges if all(merge)], unk_token=unk))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    backend.add_special_tokens(list(special))
    backend.enable_truncation(8)
    if frame:
        ends = [(word, vocabulary[word]) for word in ("[CLS]", "[SEP]")]
        backend.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    parts = json.loads(backend.to_str())
    parts["model"]["vocab"], parts["model"]["merges"] = vocabulary, [list(merge) for merge in merges]
    (folder / "tokenizer.json").write_text(json.dumps(parts))
    return folder


BPE = {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "[PAD]": 3, "[MASK]": 4, "A": 5, "C": 6, "G": 7, "T": 8, "AA": 9, "GT": 10}
MERGES = [("A", "A"), ("G", "T")]


def ids_of(tokenizer, text):
    ids, mask = tk.tokenize(tokenizer, seq.encode(text)[None])
    return ids[0, mask[0]].tolist()


def reloaded(tokenizer, folder):
    tokenizer.save_pretrained(folder)
    return tk.load(folder)


def test_nucleotide_transformer(tmp_path):
    """Words are numbered in the order A, T, C, G after four special tokens; <cls> before and nothing after."""
    vocabulary = nt_vocabulary(2)
    folder = words(tmp_path / "nt", vocabulary, cls_token="<cls>", eos_token=None)
    for tok in (read := published_tokenizer.read(folder, {"model_type": "esm"}), reloaded(read, tmp_path / "saved")):
        assert tk.kind(tok) == ("kmer", 2)
        assert [tok.convert_ids_to_tokens(one) for one in ids_of(tok, "ACGTNTCA")] == [
            "<cls>",
            "AC",
            "GT",
            "N",
            "TC",
            "A",
        ]
        assert ids_of(tok, "ACGTNTCA") == [3, *(vocabulary.index(word) for word in ["AC", "GT", "N", "TC", "A"])]
        assert tok.pad_token_id == 1
        assert tok.sep_token_id is None
        lengths = tk.base_lengths(tok)
        assert [lengths[vocabulary.index(word)] for word in ("<cls>", "<eos>", "<bos>", "N", "CG")] == [0, 0, 0, 1, 2]
        assert tk.decode(tok, ids_of(tok, "ACGTNTCA")) == "ACGTNTCA"
        assert tok("acgtNTCA")["input_ids"] == ids_of(tok, "ACGTNTCA")
        ids, mask = tk.tokenize(tok, np.stack([seq.encode("ACGTAC"), seq.encode("ANNNNC")]))
        assert mask.sum(1).tolist() == [4, 7]
        assert ids[0, 4:].tolist() == [1, 1, 1]
        assert set(tk.token_codes(tok)) == set(range(4, 25))


def test_a_sequence_ends_as_the_files_say(tmp_path):
    folder = words(tmp_path, nt_vocabulary(1), cls_token="<cls>", eos_token="<eos>")
    tok = published_tokenizer.read(folder, {"model_type": "esm"})
    assert tk.frame(tok) == ([3], [nt_vocabulary(1).index("<eos>")])


def test_dnabert(tmp_path):
    tok = published_tokenizer.read(words(tmp_path, DNABERT), {"model_type": "bert"})
    assert tk.kind(tok) == ("overlapping", 2)
    assert ids_of(tok, "ATCNGG") == [2, 6, 11, 1, 1, 20, 3]  # [CLS] AT TC ? ? GG [SEP]
    assert tok(tk.spell(tok, "ATCNGG"))["input_ids"] == ids_of(tok, "ATCNGG")
    assert tk.base_lengths(tok).tolist() == [0, 1, 0, 0, 0] + [1] * 16


def test_hyenadna(tmp_path):
    for tok in (
        read := published_tokenizer.read(tmp_path, {"model_type": "hyenadna"}),
        reloaded(read, tmp_path / "saved"),
    ):
        assert ids_of(tok, "ACGTN") == [7, 8, 9, 10, 11, 1]  # and [SEP]
        assert len(tok) == 12
        assert tok.pad_token_id == 4
        assert tk.base_lengths(tok).tolist() == [0] * 6 + [1] * 6
        assert tk.special_ids(tok).tolist() == [0, 1, 2, 3, 4, 5]
        ids, mask = tk.tokenize(tok, np.array([[0, 1, 2]], np.uint8))
        assert (ids.tolist(), mask.tolist()) == ([[7, 8, 9, 1]], [[True] * 4])


def test_byte_pairs_are_taken_as_they_are(tmp_path):
    tok = reloaded(published_tokenizer.read(pairs(tmp_path / "a", BPE, MERGES), {}), tmp_path / "saved")
    assert ids_of(tok, "AAAGTC") == [1, 9, 5, 10, 6, 2]
    assert len(tok.backend_tokenizer.encode("AAAGTC" * 9).ids) == 38  # the file's truncation to eight is not for us
    assert (tok.pad_token, tok.unk_token, tok.cls_token, tok.sep_token, tok.mask_token) == (
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]",
    )  # fmt: skip
    assert tk.base_lengths(tok).tolist() == [1, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2]
    bare = published_tokenizer.read(pairs(tmp_path / "b", BPE, MERGES, frame=False), {})
    assert ids_of(bare, "AAAGTC") == [9, 5, 10, 6]


def test_an_empty_word_that_nothing_reaches_is_left_out(tmp_path):
    """GROVER's file has one more word than its model has embeddings: the empty one, and merges with it."""
    folder = pairs(tmp_path, BPE | {"": 11}, [("A", ""), *MERGES])
    tok = published_tokenizer.read(folder, {})
    assert len(tok) == 11
    assert ids_of(tok, "AAAGTC") == [1, 9, 5, 10, 6, 2]


@pytest.mark.parametrize(
    "vocabulary, stated, said",
    [
        (["<unk>", "<pad>", "AA", "AC"], {}, r"got 2 words of 2 bases, wanted all 16 of them, or byte pairs"),
        (["hello", "world"], {}, r"got 0 words of 0 bases, wanted all 4 of them"),
        (["<unk>", "A", "C", "G", "T"], {}, r"pad_token: got None, wanted a token of the vocabulary"),
        (
            ["<unk>", "<pad>", "A", "C", "G", "T"],
            {"unk_token": "?"},
            r"unk_token: got '\?', wanted a token of the vocab",
        ),
    ],
)
def test_what_is_no_tokenizer_of_dna_is_refused(tmp_path, vocabulary, stated, said):
    with pytest.raises(InputError, match=said):
        published_tokenizer.read(words(tmp_path, vocabulary, **stated), {})


def test_a_missing_and_a_broken_file(tmp_path):
    with pytest.raises(InputError, match=r"got no tokenizer, wanted tokenizer\.json or vocab\.txt"):
        published_tokenizer.read(tmp_path, {})
    (tmp_path / "tokenizer.json").write_text('{"model": 3}')
    with pytest.raises(InputError, match=r"tokenizer\.json: no tokenizer of the tokenizers library"):
        published_tokenizer.read(tmp_path, {})
    (tmp_path / "tokenizer.json").write_text('{"model": ')
    with pytest.raises(InputError, match=r"tokenizer\.json: not JSON"):
        published_tokenizer.read(tmp_path, {})


LOWER = {word.lower() if set(word) <= set("ACGTN") else word: number for word, number in BPE.items()}


def test_byte_pairs_in_lower_case_are_turned_and_keep_their_ids(tmp_path):
    folder = pairs(tmp_path / "lower", LOWER, [("a", "a"), ("g", "t")])
    tok = reloaded(published_tokenizer.read(folder, {}), tmp_path / "saved")
    assert tok.get_vocab() == BPE
    assert ids_of(tok, "AAAGTC") == [1, 9, 5, 10, 6, 2]
    assert tk.base_lengths(tok).tolist() == [1, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2]


def test_words_in_lower_case_are_turned_and_special_ones_with_them(tmp_path):
    stated = {"unk_token": "n", "pad_token": "[PAD]", "cls_token": None, "sep_token": None}
    folder = words(tmp_path / "char", ["[PAD]", "[MASK]", "a", "c", "g", "t", "n"], **stated)
    tok = reloaded(published_tokenizer.read(folder, {}), tmp_path / "saved")
    assert tok.unk_token == "N"
    assert ids_of(tok, "ACNGT") == [2, 3, 6, 4, 5]
    assert tk.base_lengths(tok).tolist() == [0, 0, 1, 1, 1, 1, 1]
    folder = words(tmp_path / "kmer", [word if word[0] in "<[" else word.lower() for word in nt_vocabulary(2)])
    tok = published_tokenizer.read(folder, {})
    assert tok.get_vocab() == making.number(nt_vocabulary(2))
    folder = words(tmp_path / "dnabert", [word if word[0] == "[" else word.lower() for word in DNABERT])
    assert ids_of(published_tokenizer.read(folder, {}), "ATCNGG") == [2, 6, 11, 1, 1, 20, 3]


@pytest.mark.parametrize("vocabulary, said", [
    ([*DNABERT[:5], *"ACGTacgt"], r"got words of DNA in both cases, such as a and A, wanted one case"),
    ([*DNABERT[:5], "A", "c", "g", "t"], r"got words of DNA in both cases, such as c and A"),
    ([*DNABERT, *(word.lower() for word in DNABERT[5:])], r"in both cases, such as aa and AA"),
    ([*DNABERT[:5], "aA", "ac", "gt"], r"in both cases, such as ac and aA"),
])  # fmt: skip
def test_words_of_both_cases_are_one_line(tmp_path, vocabulary, said):
    with pytest.raises(InputError, match=said):
        published_tokenizer.read(words(tmp_path, vocabulary), {})


def test_single_letters_of_the_other_case_are_an_alphabet_that_nothing_reaches(tmp_path):
    """A byte-pair trainer that starts from all bytes: the vocabulary is in upper case, and stays so."""
    folder = pairs(tmp_path, BPE | {"a": 11, "c": 12, "g": 13, "t": 14}, MERGES)
    tok = published_tokenizer.read(folder, {})
    assert ids_of(tok, "AAAGTC") == [1, 9, 5, 10, 6, 2]
    assert tk.base_lengths(tok)[11:].tolist() == [0] * 4


def test_an_id_without_a_word_stands_for_no_base(tmp_path):
    folder = words(tmp_path / "blank", [*DNABERT[:5], "", *"ACGT", ""])
    tok = published_tokenizer.read(folder, {})  # a blank line counts, and the last ends the file
    assert ids_of(tok, "ACGT") == [2, 6, 7, 8, 9, 3]
    assert len(tok) == 10
    gap = {word: number + (number > 8) for word, number in BPE.items()}
    tok = reloaded(published_tokenizer.read(pairs(tmp_path / "gap", gap, MERGES), {}), tmp_path / "saved")
    assert len(tok) == 12
    assert ids_of(tok, "AAAGTC") == [1, 10, 5, 11, 6, 2]
    assert tk.base_lengths(tok)[9] == 0
    parts = json.loads((tmp_path / "gap/tokenizer.json").read_text())
    parts["model"]["vocab"]["GT"] = 4_000_000_000
    (tmp_path / "gap/tokenizer.json").write_text(json.dumps(parts))
    with pytest.raises(InputError, match=r"got ids up to 4,000,000,000 for 11 words, wanted one for each"):
        published_tokenizer.read(tmp_path / "gap", {})


@pytest.mark.parametrize("change, said", [
    ({"pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True}},
     r"got 0 of 600 bases back"),
    ({"normalizer": {"type": "Lowercase"}}, r"got 0 of 600 bases back from the tokens of a text of DNA, wanted all"),
    ({"normalizer": {"type": "Replace", "pattern": {"String": "T"}, "content": ""}}, r"got 4\d\d of 600 bases back"),
])  # fmt: skip
def test_a_tokenizer_that_loses_bases_is_refused(tmp_path, change, said):
    folder = pairs(tmp_path, BPE, MERGES)
    parts = json.loads((folder / "tokenizer.json").read_text())
    (folder / "tokenizer.json").write_text(json.dumps(parts | change))
    with pytest.raises(InputError, match=said):
        published_tokenizer.read(folder, {})


def test_what_makes_training_vary_is_left_out(tmp_path):
    folder = pairs(tmp_path, BPE, MERGES)
    parts = json.loads((folder / "tokenizer.json").read_text())
    parts["model"]["dropout"] = 0.9
    (folder / "tokenizer.json").write_text(json.dumps(parts))
    assert ids_of(published_tokenizer.read(folder, {}), "AA" * 50) == [1, *[9] * 50, 2]


@pytest.mark.parametrize("value", [3, ["[PAD]"], {"content": 3}])
def test_a_special_token_that_is_no_word(tmp_path, value):
    with pytest.raises(InputError, match=r"mask_token: got .*, wanted a word"):
        published_tokenizer.read(words(tmp_path, nt_vocabulary(1), mask_token=value), {})


@pytest.mark.parametrize("role", ["cls_token", "sep_token"])
def test_a_special_token_that_the_vocabulary_lacks(tmp_path, role):
    with pytest.raises(InputError, match=rf"{role}: got '\[ODD\]', wanted a token of the vocabulary"):
        published_tokenizer.read(words(tmp_path, nt_vocabulary(1), **{role: "[ODD]"}), {})
