# Purpose: score variants with a pretrained or a fine-tuned model.
# Inputs: a VCF or a table of config/variants/{variants}.yaml, a model
# Outputs: results/…/{pretrained|finetuned/…}/variants/{variants}.*


rule convert_variants:
    """Make a VCF of a table of variants."""
    input:
        preset=lambda wc: preset_file("variants", wc.variants),
        table=lambda wc: named(preset("variants", wc.variants)["table"]),
        genome=lambda wc: genome_files(preset("variants", wc.variants)["genome"]),
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
        options=lambda wc: options("variants", wc.variants, *CONVERSION),
    shell:
        r"""
        python {params.scripts:q}/convert_variants.py \
            --table {input.table:q} \
            --genome {params.genome:q} \
            {params.options} \
            --out {output.vcf:q} \
            --log {log:q}
        """


rule score_variants:
    """Score each allele by what a model makes of it beside the reference."""
    input:
        preset=lambda wc: preset_file("variants", wc.variants),
        vcf=lambda wc: variant_source(wc.variants),
        genome=lambda wc: genome_files(preset("variants", wc.variants)["genome"]),
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
        options=lambda wc: options("variants", wc.variants, *SCORING),
    shell:
        r"""
        python {params.scripts:q}/score_variants.py \
            --vcf {input.vcf:q} \
            --genome {params.genome:q} \
            --model {params.model:q} \
            {params.options} \
            --out {output.vcf:q} \
            --out-table {output.table:q} \
            --out-summary {output.summary:q} \
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
