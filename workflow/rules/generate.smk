# Purpose: write synthetic DNA with a causal model and say how new and how natural it is.
# Inputs: a pretrained causal model, config/designs/{design}.yaml
# Outputs: results/…/generated/{design}/


rule generate_sequences:
    """Sample sequences from a causal model."""
    input:
        preset="config/designs/{design}.yaml",
        model=within(PRETRAINED, WEIGHTS),
    output:
        sequences="results/{corpus}/{tokenizer}/{model}/generated/{design}/sequences.fa",
    log:
        "logs/results/{corpus}/{tokenizer}/{model}/generated/{design}/generate_sequences.log",
    benchmark:
        "benchmarks/results/{corpus}/{tokenizer}/{model}/generated/{design}/generate_sequences.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 16000 * attempt,
        runtime=lambda wildcards, attempt: 240 * attempt,
        gpu=min(GPUS, 1),
    params:
        scripts=SCRIPTS,
        code=fingerprint("generate_sequences.py"),
        model=lambda wc, input: folder(input.model[0]),
        options=lambda wc: options("designs", wc.design, *GENERATION),
    shell:
        "python {params.scripts}/generate_sequences.py --model {params.model} {params.options} --out {output.sequences} --log {log}"


rule assess_novelty:
    """Compare generated DNA with the genome: exact copies, composition, k-mers."""
    input:
        sequences="results/{corpus}/{tokenizer}/{model}/generated/{design}/sequences.fa",
        genomes=lambda wc: corpus_files(corpus_of(wc.corpus, wc.model), trained_on=True),
    output:
        novelty="results/{corpus}/{tokenizer}/{model}/generated/{design}/novelty.tsv",
        composition="results/{corpus}/{tokenizer}/{model}/generated/{design}/composition.tsv",
        summary="results/{corpus}/{tokenizer}/{model}/generated/{design}/composition.json",
    log:
        "logs/results/{corpus}/{tokenizer}/{model}/generated/{design}/assess_novelty.log",
    benchmark:
        "benchmarks/results/{corpus}/{tokenizer}/{model}/generated/{design}/assess_novelty.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 16000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("assess_novelty.py"),
        genomes=lambda wc: corpus_folders(
            corpus_of(wc.corpus, wc.model), trained_on=True
        ),
    shell:
        "python {params.scripts}/assess_novelty.py --sequences {input.sequences} --genomes {params.genomes} --out-novelty {output.novelty} "
        "--out-composition {output.composition} --out-summary {output.summary} --log {log}"


rule draw_composition:
    """Draw GC, k-mers and longest matches of generated DNA beside the genome."""
    input:
        novelty="results/{corpus}/{tokenizer}/{model}/generated/{design}/novelty.tsv",
        composition="results/{corpus}/{tokenizer}/{model}/generated/{design}/composition.tsv",
        summary="results/{corpus}/{tokenizer}/{model}/generated/{design}/composition.json",
    output:
        figure=report(
            "results/{corpus}/{tokenizer}/{model}/generated/{design}/composition.png",
            caption="../report/draw_composition.rst",
            category="5 Designs",
            labels={"design": "{design}", "model": "{corpus}/{tokenizer}/{model}"},
        ),
    log:
        "logs/results/{corpus}/{tokenizer}/{model}/generated/{design}/draw_composition.log",
    benchmark:
        "benchmarks/results/{corpus}/{tokenizer}/{model}/generated/{design}/draw_composition.tsv"
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_composition.py"),
    shell:
        "python {params.scripts}/draw_composition.py --composition {input.composition} --summary {input.summary} --novelty {input.novelty} "
        "--out {output.figure} --log {log}"
