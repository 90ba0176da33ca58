# Purpose: show what pretraining buys: every method over the number of labels that it gets.
# Inputs: predictions of a target's models, whose recipes have different `labels`, and its windows
# Outputs: results/targets/{target}/few_labels.tsv.gz, label_curve.*


rule train_few_labels:
    """Train the baselines that learn on as few labels as the recipes have."""
    input:
        preset=lambda wc: preset_file("targets", wc.target),
        windows=within(TARGET, "windows.tsv.gz"),
        summary=within(TARGET, "windows.json"),
    output:
        predictions=within(TARGET, "few_labels.tsv.gz"),
    log:
        logs(TARGET, "train_few_labels"),
    benchmark:
        benchmarks(TARGET, "train_few_labels")
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        **needs("train_few_labels", gpu=min(GPUS, 1)),
    params:
        scripts=SCRIPTS,
        code=fingerprint("train_few_labels.py"),
        labels=lambda wc: label_counts(config, wc.target),
        seeds=lambda wc: seeds(config, wc.target),
        options=lambda wc: options(
            "targets", wc.target, "strands", "places", "cnn_epochs", "cnn_filters"
        ),
        k=lambda wc: presets.value("targets", wc.target, "kmer"),
    shell:
        r"""
        python {params.scripts:q}/train_few_labels.py \
            --windows {input.windows:q} \
            --summary {input.summary:q} \
            --labels {params.labels:q} \
            --seeds {params.seeds:q} \
            {params.options} \
            --k {params.k:q} \
            --out {output.predictions:q} \
            --log {log:q}
        """


rule measure_label_curve:
    """AUPRC over the number of labels: models, their random twins, baselines."""
    input:
        windows=within(TARGET, "windows.tsv.gz"),
        summary=within(TARGET, "windows.json"),
        predictions=lambda wc: [
            within(folder, "predictions.tsv.gz")
            for folder in contestants(config, wc.target)
        ],
        baselines=within(BASELINES, BASELINE_FILES),
        few=within(TARGET, "few_labels.tsv.gz"),
    output:
        table=within(TARGET, "label_curve.tsv"),
    log:
        logs(TARGET, "measure_label_curve"),
    benchmark:
        benchmarks(TARGET, "measure_label_curve")
    localrule: True
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("measure_label_curve"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("measure_label_curve.py"),
        names=lambda wc: contestant_names(config, wc.target),
        baselines=lambda wc, input: folder(input.baselines[0]),
        recipes_options=lambda wc: given({"recipes": curve_lines(config, wc.target)}),
    shell:
        r"""
        python {params.scripts:q}/measure_label_curve.py \
            --windows {input.windows:q} \
            --summary {input.summary:q} \
            --predictions {input.predictions:q} \
            --names {params.names:q} \
            {params.recipes_options} \
            --baselines {params.baselines:q} \
            --few {input.few:q} \
            --out {output.table:q} \
            --log {log:q}
        """


rule draw_label_curve:
    """Draw AUPRC over the number of labels, with intervals."""
    input:
        table=within(TARGET, "label_curve.tsv"),
    output:
        figure=report(
            within(TARGET, "label_curve.png"),
            caption="../report/draw_label_curve.rst",
            category="0 Leaderboard",
            labels={"target": "{target}", "figure": "what pretraining buys"},
        ),
    log:
        logs(TARGET, "draw_label_curve"),
    benchmark:
        benchmarks(TARGET, "draw_label_curve")
    localrule: True
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        **needs("draw_label_curve"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_label_curve.py"),
    shell:
        r"""
        python {params.scripts:q}/draw_label_curve.py \
            --table {input.table:q} \
            --out {output.figure:q} \
            --log {log:q}
        """
