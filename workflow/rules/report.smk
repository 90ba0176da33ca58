# Purpose: rank what was fine-tuned on a target; the report itself is `snakemake --report results/report.html`.
# Inputs: metrics.json of every fine-tuned model in the configuration
# Outputs: results/targets/{target}/leaderboard.*


rule rank_models:
    """One table of all models of a target and the baselines."""
    input:
        metrics=lambda wc: [
            f"{folder}/metrics.json" for folder in contestants(config, wc.target)
        ],
    output:
        table="results/targets/{target}/leaderboard.tsv",
    log:
        "logs/targets/{target}/rank_models.log",
    benchmark:
        "benchmarks/targets/{target}/rank_models.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("rank_models.py"),
        names=lambda wc: contestant_names(config, wc.target),
    shell:
        "python {params.scripts}/rank_models.py --metrics {input.metrics} --names {params.names:q} --out {output.table} --log {log}"


rule draw_leaderboard:
    """Draw the leaderboard with intervals."""
    input:
        table="results/targets/{target}/leaderboard.tsv",
    output:
        figure=report(
            "results/targets/{target}/leaderboard.png",
            caption="../report/draw_leaderboard.rst",
            category="0 Leaderboard",
            labels={"target": "{target}"},
        ),
    log:
        "logs/targets/{target}/draw_leaderboard.log",
    benchmark:
        "benchmarks/targets/{target}/draw_leaderboard.tsv"
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_leaderboard.py"),
    shell:
        "python {params.scripts}/draw_leaderboard.py --table {input.table} --out {output.figure} --log {log}"
