"""In a copy that has one variant score more: table, VCF, summary, ranking and picture have it."""

import json

import numpy as np
import pandas as pd
import pysam
import pytest
from genomes import make, random_codes
from seen import help_of, picture, words

import document_config
import draw_variants
import presets
import score_variants
from dnalm.dna import seq
from dnalm.networks import models
from dnalm.tokens import making


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """Sixty substitutions of two classes, scored by an untrained masked model by all that it can give."""
    folder, text = tmp_path_factory.mktemp("variants"), seq.decode(random_codes(0, 4000))
    tok = making.train("char")
    network = models.build("mlm", "dilated_conv", {"hidden_size": 8, "num_hidden_layers": 1}, tok, 64, 0)
    models.save(network, tok, folder / "model", "")
    other = dict(zip("ACGT", "CGTA", strict=True))
    rows = [
        f"c\t{pos}\t.\t{text[pos - 1]}\t{other[text[pos - 1]]}\t.\t.\tCLASS={'bad' if pos % 2 else 'good'}"
        for pos in range(100, 3700, 61)
    ]
    (folder / "in.vcf").write_text("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
    with open(folder / "in.vcf", "a") as handle:
        handle.write("\n".join(rows) + "\n")
    given = {"vcf": folder / "in.vcf", "genome": make(folder / "genome", {"c": text}), "model": folder / "model"}
    out = {"out": folder / "o.vcf.gz", "out_table": folder / "o.tsv.gz", "out_summary": folder / "o.json"}
    score_variants.main(**given, **out, window=40, label_key="CLASS", positive=["bad"])
    return folder


def test_it_is_known_before_anything_runs(capsys):
    assert "toy" in presets.schema("variants")["properties"]["scores"]["items"]["enum"]
    assert (
        "array of l2 or l2_local or l2_flank or cosine or llr or entropy or delta or shift or toy"
        in document_config.page()
    )
    assert "toy (toy distance)" in help_of(score_variants.main, capsys)


def test_it_is_in_table_vcf_and_summary(scored):
    table = pd.read_csv(scored / "o.tsv.gz", sep="\t")
    assert (table.toy > table.l2).all()  # as a city-block distance is
    with pysam.VariantFile(str(scored / "o.vcf.gz")) as called:
        assert called.header.info["DNALM_TOY"].description.startswith("City-block distance of the mean embeddings")
        assert np.allclose([record.info["DNALM_TOY"][0] for record in called], table.toy, rtol=1e-4)
    summary = json.loads((scored / "o.json").read_text())
    assert summary["quantiles"]["toy"]["0.5"] == pytest.approx(table.toy.median(), rel=1e-4)
    assert summary["auroc"]["toy"]["value"] is not None
    assert summary["ranked_by"]["toy"] == "-toy"
    assert "toy" in summary["changed_tokens_spearman"]


def test_it_is_in_the_picture(tmp_path, scored):
    figure = picture(draw_variants.main, table=scored / "o.tsv.gz", summary=scored / "o.json", out=tmp_path / "a.png")
    assert "toy distance" in words(figure)
    assert any("by −toy" in text for text in words(figure))
