# Purpose: score variants with a pretrained or a fine-tuned model.
# Inputs: a VCF or a table of config/variants/{variants}.yaml, a model
# Outputs: results/…/{pretrained|finetuned/…}/variants/{variants}.*


rule convert_variants:
    """Make a VCF of a table of variants."""
    input:
        preset="config/variants/{variants}.yaml",
        table=lambda wc: preset("variants", wc.variants)["table"],
        genome=lambda wc: genome_files(preset("variants", wc.variants)["genome"]),
    output:
        vcf="results/variants/{variants}.vcf",
    log:
        "logs/variants/{variants}/convert_variants.log",
    benchmark:
        "benchmarks/variants/{variants}/convert_variants.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("convert_variants.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        options=lambda wc: options(
            "variants", wc.variants, "columns", "info", "chrom_prefix"
        ),
    shell:
        "python {params.scripts}/convert_variants.py --table {input.table} --genome {params.genome} {params.options} "
        "--out {output.vcf} --log {log}"


rule score_variants:
    """Score each allele: L2, cosine, log-likelihood ratio, change of the fine-tuned score."""
    input:
        preset="config/variants/{variants}.yaml",
        vcf=lambda wc: variant_source(wc.variants),
        genome=lambda wc: genome_files(preset("variants", wc.variants)["genome"]),
        model=within(STAGE, WEIGHTS),
    output:
        vcf="results/{corpus}/{tokenizer}/{model}/{stage}/variants/{variants}.vcf.gz",
        csi="results/{corpus}/{tokenizer}/{model}/{stage}/variants/{variants}.vcf.gz.csi",
        table="results/{corpus}/{tokenizer}/{model}/{stage}/variants/{variants}.tsv.gz",
        summary="results/{corpus}/{tokenizer}/{model}/{stage}/variants/{variants}.summary.json",
    log:
        "logs/results/{corpus}/{tokenizer}/{model}/{stage}/variants/{variants}.score_variants.log",
    benchmark:
        "benchmarks/results/{corpus}/{tokenizer}/{model}/{stage}/variants/{variants}.score_variants.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        mem_mb=lambda wildcards, attempt: 16000 * attempt,
        runtime=lambda wildcards, attempt: 480 * attempt,
        gpu=min(GPUS, 1),
    params:
        scripts=SCRIPTS,
        code=fingerprint("score_variants.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        model=lambda wc, input: folder(input.model[0]),
        options=lambda wc: options("variants", wc.variants, *SCORING),
    shell:
        "python {params.scripts}/score_variants.py --vcf {input.vcf} --genome {params.genome} --model {params.model} {params.options} "
        "--out {output.vcf} --out-table {output.table} --out-summary {output.summary} --log {log}"


rule draw_variants:
    """Draw the distribution of each score by class of variant."""
    input:
        table="results/{corpus}/{tokenizer}/{model}/{stage}/variants/{variants}.tsv.gz",
        summary="results/{corpus}/{tokenizer}/{model}/{stage}/variants/{variants}.summary.json",
    output:
        figure=report(
            "results/{corpus}/{tokenizer}/{model}/{stage}/variants/{variants}.png",
            caption="../report/draw_variants.rst",
            category="4 Variants",
            labels={
                "variants": "{variants}",
                "model": "{corpus}/{tokenizer}/{model}",
                "stage": "{stage}",
            },
        ),
    log:
        "logs/results/{corpus}/{tokenizer}/{model}/{stage}/variants/{variants}.draw_variants.log",
    benchmark:
        "benchmarks/results/{corpus}/{tokenizer}/{model}/{stage}/variants/{variants}.draw_variants.tsv"
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_variants.py"),
    shell:
        "python {params.scripts}/draw_variants.py --table {input.table} --summary {input.summary} --out {output.figure} --log {log}"
