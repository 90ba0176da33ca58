"""In a copy that has one kind of tokenizer more: it is made, gives Hugging Face's ids, is checked, and is drawn."""

import json

import numpy as np
import pytest
from seen import help_of, picture, words
from transformers import AutoTokenizer

import checks
import choose_vocabulary
import document_config
import draw_vocabulary
import presets
import train_tokenizer
from dnalm.dna import seq
from dnalm.tokens import tokenizer as tk


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The tokenizer that the script makes of the toy."""
    folder = tmp_path_factory.mktemp("tokenizer")
    train_tokenizer.main(genomes=[], kind="toy", out=folder / "tokenizer")
    return folder / "tokenizer"


def test_it_is_known_before_anything_runs(capsys):
    assert presets.schema("tokenizers")["properties"]["kind"]["enum"] == ["bpe", "kmer", "char", "toy"]
    row = next(line for line in document_config.page().splitlines() if line.startswith("| `kind` | bpe"))
    assert row.startswith("| `kind` | bpe or kmer or char or toy |")
    assert "toy (toy pairs)" in row
    assert "toy (toy pairs)" in help_of(train_tokenizer.main, capsys)


def test_its_ids_are_those_of_hugging_face(made):
    tok, theirs = tk.load(made), AutoTokenizer.from_pretrained(str(made), local_files_only=True)
    assert tk.kind(tok)[0] == "toy"
    for text in ("ACGTTGCA", "ACGTTGCAA", "ANNCGTacgtNA", "N", "GATTACA" * 9):
        codes = seq.encode(text)
        assert tk.encode(tok, codes).tolist() == theirs(text, add_special_tokens=False).input_ids
        assert tk.decode(tok, tk.encode(tok, codes)) == text.upper()
    ids, mask = tk.tokenize(tok, np.stack([seq.encode("ACGT"), seq.encode("ANCG")]))
    assert mask.sum(1).tolist() == [4, 5]
    assert tk.base_lengths(tok)[ids[mask]].sum() == 8


def test_a_window_is_checked_by_its_shortest_token(tmp_path, monkeypatch):
    (tmp_path / "config/models").mkdir(parents=True)
    (tmp_path / "config/models/mine.yaml").write_text("objective: mlm\narchitecture: bert\nconfig: {}\ncontext: 52\n")
    monkeypatch.chdir(tmp_path)
    run = {"tokenizer": "pairs", "model": "mine"}
    assert checks.window_problem("here", 100, run, {"kind": "toy"}) == []
    assert "101 bases are 53 tokens" in checks.window_problem("here", 101, run, {"kind": "toy"})[0]


def test_it_stands_beside_the_byte_pairs_in_the_picture(tmp_path):
    def measured(kind, tokens, accuracy):
        part = {"accuracy": {"value": accuracy, "low": accuracy, "high": accuracy}, "bits_per_base": 1.9}
        split = {"n": 1000, "k": {"6": part}}
        return {"kind": kind, "tokens": tokens, "bases_per_token": 2.0, "validation": split, "test": split}

    reports = {f"bpe-{size}": measured("bpe", size, 0.01 + 0.001 * (size == 128)) for size in (64, 128, 256)}
    reports["pairs"] = measured("toy", 21, 0.009)
    for name, report in reports.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(report))
    known = {name: {"validation": measured("", 0, 0.01)["test"]} for name in ("majority", "markov-4")}
    (tmp_path / "baselines.json").write_text(json.dumps(known))
    metrics = {"metrics": [tmp_path / f"{name}.json" for name in reports], "names": list(reports)}
    out = {"out_table": tmp_path / "curve.tsv", "out_choice": tmp_path / "choice.json"}
    choose_vocabulary.main(**metrics, baselines=tmp_path / "baselines.json", **out)
    given = {"table": tmp_path / "curve.tsv", "choice": tmp_path / "choice.json"}
    figure = picture(draw_vocabulary.main, **given, out=tmp_path / "a.png")
    assert {"toy pairs", "pairs"} <= set(words(figure))
