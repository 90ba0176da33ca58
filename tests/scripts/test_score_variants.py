"""VCF in, VCF, table and summary out: everything accounted for, readable by htslib, graded against labels."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pysam
import pytest
from pysam import bcftools
from scored import HEAD, good, line, make_world, other

import score_variants
from dnalm import cli
from dnalm.dna import bigwig
from dnalm.errors import InputError, UsageError
from dnalm.genome import fasta, tabix
from dnalm.metrics import ranking
from dnalm.variants import alleles, pairs, vcf
from dnalm.variants.baselines import BASELINES

REAL = Path(os.environ.get("DNALM_REAL_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """A genome of two contigs and an untrained masked model over single bases."""
    return make_world(tmp_path_factory.mktemp("world"))


def run(world: dict, tmp_path: Path, body: str, **options: object) -> tuple[Path, pd.DataFrame, dict]:
    (tmp_path / "in.vcf").write_text(HEAD + body)
    outs = {"out": tmp_path / "o.vcf.gz", "out_table": tmp_path / "o.tsv.gz", "out_summary": tmp_path / "o.json"}
    settings = {
        "vcf": tmp_path / "in.vcf",
        "genome": world["folder"] / "genome",
        "model": world["folder"] / "model",
        "window": 40,
        "twin": False,
    }
    score_variants.main(**(settings | outs | options))
    table = pd.read_csv(outs["out_table"], sep="\t", keep_default_na=False, na_values=[""], dtype={"skipped": str})
    return outs["out"], table, json.loads(outs["out_summary"].read_text())


def mixed(texts: dict[str, str]) -> str:
    """One of each: a substitution twice, a multi-allelic site with an indel, an edge, and four that are skipped."""
    base = {(chrom, pos): texts[chrom][pos - 1] for chrom in texts for pos in (1, 100, 200, 300)}
    one = line("c1", 100, base["c1", 100], other(base["c1", 100]), "CLASS=x;AF=0.1")
    alts = f"{other(base['c1', 200])},{base['c1', 200]}A,{other(base['c1', 200], 2)},N"
    return "".join(
        [
            one,
            one,
            line("c1", 200, base["c1", 200].lower(), alts, "CLASS=y;AF=0.1,0.2,0.3,0.4;DB"),
            line("c2", 1, base["c2", 1], other(base["c2", 1])),
            line("c2", 100, base["c2", 100], "<DEL>"),
            line("c2", 0, "N", "A"),
            line("c2", 200, base["c2", 200], "."),
            line("un", 7, "A", "C"),
        ]
    )


def test_every_record_comes_out_with_scores_or_reasons(world: dict, tmp_path: Path):
    out, table, summary = run(world, tmp_path, mixed(world["texts"]), max_outside=0.2)
    assert (summary["records"], summary["alleles"], summary["scored"]) == (8, 11, 6)
    assert summary["alleles"] == summary["scored"] + sum(summary["skipped"].values())
    assert summary["skipped"] == {
        "symbolic": 1,
        "pos_zero": 1,
        "missing_alt": 1,
        "contig_unknown": 1,
        "non_acgt": 1,
    }
    assert (summary["distinct"], summary["sites"], summary["edge"], summary["lower_case"]) == (5, 3, 1, 1)
    assert summary["kinds"] == {"insertion": 1, "snv": 4}
    assert table.chrom.tolist() == ["c2"] * 4 + ["c1"] * 6 + ["un"]
    assert table.pos.tolist() == [0, 1, 100, 200, 100, 100, 200, 200, 200, 200, 7]
    assert table.loc[table.skipped.isna(), ["l2", "l2_local", "cosine", "llr"]].notna().all(axis=None)
    twice = table[(table.chrom == "c1") & (table.pos == 100)]
    assert twice.drop_duplicates().shape[0] == 1
    with pysam.VariantFile(str(out)) as file:
        records = list(file)
        assert "someone" in str(file.header)
    assert len(records) == 8
    site = next(record for record in records if record.pos == 200 and record.chrom == "c1")
    assert [value is None for value in site.info["DNALM_LLR"]] == [False, False, False, True]
    assert site.info["DNALM_LLR"][0] == pytest.approx(float(table[table.pos == 200].llr.dropna().iloc[0]), rel=1e-4)
    assert [reason for reason in site.info["DNALM_SKIP"] if reason not in (None, ".")] == ["non_acgt"]
    assert site.samples["S1"]["GT"] == (0, 1)
    edge = next(record for record in records if record.pos == 1)
    assert edge.info["DNALM_EDGE"] is True
    assert next(record for record in records if record.chrom == "un").info["DNALM_SKIP"] == ("contig_unknown",)
    with pysam.TabixFile(str(out)) as file:
        assert len(list(file.fetch("c1", 99, 100))) == 2


def test_own_output_can_be_scored_again(world: dict, tmp_path: Path):
    out, table, _ = run(world, tmp_path, mixed(world["texts"]), max_outside=0.2)
    (tmp_path / "again").mkdir()
    second, again, _ = run(world, tmp_path / "again", "", vcf=out, max_outside=0.2)
    assert again.equals(table)
    assert gzip.decompress(second.read_bytes()) == gzip.decompress(out.read_bytes())


def test_a_kill_half_way_redoes_only_what_is_missing(world: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pairs, "CHUNK", 8)
    rows = good(world["texts"], 30)
    whole = run(world, tmp_path, rows)[1]
    read, seen = score_variants.evidence.one_strand, []

    def killed(*words: object, **more: object) -> dict:
        seen.append(len(words[2].view))
        if len(seen) > 4 and not again:
            raise KeyboardInterrupt
        return read(*words, **more)

    again = False
    monkeypatch.setattr(score_variants.evidence, "one_strand", killed)
    with pytest.raises(KeyboardInterrupt):
        run(world, tmp_path, rows, checkpoints=tmp_path / "kept")
    assert len(list((tmp_path / "kept").rglob("*.f32"))) == 2
    again, seen[:] = True, []
    assert run(world, tmp_path, rows, checkpoints=tmp_path / "kept")[1].equals(whole)
    assert seen == [8, 8, 6, 6], "both strands of the two pieces that were missing"
    assert not list((tmp_path / "kept").rglob("*.f32"))
    assert run(world, tmp_path, rows, checkpoints=tmp_path / "kept", scores=["llr"])[1].llr.equals(whole.llr)
    given = {"scores": ["l2"], "twin": True, "seed": 5}  # the model is untaught itself, by seed 0
    apart, kept = (run(world, tmp_path, rows, **given, **more)[1] for more in ({}, {"checkpoints": tmp_path / "kept"}))
    assert kept.equals(apart), "what the twin said is kept apart from what the model did"
    assert (kept.l2_twin != kept.l2).all()


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
    _, table, summary = run(world, tmp_path, "".join(rows), **labelled, twin=True)
    kept = table[table["class"].isin(["bad", "good"])]
    truth = (kept["class"] == "bad").to_numpy(int)
    assert summary["auroc"]["llr"]["value"] == pytest.approx(ranking.auroc(truth, -kept.llr.to_numpy()), abs=1e-3)
    assert summary["auprc"]["l2"]["value"] == pytest.approx(ranking.auprc(truth, kept.l2.to_numpy()), abs=1e-3)
    assert summary["ranked_by"]["llr"] == "-llr"
    assert (summary["n_positive"], summary["n_negative"], summary["prevalence"]) == (40, 40, 0.5)
    assert summary["auroc"]["llr"]["low"] < summary["auroc"]["llr"]["value"] < summary["auroc"]["llr"]["high"]
    assert set(summary["baseline"]) == set(BASELINES)
    assert summary["best_baseline"].removeprefix("-") in BASELINES
    assert set(summary["minus_best_baseline"]["llr"]) == {"auroc", "auprc"}
    less = summary["auroc"]["llr"]["value"] - summary["twin"]["llr"]["auroc"]["value"]
    assert summary["minus_twin"]["llr"]["auroc"]["value"] == pytest.approx(less)
    assert summary["classes"]["rest"]["n"] == 40
    for side in ("score", "twin", "residual"):
        assert "equally many tokens" in summary["changed_tokens_spearman"]["l2"][side]["reason"]
    _, _, all_others = run(world, tmp_path, "".join(rows), label_key="CLASS", positive=["bad"])
    assert (all_others["n_positive"], all_others["n_negative"]) == (40, 80)
    _, _, one_class = run(world, tmp_path, "".join(rows[::3]), label_key="CLASS", positive=["bad"])
    assert one_class["auroc"]["llr"]["value"] is None
    assert one_class["auroc"]["llr"]["reason"]


def test_a_change_that_is_said_twice_has_the_label_of_either(world: dict, tmp_path: Path):
    """Sets are put together of several files; where these contradict each other the change has no label."""
    text = world["texts"]["c1"]
    said = {100: ["", "bad"], 200: ["good", "bad"], 300: ["bad", "bad"], 400: ["good", ""], 500: ["rest", "good"]}
    body = "".join(
        line("c1", pos, text[pos - 1], other(text[pos - 1]), f"CLASS={kind}" if kind else ".")
        for pos, kinds in said.items()
        for kind in kinds
    )
    labelled = {"label_key": "CLASS", "positive": ["bad"], "negative": ["good"], "contrast": ["bad", "good"]}
    _, _, summary = run(world, tmp_path, body, **labelled)
    assert (summary["n_positive"], summary["n_negative"], summary["contradicted"]) == (2, 2, 1)
    assert {name: one["n"] for name, one in summary["classes"].items()} == {"bad": 3, "good": 3, "rest": 1}
    assert (summary["contrast"]["n"], summary["contrast"]["contradicted"]) == ([2, 2], 1)


def test_a_mitochondrion_is_read_by_the_code_that_is_given(world: dict, tmp_path: Path):
    """TGG to TGA ends a protein of the nucleus, and none of a mitochondrion."""
    at = next(at for at in range(60, 3900) if world["texts"]["c1"][at : at + 3] == "TGG")
    start, end = at - 30, at + 60
    (tmp_path / "genes.bed").write_text(f"c1\t{start}\t{end}\tt\t0\t+\t{start}\t{end}\t0\t1\t{end - start}\t0\n")
    body = line("c1", at + 3, "G", "A")
    for codes, meant in ((None, "stop_gained"), ({"c1": 2}, "synonymous_variant"), ({"c2": 2}, "stop_gained")):
        _, table, _ = run(world, tmp_path, body, genes=tmp_path / "genes.bed", genetic_codes=codes)
        assert table.consequence.tolist() == [meant]
    with pytest.raises(UsageError, match="the genome has no contig 'chrM'"):
        run(world, tmp_path, body, genes=tmp_path / "genes.bed", genetic_codes={"chrM": 2})
    with pytest.raises(UsageError, match="--genetic-codes speaks of --genes"):
        run(world, tmp_path, body, genetic_codes={"c1": 2})


def test_a_motif_is_a_baseline(world: dict, tmp_path: Path):
    """What breaks its sites is what it ranks first; each of three bases in a row has the allele of its own edit."""
    text = world["texts"]["c1"]
    sites = [at for at in range(50, 3900) if text[at : at + 3] == "ACG"]
    rows = "\n".join(" ".join("1.0" if base == here else "0.0" for base in "ACGT") for here in "ACG")
    head = "MEME version 4\n\nALPHABET= ACGT\n\nMOTIF M1 toy\nletter-probability matrix: alength= 4 w= 3\n"
    (tmp_path / "m.meme").write_text(f"{head}{rows}\n")
    body = "".join(
        line("c1", at + 1, text[at], "T", "CLASS=broken") + line("c1", at + 9, text[at + 8], other(text[at + 8]))
        for at in sites[:40:2]
    )
    settings = {"label_key": "CLASS", "positive": ["broken"], "motif": tmp_path / "m.meme"}
    _, table, summary = run(world, tmp_path, body.replace("\t.\tGT", "\tCLASS=beside\tGT"), **settings)
    assert summary["baseline"]["motif_loss"]["auroc"]["value"] > 0.8
    assert not [name for name in table.columns if "motif_loss" in name or "given" in name]
    with pytest.raises(UsageError, match="baseline 'motif_loss' is given twice"):
        run(world, tmp_path, body, **settings, baselines={"motif_loss": "CLASS"})


def test_a_signal_along_the_genome_is_a_baseline(world: dict, tmp_path: Path):
    """High where the alleles lie that are called broken: it ranks them first, in whatever order, and is no column."""
    text = world["texts"]["c1"]
    places = range(100, 1300, 20)
    values = np.zeros(len(text), np.float32)
    values[[pos - 1 for pos in places if pos % 40]] = 2.5
    bigwig.write(tmp_path / "s.bw", {"c1": len(text)}, {"c1": values}, 1)
    body = "".join(
        line("c1", pos, text[pos - 1], other(text[pos - 1]), f"CLASS={'broken' if pos % 40 else 'whole'}")
        for pos in reversed(places)
    )
    settings = {"label_key": "CLASS", "positive": ["broken"], "signals": [tmp_path / "s.bw"]}
    _, table, summary = run(world, tmp_path, body, **settings, signal_names=["phyloP"])
    assert summary["baseline"]["phyloP"]["auroc"]["value"] == 1
    assert summary["baseline"]["phyloP"]["n"] == len(places)
    assert not [name for name in table.columns if "phyloP" in name or "given" in name]
    with pytest.raises(UsageError, match="--signal-names gives 2 names for 1 --signals; one each"):
        run(world, tmp_path, body, **settings, signal_names=["phyloP", "phastCons"])
    with pytest.raises(UsageError, match="baseline 'phyloP' is given twice"):
        run(world, tmp_path, body, **settings, signal_names=["phyloP"], baselines={"phyloP": "CLASS"})


def test_what_others_say_may_have_the_name_of_a_column(world: dict, tmp_path: Path):
    """It had stood in that column's place: a position of .5, say."""
    text = world["texts"]["c1"]
    places = range(100, 1300, 20)
    body = "".join(
        line("c1", pos, text[pos - 1], other(text[pos - 1]), f"CLASS={'xy'[pos % 3 == 0]};KEY={pos % 3}")
        for pos in places
    )
    labelled = {"label_key": "CLASS", "positive": ["y"]}
    _, table, summary = run(world, tmp_path, body, baselines={"pos": "KEY", "edit": "KEY"}, **labelled)
    assert table.pos.tolist() == list(places)
    assert summary["baseline"]["pos"]["auroc"]["value"] == 0
    with pytest.raises(UsageError, match=r"baseline 'llr' is one of ours \(l2, .*call what is given otherwise"):
        run(world, tmp_path, "", baselines={"llr": "KEY"}, **labelled)


def test_wrong_wishes_are_refused_before_any_work(world: dict, tmp_path: Path):
    body = mixed(world["texts"])
    with pytest.raises(InputError, match="no record has the INFO key 'KIND'; they have CLASS, AF, DB"):
        run(world, tmp_path, body, max_outside=0.2, label_key="KIND")
    with pytest.raises(InputError, match="class 'z' does not occur; the classes are x, y"):
        run(world, tmp_path, body, max_outside=0.2, label_key="CLASS", positive=["z"])
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


def test_positions_beyond_a_tbi_get_a_csi_alone(world: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tabix, "TBI_REACH", 2000)
    out, table, _ = run(world, tmp_path, good(world["texts"], 120))
    assert (Path(f"{out}.csi").exists(), Path(f"{out}.tbi").exists()) == (True, False)
    with pysam.VariantFile(str(out), index_filename=f"{out}.csi") as file:
        assert [one.pos for one in file.fetch("c1", 2399, 2400)] == [2400]
    assert len(table) == 120


def test_bcf_scores_as_the_vcf_it_was_made_from(world: dict, tmp_path: Path):
    out, table, summary = run(world, tmp_path, good(world["texts"], 9) + mixed(world["texts"]), max_outside=0.2)
    for kind in ("b", "u"):
        calls, here = tmp_path / f"{kind}.bcf", tmp_path / kind
        here.mkdir()
        bcftools.view("--no-version", "-O", kind, "-o", str(calls), str(out), catch_stdout=False)
        second, again, other_summary = run(world, here, "", vcf=calls, max_outside=0.2)
        assert again.equals(table)
        assert other_summary == summary
        records = [
            [text for text in gzip.decompress(path.read_bytes()).decode().splitlines() if text[0] != "#"]
            for path in (out, second)
        ]
        assert records[0] == records[1]


@pytest.mark.slow
def test_samples_take_no_memory(world: dict, tmp_path: Path):
    """2,504 people at 2,000 sites are 20 MB of text, of which 24 MB at most may show, once."""
    samples, sites = 2504, 2000
    columns = HEAD.splitlines()[-1].split("\t")
    meta = HEAD[: HEAD.index("#CHROM")]
    text, rng = world["texts"]["c1"], np.random.default_rng(0)
    calls = np.array(["0|0", "0|1", "1|1"])
    peaks = []
    for number in (1, samples):
        with open(tmp_path / "in.vcf", "w") as file:
            file.write(meta + "\t".join([*columns[:9], *(f"S{person}" for person in range(number))]) + "\n")
            for pos in range(100, 100 + sites):
                site = line("c1", pos, text[pos - 1], other(text[pos - 1])).removesuffix("0/1\n")
                file.write(site + "\t".join(calls[rng.integers(0, 3, number)]) + "\n")
        script = (
            "import resource, sys, score_variants; from dnalm import cli; cli.run(score_variants.main);"
            "print(*(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))"
        )
        words = ["--vcf", tmp_path / "in.vcf", "--genome", world["folder"] / "genome"]
        words += ["--model", world["folder"] / "model", "--window", "40", "--scores", "l2"]
        words += ["--out", tmp_path / "o.vcf.gz", "--out-table", tmp_path / "o.tsv", "--out-summary", tmp_path / "o.js"]
        ran = subprocess.run(
            [sys.executable, "-c", script, *map(str, words)],
            env=os.environ | {"PYTHONPATH": str(Path(score_variants.__file__).parent)},
            capture_output=True,
            text=True,
            check=True,
        )
        peaks.append([int(word) / 1024 for word in ran.stdout.split()])
    with gzip.open(tmp_path / "o.vcf.gz") as file:
        assert {len(row.split(b"\t")) for row in file if row[:2] != b"##"} == {9 + samples}
    growth = np.subtract(peaks[1], peaks[0])
    assert (growth < 24).all(), f"MB more with {samples} samples: {growth}, of {peaks}"


def test_nothing_to_score_is_an_error_unless_allowed(world: dict, tmp_path: Path):
    text = world["texts"]["c1"]
    body = line("c2", 100, world["texts"]["c2"][99], "<DEL>") * 2 + line("c1", 9, text[8], text[8] + "A" * 30)
    with pytest.raises(
        InputError, match=r"none of its 3 alleles can be scored \(symbolic 2, too_long 1\); .* --allow-empty"
    ):
        run(world, tmp_path, body)
    assert [path.name for path in tmp_path.iterdir()] == ["in.vcf"]
    _, table, summary = run(world, tmp_path, body, allow_empty=True)
    assert (len(table), summary["scored"], summary["skipped"]) == (3, 0, {"symbolic": 2, "too_long": 1})


def test_what_was_repaired_is_counted_and_what_htslib_refuses_costs_no_scoring(
    world: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    body = good(world["texts"], 3)
    _, _, summary = run(world, tmp_path, body)
    assert "repaired" not in summary
    with caplog.at_level("INFO"):
        _, _, summary = run(world, tmp_path, body.replace("PASS\t.", "a b\tCLASS=x y"))
    assert summary["repaired"] == {
        "FILTER that is empty or holds blanks or commas, now '.' or '_'": 3,
        "INFO with blanks, now '_'": 3,
    }
    assert "repaired 3 INFO with blanks, now '_'" in caplog.text
    monkeypatch.setattr(score_variants.evidence, "score", lambda *_: pytest.fail("scored what cannot be written"))
    with pytest.raises(InputError, match=r"in.vcf:6: htslib cannot read this record \(Incorrect number of FORMAT"):
        run(world, tmp_path, good(world["texts"], 1) + body.replace("0/1\n", "0/1:7\n"))


def test_what_is_not_wanted_is_said_of_each_allele(world: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """By a file or by name, by a sample that carries it, by its record's filter."""
    texts = world["texts"]
    places = [("c2", 9), ("c2", 70), ("c1", 9), ("c1", 70)]
    rows = [line(chrom, pos, texts[chrom][pos - 1], other(texts[chrom][pos - 1])) for chrom, pos in places]
    rows[2], rows[3] = rows[2].replace("0/1", "0/0"), rows[3].replace("PASS", "low")
    (tmp_path / "r.bed").write_text("c1\t0\t90\n")

    def stop(table: pd.DataFrame, *_: object, **__: object) -> None:
        raise LookupError(" ".join(reason or "." for reason in table.unwanted))

    monkeypatch.setattr(score_variants.alleles, "hold", stop)
    for said, options in {
        r"\. \. \. \.": {},
        r"not_in_regions not_in_regions \. \.": {"regions": tmp_path / "r.bed"},
        r"\. not_in_regions not_in_regions not_in_regions": {"places": ["c2:0-20"]},
        r"\. \. not_in_sample \.": {"sample": "S1"},
        r"\. \. \. not_pass": {"pass_only": True},
        r"\. not_in_regions not_in_sample not_pass": {
            "regions": tmp_path / "r.bed",
            "places": ["c2:0-20"],
            "sample": "S1",
            "pass_only": True,
        },
    }.items():
        with pytest.raises(LookupError, match=f"^{said}$"):
            run(world, tmp_path, "".join(rows), **options)
    with pytest.raises(InputError, match=r"genome: regions names contig 'c3', which the genome lacks; nearest"):
        run(world, tmp_path, "".join(rows), places=["c3"])
    with pytest.raises(InputError, match=r"in\.vcf: none of its 4 alleles is in the 1 region\(s\) asked for"):
        run(world, tmp_path, "".join(rows), places=["c1:20-30"])


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
    table, edits = alleles.hold(table, fasta.open_genome(REAL / genome), 201, path=name)
    skipped = table.skipped[table.skipped != ""].value_counts().to_dict()
    assert skipped.get("ref_mismatch", 0) == mismatches
    assert skipped.get("contig_unknown", 0) == 0
    assert (table.edit >= 0).sum() + sum(skipped.values()) == len(table)
    assert len(edits) > 1500
    indels = table[(table.ref.str.len() != table.alt.str.len()) & table.alt.str.fullmatch("[ACGT]+")]
    assert (indels.skipped == "").sum() >= 0.99 * len(indels)


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


def test_with_a_fine_tuned_model_the_test_places_are_ranked_by_themselves(world, tmp_path):
    """What a model was taught at a site is not what it makes of a new one."""
    model = shutil.copytree(world["folder"] / "model", tmp_path / "model")
    splits = {"validation": [], "test": ["c2", "c1:0-150"], "exclude": []}
    genome = shutil.copytree(world["folder"] / "genome", tmp_path / "genome")
    (genome / "genome.json").write_text('{"name": "toy"}')
    (model / "split.json").write_text(json.dumps({"genome": "toy", "splits": splits, "saw_test": "unknown"}))
    base = {pos: world["texts"]["c1"][pos - 1] for pos in range(60, 300, 10)}
    body = "".join(line("c1", pos, ref, other(ref), f"CLASS={'xy'[pos % 20 > 9]}") for pos, ref in base.items())
    _, table, summary = run(world, tmp_path, body, genome=genome, model=model, label_key="CLASS", positive=["x"])
    assert table.split.tolist() == ["test" if pos <= 150 else "train" for pos in range(60, 300, 10)]
    assert summary["splits"] == {"test": 10, "train": 14}
    held_out = summary["held_out"]
    assert (held_out["n_positive"], held_out["n_negative"], summary["n_positive"]) == (5, 5, 12)
    labels = table["class"].eq("x")[table.split == "test"]
    found = ranking.auroc(labels.to_numpy(), table.l2[table.split == "test"].to_numpy())
    assert held_out["auroc"]["l2"]["value"] == pytest.approx(found)
    assert summary["pretraining_saw_test"] == "unknown"
