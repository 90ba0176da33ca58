# Purpose: choose a vocabulary by rule: which tokenizer's model best names the bases that follow a prompt?
# Inputs: config/vocabularies/{vocabulary}.yaml, a model pretrained with each of its tokenizers
# Outputs: results/{corpus}/vocabulary/{vocabulary}/, results/{corpus}/{tokenizer}/{model}/next_bases/{vocabulary}/
# The preset is an input of none of these rules: its keys are params, so that a tokenizer added to the list is trained
# and the others are not trained again.


rule sample_prompts:
    """Draw the sequences that every tokenizer is tested on, and measure the baselines."""
    input:
        genomes=lambda wc: corpus_files(wc.corpus, trained_on=True),
    output:
        files=within(VOCABULARY, PROMPT_FILES),
    log:
        logs(VOCABULARY, "sample_prompts"),
    benchmark:
        benchmarks(VOCABULARY, "sample_prompts")
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        **needs("sample_prompts"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("sample_prompts.py"),
        out=lambda wc, output: folder(output[0]),
        genomes=lambda wc, input: folders(input.genomes),
        options=lambda wc: options("vocabularies", wc.vocabulary, *SAMPLING),
    shell:
        r"""
        python {params.scripts:q}/sample_prompts.py \
            --genomes {params.genomes:q} \
            {params.options} \
            --out {params.out:q} \
            --log {log:q}
        """


rule predict_next_bases:
    """Fine-tune a pretrained model to name the next bases and measure it; resumes where it was stopped."""
    input:
        prompts=within(VOCABULARY, "prompts.npz"),
        pretrained=within(PRETRAINED, MODEL_FILES),
    output:
        metrics=within(NEXT_BASES, "metrics.json"),
        history=within(NEXT_BASES, "history.tsv"),
    log:
        logs(NEXT_BASES, "predict_next_bases"),
    benchmark:
        benchmarks(NEXT_BASES, "predict_next_bases")
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        **needs("predict_next_bases", gpu=min(GPUS, 1)),
    params:
        scripts=SCRIPTS,
        code=fingerprint("predict_next_bases.py"),
        out=lambda wc, output: folder(output[0]),
        pretrained=lambda wc, input: folder(input.pretrained[0]),
        checkpoints=lambda wc, output: checkpoints(folder(output[0])),
        options=lambda wc: options("vocabularies", wc.vocabulary, *FINE_TUNING),
    shell:
        r"""
        python {params.scripts:q}/predict_next_bases.py \
            --prompts {input.prompts:q} \
            --pretrained {params.pretrained:q} \
            {params.options} \
            --checkpoints {params.checkpoints:q} \
            --out {params.out:q} \
            --log {log:q}
        """


rule choose_vocabulary:
    """Fit a smooth through accuracy over vocabulary size and pick its top."""
    input:
        metrics=lambda wc: candidates(wc.corpus, wc.vocabulary),
        baselines=within(VOCABULARY, "baselines.json"),
    output:
        table=within(VOCABULARY, "curve.tsv"),
        choice=within(VOCABULARY, "choice.json"),
    log:
        logs(VOCABULARY, "choose_vocabulary"),
    benchmark:
        benchmarks(VOCABULARY, "choose_vocabulary")
    localrule: True
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("choose_vocabulary"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("choose_vocabulary.py"),
        names=lambda wc: preset("vocabularies", wc.vocabulary)["tokenizers"],
        options=lambda wc: options("vocabularies", wc.vocabulary, "decide_by"),
    shell:
        r"""
        python {params.scripts:q}/choose_vocabulary.py \
            --metrics {input.metrics:q} \
            --names {params.names:q} \
            --baselines {input.baselines:q} \
            {params.options} \
            --out-table {output.table:q} \
            --out-choice {output.choice:q} \
            --log {log:q}
        """


rule draw_vocabulary:
    """Draw accuracy over vocabulary size beside the baselines and published figures."""
    input:
        table=within(VOCABULARY, "curve.tsv"),
        choice=within(VOCABULARY, "choice.json"),
    output:
        figure=report(
            within(VOCABULARY, "curve.png"),
            caption="../report/draw_vocabulary.rst",
            category="1 Pretraining",
            labels={"corpus": "{corpus}", "vocabulary": "{vocabulary}"},
        ),
    log:
        logs(VOCABULARY, "draw_vocabulary"),
    benchmark:
        benchmarks(VOCABULARY, "draw_vocabulary")
    localrule: True
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        **needs("draw_vocabulary"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_vocabulary.py"),
    shell:
        r"""
        python {params.scripts:q}/draw_vocabulary.py \
            --table {input.table:q} \
            --choice {input.choice:q} \
            --out {output.figure:q} \
            --log {log:q}
        """
