# Purpose: look inside a model: embeddings of tokens and windows, what a fine-tuned model looks at.
# Inputs: a model, a genome
# Outputs: results/…/{model}/insight/, results/…/seed{seed}/insight/


rule map_embeddings:
    """Principal components of token vectors and of window embeddings."""
    input:
        model=within(PRETRAINED, MODEL_FILES),
        genome=lambda wc: genome_files(
            genome_checks.genomes(corpus_of(wc.corpus, wc.model), trained_on=True)[0]
        ),
    output:
        tokens=within(MODEL, "insight/tokens.tsv"),
        windows=within(MODEL, "insight/windows.tsv"),
        summary=within(MODEL, "insight/embeddings.json"),
    log:
        logs(MODEL, "insight/map_embeddings"),
    benchmark:
        benchmarks(MODEL, "insight/map_embeddings")
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        **needs("map_embeddings", gpu=min(GPUS, 1)),
    params:
        scripts=SCRIPTS,
        code=fingerprint("map_embeddings.py"),
        model=lambda wc, input: folder(input.model[0]),
        genome=lambda wc, input: folder(input.genome[0]),
    shell:
        r"""
        python {params.scripts:q}/map_embeddings.py \
            --model {params.model:q} \
            --genome {params.genome:q} \
            --out-tokens {output.tokens:q} \
            --out-windows {output.windows:q} \
            --out-summary {output.summary:q} \
            --log {log:q}
        """


rule draw_embeddings:
    """Draw the maps of tokens and windows."""
    input:
        tokens=within(MODEL, "insight/tokens.tsv"),
        windows=within(MODEL, "insight/windows.tsv"),
        summary=within(MODEL, "insight/embeddings.json"),
    output:
        figure=report(
            within(MODEL, "insight/embeddings.png"),
            caption="../report/draw_embeddings.rst",
            category="6 Insight",
            labels={"model": "{corpus}/{tokenizer}/{model}", "figure": "embeddings"},
        ),
    log:
        logs(MODEL, "insight/draw_embeddings"),
    benchmark:
        benchmarks(MODEL, "insight/draw_embeddings")
    localrule: True
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        **needs("draw_embeddings"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_embeddings.py"),
    shell:
        r"""
        python {params.scripts:q}/draw_embeddings.py \
            --tokens {input.tokens:q} \
            --windows {input.windows:q} \
            --summary {input.summary:q} \
            --out {output.figure:q} \
            --log {log:q}
        """


rule attribute_windows:
    """Change every base of the best windows in turn and see what the score does."""
    input:
        model=within(FINETUNED, MODEL_FILES),
        windows=within(TARGET, "windows.tsv.gz"),
    output:
        attributions=within(FINETUNED, "insight/attributions.npz"),
    log:
        logs(FINETUNED, "insight/attribute_windows"),
    benchmark:
        benchmarks(FINETUNED, "insight/attribute_windows")
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        **needs("attribute_windows", gpu=min(GPUS, 1)),
    params:
        scripts=SCRIPTS,
        code=fingerprint("attribute_windows.py"),
        model=lambda wc, input: folder(input.model[0]),
    shell:
        r"""
        python {params.scripts:q}/attribute_windows.py \
            --model {params.model:q} \
            --windows {input.windows:q} \
            --out {output.attributions:q} \
            --log {log:q}
        """


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
        logs(FINETUNED, "insight/draw_logos"),
    benchmark:
        benchmarks(FINETUNED, "insight/draw_logos")
    localrule: True
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        **needs("draw_logos"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_logos.py"),
    shell:
        r"""
        python {params.scripts:q}/draw_logos.py \
            --attributions {input.attributions:q} \
            --out {output.figure:q} \
            --log {log:q}
        """
