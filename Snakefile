"""dnalm: from any genome to a DNA language model, and the model put to work. See README.md."""

from snakemake.utils import min_version

min_version("9.0")


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/genome.smk"
include: "workflow/rules/tokenizer.smk"
include: "workflow/rules/pretrain.smk"
include: "workflow/rules/import.smk"
include: "workflow/rules/vocabulary.smk"
include: "workflow/rules/finetune.smk"
include: "workflow/rules/label_curve.smk"
include: "workflow/rules/tracks.smk"
include: "workflow/rules/scan.smk"
include: "workflow/rules/constraint.smk"
include: "workflow/rules/hub.smk"
include: "workflow/rules/variants.smk"
include: "workflow/rules/generate.smk"
include: "workflow/rules/optimise.smk"
include: "workflow/rules/insight.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        wanted(config),


rule models:
    input:
        wanted_in(config, "pretrained", "finetuned"),


rule vocabulary:
    input:
        wanted_in(config, "vocabulary"),


rule tracks:
    input:
        wanted_in(config, "tracks"),


rule scans:
    input:
        wanted_in(config, "scan", "constraint"),


rule variants:
    input:
        wanted_in(config, "variants"),


rule variants_benchmark:
    input:
        within(CONVERTED, ("leaderboard.tsv", "leaderboard.json", "leaderboard.png")),


rule designs:
    input:
        wanted_in(config, "generated", "optimised"),


rule insight:
    input:
        wanted_in(config, "insight"),
