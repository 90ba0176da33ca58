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
        files=within(VOCABULARY, PROMPTS),
    log:
        f"logs/{VOCABULARY}/sample_prompts.log",
    benchmark:
        f"benchmarks/{VOCABULARY}/sample_prompts.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 8000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("sample_prompts.py"),
        out=lambda wc, output: folder(output[0]),
        genomes=lambda wc: corpus_folders(wc.corpus, trained_on=True),
        options=lambda wc: options("vocabularies", wc.vocabulary, *SAMPLING),
    shell:
        "python {params.scripts}/sample_prompts.py --genomes {params.genomes} {params.options} "
        "--out {params.out} --log {log}"


rule predict_next_bases:
    """Fine-tune a pretrained model to name the next bases and measure it; resumes where it was stopped."""
    input:
        prompts=within(VOCABULARY, "prompts.npz"),
        pretrained=within(PRETRAINED, WEIGHTS),
    output:
        metrics=within(NEXT_BASES, "metrics.json"),
        history=within(NEXT_BASES, "history.tsv"),
    log:
        f"logs/{NEXT_BASES}/predict_next_bases.log",
    benchmark:
        f"benchmarks/{NEXT_BASES}/predict_next_bases.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        mem_mb=lambda wildcards, attempt: 16000 * attempt,
        runtime=lambda wildcards, attempt: 480 * attempt,
        gpu=min(GPUS, 1),
    params:
        scripts=SCRIPTS,
        code=fingerprint("predict_next_bases.py"),
        out=lambda wc, output: folder(output[0]),
        pretrained=lambda wc, input: folder(input.pretrained[0]),
        checkpoints=NEXT_BASES.replace("results", "checkpoints", 1),
        options=lambda wc: options("vocabularies", wc.vocabulary, *FINE_TUNING),
    shell:
        "python {params.scripts}/predict_next_bases.py --prompts {input.prompts} --pretrained {params.pretrained} "
        "{params.options} --checkpoints {params.checkpoints} --out {params.out} --log {log}"


rule choose_vocabulary:
    """Fit a smooth through accuracy over vocabulary size and pick its top."""
    input:
        metrics=lambda wc: candidates(wc.corpus, wc.vocabulary),
        baselines=within(VOCABULARY, "baselines.json"),
    output:
        table=within(VOCABULARY, "curve.tsv"),
        choice=within(VOCABULARY, "choice.json"),
    log:
        f"logs/{VOCABULARY}/choose_vocabulary.log",
    benchmark:
        f"benchmarks/{VOCABULARY}/choose_vocabulary.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("choose_vocabulary.py"),
        names=lambda wc: preset("vocabularies", wc.vocabulary)["tokenizers"],
        options=lambda wc: options("vocabularies", wc.vocabulary, "decide_by"),
    shell:
        "python {params.scripts}/choose_vocabulary.py --metrics {input.metrics} --names {params.names} "
        "--baselines {input.baselines} {params.options} --out-table {output.table} --out-choice {output.choice} "
        "--log {log}"


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
        f"logs/{VOCABULARY}/draw_vocabulary.log",
    benchmark:
        f"benchmarks/{VOCABULARY}/draw_vocabulary.tsv"
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_vocabulary.py"),
    shell:
        "python {params.scripts}/draw_vocabulary.py --table {input.table} --choice {input.choice} "
        "--out {output.figure} --log {log}"
