"""The scripts that fetch and import a published checkpoint, and measure a published classifier, as a rule runs them."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from checkpoints import HYENADNA, NT2, hyenadna, nt2, nt_vocabulary, write
from sklearn import metrics as reference

import classify_windows
import download_model
import import_model
from dnalm import cli, files
from dnalm.dna import seq
from dnalm.networks import models
from dnalm.published import folder as published
from dnalm.targets import given, labels, tables
from dnalm.tokens import tokenizer as tk

ROOT = Path(__file__).resolve().parents[2]
REAL = Path(os.environ.get("DNALM_REAL_DATA", ROOT.parent / "shared/data"))
PUBLISHED = REAL / "models/Mistral-DNA-v1-1M-hg38-finetuned-tf0"
REVISION = "0123456789abcdef" * 2 + "01234567"


@pytest.fixture
def call(capsys):
    """Run a script's command line in this process: (exit status, what it said)."""

    def run(script, *words):
        try:
            cli.run(script.main, [str(word) for word in words])
            status = 0
        except SystemExit as stop:
            status = stop.code
        return status, capsys.readouterr().err

    return run


def test_from_the_hub_to_a_model_of_ours(call, server, tmp_path):
    theirs = write(tmp_path / "theirs", HYENADNA, hyenadna())
    server.files = {path.name: path.read_bytes() for path in theirs.iterdir()}
    checkpoint = tmp_path / "resources/checkpoint.json"
    words = ("--hub", "owner/name", "--revision", REVISION, "--endpoint", f"{server.url}/fine", "--out", checkpoint)
    assert call(download_model, *words, "--lock", tmp_path / "models.lock")[0] == 0
    listed = json.loads(checkpoint.read_text())
    assert listed["revision"] == REVISION
    assert listed["files"]["config.json"] == files.sha256(theirs / "config.json")
    out = tmp_path / "pretrained"
    status, said = call(import_model, "--checkpoint", checkpoint.parent, "--origin", "owner/name", "--out", out)
    assert status == 0, said
    assert "HyenaForCausalLM with" in said
    assert {path.name for path in out.iterdir()} >= {"config.json", "model.safetensors", "tokenizer.json", "README.md"}
    assert "| from | owner/name |" in (out / "README.md").read_text()
    assert models.read_objective(out) == "clm"
    assert len(tk.load(out)) == 12


@pytest.mark.parametrize(
    "words, said",
    [
        (("--objective", "clm"), "objective: got clm in the preset, wanted mlm; correct it"),
        (("--sha256", "0" * 64), "wanted " + "0" * 64),
    ],
)
def test_what_a_preset_says_is_held_against_the_checkpoint(call, tmp_path, words, said):
    folder = write(tmp_path / "theirs", NT2, nt2(), nt_vocabulary())
    status, text = call(import_model, "--checkpoint", folder, "--out", tmp_path / "out", *words)
    assert status == 2
    assert said in text
    assert "Traceback" not in text
    assert not (tmp_path / "out").exists()


def test_a_context_longer_than_the_table_of_positions_is_refused(call, tmp_path):
    config = models.AutoConfig.for_model(
        "bert", vocab_size=27, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
        max_position_embeddings=40,
    )  # fmt: skip
    models.transformers.BertForMaskedLM(config).save_pretrained(tmp_path / "theirs")
    (tmp_path / "theirs/vocab.txt").write_text("\n".join(nt_vocabulary()) + "\n")
    words = ("--checkpoint", tmp_path / "theirs", "--out", tmp_path / "out", "--context")
    status, said = call(import_model, *words, 41)
    assert status == 2
    assert "context: got 41 in the preset, wanted 40 tokens at most" in said
    assert call(import_model, *words, 40)[0] == 0


def test_a_damaged_checkpoint_is_one_line_and_leaves_nothing(call, tmp_path):
    folder = write(tmp_path / "theirs", NT2, nt2(), nt_vocabulary())
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    status, said = call(import_model, "--checkpoint", folder, "--out", tmp_path / "out")
    assert status == 2
    assert "bytes are no whole safetensors file" in said
    assert len(said.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def classifier(folder):
    """A classifier of two labels that was published, in miniature."""
    config = models.AutoConfig.for_model(
        "bert", vocab_size=27, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
        max_position_embeddings=64, num_labels=2, pad_token_id=1, initializer_range=1.0,
    )  # fmt: skip
    torch.manual_seed(5)  # one whose calls differ from window to window
    models.transformers.BertForSequenceClassification(config).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(nt_vocabulary()) + "\n")
    return folder


def windows(path, number=40):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"sequence": [seq.decode(row) for row in rng.integers(0, 4, (number, 30)).astype(np.uint8)]})
    table = table.assign(
        id=[f"w{one}" for one in range(number)], label=rng.integers(0, 2, number), kind="given", split="test"
    )
    files.write_table(path, table)
    return table


def test_a_classifier_is_measured_as_it_is(call, tmp_path):
    assert call(import_model, "--checkpoint", classifier(tmp_path / "theirs"), "--out", tmp_path / "ours")[0] == 0
    table = windows(tmp_path / "windows.tsv")
    words = ("--model", tmp_path / "ours", "--windows", tmp_path / "windows.tsv", "--out", tmp_path / "report.json")
    status, said = call(classify_windows, *words, "--out-predictions", tmp_path / "scores.tsv")
    assert status == 0, said
    report, scores = json.loads((tmp_path / "report.json").read_text()), pd.read_csv(tmp_path / "scores.tsv", sep="\t")
    assert report["n"] == 40
    assert report["positives"] == table.label.sum()
    assert scores.one_strand.std() > 0
    for strands in ("one_strand", "both_strands"):
        called = scores[strands] > 0
        assert 0 < called.sum() < 40
        assert report[strands]["accuracy"] == pytest.approx(reference.accuracy_score(table.label, called))
        assert report[strands]["mcc"] == pytest.approx(reference.matthews_corrcoef(table.label, called))
        assert report[strands]["auroc"] == pytest.approx(reference.roc_auc_score(table.label, scores[strands]))
    assert (scores.one_strand != scores.both_strands).any()


def test_one_label_alone_cannot_be_measured(call, tmp_path):
    assert call(import_model, "--checkpoint", classifier(tmp_path / "theirs"), "--out", tmp_path / "ours")[0] == 0
    files.write_table(tmp_path / "windows.tsv", windows(tmp_path / "both.tsv").assign(label=1))
    words = ("--model", tmp_path / "ours", "--windows", tmp_path / "windows.tsv", "--out", tmp_path / "report.json")
    status, said = call(classify_windows, *words)
    assert status == 2
    assert "got windows of one label, wanted both 0 and 1" in said


@pytest.mark.real
@pytest.mark.skipif(not PUBLISHED.is_dir(), reason=f"real data absent: set DNALM_REAL_DATA (looked for {PUBLISHED})")
def test_the_published_mistral_dna_reproduces_its_own_figures(call, tmp_path):
    """Fine-tuned on GUE tf_0, its trainer recorded accuracy .727 and MCC .455 on the dev set at its last checkpoint."""
    sha256 = hashlib.sha256((PUBLISHED / "model.safetensors").read_bytes()).hexdigest()
    words = ("--checkpoint", PUBLISHED, "--objective", "classify", "--context", 256, "--sha256", sha256)
    assert call(import_model, *words, "--out", tmp_path / "ours")[0] == 0
    read = tables.read({"": REAL / "labelled/GUE_tf_0.dev.csv.gz"})
    dev, skipped, _ = given.windows(read, {}, 101, {}, 0)
    assert (len(dev), read.rows, skipped.total()) == (1000, 1000, 0)
    files.write_table(tmp_path / "windows.tsv.gz", dev[labels.COLUMNS])
    words = ("--model", tmp_path / "ours", "--windows", tmp_path / "windows.tsv.gz", "--out", tmp_path / "report.json")
    assert call(classify_windows, *words)[0] == 0
    report = json.loads((tmp_path / "report.json").read_text())
    recorded = json.loads((PUBLISHED / "trainer_state.json").read_text())["log_history"][-1]
    assert recorded["eval_accuracy"] == pytest.approx(0.727)
    assert report["one_strand"]["accuracy"] == pytest.approx(recorded["eval_accuracy"], abs=0.01)
    assert report["one_strand"]["mcc"] == pytest.approx(recorded["eval_matthews_correlation"], abs=0.01)
    assert report["both_strands"]["mcc"] > report["one_strand"]["mcc"]  # a strand's noise taken out
    assert published.read(PUBLISHED).objective == "classify"
