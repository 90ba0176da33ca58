"""Checkpoints as people publish them, from import to the scores of variants: padded, in lower case, GPT-2's class."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import torch
from genomes import make, random_codes
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors, trainers
from tokenizers import models as backends
from transformers import BertConfig, BertForMaskedLM, GPT2Config, GPT2LMHeadModel

import import_model
import score_variants
from dnalm import cli
from dnalm.dna import seq
from dnalm.networks import models
from dnalm.tokens import tokenizer as tk

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
UPPER, LOWER = [*SPECIAL, *"ACGTN"], [*SPECIAL, *"acgtn"]
SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 123\n"


def bert(folder, rows, words=UPPER):
    """A masked model with random numbers and an embedding of so many rows."""
    torch.manual_seed(0)
    config = BertConfig(vocab_size=rows, max_position_embeddings=128, initializer_range=0.5, **SIZES)
    model = BertForMaskedLM(config)
    with torch.no_grad():
        model.cls.predictions.bias.copy_(torch.arange(rows) / 4)  # a spare row would be the likeliest of all
    model.save_pretrained(folder)
    if words:
        (folder / "vocab.txt").write_text("\n".join(words) + "\n")
    return folder


def pairs(folder, case=str.lower, normalizer=None):
    """The same masked model over the same byte pairs, spelt in either case."""
    corpus = [seq.decode(random_codes(number, 200)) for number in range(100)]
    backend = Tokenizer(backends.BPE(unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.BpeTrainer(vocab_size=40, special_tokens=SPECIAL, show_progress=False)
    backend.train_from_iterator(map(case, corpus), trainer)
    ends = [("[CLS]", 2), ("[SEP]", 3)]
    backend.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    if normalizer:
        backend.normalizer = normalizer
    bert(folder, backend.get_vocab_size(), None)
    backend.save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture
def take(capsys, tmp_path):
    """Import a folder: (exit status, what it said, the folder written)."""

    def run(folder):
        out = tmp_path / f"{folder.name}.out"
        try:
            cli.run(import_model.main, ["--checkpoint", str(folder), "--out", str(out)])
            status = 0
        except SystemExit as stop:
            status = stop.code
        return status, capsys.readouterr().err, out

    return run


@pytest.fixture
def refused(take):
    """Import a folder that must be refused in one line, exit status 2; what was said."""

    def run(folder):
        status, said, out = take(folder)
        assert status == 2, said
        assert len(said.strip().splitlines()) == 1, said
        assert "Traceback" not in said
        assert str(folder) in said
        assert not out.exists()
        return said

    return run


@pytest.fixture(scope="module")
def variants(tmp_path_factory):
    """A genome and six substitutions in it."""
    folder = tmp_path_factory.mktemp("variants")
    text = seq.decode(random_codes(5, 2000))
    places = range(500, 1700, 200)
    lines = [f"chrA\t{at}\t.\t{text[at - 1]}\t{'G' if text[at - 1] != 'G' else 'A'}\t.\t.\t.\n" for at in places]
    (folder / "v.vcf").write_text(
        "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n" + "".join(lines)
    )
    return folder / "v.vcf", make(folder / "genome", {"chrA": text})


def scores(model, variants, tmp_path):
    """The scores of the six, without the columns that say which they are."""
    vcf, genome = variants
    outs = {"out": tmp_path / "o.vcf.gz", "out_table": tmp_path / "o.tsv", "out_summary": tmp_path / "o.json"}
    score_variants.main(vcf=vcf, genome=genome, model=model, window=64, **outs)
    table = pd.read_csv(tmp_path / "o.tsv", sep="\t").select_dtypes("float").dropna(axis=1, how="all")
    assert len(table) == 6
    assert table.shape[1] > 0
    assert np.isfinite(table).all(axis=None)
    assert (table.std() > 0).any()
    return table


def logits(network, rows=10):
    ids = torch.randint(5, 9, (2, 30), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        return network(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[..., :rows]


@pytest.mark.parametrize("rows", [16, 32, 64, 128])
def test_spare_rows_are_cut_and_the_others_say_what_they_said(take, tmp_path, variants, rows):
    theirs = bert(tmp_path / "padded", rows)
    status, said, out = take(theirs)
    assert status == 0, said
    assert f"{rows - 10} rows that pad the embedding of 10 tokens to {rows} are cut off" in said
    there, ours = BertForMaskedLM.from_pretrained(theirs).eval(), models.load(out, "lm")
    assert ours.config.vocab_size == logits(ours, None).shape[-1] == 10
    assert torch.allclose(logits(ours), logits(there), atol=1e-6)
    exact = tmp_path / "exact"  # the same weights, never padded
    shutil.copytree(theirs, exact)
    tensors = load_file(theirs / "model.safetensors")
    for name in ("bert.embeddings.word_embeddings.weight", "cls.predictions.bias"):
        tensors[name] = tensors[name][:10].clone()
    save_file(tensors, exact / "model.safetensors")
    config = json.loads((theirs / "config.json").read_text()) | {"vocab_size": 10}
    (exact / "config.json").write_text(json.dumps(config))
    assert take(exact)[0] == 0
    pd.testing.assert_frame_equal(scores(out, variants, tmp_path), scores(tmp_path / "exact.out", variants, tmp_path))


@pytest.mark.parametrize("rows", [9, 11, 17, 136, 256])
def test_an_embedding_of_another_size_is_of_another_tokenizer(refused, tmp_path, rows):
    said = refused(bert(tmp_path / "other", rows))
    assert f"the tokenizer has 10 tokens, wanted {rows}, the rows of the embedding" in said


def test_single_bases_in_lower_case_score_as_in_upper_case(take, tmp_path, variants):
    status, said, lower = take(bert(tmp_path / "lower", 10, LOWER))
    assert status == 0, said
    assert take(bert(tmp_path / "upper", 10))[0] == 0
    assert tk.load(lower).get_vocab() == {word: number for number, word in enumerate(UPPER)}
    pd.testing.assert_frame_equal(scores(lower, variants, tmp_path), scores(tmp_path / "upper.out", variants, tmp_path))


@pytest.mark.parametrize("normalizer", ["Lowercase", "Sequence", "Bert", "none"])
def test_byte_pairs_in_lower_case_score_as_in_upper_case(take, tmp_path, variants, normalizer):
    steps = {
        "Lowercase": normalizers.Lowercase(),
        "Sequence": normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()]),
        "Bert": normalizers.BertNormalizer(lowercase=True),
        "none": None,
    }
    theirs = pairs(tmp_path / "lower", normalizer=steps[normalizer])
    status, said, lower = take(theirs)
    assert status == 0, said
    assert take(pairs(tmp_path / "upper", str.upper))[0] == 0
    text, there = seq.decode(random_codes(9, 300)), Tokenizer.from_file(str(theirs / "tokenizer.json"))
    assert tk.encode(tk.load(lower), seq.encode(text)).tolist() == there.encode(text.lower()).ids[1:-1]
    pd.testing.assert_frame_equal(scores(lower, variants, tmp_path), scores(tmp_path / "upper.out", variants, tmp_path))


def test_gpt2s_class_is_a_causal_model(take, tmp_path, variants):
    torch.manual_seed(0)
    config = GPT2Config(vocab_size=10, n_embd=32, n_layer=2, n_head=2, n_positions=128, bos_token_id=2, eos_token_id=3)
    config.initializer_range = 0.5
    GPT2LMHeadModel(config).save_pretrained(tmp_path / "gpt2")
    (tmp_path / "gpt2/vocab.txt").write_text("\n".join(UPPER))
    status, said, out = take(tmp_path / "gpt2")
    assert status == 0, said
    assert models.read_objective(out) == "clm"
    there = GPT2LMHeadModel.from_pretrained(tmp_path / "gpt2").eval()
    assert torch.allclose(logits(models.load(out, "lm")), logits(there), atol=1e-6)
    scores(out, variants, tmp_path)


@pytest.mark.parametrize("key", ["quantization_config", "compression_config"])
def test_quantized_weights_are_not_read(refused, tmp_path, key):
    folder = bert(tmp_path / "quantized", 10)
    values = json.loads((folder / "config.json").read_text())
    values[key] = {"quant_method": "bitsandbytes", "load_in_8bit": True}
    (folder / "config.json").write_text(json.dumps(values))
    said = refused(folder)
    assert "config.json: quantization_config: got bitsandbytes, wanted full weights" in said
    assert "quantized weights are not read; give the full ones" in said


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json", "vocab.txt"])
def test_a_pointer_of_git_lfs_is_named(refused, tmp_path, name):
    folder = bert(tmp_path / "lfs", 10)
    (folder / name).write_text(POINTER)
    assert f"{folder / name}: is a Git LFS pointer, not the file itself" in (said := refused(folder))
    assert "git lfs pull" in said


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json", "vocab.txt"])
def test_a_page_that_came_in_place_of_a_file_is_named(refused, tmp_path, name):
    folder = bert(tmp_path / "page", 10)
    (folder / name).write_text("<!doctype html><html><title>Sign in</title></html>")
    assert f"{folder / name}: is a web page" in refused(folder)
