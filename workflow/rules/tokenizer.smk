# Purpose: train a tokenizer on a corpus and tokenise the corpus with it.
# Inputs: resources/genomes/, config/tokenizers/{tokenizer}.yaml
# Outputs: results/{corpus}/{tokenizer}/tokenizer, tokens


rule train_tokenizer:
    """Train a tokenizer on the training contigs of a corpus."""
    input:
        preset=lambda wc: preset_file("tokenizers", wc.tokenizer),
        genomes=lambda wc: corpus_files(wc.corpus, trained_on=True),
    output:
        files=within(TOKENIZER, TOKENIZER_FILES),
    log:
        logs(TOKENIZER, "train_tokenizer"),
    benchmark:
        benchmarks(TOKENIZER, "train_tokenizer")
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        **needs("train_tokenizer"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("train_tokenizer.py"),
        out=lambda wc, output: folder(output[0]),
        genomes=lambda wc, input: folders(input.genomes),
        options=lambda wc: options("tokenizers", wc.tokenizer, *keys("tokenizers")),
    shell:
        r"""
        python {params.scripts:q}/train_tokenizer.py \
            --genomes {params.genomes:q} \
            {params.options} \
            --threads {threads} \
            --out {params.out:q} \
            --log {log:q}
        """


rule tokenise_corpus:
    """Tokenise a corpus once into flat arrays."""
    input:
        genomes=lambda wc: corpus_files(wc.corpus),
        tokenizer=within(TOKENIZER, "tokenizer.json"),
    output:
        files=within(TOKENS, TOKENS_FILES),
    log:
        logs(TOKENS, "tokenise_corpus"),
    benchmark:
        benchmarks(TOKENS, "tokenise_corpus")
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        **needs("tokenise_corpus"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("tokenise_corpus.py"),
        out=lambda wc, output: folder(output[0]),
        genomes=lambda wc, input: folders(input.genomes),
        tokenizer=lambda wc, input: folder(input.tokenizer),
        held_out_options=lambda wc: corpus_options(wc.corpus, "held_out"),
    shell:
        r"""
        python {params.scripts:q}/tokenise_corpus.py \
            --genomes {params.genomes:q} \
            --tokenizer {params.tokenizer:q} \
            {params.held_out_options} \
            --threads {threads} \
            --out {params.out:q} \
            --log {log:q}
        """


rule draw_tokens:
    """Draw frequency, length and GC content of the tokens of a corpus."""
    input:
        counts=within(TOKENS, "counts.tsv"),
        summary=within(TOKENS, "summary.json"),
    output:
        figure=report(
            within(TOKENISED, "tokens.png"),
            caption="../report/draw_tokens.rst",
            category="1 Pretraining",
            labels={
                "corpus": "{corpus}",
                "tokenizer": "{tokenizer}",
                "model": "tokens",
            },
        ),
    log:
        logs(TOKENISED, "draw_tokens"),
    benchmark:
        benchmarks(TOKENISED, "draw_tokens")
    localrule: True
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        **needs("draw_tokens"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_tokens.py"),
    shell:
        r"""
        python {params.scripts:q}/draw_tokens.py \
            --counts {input.counts:q} \
            --summary {input.summary:q} \
            --out {output.figure:q} \
            --log {log:q}
        """
