# Purpose: look inside a model: embeddings of tokens and windows, what a fine-tuned model looks at.
# Inputs: a model, a genome
# Outputs: results/…/{model}/insight/, results/…/seed{seed}/insight/


rule map_embeddings:
    """Principal components of token vectors and of window embeddings."""
    input:
        model=within(PRETRAINED, WEIGHTS),
        genome=lambda wc: genome_files(
            checks.genomes(corpus_of(wc.corpus, wc.model), trained_on=True)[0]
        ),
    output:
        tokens="results/{corpus}/{tokenizer}/{model}/insight/tokens.tsv",
        windows="results/{corpus}/{tokenizer}/{model}/insight/windows.tsv",
        summary="results/{corpus}/{tokenizer}/{model}/insight/embeddings.json",
    log:
        "logs/results/{corpus}/{tokenizer}/{model}/insight/map_embeddings.log",
    benchmark:
        "benchmarks/results/{corpus}/{tokenizer}/{model}/insight/map_embeddings.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 16000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
        gpu=min(GPUS, 1),
    params:
        scripts=SCRIPTS,
        code=fingerprint("map_embeddings.py"),
        model=lambda wc, input: folder(input.model[0]),
        genome=lambda wc, input: folder(input.genome[0]),
    shell:
        "python {params.scripts}/map_embeddings.py --model {params.model} --genome {params.genome} "
        "--out-tokens {output.tokens} --out-windows {output.windows} --out-summary {output.summary} --log {log}"


rule draw_embeddings:
    """Draw the maps of tokens and windows."""
    input:
        tokens="results/{corpus}/{tokenizer}/{model}/insight/tokens.tsv",
        windows="results/{corpus}/{tokenizer}/{model}/insight/windows.tsv",
        summary="results/{corpus}/{tokenizer}/{model}/insight/embeddings.json",
    output:
        figure=report(
            "results/{corpus}/{tokenizer}/{model}/insight/embeddings.png",
            caption="../report/draw_embeddings.rst",
            category="6 Insight",
            labels={"model": "{corpus}/{tokenizer}/{model}", "figure": "embeddings"},
        ),
    log:
        "logs/results/{corpus}/{tokenizer}/{model}/insight/draw_embeddings.log",
    benchmark:
        "benchmarks/results/{corpus}/{tokenizer}/{model}/insight/draw_embeddings.tsv"
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_embeddings.py"),
    shell:
        "python {params.scripts}/draw_embeddings.py --tokens {input.tokens} --windows {input.windows} --summary {input.summary} "
        "--out {output.figure} --log {log}"


rule attribute_windows:
    """Change every base of the best windows in turn and see what the score does."""
    input:
        model=within(FINETUNED, WEIGHTS),
        windows="results/targets/{target}/windows.tsv.gz",
    output:
        attributions=within(FINETUNED, "insight/attributions.npz"),
    log:
        f"logs/{FINETUNED}/insight/attribute_windows.log",
    benchmark:
        f"benchmarks/{FINETUNED}/insight/attribute_windows.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 16000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
        gpu=min(GPUS, 1),
    params:
        scripts=SCRIPTS,
        code=fingerprint("attribute_windows.py"),
        model=lambda wc, input: folder(input.model[0]),
    shell:
        "python {params.scripts}/attribute_windows.py --model {params.model} --windows {input.windows} --out {output.attributions} --log {log}"


rule draw_logos:
    """Draw what the model looks at as sequence logos."""
    input:
        attributions=within(FINETUNED, "insight/attributions.npz"),
    output:
        figure=report(
            within(FINETUNED, "insight/logos.png"),
            caption="../report/draw_logos.rst",
            category="6 Insight",
            labels={
                "model": "{corpus}/{tokenizer}/{model} {recipe} seed {seed}",
                "figure": "logos of {target}",
            },
        ),
    log:
        f"logs/{FINETUNED}/insight/draw_logos.log",
    benchmark:
        f"benchmarks/{FINETUNED}/insight/draw_logos.tsv"
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_logos.py"),
    shell:
        "python {params.scripts}/draw_logos.py --attributions {input.attributions} --out {output.figure} --log {log}"
