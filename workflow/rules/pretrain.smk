# Purpose: pretrain a language model on a token store.
# Inputs: results/{corpus}/{tokenizer}/, config/models/{model}.yaml
# Outputs: results/{corpus}/{tokenizer}/{model}/pretrained/


rule pretrain_model:
    """Pretrain, masked or causal; resumes where it was stopped."""
    input:
        preset="config/models/{model}.yaml",
        tokens=within("results/{corpus}/{tokenizer}/tokens", TOKENS),
        tokenizer=within("results/{corpus}/{tokenizer}/tokenizer", TOKENIZER),
    output:
        files=within(PRETRAINED, WEIGHTS),
        metrics="results/{corpus}/{tokenizer}/{model}/pretrained/metrics.tsv",
        speed="results/{corpus}/{tokenizer}/{model}/pretrained/speed.tsv",
    log:
        "logs/results/{corpus}/{tokenizer}/{model}/pretrain_model.log",
    benchmark:
        "benchmarks/results/{corpus}/{tokenizer}/{model}/pretrain_model.tsv"
    wildcard_constraints:
        corpus=TRAINED,
    priority: 10  # others wait for it
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        mem_mb=lambda wildcards, attempt: 16000 * attempt,
        runtime=lambda wildcards, attempt: 1440 * attempt,
        gpu=GPUS,  # several serve pretraining alone: nothing else is long enough
    params:
        scripts=SCRIPTS,
        code=fingerprint("pretrain_model.py"),
        out=lambda wc, output: folder(output[0]),
        tokens=lambda wc, input: folder(input.tokens[0]),
        tokenizer=lambda wc, input: folder(input.tokenizer[0]),
        checkpoints="checkpoints/{corpus}/{tokenizer}/{model}/pretrained",
        options=lambda wc: pretraining_options(wc.model),
        corpus=lambda wc: corpus_options(wc.corpus, "weights", "balance"),
    shell:
        "if [ {resources.gpu} -gt 1 ]; then launch='torchrun --standalone --nproc-per-node {resources.gpu} --'; "
        "else launch=python; fi; "
        "$launch {params.scripts}/pretrain_model.py --tokens {params.tokens} --tokenizer {params.tokenizer} "
        "{params.options} {params.corpus} --checkpoints {params.checkpoints} --out {params.out} --log {log}"


rule draw_pretraining:
    """Draw the learning curve in bits per base."""
    input:
        metrics="results/{corpus}/{tokenizer}/{model}/pretrained/metrics.tsv",
    output:
        figure=report(
            "results/{corpus}/{tokenizer}/{model}/pretrained/training.png",
            caption="../report/draw_training.rst",
            category="1 Pretraining",
            labels={
                "corpus": "{corpus}",
                "tokenizer": "{tokenizer}",
                "model": "{model}",
            },
        ),
    log:
        "logs/results/{corpus}/{tokenizer}/{model}/draw_pretraining.log",
    benchmark:
        "benchmarks/results/{corpus}/{tokenizer}/{model}/draw_pretraining.tsv"
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_training.py"),
    shell:
        "python {params.scripts}/draw_training.py --metrics {input.metrics} --out {output.figure} --log {log}"
