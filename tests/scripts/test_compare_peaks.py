"""The table and the counts of two scans, and the words where there is nothing to compare at."""

import json

import genomes
import numpy as np
import pandas as pd
import pytest

import apply_variants
import compare_peaks
from dnalm.dna import bigwig, chain
from dnalm.errors import InputError
from dnalm.scan import compare

STEP = 10


@pytest.fixture
def scans(tmp_path):
    """A peak on each of two contigs; the one of chr2, which is held out, has a variant and is gone."""
    contigs = dict.fromkeys(("chr1", "chr2"), "ACGT" * 100)
    folder = genomes.make(tmp_path / "toy", contigs, {"test": ["chr2"]})
    (tmp_path / "split.json").write_text(json.dumps({"genome": "toy", "splits": {"test": ["chr2"]}}))
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "calling.json").write_text('{"by": "null", "null": {"cutoff": 0.5}, "validation": {"cutoff": 0.9}}')
    values = np.full(40, 0.1, np.float32)
    values[20] = 0.8
    sizes = dict.fromkeys(contigs, 400)
    bigwig.write(tmp_path / "old.bw", sizes, {"chr1": values, "chr2": values}, STEP)
    bigwig.write(tmp_path / "new.bw", sizes, {"chr1": values, "chr2": np.full(40, 0.1, np.float32)}, STEP)
    chain.write(
        tmp_path / "a.chain", [chain.Chain(name, 400, name, 400, "+", np.array([[0, 0, 400]])) for name in sizes]
    )
    row = ("chr2", 201, 202, 201, 202, "C", "T", "snv", "202:C>T")
    pd.DataFrame([row], columns=apply_variants.COLUMNS).to_csv(tmp_path / "applied.tsv.gz", sep="\t", index=False)
    names = {"signal": "old.bw", "personal": "new.bw", "calling": "calling.json", "chain": "a.chain"}
    names |= {
        "variants": "applied.tsv.gz",
        "split": "split.json",
        "config": "config.json",
        "out": "a.tsv",
        "out_counts": "a.json",
    }
    return {key: tmp_path / name for key, name in names.items()} | {"genome": folder, "window": 40}


def test_a_variant_beside_the_windows_lies_under_a_peak_of_a_model_that_reads_there(scans):
    """Windows of the lost peak's bins hold [160, 250); the variant lies 12 bases before them."""
    row = ("chr2", 147, 148, 147, 148, "T", "C", "snv", "148:T>C")
    pd.DataFrame([row], columns=apply_variants.COLUMNS).to_csv(scans["variants"], sep="\t", index=False)
    for margin, found in ((12, ""), (13, "148:T>C")):
        scans["config"].write_text(json.dumps({"margin": margin}))
        compare_peaks.main(**scans)
        assert pd.read_csv(scans["out"], sep="\t", keep_default_na=False).variants.tolist() == ["", found]
        assert json.loads(scans["out_counts"].read_text())["beside"] == margin


def test_peaks_lost_are_listed_with_their_variants(scans):
    compare_peaks.main(**scans)
    table = pd.read_csv(scans["out"], sep="\t", keep_default_na=False)
    assert list(table) == compare.COLUMNS
    assert table.kind.tolist() == ["shared", "lost"]
    assert table.split.tolist() == ["train", "test"]
    assert table.variants.tolist() == ["", "202:C>T"]
    assert table.distances.tolist() == ["", "-4"]
    assert table.summit.tolist() == [205, 205]
    assert table.difference.astype(float).tolist() == pytest.approx([0, -0.7])
    report = json.loads(scans["out_counts"].read_text())
    assert (report["cutoff"], report["step"], report["not_scanned"]) == (0.5, STEP, 0)
    assert report["splits"] == {"test": {"lost": 1}}
    assert report["peaks"]["beyond_phase"] == {"shared": 0, "changed": 0, "gained": 0, "lost": 1}
    assert report["away"]["in_phase"]["peaks"] == 1
    assert report["by_chance"] == {"peaks": 0, "flipped": None}


def test_without_a_variant_and_without_a_peak(scans):
    empty = pd.DataFrame(columns=apply_variants.COLUMNS)
    empty.to_csv(scans["variants"], sep="\t", index=False)
    scans["calling"].write_text('{"by": "null", "null": {"cutoff": 0.85}}')
    compare_peaks.main(**scans)
    assert pd.read_csv(scans["out"], sep="\t").empty
    report = json.loads(scans["out_counts"].read_text())
    assert report["away"]["in_phase"] == {
        "peaks": 0, "differ": 0, "share": None, "largest": None, "flipped": 0, "flip_share": None, "quantile": None
    }  # fmt: skip


def test_where_no_peak_was_called_there_is_no_height_to_compare_at(scans):
    scans["calling"].write_text('{"by": "null", "null": {"cutoff": null}}')
    with pytest.raises(
        InputError, match=r"calling.json: no peak was called on the reference, .* raise fdr under calling"
    ):
        compare_peaks.main(**scans)


def test_a_scan_of_another_genome_is_refused(scans):
    bigwig.write(scans["personal"], {"chrX": 400}, {"chrX": np.ones(40, np.float32)}, STEP)
    with pytest.raises(InputError, match="contig 'chr1' is not in the bigWig"):
        compare_peaks.main(**scans)
    bigwig.write(scans["personal"], {"chr1": 300, "chr2": 400}, {"chr2": np.ones(40, np.float32)}, STEP)
    with pytest.raises(InputError, match=r"new.bw: chr1 has 300 bp, and 400 by the chain; scan again"):
        compare_peaks.main(**scans)
