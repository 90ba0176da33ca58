"""One output of several from the command line on: header, table, percentiles, picture; ensembles and tracks."""

import json

import numpy as np
import pandas as pd
import pysam
import pytest
from scored import HEAD, good, line, make_world, other
from seen import picture, words
from shown import save_outputs

import draw_variants
import score_null
import score_variants
import score_windows
from dnalm.errors import UsageError


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return make_world(tmp_path_factory.mktemp("world"))


def run(world, tmp_path, model, body=None, **options):
    """Table, summary and VCF of variants in windows of 24 bases."""
    (tmp_path / "in.vcf").write_text(HEAD + (body or good(world["texts"], 30)))
    outs = {"out": tmp_path / "o.vcf.gz", "out_table": tmp_path / "o.tsv", "out_summary": tmp_path / "o.json"}
    given = {"vcf": tmp_path / "in.vcf", "genome": world["folder"] / "genome", "model": model, "window": 24}
    score_variants.main(**given, **outs, **({"twin": False} | options))
    return pd.read_csv(outs["out_table"], sep="\t"), json.loads(outs["out_summary"].read_text()), outs["out"]


def test_a_named_class_is_scored_told_and_held_against_random_variants(world, tmp_path):
    model, null = save_outputs(tmp_path, "classes"), tmp_path / "null.tsv.gz"
    (world["folder"] / "genome/genome.json").write_text(json.dumps({"name": "g", "splits": {}}))
    score_null.main(genome=world["folder"] / "genome", model=model, out=null, number=400, window=24)
    random = pd.read_csv(null, sep="\t")
    deltas = [f"delta:{name}" for name in ("promoter", "enhancer", "none")]
    assert list(random)[5:] == ["l2", "l2_local", "l2_flank", "cosine", "shift", *deltas]
    text = world["texts"]["c1"]
    places = zip(range(100, 2900, 50), ["bad", "good"] * 28, strict=True)
    body = "".join(line("c1", pos, text[pos - 1], other(text[pos - 1]), f"CLASS={kind}") for pos, kind in places)
    labelled = {"label_key": "CLASS", "positive": ["bad"], "null": null, "twin": True}
    found = {
        name: run(world, tmp_path, model, body, output=name, **labelled)[0] for name in ("promoter", "none", "enhancer")
    }
    table, summary = found["enhancer"], json.loads((tmp_path / "o.json").read_text())
    assert {"delta", "delta_spread", "delta_twin", "delta_residual", "delta_percentile", "delta_p", "shift"} <= set(
        table
    )
    assert not any(":" in name for name in table)
    assert np.array_equal(table["shift"], found["none"]["shift"])
    assert not np.allclose(table.delta, found["none"].delta, atol=1e-3)
    assert table.delta_percentile.corr(table.delta.abs(), method="spearman") > 0.5
    assert (summary["output"], summary["units"]["delta"]) == ("enhancer", "enhancer: log-odds, nats")
    assert summary["ranked_by"]["delta"] == "|delta|"
    with pysam.VariantFile(str(tmp_path / "o.vcf.gz")) as called:
        told = called.header.info["DNALM_DELTA"].description
        assert (
            told
            == "Log-odds (nats) of class enhancer against all others for ALT minus those for REF, mean of both strands"
        )
        assert "DNALM_SHIFT_PCT" in called.header.info
        assert np.allclose([record.info["DNALM_DELTA"][0] for record in called], table.delta, rtol=1e-4)
    figure = picture(draw_variants.main, table=tmp_path / "o.tsv", summary=tmp_path / "o.json", out=tmp_path / "a.png")
    assert "change of the fine-tuned score\n(alt − ref, enhancer: log-odds, nats)" in words(figure)
    assert "distance of all fine-tuned outputs\n(ref, alt, log-probabilities, nats)" in words(figure)


def test_without_a_name_the_distance_of_all_is_given_and_a_change_is_refused(world, tmp_path):
    model = save_outputs(tmp_path, "values")
    table, summary, _ = run(world, tmp_path, model)
    assert "shift" in table
    assert "delta" not in table
    assert summary["units"] == {"shift": "deviations in training"}
    with pytest.raises(
        UsageError, match=r"--output: got none, wanted the output that delta is of, one of RNA, much, noi"
    ):
        run(world, tmp_path, model, scores=["delta"])
    with pytest.raises(UsageError, match=r"--output: got 'RNA', wanted one of the model's: RNA, much, noise"):
        run(world, tmp_path, model, output="RNA")
    with pytest.raises(UsageError, match=r"--output: got 'RNA', wanted none: the model says nothing of windows, which"):
        run(world, tmp_path, world["folder"] / "model", output="RNA")


@pytest.mark.parametrize(("kind", "names"), [("one+", ["delta"]), ("classes+", ["shift"]), ("tracks", ["shift"])])
def test_an_ensemble_and_a_model_of_tracks_give_what_they_can(world, tmp_path, kind, names):
    table, summary, _ = run(world, tmp_path, save_outputs(tmp_path, kind), twin=True)
    assert [name for name in table if name in ("l2", "cosine", "delta", "shift")] == names
    assert table[names[0]].notna().all()
    assert (table[f"{names[0]}_twin"] != table[names[0]]).all()
    assert list(summary["units"]) == names


def test_pairs_of_windows_are_scored_by_a_named_output(tmp_path):
    rng, files = np.random.default_rng(0), {}
    for name in ("exon", "intron"):
        rows = rng.choice(list("ACGT"), (12, 25))
        refs = ["".join(row) for row in rows]
        alts = [text[:12] + other(text[12]) + text[13:] for text in refs]
        files[name] = tmp_path / f"{name}.csv"
        pd.DataFrame({"ref": refs, "alt": alts}).to_csv(files[name], index=False)
    model = save_outputs(tmp_path, "classes")
    out = {"out": tmp_path / "o.tsv", "out_summary": tmp_path / "o.json"}
    given = {"classes": list(files), "windows": list(files.values()), "model": model}
    score_windows.main(**given, **out, output="promoter", scores=["delta"])
    assert pd.read_csv(tmp_path / "o.tsv", sep="\t")[["delta", "delta_null", "delta_twin"]].notna().all(axis=None)
    assert json.loads((tmp_path / "o.json").read_text())["units"] == {"delta": "promoter: log-odds, nats"}
