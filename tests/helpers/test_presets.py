"""Presets and configuration: every mistake gets one line that says where, what, and what was meant."""

import os
import re
import shutil
from pathlib import Path

import pytest
import yaml

import checks
import genome_checks
import goals
import helpers
import presets
from dnalm.genome import browsers, contigs

ROOT = Path(__file__).resolve().parents[2]
CONTIGS = [f"chr{letter}" for letter in "ABCDEF"]


@pytest.fixture
def project(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "config", tmp_path / "config")
    shutil.copytree(ROOT / "resources/motifs", tmp_path / "resources/motifs")
    shutil.copytree(ROOT / "resources/contigs", tmp_path / "resources/contigs")
    monkeypatch.chdir(tmp_path)
    presets.preset.cache_clear()
    yield tmp_path
    presets.preset.cache_clear()


def config():
    return yaml.safe_load((ROOT / "config/config.yaml").read_text())


def change(path, old, new):
    text = Path(path).read_text()
    assert old in text
    Path(path).write_text(text.replace(old, new))


def refusal(value=None):
    with pytest.raises(presets.ConfigError) as error:
        checks.checked(value or config())
    return str(error.value)


def test_the_shipped_configurations_are_sound(project, monkeypatch):
    for name in ("config", "tiny"):
        checks.checked(yaml.safe_load((ROOT / f"config/{name}.yaml").read_text()))


def test_every_shipped_preset_fits_its_schema(project, monkeypatch):
    monkeypatch.setenv("DNALM_REAL_DATA", "/data")
    for kind in presets.KINDS:
        for path in Path(f"config/{kind}").glob("*.yaml"):
            presets.preset(kind, path.stem)


def test_every_shipped_genome_can_be_asked_for(project, monkeypatch):
    monkeypatch.setenv("DNALM_REAL_DATA", "/data")
    for path in Path("config/genomes").glob("*.yaml"):
        genome = presets.preset("genomes", path.stem)
        if genome["source"] not in ("local", "simulate", "consensus"):
            assert genome_checks.genome_problems(path.stem) == []
            assert helpers.genome_address(path.stem).startswith("https://")
        if "rename" in genome:
            assert set(genome["keep"]) <= set(contigs.read_table(ROOT / genome["rename"]).values())


def test_every_key_of_every_schema_is_described(project):
    def walk(rules, where):
        for key, one in rules.get("properties", {}).items():
            assert one.get("description"), f"{where}.{key}"
            walk(one, f"{where}.{key}")
        walk(rules["items"], where) if "items" in rules else None
        if rules.get("properties"):
            assert rules.get("additionalProperties") is False, where

    for kind in ("config", *presets.KINDS):
        walk(presets.schema(kind), kind)


@pytest.mark.parametrize(
    "path, old, new, line",
    [
        (
            "models/demo-conv-small.yaml",
            "learning_rate:",
            "learning_rat:",
            "unknown key learning_rat, did you mean learning_rate?",
        ),
        ("models/demo-conv-small.yaml", "2.0e-3", "2e-3", "write 1.0e-4, YAML reads 1e-4 as text"),
        (
            "models/demo-conv-small.yaml",
            "context: 512",
            "context: 128",
            "window: 200 bases are 202 tokens with char, but the context",
        ),
        (
            "models/demo-conv-small.yaml",
            "objective: mlm",
            "objective: clm",
            "objective: dilated_conv is trained with mlm, not clm",
        ),
        ("models/demo-mixtral.yaml", "objective: clm", "objective: mlm", "generate needs a causal model"),
        (
            "models/demo-mixtral.yaml",
            "architecture: mixtral",
            "architecture: alibi_bert",
            "alibi_bert is trained with mlm, not clm",
        ),
        (
            "models/demo-conv-small.yaml",
            "architecture: dilated_conv",
            "architecture: hyena",
            "trained with clm, not mlm",
        ),
        ("models/demo-conv-small.yaml", "objective: mlm\n", "", "lacks objective"),
        ("genomes/demo.yaml", "[chrF]", "[chrG]", "splits.test: the genome has no contig chrG, did you mean"),
        ("targets/demo-ctcf.yaml", "MA0139.1", "MA0139.2", "motif: resources/motifs/MA0139.2.meme: no such file"),
        (
            "tokenizers/char.yaml",
            "kind: char",
            "kind: chars",
            "kind: got 'chars', wanted one of bpe, kmer, char, did you mean char?",
        ),
        ("variants/demo.yaml", "window:", "scores: [l3, llr]\nwindow:", "scores.0: got 'l3', wanted one of l2, "),
        ("variants/demo.yaml", "window:", "scores: [cosin]\nwindow:", ", did you mean cosine?"),
        (
            "variants/demo.yaml",
            "window:",
            "lines: a.txt\nwindow:",
            "demo.yaml: needs vcf, table, lines or saturate, one of them",
        ),
        ("variants/demo.yaml", "vcf:", "lines: a.txt\n#", "lines: a.txt: no such file"),
        ("variants/demo.yaml", "vcf:", "lines: a.txt\nsample: me\n#", "sample: speaks of a vcf, and lines is given"),
        ("variants/demo.yaml", "window:", "info: {A: a}\nwindow:", "info: speaks of a table, and vcf is given; leave"),
        (
            "variants/demo.yaml",
            "window:",
            "reads: {ref: a, alt: b}\nwindow:",
            "reads: speaks of a table, and vcf is given",
        ),
        ("variants/demo.yaml", "window:", "only: {a: b}\nwindow:", "only: speaks of a table, and vcf is given"),
        ("variants/demo.yaml", "window:", "reads: {REF: a}\nwindow:", "reads: got 'REF', wanted one of ref, alt, A, C"),
        ("variants/demo.yaml", "window:", "signals: {phyloP: no.bw}\nwindow:", "signals.phyloP: no.bw: no such file"),
        ("variants/demo.yaml", "window:", "regions: a.bed\nwindow:", "regions: a.bed: no such file"),
        ("variants/demo.yaml", "window:", "regions: []\nwindow:", "regions: [] should be non-empty"),
        ("variants/demo.yaml", "genome:", "#", "config/variants/demo.yaml: lacks genome"),
        ("variants/demo.yaml", "window:", "genes: nowhere.gtf\nwindow:", "demo.yaml: genes: nowhere.gtf: no such file"),
        ("variants/demo.yaml", "motif: res", "motif: nowhere.meme #", "demo.yaml: motif: nowhere.meme: no such file"),
        ("variants/demo.yaml", "motif: res", "motif_name: CTCF #", "motif_name: speaks of motif, which demo does not"),
        ("variants/demo.yaml", "window:", "genetic_codes: {chrA: 2}\nwindow:", "genetic_codes: speaks of genes, which"),
        (
            "variants/demo.yaml",
            "window:",
            "windows: {a: config/config.yaml, b: config/config.yaml}\nwindow:",
            "demo.yaml: genome, vcf, window, label_key, positive, negative, percentiles, motif: not of windows",
        ),
        (
            "variants/demo.yaml",
            "window:",
            "windows: {a: b.csv}\nwindow:",
            "windows: {'a': 'b.csv'} does not have enough",
        ),
        ("targets/demo-ctcf.yaml", "window:", "baselines: [pmw]\nwindow:", ", did you mean pwm?"),
        ("targets/demo-ctcf.yaml", "window:", "not_negative: [a.bed, b.bed]\nwindow:", "b.bed: no such file"),
        ("targets/demo-ctcf.yaml", "window:", "not_negative: 3\nwindow:", "got 3, wanted string or array"),
        ("targets/demo-ctcf.yaml", "window:", "not_negative: [3]\nwindow:", "not_negative.0: got 3, wanted string"),
        ("targets/demo-ctcf.yaml", "window:", "bound_in: most\nwindow:", "bound_in: got 'most', wanted in how many of"),
        ("targets/demo-ctcf.yaml", "motif:", "centre: motif\n#motif:", "centre: got motif, but none is named"),
        (
            "targets/demo-ctcf.yaml",
            "window:",
            "bound_in: 2\nwindow:",
            "bound_in: got 2, wanted any, all or a number of the files of peaks",
        ),
        ("targets/demo-ctcf.yaml", "window:", "mined: 2\nwindow:", "mined: got 2 without mine; name the bigWig of a"),
        (
            "targets/demo-ctcf.yaml",
            "window:",
            "mine: results/a/finetuned/demo-ctcf/scan/demo.bw\nwindow:",
            "own models",
        ),
        ("designs/demo-ctcf.yaml", "kind:", "objective: logitt\nkind:", ", did you mean logit?"),
        ("genomes/demo.yaml", "seed: 1", "seed: [", "not YAML"),
    ],
)
def test_a_mistake_in_a_preset_gets_one_line(project, path, old, new, line):
    change(f"config/{path}", old, new)
    message = refusal()
    assert line in message
    assert len(message.splitlines()) <= 2


def test_overlapping_words_are_masked_together():
    model, words = {"objective": "mlm", "architecture": "bert"}, {"kind": "kmer", "k": 6, "overlapping": True}
    assert checks.model_problems("m", model, words) == []
    assert checks.model_problems("m", model | {"mask_span": 6}, words) == []
    assert checks.model_problems("m", model | {"mask_span": 1}, {"kind": "bpe"}) == []
    (problem,) = checks.model_problems("m", model | {"mask_span": 3}, words)
    assert problem.startswith("config/models/m.yaml: mask_span: got 3, but a base is spelt by 6 overlapping k-mers")


@pytest.mark.parametrize(
    "key, value, line",
    [
        ("model", "demo-con", "no such preset, did you mean demo-conv?"),
        ("modle", "demo-conv", "unknown key runs.0.modle, did you mean model?"),
        ("corpus", "../demo", "is no name for a preset"),
        ("targets", [], "scan and optimise need a fine-tuned model"),
        (
            "generate",
            ["demo-sample"],
            "generate needs a causal model (objective clm); demo-conv-small has objective mlm",
        ),
        ("generate", ["demo-ctcf"], "kind: got optimise, but it is listed under generate"),
    ],
)
def test_a_mistake_in_the_configuration_gets_one_line(project, key, value, line):
    wrong = config()
    wrong["runs"][0][key] = value
    assert line in refusal(wrong)


@pytest.mark.parametrize(
    "splits, line",
    [
        (
            {"test": list(CONTIGS)},
            "config/genomes/demo.yaml: splits: every contig (chrA, chrB, chrC, chrD, chrE) is ",
        ),
        ({"test": ["chrF"], "validation": ["chr1:0-9"]}, "splits.validation: the genome has no contig chr1"),
        ({"test": ["chrD"]}, "scan.contigs: got chrE, chrF, none of which is for testing (chrD); the scan could no"),
        ({"test": ["chrF"], "stripes": {"of": 2}}, "splits.stripes.of: 2 is less than the minimum of 3"),
    ],
)
def test_splits_that_cannot_be_used_get_one_line(project, splits, line):
    path = project / "config/genomes/demo.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"splits": splits}))
    presets.preset.cache_clear()
    assert line in refusal(config())


@pytest.mark.parametrize("scanned, refused", [("chrF:0-90000", True), ("chrF:50000-90001", False)])
def test_a_region_that_is_scanned_has_to_hold_a_test_place(project, scanned, refused):
    target = project / "config/targets/demo-ctcf.yaml"
    values = yaml.safe_load(target.read_text())
    splits = {"validation": ["chrE"], "test": ["chrF:90000-99000"]}
    target.write_text(yaml.safe_dump(values | {"splits": splits, "scan": {"contigs": ["chrE", scanned]}}))
    presets.preset.cache_clear()
    if refused:
        assert f"got chrE, {scanned}, none of which is for testing (chrF:90000-99000)" in refusal(config())
    else:
        assert checks.checked(config())["runs"]


@pytest.mark.parametrize("scanned", ["chrG", "chrG:0-9"])
def test_a_contig_that_the_scanned_genome_lacks_is_told_before_any_job(project, scanned):
    target = project / "config/targets/demo-ctcf.yaml"
    values = yaml.safe_load(target.read_text())
    target.write_text(yaml.safe_dump(values | {"scan": {"contigs": ["chrF", scanned]}}))
    presets.preset.cache_clear()
    assert "scan.contigs: genome demo has no contig chrG" in refusal(config())


def test_another_genome_has_its_rate_from_home_where_that_is_scanned(project):
    """The model's own genome says how often a height was true; without a scan of it there is shuffled sequence."""
    both = config()
    names = {
        "corpus": "demo",
        "tokenizer": "char",
        "model": "demo-conv-small",
        "target": "demo-ctcf",
        "recipe": "demo-full",
    }
    for scanned, genome, home in (
        (["demo", "tiny"], "tiny", ["demo"]),
        (["demo", "tiny"], "demo", []),
        (["tiny"], "tiny", []),
    ):
        both["runs"][0]["scan"] = scanned
        asked = names | {"genome": genome, "seed": "0"}
        found = presets.listed(helpers.scan_at_home(asked, checks.checked(both)))
        assert [path.rpartition("/")[2] for path in found] == [f"{one}.calling.json" for one in home]


@pytest.mark.parametrize(
    "contigs, home, other",
    [
        (["chrF"], "--contigs chrF", ""),
        ({"demo": ["chrF"], "tiny": ["chrD", "chrA:0-9"]}, "--contigs chrF", "--contigs chrD chrA:0-9"),
        ({"tiny": ["chrD"]}, "", "--contigs chrD"),
        (None, "", ""),
    ],
)
def test_a_list_of_contigs_is_of_the_targets_own_genome(project, contigs, home, other):
    """Another species has other contigs: it is scanned whole, or as the target says of it."""
    target = project / "config/targets/demo-ctcf.yaml"
    values = yaml.safe_load(target.read_text())
    target.write_text(yaml.safe_dump(values | {"scan": {"contigs": contigs} if contigs else {}}))
    presets.preset.cache_clear()
    assert [helpers.contigs_options("demo-ctcf", genome) for genome in ("demo", "tiny")] == [home, other]
    Path("config/genomes/mine.yaml").write_text("source: consensus\nreference: demo\nvcf: mine.vcf\n")
    assert helpers.contigs_options("demo-ctcf", "mine") == ("" if isinstance(contigs, dict) else home)
    both = config()
    both["runs"][0]["scan"] = ["demo", "tiny"]
    assert checks.checked(both)["runs"]
    if isinstance(contigs, dict):
        target.write_text(yaml.safe_dump(values | {"scan": {"contigs": contigs | {"tiny": ["chrZ"]}}}))
        presets.preset.cache_clear()
        assert "scan.contigs: genome tiny has no contig chrZ" in refusal(both)


@pytest.mark.parametrize(
    "model, values, line",
    [
        (
            "demo-conv",
            {"genome": "demo", "genes": "nowhere.gtf"},
            "config/constraints/mine.yaml: genes: nowhere.gtf: no su",
        ),
        ("demo-conv", {"genome": "nowhere"}, "config/genomes/nowhere.yaml"),
        (
            "demo-conv",
            {"genome": "demo", "window": 60, "margin": 30},
            "margin: got 30, and two of them leave nothing of a",
        ),
        ("demo-conv", {"genome": "demo", "passes": 1}, "1 is less than the minimum of 2"),
        ("demo-conv", {"genome": "demo", "gene": "x.gtf"}, "unknown key gene, did you mean genes?"),
    ],
)
def test_what_is_wrong_with_a_constraint_track_gets_one_line(project, model, values, line):
    (project / "config/constraints/mine.yaml").write_text(yaml.safe_dump(values))
    wrong = config()
    wrong["runs"][0] |= {"model": model, "constraint": ["mine"]}
    assert line in refusal(wrong)


def test_places_to_saturate_are_a_source_of_their_own_with_a_map(project):
    change("config/variants/demo.yaml", "vcf: resources/genomes/demo/simulated/variants.vcf", "saturate: ['chrA:5-90']")
    presets.preset.cache_clear()
    line = (
        "config/variants/demo.yaml: label_key: speaks of a vcf or table or lines, and saturate is given; leave it out"
    )
    assert line in refusal(config())
    path = project / "config/variants/demo.yaml"
    path.write_text("genome: demo\nsaturate: ['chrA:5-90']\n")
    presets.preset.cache_clear()
    found = checks.checked(config())
    assert helpers.options("variants", "demo", *helpers.CONVERSION) == "--saturate chrA:5-90"
    assert helpers.variant_source("demo") == "results/variants/demo.vcf"
    maps = [path for path in goals.wanted(found) if path.endswith("/variants/demo.saturation.png")]
    assert [path.replace(".saturation", "") for path in maps] == [
        path for path in goals.wanted(found) if path.endswith("/variants/demo.png")
    ]
    assert len(maps) > 1
    assert "results/variants/leaderboard.png" not in goals.wanted(found)
    with pytest.raises(presets.ConfigError, match="config: no run has variants with labels; name a set under variants"):
        goals.labelled_summaries(found)


def test_the_leaderboard_of_variants_takes_every_model_of_every_labelled_set(project):
    run = {"corpus": "demo", "tokenizer": "char", "model": "demo-conv", "targets": ["demo-ctcf"], "recipes": ["full"]}
    (project / "config/variants/plain.yaml").write_text("genome: demo\nlines: l.txt\n")
    (project / "l.txt").write_text("chrA:5:A:C\n")
    values = yaml.safe_load((project / "config/models/demo-conv.yaml").read_text())
    bare = {key: values[key] for key in ("architecture", "config")} | {"objective": "none"}
    (project / "config/models/never.yaml").write_text(yaml.safe_dump(bare))
    never = run | {"corpus": "scratch", "model": "never", "variants": ["demo"]}
    found = checks.checked({"runs": [run | {"variants": ["demo", "plain"], "seeds": [0, 1], "ensemble": True}, never]})
    base = "demo/char/demo-conv"
    assert goals.labelled_names(found) == [
        f"demo {base} pretrained",
        f"demo {base} finetuned/demo-ctcf/full/seed0",
        f"demo {base} finetuned/demo-ctcf/full/seed1",
        f"demo {base} finetuned/demo-ctcf/full/seed0-1",
        "demo scratch/char/never finetuned/demo-ctcf/full/seed0",
    ]
    assert goals.labelled_summaries(found)[1] == (
        f"results/{base}/finetuned/demo-ctcf/full/seed0/variants/demo.summary.json"
    )
    assert "results/variants/leaderboard.png" in goals.wanted_in(found, "variants")


def test_regions_of_variants_are_a_file_that_is_an_input_or_places(project):
    assert helpers.regions_file("demo") == []
    assert helpers.regions_options("demo", []) == ""
    change("config/variants/demo.yaml", "window:", "regions: [chrA, 'chrB:5-90']\nwindow:")
    presets.preset.cache_clear()
    checks.checked(config())
    assert helpers.regions_file("demo") == []
    assert helpers.regions_options("demo", []) == "--places chrA chrB:5-90"
    change("config/variants/demo.yaml", "[chrA, 'chrB:5-90']", "my regions.bed")
    (project / "my regions.bed").write_text("chrA\t5\t9\n")
    presets.preset.cache_clear()
    checks.checked(config())
    assert helpers.regions_file("demo") == ["my regions.bed"]
    assert helpers.regions_options("demo", ["there/my regions.bed"]) == "--regions 'there/my regions.bed'"


def test_windows_need_no_genome_and_have_a_picture_of_their_own(project):
    where = Path("config/variants/pairs.yaml")
    where.write_text("windows: {exon: a.csv, intron: config/config.yaml}\ncolumns: {ref: r}\ntwin: false\n")
    run = {"tokenizer": "char", "model": "demo-conv-small"}
    (problem,) = checks.variant_problems("pairs", run, {"kind": "char"})
    assert problem == "config/variants/pairs.yaml: windows.exon: a.csv: no such file"
    assert goals.judged(["pairs", "demo"]) == ["pairs.windows.png", "demo.png"]
    assert helpers.variant_windows("pairs") == ["a.csv", "config/config.yaml"]
    assert helpers.options("variants", "pairs", *checks.WINDOWED) == '--columns \'{"ref": "r"}\' --no-twin'
    with pytest.raises(presets.ConfigError, match=r"its windows have no places; ask for variants/pairs\.windows\.tsv"):
        helpers.home("pairs")
    with pytest.raises(presets.ConfigError, match=r"demo\.yaml: windows: got none; ask for variants/demo\.tsv\.gz"):
        helpers.variant_windows("demo")
    assert "ends in .windows" in checks.variant_problems("pairs.windows", run, {})[0]
    assert "ends in .saturation" in checks.variant_problems("pairs.saturation", run, {})[0]


def test_models_of_measured_values_are_asked_for_variants_and_not_scanned(project):
    (project / "table.csv").write_text("sequence,expression\nACGT,1\n")
    target = project / "config/targets/demo-ctcf.yaml"
    target.write_text("sequences: table.csv\nvalues: [expression]\nstrands: given\n")
    presets.preset.cache_clear()
    wrong = config()
    said = refusal(wrong)
    assert "config/targets/demo-ctcf.yaml: values: its models predict what was measured, and scan, optimise, " in said
    assert helpers.loss_options("demo-full", "demo-ctcf") == "--loss-label 'squared error (of standardised values)'"
    assert helpers.options("targets", "demo-ctcf", "strands") == "--strands given"
    for run in wrong["runs"]:
        run |= {key: [] for key in ("scan", "optimise") if key in run} | {"insight": False}
    assert any("/finetuned/demo-ctcf/" in path for path in goals.wanted_in(checks.checked(wrong), "variants"))


def named_output(project, *, preset="", **run):
    """The problems of a set of variants in a run with a target of two values."""
    (project / "table.csv").write_text("sequence,rna,atac\nACGT,1,2\n")
    (project / "config/targets/two.yaml").write_text("sequences: table.csv\nvalues: [rna, atac]\n")
    (project / "config/targets/named.yaml").write_text("sequences: table.csv\n")
    source = (project / "config/variants/tiny.yaml").read_text()
    (project / "config/variants/of.yaml").write_text(f"{source}{preset}\n")
    presets.preset.cache_clear()
    usual = {"corpus": "tiny", "tokenizer": "char", "model": "tiny-conv", "recipes": ["tiny-full"], "variants": ["of"]}
    try:
        return checks.checked({"runs": [usual | run]}) and ""
    except presets.ConfigError as error:
        return str(error)


OF = "config/variants/of.yaml: "


@pytest.mark.parametrize(
    ("run", "preset", "line"),
    [
        ({"targets": ["two"]}, "output: rna", ""),
        ({"targets": ["two"]}, "scores: [shift]", ""),
        ({"targets": ["two"]}, "output: dna", "output: got dna, wanted one of those of target two: rna, atac"),
        (
            {"targets": ["two"]},
            "scores: [delta]",
            "output: got none, and delta is of one; wanted one of those of target two: rna, atac",
        ),
        ({"targets": ["tiny-ctcf"]}, "output: rna", "output: got rna, wanted none, for target tiny-ctcf: one logit"),
        ({"targets": ["named"]}, "output: rna", ""),  # its table tells
        (
            {"targets": ["tiny-ctcf"], "ensemble": True, "seeds": [0, 1]},
            "scores: [l2, delta]",
            "scores: got l2, and an ensemble has an embedding for each member; leave ensemble out of the run, or these",
        ),
        (
            {"tracks": ["tiny-coverage"], "recipes": ["tiny-tracks"]},
            "output: rna",
            "output: got rna, wanted one of those of target tiny-coverage: ctcf",
        ),
        (
            {"tracks": ["tiny-coverage"], "recipes": ["tiny-tracks"]},
            "",
            "window: got 120, wanted a multiple of the bin of target tiny-coverage, 128",
        ),
    ],
)
def test_an_output_is_one_that_the_models_have(project, run, preset, line):
    said = named_output(project, preset=preset, **run)
    assert (OF + line in said) if line else not said


def test_an_output_is_named_of_models_that_are_fine_tuned(project):
    named_output(project, preset="output: rna", targets=["two"])
    stage = "finetuned/two/tiny-full/seed0-1"
    assert helpers.scoring_options("of", stage, "window", "output") == "--window 120 --output rna"
    assert helpers.scoring_options("of", "pretrained", "window", "output") == "--window 120"


@pytest.mark.parametrize(
    "splits",
    [
        {"test": ["chrF:0-90000", *CONTIGS[:-1]]},  # the rest of a contig is enough to train on
        {"stripes": {"bases": 10000}},
        {"validation": ["chrA:10-90"], "test": ["chrF:0-90,000"]},
    ],
)
def test_regions_can_be_held_out(project, splits):
    path = project / "config/genomes/demo.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"splits": splits}))
    presets.preset.cache_clear()
    assert checks.checked(config())["runs"]


def test_an_unset_variable_is_named(project, monkeypatch):
    monkeypatch.delenv("DNALM_REAL_DATA", raising=False)
    with pytest.raises(presets.ConfigError, match="DNALM_REAL_DATA is not set"):
        presets.preset("genomes", "ecoli")


FAULTY = {
    "Latin-1": (b"source: local\npath: caf\xe9.fa\n", ":2: byte 0xe9 is not UTF-8 text; save it as UTF-8"),
    "UTF-16": ("source: local".encode("utf-16"), ": is UTF-16 text; wanted YAML: save it as UTF-8"),
    "a web page": (b"<!DOCTYPE html>", ": is a web page .HTML or XML.; wanted YAML"),
    "a NUL byte": (b"source: local\npath: x\0y\n", ":2: holds a NUL byte"),
    "a control character": (b"source: local\npath: x\x01\n", ": not YAML: unacceptable character"),
    "a date that there is not": (b"source: 2020-13-45\n", ": not YAML: month must be in 1..12"),
    "brackets without end": (b"[" * 5000, ": not YAML: maximum recursion depth"),
    "an anchor within itself": (b"source: &x [*x]\n", ": not YAML: Circular reference"),
    "a key given twice": (b"source: local\npath: x\nsource: url\n", ":3: not YAML: the key source is given twice"),
    "code": (b"source: !!python/object:os.system x\n", ":1: not YAML: could not determine a constructor"),
    "a key of keys": (b"? [a]\n: b\n", ":1: not YAML: found unhashable key"),
    "a list": (b"- a\n", ": got list, wanted keys and values"),
    "a line break in a path": (b'source: local\npath: "a\\nb.fa"\n', ": got 'a.nb.fa', wanted text on one line"),
    "half a letter in a path": (b'source: local\npath: "a\\ud800.fa"\n', ": got .*, wanted text on one line"),
}


@pytest.mark.parametrize("kind", FAULTY)
def test_a_preset_that_cannot_be_read_gets_one_line_with_its_name(project, kind):
    content, message = FAULTY[kind]
    (project / "config/genomes/faulty.yaml").write_bytes(content)
    with pytest.raises(presets.ConfigError, match=f"^config/genomes/faulty.yaml{message}") as raised:
        presets.preset("genomes", "faulty")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("text", [b"\xef\xbb\xbfsource: local\npath: x\n", b"source: local\r\npath: x\r\n"])
def test_a_preset_as_windows_editors_save_it(project, text):
    (project / "config/genomes/saved.yaml").write_bytes(text)
    assert presets.preset("genomes", "saved") == {"source": "local", "path": "x"}


@pytest.mark.parametrize(
    ("text", "path"),
    [("$HERE/a", "there/a"), ("${HERE}a", "therea"), ("a$$HERE", "a$HERE"), ("a $ b", "a $ b"), ("5$", "5$")],
)
def test_dollars_in_a_path(project, monkeypatch, text, path):
    monkeypatch.setenv("HERE", "there")
    (project / "config/genomes/dollars.yaml").write_text(f"source: local\npath: '{text}'\n")
    assert presets.preset("genomes", "dollars")["path"] == path


TABLE = """sequences: {train: train.csv, test: test.csv}
window: 60
"""


def of_tables(text=TABLE, **run):
    """What is wrong with a run on a target of that preset, whose files are there."""
    Path("config/targets/given.yaml").write_text(text)
    for name in ("train.csv", "test.csv", "all.csv", "a.bed"):
        Path(name).write_text("sequence,label\nACGT,1\n")
    presets.preset.cache_clear()
    chain = {"corpus": "scratch", "tokenizer": "char", "model": "scratch-conv", "targets": ["given"]}
    checks.checked({"runs": [chain | run]})


def test_a_target_of_sequences_needs_no_genome(project):
    of_tables()
    assert helpers.target_inputs("given") == {"sequences_train": "train.csv", "sequences_test": "test.csv"}
    assert helpers.target_genome("given", needed=False) == []
    assert helpers.truth_inputs("demo", "given") == {}
    with pytest.raises(presets.ConfigError, match=r"config/targets/given\.yaml: genome: got none, and this needs one"):
        helpers.target_genome("given")


@pytest.mark.parametrize(
    "text, run, line",
    [
        (TABLE, {"scan": ["demo"]}, "genome: got none, so its models know no genome to scan; name the one"),
        (TABLE, {"optimise": ["demo-ctcf"]}, "know no genome to optimise;"),
        (TABLE + "peaks: a.bed\n", {}, "genome: got none, and peaks lie"),
        (TABLE + "genome: demo\npeaks: a.bed\n", {}, "sequences: got files by split, and peaks are split by contigs"),
        (TABLE.replace("test.csv", "tset.csv"), {}, "config/targets/given.yaml: sequences: tset.csv: no such file"),
        ("sequences: {train: train.csv}\n", {}, "sequences: lacks test"),
        ("sequences: {train: train.csv, dev: test.csv, test: test.csv}\n", {}, "unknown key sequences.dev"),
        ("sequences: 5\n", {}, "sequences: got 5, wanted string or object"),
        (TABLE + "columns: {seqence: a}\n", {}, "unknown key columns.seqence, did you mean sequence?"),
        ("genome: demo\npeaks: a.bed\npositive: x\n", {}, "positive: speaks of sequences, and there are none"),
        (TABLE + "not_negative: a.bed\n", {}, "not_negative: keeps negatives away from other peaks, and without peaks"),
        (TABLE, {"recipes": ["best"]}, "recipes/best.yaml: keep: blends pretrained weights with random ones, and this"),
        (
            "genome: demo\npeaks: a.bed\nsequences: all.csv\nvalues: [x]\n",
            {},
            "values: peaks are bound or not; make a target of its own",
        ),
    ],
)
def test_a_mistake_in_a_target_of_sequences_gets_one_line(project, text, run, line):
    with pytest.raises(presets.ConfigError) as error:
        of_tables(text, **run)
    assert line in str(error.value)


@pytest.mark.parametrize(
    "text, line",
    [
        (
            "method: lora\nkeep: [1, 0]\n",
            "given.yaml: keep: blends pretrained weights with random ones, for method full",
        ),
        ("method: full\nkeep: [1, 1]\n", "given.yaml: keep: "),
        ("method: full\nkeep: [1.2]\n", "keep.0: 1.2 is greater than the maximum of 1"),
        (
            "method: probe\nflanked: 0.5\n",
            "given.yaml: flanked: a probe reads states of windows by themselves; leave it",
        ),
        ("method: full\nflanked: 1.5\n", "flanked: 1.5 is greater than the maximum of 1"),
    ],
)
def test_a_mistake_in_what_training_starts_from_gets_one_line(project, text, line):
    Path("config/recipes/given.yaml").write_text(text)
    run = {"corpus": "demo", "tokenizer": "char", "model": "demo-conv", "targets": ["demo-ctcf"], "recipes": ["given"]}
    with pytest.raises(presets.ConfigError) as error:
        checks.checked({"runs": [run]})
    assert line in str(error.value)


@pytest.mark.parametrize(
    "text, line",
    [
        ("method: full\nloss: cross_entropy\n", "loss: got cross_entropy; tracks are learnt with poisson"),
        ("method: full\nkeep: [0.5]\n", "keep: is for targets of windows"),
        ("method: full\nflanked: 0.5\n", "flanked: is for targets of windows"),
    ],
)
def test_a_recipe_that_cannot_learn_tracks_gets_one_line(project, text, line):
    Path("config/recipes/given.yaml").write_text(text)
    run = {"corpus": "scratch", "tokenizer": "char", "model": "enformer-lite", "tracks": ["demo-coverage"]}
    with pytest.raises(presets.ConfigError) as error:
        checks.checked({"runs": [run | {"recipes": ["given"]}]})
    assert f"config/recipes/given.yaml: {line}" in str(error.value)


def test_braces_in_a_path_are_refused():
    """Snakemake would look for a wildcard of that name."""
    with pytest.raises(presets.ConfigError, match=r"a\{b\}.bed: got braces, which Snakemake takes for a wildcard"):
        helpers.named("a{b}.bed")


def test_a_missing_local_file_is_named(project, monkeypatch):
    monkeypatch.setenv("DNALM_REAL_DATA", "/nowhere")
    assert genome_checks.genome_problems("ecoli") == [
        "config/genomes/ecoli.yaml: path: /nowhere/small/ecoli_K12_MG1655.fa.gz: no such file"
    ]


@pytest.mark.parametrize(
    "text, lines",
    [
        ("source: ucsc", ["source ucsc needs assembly"]),
        ("source: ncbi", ["source ncbi needs accession"]),
        ("source: ensembl\nspecies: homo_sapiens", ["source ensembl needs assembly, release"]),
        ("source: ucsc\nassembly: hg38", []),
        ("source: url\nurl: s3://bucket/a.fa", ["'s3://bucket/a.fa': wanted an https or ftp address; a file on this "]),
        (
            "source: ucsc\nassembly: my.assembly",
            ["assembly: got 'my.assembly', which is no name for UCSC (a letter, then letters, digits, _ and -); say"],
        ),
        ("source: ucsc\nassembly: my.assembly\nbrowser: hg38", []),
        ("source: ensembl\nspecies: a_b\nassembly: R64-1.1\nrelease: 9", []),
        ("source: ucsc\nassembly: hg38\nrename: no.tsv", ["rename: no.tsv: no such file"]),
        (
            "source: ucsc\nassembly: hg38\nkeep: [chr1, chr2]\nsplits: {test: [chr22]}",
            ["splits.test: the genome has no contig chr22, did you mean chr2?"],
        ),
    ],
)
def test_a_genome_lacks_what_its_source_needs(project, text, lines):
    Path("config/genomes/new.yaml").write_text(text)
    found = genome_checks.genome_problems("new")
    assert len(found) == len(lines)
    for got, wanted in zip(found, lines, strict=True):
        assert got.startswith(f"config/genomes/new.yaml: {wanted}")


def test_contigs_are_known_from_an_index_newer_than_the_preset(project):
    """An index beside a local FASTA may be of another file; one of ours may be older than the preset."""
    (project / "small.fa").write_text(">chr1\nACGT\n")
    (project / "small.fa.fai").write_text("chr9\t4\t6\t4\t5\n")
    preset = Path("config/genomes/small.yaml")
    preset.write_text("source: local\npath: small.fa\nsplits: {test: [chr2]}\n")
    assert genome_checks.genome_problems("small") == []
    sizes = project / "resources/genomes/small/chrom.sizes"
    sizes.parent.mkdir(parents=True)
    sizes.write_text("chr1\t4\n")
    os.utime(sizes, (preset.stat().st_mtime + 1,) * 2)
    assert genome_checks.genome_problems("small") == [
        "config/genomes/small.yaml: splits.test: the genome has no contig chr2, did you mean chr1?"
    ]
    os.utime(sizes, (preset.stat().st_mtime - 1,) * 2)
    assert genome_checks.genome_problems("small") == []


def test_flags_are_quoted():
    values = {"learning_rate": 0.1, "config": {"a": 1}, "on": True, "off_now": False, "names": ["x", "y z"]}
    assert helpers.flags(values) == ("--learning-rate 0.1 --config '{\"a\": 1}' --on --no-off-now --names x 'y z'")


def test_a_target_may_name_several_files_under_a_key(project, monkeypatch):
    """They are inputs of a rule, each, and words of one option, wherever the workflow puts them."""
    monkeypatch.setenv("PLACE", "cells")
    Path("config/targets/two.yaml").write_text(
        "genome: demo\npeaks: [$PLACE/a.bed, $PLACE/b.bed]\nnot_negative: mark.bed\nmotif: x.meme\n"
    )
    files = helpers.target_inputs("two")
    assert helpers.named_files(files) == ["cells/a.bed", "cells/b.bed", "mark.bed", "x.meme"]
    moved = [f"p/{path}" for path in helpers.named_files(files)]
    assert (
        helpers.given(files, moved) == "--peaks p/cells/a.bed p/cells/b.bed --not-negative p/mark.bed --motif p/x.meme"
    )
    assert helpers.given(helpers.truth_inputs("demo", "two"), moved[:2]) == "--truth p/cells/a.bed p/cells/b.bed"
    problems = checks.target_problems("two", {"tokenizer": "char", "model": "demo-conv"}, {"kind": "char"})
    assert [line.partition(": ")[2] for line in problems] == [
        *(f"peaks: cells/{name}.bed: no such file" for name in "ab"),
        "not_negative: mark.bed: no such file",
        "motif: x.meme: no such file",
    ]


def test_wanted_names_every_result_family(project):
    paths = goals.wanted(checks.checked(config()))
    for part in (
        "/pretrained/training.png",
        "/scan/demo.png",
        "/scan/demo.hub",
        "/variants/",
        "/generated/",
        "/optimised/",
        "/insight/",
        "leaderboard",
    ):
        assert any(part in path for path in paths), part


def test_a_constraint_track_is_wanted_as_picture_and_hub(project):
    found = config()
    found["runs"][0]["constraint"] = ["demo"]
    paths = goals.wanted(checks.checked(found))
    base = "results/demo/char/demo-conv-small/constraint"
    assert [path for path in paths if path.startswith(base)] == [f"{base}/demo.png", f"{base}/demo.hub"]


@pytest.mark.parametrize("hub, email", [({}, "nobody@example.org"), ({"email": "me@lab.example"}, "me@lab.example")])
def test_a_hub_has_an_address_whether_or_not_one_is_given(project, hub, email):
    assert checks.checked(config() | {"hub": hub})["hub"] == {"email": email}
    assert checks.checked(config())["hub"] == {"email": "nobody@example.org"}


def test_a_hubs_address_that_is_none_is_refused(project):
    said = refusal(config() | {"hub": {"email": "me at lab"}})
    assert said.startswith("config: hub.email: got 'me at lab', wanted an address such as name@lab.org")
    assert "did you mean email?" in refusal(config() | {"hub": {"mail": "me@lab.example"}})


def test_names_and_addresses_are_checked_by_one_rule_before_a_job_and_in_it():
    email = presets.schema("config")["properties"]["hub"]["properties"]["email"]
    assert email["pattern"] == f"^{browsers.EMAIL.pattern}$"
    assert browsers.EMAIL.fullmatch(email["default"])
    assert presets.schema("genomes")["properties"]["browser"]["pattern"] == f"^{browsers.NAME.pattern}$"


def test_what_a_browser_calls_a_genome_is_told_as_options(project):
    Path("config/genomes/1.new.yaml").write_text("source: local\npath: a.fa\n")
    assert helpers.browser_options("1.new") == "--browser genome_1_new --no-known"
    assert helpers.browser_options("hg38") == "--browser hg38 --known"


def tracks(**more):
    """A configuration of one run that learns coverage."""
    run = {"corpus": "scratch", "tokenizer": "char", "model": "tiny-tracks", "tracks": ["tiny-coverage"]}
    return {"runs": [run | {"recipes": ["tiny-tracks"], "seeds": [0, 1]} | more]}


def test_coverage_is_wanted_and_compared_under_its_own_folder(project):
    found = checks.checked(tracks())
    assert goals.wanted(found) == [f"results/tracks/tiny-coverage/{name}" for name in ("tracks.png", "evaluation.tsv")]
    base = "results/scratch/char/tiny-tracks/tracks/tiny-coverage/tiny-tracks"
    assert goals.tracked(found, "tiny-coverage") == [f"{base}/seed{seed}" for seed in (0, 1)]
    change("config/variants/tiny.yaml", "window: 120", "window: 1024")
    scored = checks.checked(tracks(variants=["tiny"]))
    pictures = [f"{base}/seed{seed}/variants/tiny.png" for seed in (0, 1)]
    assert set(goals.wanted(scored)) - set(goals.wanted(found)) == {*pictures, "results/variants/leaderboard.png"}
    assert goals.tracked_names(found, "tiny-coverage")[1] == "scratch/char/tiny-tracks tiny-tracks seed1"
    with pytest.raises(SystemExit, match=r"no run has tracks: \[hg19-coverage\]"):
        goals.tracked(found, "hg19-coverage")
    files = ["c.bw", "r.bw"]
    told = "--names ctcf --tracks c.bw --rate-names ctcf --rates r.bw"
    assert helpers.coverage_options("tiny-coverage", files) == told


@pytest.mark.parametrize(
    "more, line",
    [
        ({"tracks": ["tiny-ctcf"]}, "tiny-ctcf.yaml: tracks: got none, wanted names and their files"),
        ({"tracks": [], "targets": ["tiny-coverage"]}, "needs peaks or sequences, or belongs under tracks"),
        ({"targets": ["tiny-ctcf"]}, "enformer_lite answers bin by bin, not for a window; name tracks in place of"),
        ({"tokenizer": "kmer-4"}, "tracks are read off single bases: got tokenizer kmer-4"),
        ({"model": "proformer"}, "window: 1024 bases are 1026 tokens with char, but the context of model proformer"),
        (
            {"corpus": "tiny", "model": "tiny-conv", "recipes": ["probe"]},
            "method: got probe; tracks are learnt with full or scratch",
        ),
    ],
)
def test_tracks_that_cannot_be_learnt_get_one_line(project, more, line):
    with pytest.raises(SystemExit, match=re.escape(line)):
        checks.checked(tracks(**more))


def test_convolutions_take_windows_longer_than_those_they_were_pretrained_on(project):
    assert checks.checked(tracks(corpus="tiny", model="tiny-conv"))["runs"]


@pytest.mark.parametrize(
    "old, new, line",
    [
        ("window: 1024", "window: 1000", "window: got 1000, wanted a multiple of bin, 128"),
        ("rates: {ctcf:", "rates: {ctfc:", "rates: ctfc is none of tracks, did you mean ctcf?"),
        ("simulated/coverage.bw", "../nowhere.bw", "no such file"),
        ("genome: tiny", "genome: tiny\nbins: 5", "unknown key bins, did you mean bin?"),
    ],
)
def test_a_mistake_in_a_target_of_tracks_gets_one_line(project, old, new, line):
    path = Path("config/targets/tiny-coverage.yaml")
    text = path.read_text().replace("resources/genomes/tiny/" if "nowhere" in new else "\0", "")
    path.write_text(text.replace(old, new))
    with pytest.raises(SystemExit, match=re.escape(line)):
        checks.checked(tracks())


def test_a_twin_is_the_same_network_from_random_weights_on_as_many_labels(project):
    recipes = {
        "a": "method: full\nepochs: 2\n",
        "far": "method: scratch\nepochs: 9\n",
        "near": "method: scratch\nepochs: 2\n",
    }
    for name, text in recipes.items():
        Path(f"config/recipes/{name}.yaml").write_text(text)
    run = {"corpus": "demo", "tokenizer": "char", "model": "demo-conv", "targets": ["demo-ctcf"], "seeds": [0, 1]}
    other = run | {"model": "demo-bert", "recipes": ["a"]}
    never = run | {"corpus": "scratch", "recipes": ["a"]}
    found = goals.twins({"runs": [run | {"recipes": ["a", "far", "near"]}, other, never]}, "demo-ctcf")
    assert found == {
        "demo/char/demo-conv a": "demo/char/demo-conv near",
        "demo/char/demo-conv far": "from random weights itself",
        "demo/char/demo-conv near": "from random weights itself",
        "demo/char/demo-bert a": "no twin was trained",
        "scratch/char/demo-conv a": "from random weights itself",
    }


def test_an_ensemble_is_evaluated_and_scanned_as_its_members_are_and_ranked_once(project):
    run = {"corpus": "demo", "tokenizer": "char", "model": "demo-conv", "targets": ["demo-ctcf"], "scan": ["demo"]}
    run |= {"recipes": ["full"], "seeds": [2, 0], "variants": ["demo"]}
    alone, together = (goals.wanted(checks.checked({"runs": [run | {"ensemble": one}]})) for one in (False, True))
    base = "results/demo/char/demo-conv/finetuned/demo-ctcf/full"
    names = ("evaluation.png", "scan/*.png", "scan/*.hub", "variants/*.png")
    more = [f"{base}/seed2-0/{name.replace('*', 'demo')}" for name in names]
    assert sorted(set(together) - set(alone)) == sorted([*more, f"{base}/seed2-0/scan/regions/demo.png"])
    assert goals.contestants({"runs": [run | {"ensemble": True}]}, "demo-ctcf") == [
        f"{base}/seed{one}" for one in (2, 0)
    ]
    names = {"corpus": "demo", "tokenizer": "char", "model": "demo-conv", "target": "demo-ctcf", "recipe": "full"}
    files = helpers.each_seed(names | {"seed": "2-0"}, ("a", "b"))
    assert files == [f"{base}/seed{seed}/{name}" for seed in (2, 0) for name in ("a", "b")]
    for seeds in ([0], [1, 1]):
        with pytest.raises(
            presets.ConfigError, match=r"seeds: got .*, wanted two or more, all different, for ensemble"
        ):
            checks.checked({"runs": [run | {"ensemble": True, "seeds": seeds}]})


def test_a_curve_over_labels_has_a_line_a_model_and_is_drawn_where_recipes_differ_in_labels(project):
    for name, text in {
        "all": "method: full\n",
        "a8": "method: full\nlabels: 8\n",
        "b8": "method: scratch\nlabels: 8\n",
        "c8": "method: full\nlabels: 8\nkeep: [1, 0]\n",
    }.items():
        Path(f"config/recipes/{name}.yaml").write_text(text)
    run = {"corpus": "demo", "tokenizer": "char", "model": "demo-conv", "targets": ["demo-ctcf"], "seeds": [2, 0]}
    many = {"runs": [run | {"recipes": ["all", "a8", "b8", "c8"]}]}
    assert goals.label_counts(many, "demo-ctcf") == [8, 0]
    assert goals.seeds(many, "demo-ctcf") == [0, 2]
    assert goals.curve_lines(many, "demo-ctcf") == {
        "demo/char/demo-conv all": {"line": "demo/char/demo-conv, full", "labels": 0, "twin": ""},
        "demo/char/demo-conv a8": {"line": "demo/char/demo-conv, full", "labels": 8, "twin": "demo/char/demo-conv b8"},
        "demo/char/demo-conv b8": {"line": "demo/char/demo-conv, from random weights", "labels": 8, "twin": ""},
        "demo/char/demo-conv c8": {"line": "demo/char/demo-conv, the better start", "labels": 8}
        | {"twin": "demo/char/demo-conv b8"},
    }
    rest = {key: [] for key in ("scan", "tracks", "variants", "constraint", "generate", "optimise")} | {
        "insight": False,
        "ensemble": False,
    }
    for recipes, drawn in ((["all", "a8"], True), (["all"], False)):
        wanted = goals.wanted({"runs": [run | rest | {"recipes": recipes}], "vocabularies": []})
        assert ("results/targets/demo-ctcf/label_curve.png" in wanted) == drawn


VOCABULARY = "model: demo-mixtral\ntokenizers: [bpe-64, bpe-512, bpe-600, char]\n"


@pytest.mark.parametrize(
    "old, new, line",
    [
        (", bpe-600", "", "tokenizers: got 2 sizes of byte pairs, wanted three or more"),
        ("char", "chars", "no such preset, did you mean char?"),
        ("model:", "decide_by: 4\nk: [2, 6]\nmodel:", "decide_by: got 4, wanted one of k: 2, 6"),
        ("model:", "prompt: 4000\nmodel:", "4000 bases are 2002 tokens with bpe-64, but the context"),
    ],
)
def test_a_mistake_in_a_vocabulary_gets_one_line(project, old, new, line):
    assert old in VOCABULARY
    Path("config/vocabularies/wrong.yaml").write_text(VOCABULARY.replace(old, new))
    assert line in refusal(config() | {"vocabularies": [{"corpus": "demo", "vocabulary": "wrong"}]})


def test_a_vocabulary_needs_held_out_contigs(project):
    Path("config/vocabularies/small.yaml").write_text(VOCABULARY)
    change("config/genomes/demo.yaml", "test: [chrF]", "")
    text = refusal(config() | {"vocabularies": [{"corpus": "demo", "vocabulary": "small"}]})
    assert "vocabularies.0: corpus demo holds out no test contigs" in text


def test_a_vocabulary_is_wanted_with_all_its_tokenizers(project):
    Path("config/vocabularies/small.yaml").write_text(VOCABULARY)
    only = {"runs": [], "vocabularies": [{"corpus": "demo", "vocabulary": "small"}]}
    assert goals.wanted(checks.checked(only)) == ["results/demo/vocabulary/small/curve.png"]
    assert goals.candidates("demo", "small")[0] == "results/demo/bpe-64/demo-mixtral/next_bases/small/metrics.json"
    assert len(goals.candidates("demo", "small")) == 4


@pytest.mark.parametrize(
    "more, line",
    [
        ("weights: {dem: 2}", "weights: got dem, wanted one of genomes trained on: demo, did you mean demo?"),
        ("weights: {tiny: 2}", "weights: got tiny, wanted one of genomes trained on: demo"),  # it is held out
        ("weights: {demo: 0}", "0 is less than or equal to the minimum of 0"),
        ("balance: 2", "2 is greater than the maximum of 1"),
        ("held_out: [demo, tiny]", "held_out: got every genome, wanted one left to train on"),
        ("held_out: [ecoli]", "held_out: got ecoli, wanted one of genomes: demo, tiny"),
    ],
)
def test_a_mistake_in_a_corpus_gets_one_line(project, more, line):
    base = "genomes: [demo, tiny]\n" + ("" if "held_out" in more else "held_out: [tiny]\n")
    Path("config/corpora/both.yaml").write_text(base + more)
    wrong = config()
    wrong["runs"][0]["corpus"] = "both"
    message = refusal(wrong)
    assert line in message
    assert message.startswith("config/corpora/both.yaml: ")
    assert len(message.splitlines()) <= 2


def test_the_tokenizer_never_sees_a_held_out_genome(project):
    Path("config/corpora/both.yaml").write_text("genomes: [demo, tiny]\nheld_out: [tiny]\nbalance: 0.5\n")
    assert helpers.corpus_folders("both") == ["resources/genomes/demo", "resources/genomes/tiny"]
    assert helpers.corpus_folders("both", trained_on=True) == ["resources/genomes/demo"]
    assert helpers.corpus_options("both", "weights", "balance") == "--balance 0.5"
    assert helpers.corpus_options("both", "held_out") == "--held-out tiny"
    assert helpers.corpus_options("demo", "held_out") == ""


REVISION = "0123456789abcdef" * 2 + "01234567"


def published_run(**settings):
    return {"runs": [{"corpus": "published", "tokenizer": "own", "model": "theirs", **settings}]}


def published_preset(text):
    Path("config/models/theirs.yaml").write_text(text)
    presets.preset.cache_clear()


def test_an_imported_model_is_asked_for_with_its_results_alone(project):
    published_preset(f"import: {{hub: owner/name, revision: {REVISION}, corpus: demo}}\nobjective: mlm\n")
    run = published_run(targets=["demo-ctcf"], recipes=["demo-full"], scan=["demo"], variants=["demo"], insight=True)
    wanted = goals.wanted(checks.checked(run))
    base = "results/published/own/theirs"
    assert f"{base}/pretrained/model.safetensors" in wanted
    assert f"{base}/finetuned/demo-ctcf/demo-full/seed0/scan/demo.png" in wanted
    assert f"{base}/pretrained/variants/demo.png" in wanted
    assert not [path for path in wanted if path.endswith(("pretrained/training.png", "tokens.png"))]
    assert not [path for path in wanted if "classified" in path]
    assert helpers.checkpoint_files("theirs") == ["resources/models/theirs/checkpoint.json"]
    assert helpers.download_options("theirs") == f"--hub owner/name --revision {REVISION}"
    assert helpers.import_options("theirs") == f"--origin 'owner/name at {REVISION}' --objective mlm"
    assert helpers.corpus_of("published", "theirs") == "demo"
    assert helpers.corpus_of("yeast", "demo-conv") == "yeast"


def test_an_imported_classifier_is_measured_as_it_is(project):
    folder = project / "checkpoint"
    folder.mkdir()
    for name in ("config.json", "model.safetensors", "vocab.txt", "notes.md"):
        (folder / name).write_text("{}")
    published_preset(f"import: {{path: {folder}}}\nobjective: classify\n")
    wanted = goals.wanted(checks.checked(published_run(targets=["demo-ctcf"], recipes=[])))
    assert wanted == [
        "results/published/own/theirs/pretrained/model.safetensors",
        "results/published/own/theirs/pretrained/classified/demo-ctcf.json",
    ]
    read = helpers.checkpoint_files("theirs")
    assert [Path(path).name for path in read] == ["config.json", "model.safetensors", "vocab.txt"]
    with pytest.raises(presets.ConfigError, match=r"import\.path: nothing is downloaded"):
        helpers.download_options("theirs")


@pytest.mark.parametrize(
    "text, said",
    [
        ("import: {hub: owner/name}", "import.revision: got none, wanted the commit, 40 hexadecimal digits"),
        (
            "import: {hub: owner/name, revision: main}",
            "import.revision: got 'main', wanted the commit, 40 hexadecimal digits",
        ),
        ("import: {hub: a/b, revision: 0}", "import.revision: got 0, wanted string; put it in quotes"),
        (f"import: {{hub: name, revision: {REVISION}}}", "import.hub: got 'name', wanted owner/name on huggingface.co"),
        ("import: {}", "import: needs hub or path, one of them"),
        (f"import: {{hub: a/b, revision: {REVISION}, path: x}}", "import: needs hub or path, one of them"),
        (
            f"import: {{hub: a/b, revision: {REVISION}, allow_pickle: true}}",
            "import.sha256: got none, wanted that of the",
        ),
        ("import: {path: nowhere}", "import.path: nowhere: holds no config.json; name a Hugging Face folder"),
        (f"import: {{hub: a/b, revision: {REVISION}}}\nsteps: 3", "steps (with import go objective and context alone)"),
        (f"import: {{hub: a/b, revision: {REVISION}}}\nobjective: none", "wanted one of mlm, clm, classify"),
        (f"import: {{hub: a/b, revision: {REVISION}, code: true}}", "unknown key import.code"),
    ],
)
def test_an_import_that_cannot_be_followed_is_refused(project, text, said):
    published_preset(text)
    found = refusal(published_run())
    assert said in found
    assert found.startswith("config/models/theirs.yaml: ")


def test_imported_and_trained_models_do_not_change_places(project):
    published_preset(f"import: {{hub: a/b, revision: {REVISION}}}\n")
    for run, said in (
        ({"corpus": "demo", "tokenizer": "char"}, "import: an imported model is asked for with corpus published"),
        ({"corpus": "published", "tokenizer": "char"}, "an imported model has corpus published and tokenizer own"),
        ({"corpus": "demo", "tokenizer": "own"}, "every other model has neither"),
        ({"model": "demo-conv"}, "config/models/demo-conv.yaml: has no import, but corpus published holds imported"),
        ({"insight": True}, "import.corpus: got none, wanted the genome or corpus preset it was trained on"),
    ):
        assert said in refusal({"runs": [published_run()["runs"][0] | run]})
    with pytest.raises(
        presets.ConfigError, match=r"theirs\.yaml: import: an imported model is asked for with corpus pub"
    ):
        helpers.pretraining_options("theirs")
    with pytest.raises(presets.ConfigError, match=r"demo-conv\.yaml: has no import"):
        helpers.checkpoint_files("demo-conv")
    with pytest.raises(presets.ConfigError, match=r"theirs\.yaml: import\.corpus: got none"):
        helpers.corpus_of("published", "theirs")


def test_a_model_trained_here_classifies_nothing_by_itself(project):
    change("config/models/demo-conv-small.yaml", "objective: mlm", "objective: classify")
    assert "objective: got 'classify', wanted one of mlm, clm" in refusal()


def test_only_a_causal_import_generates(project):
    published_preset(f"import: {{hub: a/b, revision: {REVISION}, corpus: demo}}\n")
    said = "generate needs a causal model (objective clm); theirs has objective none in its preset"
    assert said in refusal(published_run(generate=["demo-sample"]))
    published_preset(f"import: {{hub: a/b, revision: {REVISION}, corpus: demo}}\nobjective: clm\n")
    assert checks.checked(published_run(generate=["demo-sample"]))


def personal(text, name="mine"):
    Path(f"config/genomes/{name}.yaml").write_text(text)
    Path("me.vcf").write_text("##fileformat=VCFv4.3\n")
    presets.preset.cache_clear()


PERSONAL = "source: consensus\nreference: demo\nvcf: me.vcf\n"


@pytest.mark.parametrize(
    "text, said",
    [
        ("source: consensus\n", "source consensus needs reference, vcf"),
        (PERSONAL.replace("demo", "dem"), "config/genomes/dem.yaml: no such preset, did you mean demo?"),
        (PERSONAL.replace("demo", "mine"), "reference: mine is a personal genome itself; name the one it is made of"),
        (PERSONAL.replace("me.vcf", "you.vcf"), "vcf: you.vcf: no such file"),
        (PERSONAL + "haplotype: 3\n", "haplotype: got 3, wanted one of 1, 2, alternative"),
        (
            PERSONAL + "splits: {test: [chrF]}\n",
            "splits: a personal genome has its reference's, config/genomes/demo.yam",
        ),
        (PERSONAL + "keep: [chrF]\n", "keep: a personal genome has its reference's"),
    ],
)
def test_a_personal_genome_that_cannot_be_made_is_refused(project, text, said):
    personal(text)
    wrong = config()
    wrong["runs"][0]["scan"] = ["mine"]
    message = refusal(wrong)
    assert said in message
    assert message.startswith("config/genomes/")
    if "no such preset" not in said:
        with pytest.raises(presets.ConfigError, match=re.escape(said)):
            helpers.reference_of("mine")


def test_a_personal_genome_is_its_references_in_all_but_sequence(project):
    """A contig that the reference lacks is told of a scan of it, and it holds out what the reference does."""
    personal(PERSONAL + "haplotype: 1\n")
    assert genome_checks.contigs("mine", presets.preset("genomes", "mine")) == CONTIGS
    assert genome_checks.splits("mine") == {"validation": ["chrE"], "test": ["chrF"]} == genome_checks.splits("demo")
    assert helpers.genome_fasta("mine") == "resources/genomes/mine/consensus/genome.fa.gz"
    assert helpers.consensus_facts("mine") == ["resources/genomes/mine/consensus/consensus.json"]
    assert helpers.consensus_facts("demo") == []
    assert helpers.options("genomes", "mine", *helpers.APPLYING) == "--haplotype 1"
    assert helpers.leading_back("mine", "demo", "x") == "resources/genomes/mine/consensus/x"
    with pytest.raises(presets.ConfigError, match=r"mine\.yaml: reference: got demo, and tiny is asked for"):
        helpers.leading_back("mine", "tiny", "x")
    with pytest.raises(presets.ConfigError, match=r"demo\.yaml: source: got simulate, wanted consensus"):
        helpers.reference_of("demo")
    wrong = config()
    wrong["runs"][0]["scan"] = ["mine"]
    change("config/targets/demo-ctcf.yaml", "contigs: [chrE, chrF]", "contigs: [chrX]")
    presets.preset.cache_clear()
    assert "scan.contigs: genome mine has no contig chrX" in refusal(wrong)


def test_a_scan_of_a_personal_genome_is_compared_with_its_references(project):
    personal(PERSONAL)
    asked = config()
    asked["runs"][0]["scan"] = ["mine"]
    found = [path for path in goals.wanted(checks.checked(asked)) if "/scan/" in path]
    assert [path.split("/scan/")[1] for path in found] == [
        *("mine.png", "regions/mine.png", "mine.hub"),
        "mine.against.demo.tsv",
    ]


def test_a_genome_of_which_nothing_is_left_is_none_to_train_on_when_it_is_personal_either(project):
    change("config/genomes/demo.yaml", "test: [chrF]", "test: [chrA, chrB, chrC, chrD, chrF]")
    personal(PERSONAL)
    assert "every contig" in genome_checks.nothing_left("mine")[0]


def test_a_constraint_track_of_a_personal_genome_is_compared_with_its_references(project):
    personal(PERSONAL)
    for name, genome in (("ours", "demo"), ("theirs", "mine"), ("other", "tiny")):
        Path(f"config/constraints/{name}.yaml").write_text(f"genome: {genome}\n")
    assert goals.changed(["ours", "theirs", "other"]) == ["theirs.against.ours"]
    assert goals.changed(["theirs", "other"]) == []
    assert helpers.constraint_back("theirs", "ours", "x") == "resources/genomes/mine/consensus/x"
    with pytest.raises(presets.ConfigError, match=r"mine\.yaml: reference: got demo, and tiny is asked for"):
        helpers.constraint_back("theirs", "other", "x")


def test_two_constraint_tracks_are_compared_at_the_widest_of_their_windows(project):
    """Of two presets one may leave its window out, which is no wider than 512 bases then."""
    for name, line in (("ours", "window: 2048\n"), ("theirs", "window: 1024\n"), ("other", "")):
        Path(f"config/constraints/{name}.yaml").write_text(f"genome: demo\n{line}")
    assert helpers.window_options("theirs", "ours") == helpers.window_options("ours", "theirs") == "--window 2048"
    assert helpers.window_options("theirs", "other") == "--window 1024"
    assert helpers.window_options("other", "other") == ""
