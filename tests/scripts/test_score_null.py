"""Random variants scored, read again, and percentiles of others from them."""

import gzip
import json

import numpy as np
import pandas as pd
import pytest
from scored import HEAD, good, make_world

import score_null
import score_variants
import write_parquet
from dnalm.errors import InputError


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return make_world(tmp_path_factory.mktemp("world"))


def test_percentiles_come_from_random_variants(world, tmp_path):
    genome, model = world["folder"] / "genome", world["folder"] / "model"
    (genome / "genome.json").write_text(json.dumps({"name": "g", "splits": {"exclude": ["c2"]}}))
    null = tmp_path / "null.tsv.gz"
    score_null.main(genome=genome, model=model, out=null, number=600, window=40)
    table = pd.read_csv(null, sep="\t", keep_default_na=False)
    assert list(table) == [
        "chrom",
        "start",
        "ref",
        "alt",
        "weight",
        *["l2", "l2_local", "l2_flank", "cosine", "llr", "entropy"],
    ]
    assert 500 < len(table) <= 600
    assert set(table.chrom) == {"c1"}, "what the splits exclude is not drawn from"
    assert (table.ref.str.len() != table.alt.str.len()).sum() > 20
    again = tmp_path / "again.tsv.gz"
    score_null.main(genome=genome, model=model, out=again, number=600, window=40)
    assert again.read_bytes() == null.read_bytes()

    (tmp_path / "in.vcf").write_text(HEAD + good(world["texts"], 80))
    outs = {"out": tmp_path / "o.vcf.gz", "out_table": tmp_path / "o.tsv", "out_summary": tmp_path / "o.json"}
    given = {"vcf": tmp_path / "in.vcf", "genome": genome, "model": model, "window": 40, "twin": False, "null": null}
    score_variants.main(**given, **outs)
    found = pd.read_csv(outs["out_table"], sep="\t")
    assert found[["l2_percentile", "llr_percentile", "llr_p"]].notna().all(axis=None)
    assert found.llr_percentile.corr(found.llr, method="spearman") < -0.5
    assert found.matched_by.str.startswith("kind").all()
    assert (found.null >= 100).all()
    with gzip.open(outs["out"], "rt") as handle:
        text = handle.read()
    assert "DNALM_LLR_PCT=" in text
    assert "##INFO=<ID=DNALM_LLR_P,Number=A,Type=Float" in text
    assert json.loads(outs["out_summary"].read_text())["scored"] == 80
    write_parquet.main(table=outs["out_table"], out=tmp_path / "o.parquet")
    columns = pd.read_parquet(tmp_path / "o.parquet")
    texts = set(found.select_dtypes(exclude="number")) | {"id", "normal", "class", "skipped"}  # the last are empty
    assert {name for name in columns if columns[name].dtype.kind not in "if"} == texts
    assert (columns.matched_by == found.matched_by).all()
    assert np.array_equal(columns.llr_percentile, found.llr_percentile)


def test_a_null_of_other_scores_or_of_another_genome_is_refused(world, tmp_path):
    (tmp_path / "in.vcf").write_text(HEAD + good(world["texts"], 3))
    outs = {"out": tmp_path / "o.vcf.gz", "out_table": tmp_path / "o.tsv", "out_summary": tmp_path / "o.json"}
    given = {"vcf": tmp_path / "in.vcf", "genome": world["folder"] / "genome", "model": world["folder"] / "model"}
    null = tmp_path / "null.tsv"
    row = {"chrom": ["c9"], "start": [3], "ref": ["A"], "alt": ["C"], "weight": [1.0], "l2": [0.5]}
    for table, said in (
        (pd.DataFrame(row), "has variants on c9, which the genome lacks; score a null of this genome"),
        (pd.DataFrame(row).drop(columns="l2"), r"no table of random variants with l2 \(.*\); make it again with"),
        (pd.DataFrame(row).assign(l2="x"), r"no table of random variants with l2 \(.*\); make it again with"),
    ):
        table.to_csv(null, sep="\t", index=False)
        with pytest.raises(InputError, match=said):
            score_variants.main(**given, **outs, window=40, scores=["l2"], null=null)
    assert np.all([not path.exists() for path in outs.values()])
