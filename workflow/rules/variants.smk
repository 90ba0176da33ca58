# Purpose: score variants with a pretrained or a fine-tuned model.
# Inputs: a VCF, a table, a list, places or pairs of windows of config/variants/{variants}.yaml, a model
# Outputs: results/…/{pretrained|finetuned/…|tracks/…}/variants/{variants}.* (of windows {variants}.windows.*; .parquet
# for who asks for it),
# results/…/{pretrained|finetuned/…|tracks/…}/null/{genome}/ (scores of random variants, once a model, genome, window),
# results/variants/leaderboard.* (all models on all labelled sets)


rule convert_variants:
    """Make a VCF of a table or a list of variants, or of all substitutions of some places."""
    input:
        preset=lambda wc: preset_file("variants", wc.variants),
        table=lambda wc: optional("variants", wc.variants, "table"),
        lines=lambda wc: optional("variants", wc.variants, "lines"),
        genome=lambda wc: genome_files(home(wc.variants)),
    output:
        vcf=within(CONVERTED, "{variants}.vcf"),
    log:
        logs(CONVERTED, "{variants}.convert_variants"),
    benchmark:
        benchmarks(CONVERTED, "{variants}.convert_variants")
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("convert_variants"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("convert_variants.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        options=lambda wc, input: options(
            "variants", wc.variants, *CONVERSION, table=input.table, lines=input.lines
        ),
    shell:
        r"""
        python {params.scripts:q}/convert_variants.py \
            --genome {params.genome:q} \
            {params.options} \
            --out {output.vcf:q} \
            --log {log:q}
        """


rule score_null:
    """Score random variants of a genome, to tell how rare the scores of others are."""
    input:
        genome=lambda wc: genome_files(wc.genome),
        model=within(STAGE, MODEL_FILES),
    output:
        null=within(STAGE, "null/{genome}/w{window}p{phases}l{layer}n{number}.tsv.gz"),
    log:
        logs(STAGE, "null/{genome}/w{window}p{phases}l{layer}n{number}.score_null"),
    benchmark:
        benchmarks(
            STAGE, "null/{genome}/w{window}p{phases}l{layer}n{number}.score_null"
        )
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        **needs("score_null", gpu=min(GPUS, 1)),
    params:
        scripts=SCRIPTS,
        code=fingerprint("score_null.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        model=lambda wc, input: folder(input.model[0]),
    shell:
        r"""
        python {params.scripts:q}/score_null.py \
            --genome {params.genome:q} \
            --model {params.model:q} \
            --window {wildcards.window:q} \
            --phases {wildcards.phases:q} \
            --layer {wildcards.layer:q} \
            --number {wildcards.number:q} \
            --out {output.null:q} \
            --log {log:q}
        """


rule score_share:
    """Score one of several shares of a set of variants: what `jobs` of its preset spreads over a cluster."""
    input:
        # Not the preset: a label that is put right scores nothing again, and options are in the params.
        vcf=lambda wc: variant_source(wc.variants),
        genome=lambda wc: genome_files(home(wc.variants)),
        regions=lambda wc: regions_file(wc.variants),
        model=within(STAGE, MODEL_FILES),
    output:
        share=temp(within(STAGE, "variants/{variants}.share{share}of{shares}.npz")),
    log:
        logs(STAGE, "variants/{variants}.share{share}of{shares}.score_share"),
    benchmark:
        benchmarks(STAGE, "variants/{variants}.share{share}of{shares}.score_share")
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        **needs("score_share", gpu=min(GPUS, 1)),
    params:
        scripts=SCRIPTS,
        code=fingerprint("score_share.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        model=lambda wc, input: folder(input.model[0]),
        options=lambda wc: scoring_options(wc.variants, wc.stage, *SCORING),
        regions_options=lambda wc, input: regions_options(wc.variants, input.regions),
        checkpoints=lambda wc, output: checkpoints(output[0]),
    shell:
        r"""
        python {params.scripts:q}/score_share.py \
            --vcf {input.vcf:q} \
            --genome {params.genome:q} \
            --model {params.model:q} \
            {params.options} \
            {params.regions_options} \
            --share {wildcards.share:q} \
            --shares {wildcards.shares:q} \
            --checkpoints {params.checkpoints:q} \
            --out {output.share:q} \
            --log {log:q}
        """


rule score_variants:
    """Score each allele by what a model makes of it beside the reference."""
    input:
        preset=lambda wc: preset_file("variants", wc.variants),
        vcf=lambda wc: variant_source(wc.variants),
        genome=lambda wc: genome_files(home(wc.variants)),
        regions=lambda wc: regions_file(wc.variants),
        genes=lambda wc: optional("variants", wc.variants, "genes"),
        motif=lambda wc: optional("variants", wc.variants, "motif"),
        signals=lambda wc: signal_files(wc.variants),
        null=lambda wc: variant_null(wc.variants),
        shares=lambda wc: variant_shares(wc),
        model=within(STAGE, MODEL_FILES),
    output:
        vcf=within(STAGE, "variants/{variants}.vcf.gz"),
        csi=within(STAGE, "variants/{variants}.vcf.gz.csi"),
        table=within(STAGE, "variants/{variants}.tsv.gz"),
        summary=within(STAGE, "variants/{variants}.summary.json"),
    log:
        logs(STAGE, "variants/{variants}.score_variants"),
    benchmark:
        benchmarks(STAGE, "variants/{variants}.score_variants")
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        **needs("score_variants", gpu=min(GPUS, 1)),
    params:
        scripts=SCRIPTS,
        code=fingerprint("score_variants.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        model=lambda wc, input: folder(input.model[0]),
        options=lambda wc: scoring_options(wc.variants, wc.stage, *SCORING, *GRADING),
        regions_options=lambda wc, input: regions_options(wc.variants, input.regions),
        beside_options=lambda wc, input: given(
            {"genes": input.genes, "motif": input.motif, "null": input.null}
        ),
        signal_options=lambda wc, input: signal_options(wc.variants, input.signals),
        shares_options=lambda wc, input: given({"shares": input.shares}),
        checkpoints=lambda wc, output: checkpoints(output[0]),
    shell:
        r"""
        python {params.scripts:q}/score_variants.py \
            --vcf {input.vcf:q} \
            --genome {params.genome:q} \
            --model {params.model:q} \
            {params.options} \
            {params.regions_options} \
            {params.beside_options} \
            {params.signal_options} \
            {params.shares_options} \
            --checkpoints {params.checkpoints:q} \
            --out {output.vcf:q} \
            --out-table {output.table:q} \
            --out-summary {output.summary:q} \
            --log {log:q}
        """


rule write_parquet:
    """Write the table of scored variants as Parquet, for who asks for it by its path."""
    input:
        table=within(STAGE, "variants/{variants}.tsv.gz"),
    output:
        table=within(STAGE, "variants/{variants}.parquet"),
    log:
        logs(STAGE, "variants/{variants}.write_parquet"),
    benchmark:
        benchmarks(STAGE, "variants/{variants}.write_parquet")
    conda:
        "../../envs/parquet.yaml"
    threads: 1
    resources:
        **needs("write_parquet"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("write_parquet.py"),
    shell:
        r"""
        python {params.scripts:q}/write_parquet.py \
            --table {input.table:q} \
            --out {output.table:q} \
            --log {log:q}
        """


rule draw_variants:
    """Draw the distribution of each score by class of variant."""
    input:
        table=within(STAGE, "variants/{variants}.tsv.gz"),
        summary=within(STAGE, "variants/{variants}.summary.json"),
    output:
        figure=report(
            within(STAGE, "variants/{variants}.png"),
            caption="../report/draw_variants.rst",
            category="4 Variants",
            labels={
                "variants": "{variants}",
                "model": "{corpus}/{tokenizer}/{model}",
                "stage": "{stage}",
            },
        ),
    log:
        logs(STAGE, "variants/{variants}.draw_variants"),
    benchmark:
        benchmarks(STAGE, "variants/{variants}.draw_variants")
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        **needs("draw_variants"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_variants.py"),
    shell:
        r"""
        python {params.scripts:q}/draw_variants.py \
            --table {input.table:q} \
            --summary {input.summary:q} \
            --out {output.figure:q} \
            --log {log:q}
        """


rule score_windows:
    """Score variants that come as pairs of windows, in two classes, beside another base at the same place."""
    input:
        preset=lambda wc: preset_file("variants", wc.variants),
        windows=lambda wc: variant_windows(wc.variants),
        model=within(STAGE, MODEL_FILES),
    output:
        table=within(STAGE, "variants/{variants}.windows.tsv.gz"),
        summary=within(STAGE, "variants/{variants}.windows.json"),
    log:
        logs(STAGE, "variants/{variants}.score_windows"),
    benchmark:
        benchmarks(STAGE, "variants/{variants}.score_windows")
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        **needs("score_windows", gpu=min(GPUS, 1)),
    params:
        scripts=SCRIPTS,
        code=fingerprint("score_windows.py"),
        model=lambda wc, input: folder(input.model[0]),
        classes=lambda wc: list(preset("variants", wc.variants)["windows"]),
        options=lambda wc: scoring_options(wc.variants, wc.stage, *WINDOWED),
    shell:
        r"""
        python {params.scripts:q}/score_windows.py \
            --classes {params.classes:q} \
            --windows {input.windows:q} \
            --model {params.model:q} \
            {params.options} \
            --out {output.table:q} \
            --out-summary {output.summary:q} \
            --log {log:q}
        """


rule draw_contrast:
    """Draw how two classes of variants score, beside another base at the same place and random weights."""
    input:
        table=within(STAGE, "variants/{variants}.windows.tsv.gz"),
        summary=within(STAGE, "variants/{variants}.windows.json"),
    output:
        figure=report(
            within(STAGE, "variants/{variants}.windows.png"),
            caption="../report/draw_contrast.rst",
            category="4 Variants",
            labels={
                "variants": "{variants}",
                "model": "{corpus}/{tokenizer}/{model}",
                "stage": "{stage}",
            },
        ),
    log:
        logs(STAGE, "variants/{variants}.draw_contrast"),
    benchmark:
        benchmarks(STAGE, "variants/{variants}.draw_contrast")
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        **needs("draw_contrast"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_contrast.py"),
    shell:
        r"""
        python {params.scripts:q}/draw_contrast.py \
            --table {input.table:q} \
            --summary {input.summary:q} \
            --out {output.figure:q} \
            --log {log:q}
        """


rule draw_saturation:
    """Draw the score of every substitution along the stretches where all are scored."""
    input:
        preset=lambda wc: preset_file("variants", wc.variants),
        table=within(STAGE, "variants/{variants}.tsv.gz"),
        genes=lambda wc: optional("variants", wc.variants, "genes"),
    output:
        figure=report(
            within(STAGE, "variants/{variants}.saturation.png"),
            caption="../report/draw_saturation.rst",
            category="4 Variants",
            labels={
                "variants": "{variants}, base by base",
                "model": "{corpus}/{tokenizer}/{model}",
                "stage": "{stage}",
            },
        ),
    log:
        logs(STAGE, "variants/{variants}.draw_saturation"),
    benchmark:
        benchmarks(STAGE, "variants/{variants}.draw_saturation")
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        **needs("draw_saturation"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_saturation.py"),
        genes_options=lambda wc, input: given({"genes": input.genes}),
    shell:
        r"""
        python {params.scripts:q}/draw_saturation.py \
            --table {input.table:q} \
            {params.genes_options} \
            --out {output.figure:q} \
            --log {log:q}
        """


rule rank_variants:
    """One table of all models on all sets of labelled variants, and the baselines."""
    input:
        summaries=lambda wc: labelled_summaries(config),
    output:
        table=within(CONVERTED, "leaderboard.tsv"),
        json=within(CONVERTED, "leaderboard.json"),
    log:
        logs(CONVERTED, "leaderboard.rank_variants"),
    benchmark:
        benchmarks(CONVERTED, "leaderboard.rank_variants")
    localrule: True
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("rank_variants"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("rank_variants.py"),
        names=lambda wc: labelled_names(config),
    shell:
        r"""
        python {params.scripts:q}/rank_variants.py \
            --summaries {input.summaries:q} \
            --names {params.names:q} \
            --out {output.table:q} \
            --out-json {output.json:q} \
            --log {log:q}
        """


rule draw_variant_leaderboard:
    """Draw all models on all sets of labelled variants, with intervals."""
    input:
        table=within(CONVERTED, "leaderboard.tsv"),
    output:
        figure=report(
            within(CONVERTED, "leaderboard.png"),
            caption="../report/draw_variant_leaderboard.rst",
            category="4 Variants",
            labels={"variants": "all sets", "model": "all models", "stage": "all"},
        ),
    log:
        logs(CONVERTED, "leaderboard.draw_variant_leaderboard"),
    benchmark:
        benchmarks(CONVERTED, "leaderboard.draw_variant_leaderboard")
    localrule: True
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        **needs("draw_variant_leaderboard"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_variant_leaderboard.py"),
    shell:
        r"""
        python {params.scripts:q}/draw_variant_leaderboard.py \
            --table {input.table:q} \
            --out {output.figure:q} \
            --log {log:q}
        """
