"""VCF in, VCF, table and summary out: everything accounted for, readable by htslib, graded against labels."""

import gzip
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pysam
import pytest

import score_variants
from dnalm import cli
from dnalm.dna import seq
from dnalm.errors import InputError, UsageError
from dnalm.genome import fasta
from dnalm.metrics import ranking
from dnalm.networks import models
from dnalm.tokens import kinds
from dnalm.variants import alleles, vcf

REAL = Path(os.environ.get("DNALM_REAL_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
LENGTH = 4000
HEAD = (
    '##fileformat=VCFv4.2\n##source=someone\n##INFO=<ID=CLASS,Number=1,Type=String,Description="kind">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """A genome of two contigs and an untrained masked model over single bases."""
    folder = tmp_path_factory.mktemp("world")
    codes = np.random.default_rng(0).integers(0, 4, (2, LENGTH)).astype(np.uint8)
    texts = {name: seq.decode(row) for name, row in zip(("c2", "c1"), codes, strict=True)}
    (folder / "genome").mkdir()
    with pysam.BGZFile(str(folder / "genome" / "genome.fa.gz"), "w") as handle:
        handle.write("".join(f">{name}\n{text.lower()}\n" for name, text in texts.items()).encode())
    pysam.faidx(str(folder / "genome" / "genome.fa.gz"))
    tok = kinds.train("char", [], vocab_size=0, k=1)
    sizes = {"hidden_size": 8, "num_hidden_layers": 1}
    models.save(models.build("mlm", "dilated_conv", sizes, tok, 64, 0).eval(), tok, folder / "model", "card")
    return {"folder": folder, "texts": texts}


def run(world: dict, tmp_path: Path, body: str, **options: object) -> tuple[Path, pd.DataFrame, dict]:
    (tmp_path / "in.vcf").write_text(HEAD + body)
    outs = {"out": tmp_path / "o.vcf.gz", "out_table": tmp_path / "o.tsv.gz", "out_summary": tmp_path / "o.json"}
    settings = {
        "vcf": tmp_path / "in.vcf",
        "genome": world["folder"] / "genome",
        "model": world["folder"] / "model",
        "window": 40,
    }
    score_variants.main(**(settings | outs | options))
    table = pd.read_csv(outs["out_table"], sep="\t", keep_default_na=False, na_values=[""], dtype={"skipped": str})
    return outs["out"], table, json.loads(outs["out_summary"].read_text())


def line(chrom: str, pos: int, ref: str, alt: str, info: str = ".") -> str:
    return f"{chrom}\t{pos}\t.\t{ref}\t{alt}\t50\tPASS\t{info}\tGT\t0/1\n"


def other(base: str, step: int = 1) -> str:
    return "ACGT"[("ACGT".index(base) + step) % 4]


def mixed(texts: dict[str, str]) -> str:
    """One of each: a substitution twice, a multi-allelic site with an indel, an edge, and four that are skipped."""
    base = {(chrom, pos): texts[chrom][pos - 1] for chrom in texts for pos in (1, 100, 200, 300)}
    one = line("c1", 100, base["c1", 100], other(base["c1", 100]), "CLASS=x;AF=0.1")
    alts = f"{other(base['c1', 200])},{base['c1', 200]}A,{other(base['c1', 200], 2)}"
    return "".join(
        [
            one,
            one,
            line("c1", 200, base["c1", 200].lower(), alts, "CLASS=y;AF=0.1,0.2,0.3;DB"),
            line("c2", 1, base["c2", 1], other(base["c2", 1])),
            line("c2", 100, base["c2", 100], "<DEL>"),
            line("c2", 0, "N", "A"),
            line("c2", 200, base["c2", 200], "."),
            line("un", 7, "A", "C"),
        ]
    )


def test_every_record_comes_out_with_scores_or_reasons(world: dict, tmp_path: Path):
    out, table, summary = run(world, tmp_path, mixed(world["texts"]))
    assert (summary["records"], summary["alleles"], summary["scored"]) == (8, 10, 5)
    assert summary["alleles"] == summary["scored"] + sum(summary["skipped"].values())
    assert summary["skipped"] == {
        "indel": 1,
        "symbolic": 1,
        "pos_zero": 1,
        "missing_alt": 1,
        "contig_unknown": 1,
    }
    assert (summary["distinct"], summary["sites"], summary["edge"], summary["lower_case"]) == (4, 3, 1, 1)
    assert table.chrom.tolist() == ["c2"] * 4 + ["c1"] * 5 + ["un"]
    assert table.pos.tolist() == [0, 1, 100, 200, 100, 100, 200, 200, 200, 7]
    assert table.loc[table.skipped.isna(), ["l2", "l2_local", "cosine", "llr"]].notna().all(axis=None)
    twice = table[(table.chrom == "c1") & (table.pos == 100)]
    assert twice.drop_duplicates().shape[0] == 1
    with pysam.VariantFile(str(out)) as file:
        records = list(file)
        assert "someone" in str(file.header)
    assert len(records) == 8
    site = next(record for record in records if record.pos == 200 and record.chrom == "c1")
    assert site.info["DNALM_LLR"][1] is None
    assert site.info["DNALM_LLR"][0] == pytest.approx(float(table[table.pos == 200].llr.dropna().iloc[0]), rel=1e-4)
    assert site.info["DNALM_SKIP"] == (".", "indel", ".") or site.info["DNALM_SKIP"] == (None, "indel", None)
    assert site.samples["S1"]["GT"] == (0, 1)
    edge = next(record for record in records if record.pos == 1)
    assert edge.info["DNALM_EDGE"] is True
    assert next(record for record in records if record.chrom == "un").info["DNALM_SKIP"] == ("contig_unknown",)
    with pysam.TabixFile(str(out)) as file:
        assert len(list(file.fetch("c1", 99, 100))) == 2


def test_own_output_can_be_scored_again(world: dict, tmp_path: Path):
    out, table, _ = run(world, tmp_path, mixed(world["texts"]))
    (tmp_path / "again").mkdir()
    second, again, _ = run(world, tmp_path / "again", "", vcf=out)
    assert again.equals(table)
    assert gzip.decompress(second.read_bytes()) == gzip.decompress(out.read_bytes())


def test_header_only_gives_valid_empty_results(world: dict, tmp_path: Path):
    out, table, summary = run(world, tmp_path, "", label_key="CLASS", positive=["x"])
    assert (len(table), summary["alleles"], summary["scored"]) == (0, 0, 0)
    with pysam.VariantFile(str(out)) as file:
        assert "DNALM_LLR" in file.header.info
        assert list(file) == []


def test_labels_are_ranked_beside_baselines(world: dict, tmp_path: Path):
    text, rng = world["texts"]["c1"], np.random.default_rng(1)
    places = rng.choice(np.arange(50, 3900), 120, replace=False)
    rows = [
        line("c1", pos, text[pos - 1], other(text[pos - 1], int(rng.integers(1, 4))), f"CLASS={kind}")
        for pos, kind in zip(places, ["bad", "good", "rest"] * 40, strict=True)
    ]
    labelled = {"label_key": "CLASS", "positive": ["bad"], "negative": ["good"]}
    _, table, summary = run(world, tmp_path, "".join(rows), **labelled)
    kept = table[table["class"].isin(["bad", "good"])]
    truth = (kept["class"] == "bad").to_numpy(int)
    assert summary["auroc"]["llr"]["value"] == pytest.approx(ranking.auroc(truth, -kept.llr.to_numpy()), abs=1e-3)
    assert summary["auprc"]["l2"]["value"] == pytest.approx(ranking.auprc(truth, kept.l2.to_numpy()), abs=1e-3)
    assert summary["ranked_by"]["llr"] == "-llr"
    assert (summary["n_positive"], summary["n_negative"], summary["prevalence"]) == (40, 40, 0.5)
    assert summary["auroc"]["llr"]["low"] < summary["auroc"]["llr"]["value"] < summary["auroc"]["llr"]["high"]
    assert set(summary["baseline"]) == {"transition", "cpg", "substitution_rate"}
    assert summary["classes"]["rest"]["n"] == 40
    assert summary["changed_tokens_spearman"]["l2"]["value"] is None
    assert "equally many tokens" in summary["changed_tokens_spearman"]["l2"]["reason"]
    _, _, all_others = run(world, tmp_path, "".join(rows), label_key="CLASS", positive=["bad"])
    assert (all_others["n_positive"], all_others["n_negative"]) == (40, 80)
    _, _, one_class = run(world, tmp_path, "".join(rows[::3]), label_key="CLASS", positive=["bad"])
    assert one_class["auroc"]["llr"]["value"] is None
    assert one_class["auroc"]["llr"]["reason"]


def test_wrong_wishes_are_refused_before_any_work(world: dict, tmp_path: Path):
    body = mixed(world["texts"])
    with pytest.raises(InputError, match="no record has the INFO key 'KIND'; they have CLASS, AF, DB"):
        run(world, tmp_path, body, label_key="KIND")
    with pytest.raises(InputError, match="class 'z' does not occur; the classes are x, y"):
        run(world, tmp_path, body, label_key="CLASS", positive=["z"])
    with pytest.raises(UsageError, match="say with --label-key"):
        run(world, tmp_path, body, positive=["x"])
    with pytest.raises(UsageError, match="'delta' cannot be had from a model trained as mlm"):
        run(world, tmp_path, body, scores=["delta"])
    with pytest.raises(UsageError, match="leaves no context"):
        run(world, tmp_path, body, window=2)
    assert not (tmp_path / "o.vcf.gz").exists()


def test_wrong_build_leaves_nothing_behind(world: dict, tmp_path: Path):
    text = world["texts"]["c1"]
    body = line("c1", 50, other(text[49]), text[49]) + line("c1", 60, text[59], other(text[59]))
    (tmp_path / "in.vcf").write_text(HEAD + body)
    options = {
        "vcf": tmp_path / "in.vcf",
        "genome": world["folder"] / "genome",
        "model": world["folder"] / "model",
        "out": tmp_path / "o.vcf.gz",
        "out-table": tmp_path / "o.tsv.gz",
        "out-summary": tmp_path / "o.json",
    }
    argv = [text for name, value in options.items() for text in (f"--{name}", str(value))]
    with pytest.raises(SystemExit) as stop:
        cli.run(score_variants.main, argv)
    assert stop.value.code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["in.vcf"]
    cli.run(score_variants.main, [*argv, "--max-mismatch", "0.5", "--window", "40"])
    assert (tmp_path / "o.vcf.gz.card.json").exists()


@pytest.mark.real
@pytest.mark.skipif(not REAL.exists(), reason=f"real data absent: set DNALM_REAL_DATA (looked in {REAL})")
@pytest.mark.parametrize(
    ("name", "genome", "mismatches"),
    [
        ("hg19/hapmap3.3.chr20.vcf.gz", "hg19/hg19_part.fa.gz", 0),
        ("hg19/omni2.5.chr20.vcf.gz", "hg19/hg19_part.fa.gz", 0),
        ("hg19/1000Gp3.BRCA1.vcf.gz", "hg19/hg19_part.fa.gz", 0),
        ("hg19/1000Gp3.chr20_1-2Mb.vcf.gz", "hg19/hg19_part.fa.gz", 0),
        ("yeast/BKI.1011genomes.sacCer3.vcf.gz", "yeast/sacCer3.fa.gz", 0),
    ],
)
def test_real_calls_fit_their_genome(tmp_path: Path, name: str, genome: str, mismatches: int):
    called = vcf.read(REAL / name)
    table = vcf.split_alleles(called.records)
    table, pairs = alleles.pair_alleles(table, fasta.open_genome(REAL / genome), 201, path=name)
    skipped = table.skipped[table.skipped != ""].value_counts().to_dict()
    assert skipped.get("ref_mismatch", 0) == mismatches
    assert skipped.get("contig_unknown", 0) == 0
    assert (pairs.row >= 0).sum() + sum(skipped.values()) == len(table)
    assert len(pairs.alt) > 1500


@pytest.mark.real
@pytest.mark.skipif(not REAL.exists(), reason=f"real data absent: set DNALM_REAL_DATA (looked in {REAL})")
def test_hapmap_without_definitions_becomes_readable(world: dict, tmp_path: Path, capfd: pytest.CaptureFixture):
    out, table, summary = run(
        world, tmp_path, "", vcf=REAL / "hg19" / "hapmap3.3.chr20.vcf.gz", genome=REAL / "hg19" / "hg19_part.fa.gz"
    )
    assert summary["records"] == 5943
    assert len(table) == summary["alleles"]
    capfd.readouterr()
    with pysam.VariantFile(str(out)) as file:
        assert sum(1 for record in file if record.info["AF"]) == 5943
    assert "not defined" not in capfd.readouterr().err
