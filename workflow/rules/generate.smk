# Purpose: write synthetic DNA with a causal model and say how new and how natural it is.
# Inputs: a pretrained causal model, config/designs/{design}.yaml
# Outputs: results/…/generated/{design}/


rule generate_sequences:
    """Sample sequences from a causal model."""
    input:
        preset=lambda wc: preset_file("designs", wc.design),
        model=within(PRETRAINED, MODEL_FILES),
    output:
        sequences=within(GENERATED, "sequences.fa"),
    log:
        logs(GENERATED, "generate_sequences"),
    benchmark:
        benchmarks(GENERATED, "generate_sequences")
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        **needs("generate_sequences", gpu=min(GPUS, 1)),
    params:
        scripts=SCRIPTS,
        code=fingerprint("generate_sequences.py"),
        model=lambda wc, input: folder(input.model[0]),
        options=lambda wc: options("designs", wc.design, *GENERATION),
    shell:
        r"""
        python {params.scripts:q}/generate_sequences.py \
            --model {params.model:q} \
            {params.options} \
            --out {output.sequences:q} \
            --log {log:q}
        """


rule assess_novelty:
    """Compare generated DNA with the genome: exact copies, composition, k-mers."""
    input:
        sequences=within(GENERATED, "sequences.fa"),
        genomes=lambda wc: corpus_files(corpus_of(wc.corpus, wc.model), trained_on=True),
    output:
        novelty=within(GENERATED, "novelty.tsv"),
        composition=within(GENERATED, "composition.tsv"),
        summary=within(GENERATED, "composition.json"),
    log:
        logs(GENERATED, "assess_novelty"),
    benchmark:
        benchmarks(GENERATED, "assess_novelty")
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("assess_novelty"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("assess_novelty.py"),
        genomes=lambda wc, input: folders(input.genomes),
    shell:
        r"""
        python {params.scripts:q}/assess_novelty.py \
            --sequences {input.sequences:q} \
            --genomes {params.genomes:q} \
            --out-novelty {output.novelty:q} \
            --out-composition {output.composition:q} \
            --out-summary {output.summary:q} \
            --log {log:q}
        """


rule draw_composition:
    """Draw GC, k-mers and longest matches of generated DNA beside the genome."""
    input:
        novelty=within(GENERATED, "novelty.tsv"),
        composition=within(GENERATED, "composition.tsv"),
        summary=within(GENERATED, "composition.json"),
    output:
        figure=report(
            within(GENERATED, "composition.png"),
            caption="../report/draw_composition.rst",
            category="5 Designs",
            labels={"design": "{design}", "model": "{corpus}/{tokenizer}/{model}"},
        ),
    log:
        logs(GENERATED, "draw_composition"),
    benchmark:
        benchmarks(GENERATED, "draw_composition")
    localrule: True
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        **needs("draw_composition"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_composition.py"),
    shell:
        r"""
        python {params.scripts:q}/draw_composition.py \
            --composition {input.composition:q} \
            --summary {input.summary:q} \
            --novelty {input.novelty:q} \
            --out {output.figure:q} \
            --log {log:q}
        """
