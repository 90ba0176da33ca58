"""From tracks to figures on a small simulated genome: what is cut, learnt, measured against the truth and drawn."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

import bin_coverage
import draw_tracks
import evaluate_tracks
import index_genome
import simulate_genome
import train_tracks
from dnalm.errors import InputError, UsageError
from dnalm.networks import models
from dnalm.tokens import making

MEME = Path(__file__).parents[2] / "resources/motifs/MA0139.1.meme"
SPLITS = {"validation": ["chrC"], "test": ["chrD"]}
MODEL = {"hidden_size": 32, "stem_size": 64, "num_hidden_layers": 0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A genome, two tracks by bins, and a small network trained on them, measured and drawn."""
    here = tmp_path_factory.mktemp("tracks")
    simulate_genome.main(motif=MEME, out=here / "simulated", seed=3, size=300_000, contigs=4, sites_per_kb=2.0)
    index_genome.main(
        fasta=here / "simulated/genome.fa", name="toy", out=here / "genome", source="simulate", splits=SPLITS
    )
    bins(here, here / "coverage")
    tokenizer = making.train("char")
    tokenizer.save_pretrained(here / "tokenizer")
    train(here, "net-0")
    names = [f"scratch/char/net tracks seed{seed}" for seed in (0, 1)]
    folders = [here / "net-0"] * 2  # what is pooled is told by the names
    evaluate_tracks.main(
        coverage_folder=here / "coverage", genome=here / "genome", models=folders, names=names,
        out_table=here / "table.tsv", out_summary=here / "table.json",
    )  # fmt: skip
    draw_tracks.main(
        coverage_folder=here / "coverage", models=folders, names=names, table=here / "table.tsv", out=here / "a.png"
    )
    return here


def bins(here, out, **options):
    simulated = here / "simulated"
    bin_coverage.main(
        genome=here / "genome", names=["ctcf", "peaks"],
        tracks=[simulated / "coverage.bw", simulated / "ctcf.narrowPeak"],
        rate_names=["ctcf"], rates=[simulated / "rate.bw"], out=out, **{"window": 1024} | options,
    )  # fmt: skip


def train(here, name, **options):
    usual = {"architecture": "enformer_lite", "config": MODEL, "context": 1026, "tokenizer": here / "tokenizer"}
    options = usual | {"epochs": 2.0, "learning_rate": 1e-2} | options
    train_tracks.main(
        coverage_folder=here / "coverage", genome=here / "genome", out=here / name,
        checkpoints=here / f"checkpoints-{name}", batch_size=4, evaluations=2, **options,
    )  # fmt: skip


def test_windows_and_values_are_accounted_for(folder):
    about = json.loads((folder / "coverage/coverage.json").read_text())
    table = pd.read_csv(folder / "coverage/windows.tsv.gz", sep="\t")
    with np.load(folder / "coverage/values.npz") as arrays:
        values, rates = arrays["values"], arrays["rates"]
    assert values.shape == (len(table), 8, 2)
    assert rates.shape == (len(table), 8, 1)
    assert about["windows"] == table.split.value_counts().to_dict()
    assert set(table[table.chrom == "chrD"].split) == {"test"}
    train_rows = (table.split == "train").to_numpy()
    assert about["means"]["ctcf"]["train"]["mean"] == pytest.approx(values[train_rows, :, 0].mean(), rel=1e-4)
    assert about["sources"]["ctcf"] == {
        "kind": "bigWig",
        "bases_without_value": about["sources"]["ctcf"]["bases_without_value"],
        "intervals_outside": 0,
    }
    assert about["skipped"]["remainder"] > 0


def test_the_table_has_every_scorer_beside_the_truth(folder):
    table = pd.read_csv(folder / "table.tsv", sep="\t").set_index(["track", "against", "model"])
    ours = table.loc["ctcf", "measured", "scratch/char/net tracks"]
    assert ours.seeds == 2
    assert ours.receptive_field == 638
    assert ours.parameters > 10_000
    assert ours.pearson_low < ours.pearson < ours.pearson_high
    truth = table.loc["ctcf", "measured", "true rate"].pearson
    assert 0.5 < truth < 0.99  # what no prediction of the counts can be better than
    assert np.isnan(table.loc["ctcf", "measured", "mean of training"].pearson)
    assert table.loc["ctcf", "measured", "mean of training"].deviance_explained == pytest.approx(0)
    assert "true rate" not in table.loc["peaks"].index.get_level_values(0)


def test_predictions_are_nearer_to_the_rate_than_to_the_counts_and_better_than_composition(folder):
    table = pd.read_csv(folder / "table.tsv", sep="\t").set_index(["track", "against", "model"]).pearson
    ours, composition = "scratch/char/net tracks", "GC and CpG ridge"
    assert table["ctcf", "true rate", ours] > table["ctcf", "measured", ours]
    assert table["ctcf", "true rate", ours] > table["ctcf", "true rate", composition] + 0.2
    paired = json.loads((folder / "table.json").read_text())["differences"][ours][composition]
    less = paired["ctcf, against the true rate"]["pearson"]
    assert less["value"] == pytest.approx(
        table["ctcf", "true rate", ours] - table["ctcf", "true rate", composition], abs=1e-4
    )


def test_the_model_says_what_it_is_and_that_it_saw_no_test(folder):
    assert json.loads((folder / "net-0/split.json").read_text())["saw_test"] == "no"
    assert json.loads((folder / "net-0/model.json").read_text())["bin"] == 128
    history = pd.read_csv(folder / "net-0/history.tsv", sep="\t")
    assert {"pearson", "pearson_ctcf", "pearson_peaks", "loss"} <= set(history)
    assert "| tracks | ctcf, peaks |" in (folder / "net-0/README.md").read_text()


def test_the_picture_has_something_on_it(folder):
    pixels = np.asarray(Image.open(folder / "a.png").convert("RGB")).reshape(-1, 3).astype(int)
    for colour in ((0x22, 0x22, 0x22), (0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)):  # measured, predicted, the rate
        assert (np.abs(pixels - colour).max(1) < 40).sum() > 100


def test_a_trained_folder_gives_the_same_predictions_again(folder):
    before = (folder / "net-0/predictions.npz").read_bytes()
    train(folder, "net-0", seed=0)
    assert (folder / "net-0/predictions.npz").read_bytes() == before


def test_a_pretrained_network_of_bases_is_averaged_over_bins(folder, tmp_path):
    """Its weights are those it starts from, or random ones of its kind with method scratch."""
    tok = making.train("char")
    language = models.build("mlm", "dilated_conv", {"hidden_size": 16, "num_hidden_layers": 2}, tok, 64, 3)
    models.save(language, tok, tmp_path / "lm", "card")
    found = {}
    for method in ("full", "scratch"):
        train(folder, method, method=method, pretrained=tmp_path / "lm", tokenizer=None, architecture=None, config=None,
              epochs=0.01, learning_rate=1e-9)  # fmt: skip
        found[method] = load_file(folder / method / "model.safetensors")["backbone.embeddings.weight"]
        assert json.loads((folder / method / "model.json").read_text())["receptive_field"] == 128 + 8 * (1 + 2)
    there = language.state_dict()["model.embeddings.weight"]
    assert torch.allclose(found["full"], there, atol=1e-6)
    assert not torch.allclose(found["scratch"], there, atol=1e-2)
    assert json.loads((folder / "full/split.json").read_text())["saw_test"] == "unknown"


def test_a_split_without_a_window_is_named(folder, tmp_path):
    with pytest.raises(InputError, match=r"no window of 65,536 bases lies in the validation split; name longer places"):
        bins(folder, tmp_path, window=65_536)


def test_a_track_that_is_nought_in_training_is_named(folder, tmp_path):
    (tmp_path / "dead.bed").write_text("chrD\t100\t200\n")
    bin_coverage.main(
        genome=folder / "genome", names=["dead"], tracks=[tmp_path / "dead.bed"], window=1024, out=tmp_path / "c"
    )
    with pytest.raises(InputError, match="track dead is nought in every training bin"):
        train_tracks.main(
            coverage_folder=tmp_path / "c", genome=folder / "genome", tokenizer=folder / "tokenizer",
            architecture="enformer_lite", out=tmp_path / "out", checkpoints=tmp_path / "ck", config=MODEL, context=1026,
        )  # fmt: skip


def test_it_must_be_clear_what_is_trained(folder, tmp_path):
    with pytest.raises(UsageError, match="give --pretrained, or --tokenizer and --architecture"):
        train_tracks.main(
            coverage_folder=folder / "coverage", genome=folder / "genome", tokenizer=folder / "tokenizer",
            out=tmp_path / "out", checkpoints=tmp_path / "ck",
        )  # fmt: skip


def test_predictions_of_other_windows_are_refused(folder, tmp_path):
    bins(folder, tmp_path / "other", window=2048)
    with pytest.raises(InputError, match="its predictions are not of these windows; train it again"):
        evaluate_tracks.main(
            coverage_folder=tmp_path / "other", genome=folder / "genome", models=[folder / "net-0"],
            names=["a b seed0"], out_table=tmp_path / "t.tsv", out_summary=tmp_path / "t.json",
        )  # fmt: skip
