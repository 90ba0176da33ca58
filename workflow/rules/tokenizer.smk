# Purpose: train a tokenizer on a corpus and tokenise the corpus with it.
# Inputs: resources/genomes/, config/tokenizers/{tokenizer}.yaml
# Outputs: results/{corpus}/{tokenizer}/tokenizer, tokens


rule train_tokenizer:
    """Train a tokenizer on the training contigs of a corpus."""
    input:
        preset="config/tokenizers/{tokenizer}.yaml",
        genomes=lambda wc: corpus_files(wc.corpus, trained_on=True),
    output:
        files=within("results/{corpus}/{tokenizer}/tokenizer", TOKENIZER),
    log:
        "logs/results/{corpus}/{tokenizer}/train_tokenizer.log",
    benchmark:
        "benchmarks/results/{corpus}/{tokenizer}/train_tokenizer.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        mem_mb=lambda wildcards, attempt: 16000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("train_tokenizer.py"),
        out=lambda wc, output: folder(output[0]),
        genomes=lambda wc: corpus_folders(wc.corpus, trained_on=True),
        options=lambda wc: options("tokenizers", wc.tokenizer, *keys("tokenizers")),
    shell:
        "python {params.scripts}/train_tokenizer.py --genomes {params.genomes} {params.options} "
        "--threads {threads} --out {params.out} --log {log}"


rule tokenise_corpus:
    """Tokenise a corpus once into flat arrays."""
    input:
        genomes=lambda wc: corpus_files(wc.corpus),
        tokenizer="results/{corpus}/{tokenizer}/tokenizer/tokenizer.json",
    output:
        files=within("results/{corpus}/{tokenizer}/tokens", TOKENS),
    log:
        "logs/results/{corpus}/{tokenizer}/tokenise_corpus.log",
    benchmark:
        "benchmarks/results/{corpus}/{tokenizer}/tokenise_corpus.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        mem_mb=lambda wildcards, attempt: 16000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("tokenise_corpus.py"),
        out=lambda wc, output: folder(output[0]),
        genomes=lambda wc: corpus_folders(wc.corpus),
        tokenizer=lambda wc, input: folder(input.tokenizer),
        held_out=lambda wc: corpus_options(wc.corpus, "held_out"),
    shell:
        "python {params.scripts}/tokenise_corpus.py --genomes {params.genomes} --tokenizer {params.tokenizer} {params.held_out} "
        "--threads {threads} --out {params.out} --log {log}"


rule draw_tokens:
    """Draw frequency, length and GC content of the tokens of a corpus."""
    input:
        counts="results/{corpus}/{tokenizer}/tokens/counts.tsv",
        summary="results/{corpus}/{tokenizer}/tokens/summary.json",
    output:
        figure=report(
            "results/{corpus}/{tokenizer}/tokens.png",
            caption="../report/draw_tokens.rst",
            category="1 Pretraining",
            labels={
                "corpus": "{corpus}",
                "tokenizer": "{tokenizer}",
                "model": "tokens",
            },
        ),
    log:
        "logs/results/{corpus}/{tokenizer}/draw_tokens.log",
    benchmark:
        "benchmarks/results/{corpus}/{tokenizer}/draw_tokens.tsv"
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_tokens.py"),
    shell:
        "python {params.scripts}/draw_tokens.py --counts {input.counts} --summary {input.summary} --out {output.figure} --log {log}"
