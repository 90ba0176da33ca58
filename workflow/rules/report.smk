# Purpose: rank what was fine-tuned on a target; the report itself is `snakemake --report results/report.html`.
# Inputs: metrics.json and predictions of every fine-tuned model in the configuration, and of the baselines
# Outputs: results/targets/{target}/leaderboard.*


rule rank_models:
    """One table of all models of a target and the baselines: seeds pooled, differences paired."""
    input:
        metrics=lambda wc: [
            within(folder, "metrics.json") for folder in contestants(config, wc.target)
        ],
        predictions=lambda wc: [
            within(folder, "predictions.tsv.gz")
            for folder in contestants(config, wc.target)
        ],
        baselines=within(BASELINES, BASELINE_FILES),
        relatives=within(TARGET, "relatives.tsv.gz"),
    output:
        table=within(TARGET, "leaderboard.tsv"),
    log:
        logs(TARGET, "rank_models"),
    benchmark:
        benchmarks(TARGET, "rank_models")
    localrule: True
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("rank_models"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("rank_models.py"),
        names=lambda wc: contestant_names(config, wc.target),
        baselines=lambda wc, input: folder(input.baselines[0]),
        twins_options=lambda wc: given({"twins": twins(config, wc.target)}),
    shell:
        r"""
        python {params.scripts:q}/rank_models.py \
            --metrics {input.metrics:q} \
            --predictions {input.predictions:q} \
            --names {params.names:q} \
            --baselines {params.baselines:q} \
            --relatives {input.relatives:q} \
            {params.twins_options} \
            --out {output.table:q} \
            --log {log:q}
        """


rule draw_leaderboard:
    """Draw the leaderboard with intervals."""
    input:
        table=within(TARGET, "leaderboard.tsv"),
    output:
        figure=report(
            within(TARGET, "leaderboard.png"),
            caption="../report/draw_leaderboard.rst",
            category="0 Leaderboard",
            labels={"target": "{target}"},
        ),
    log:
        logs(TARGET, "draw_leaderboard"),
    benchmark:
        benchmarks(TARGET, "draw_leaderboard")
    localrule: True
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        **needs("draw_leaderboard"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_leaderboard.py"),
    shell:
        r"""
        python {params.scripts:q}/draw_leaderboard.py \
            --table {input.table:q} \
            --out {output.figure:q} \
            --log {log:q}
        """
