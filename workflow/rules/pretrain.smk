# Purpose: pretrain a language model on a token store.
# Inputs: results/{corpus}/{tokenizer}/, config/models/{model}.yaml
# Outputs: results/{corpus}/{tokenizer}/{model}/pretrained/


rule pretrain_model:
    """Pretrain, masked or causal; resumes where it was stopped."""
    input:
        preset="config/models/{model}.yaml",
        tokens=expand("results/{{corpus}}/{{tokenizer}}/tokens/{name}", name=TOKENS),
        tokenizer=expand(
            "results/{{corpus}}/{{tokenizer}}/tokenizer/{name}", name=TOKENIZER
        ),
    output:
        files=expand(PRETRAINED + "/{name}", name=WEIGHTS, allow_missing=True),
        metrics="results/{corpus}/{tokenizer}/{model}/pretrained/metrics.tsv",
    log:
        "logs/results/{corpus}/{tokenizer}/{model}/pretrain_model.log",
    benchmark:
        "benchmarks/results/{corpus}/{tokenizer}/{model}/pretrain_model.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 8
    resources:
        mem_mb=lambda wildcards, attempt: 16000 * attempt,
        runtime=lambda wildcards, attempt: 1440 * attempt,
        gpu=GPUS,
    params:
        scripts=SCRIPTS,
        code=fingerprint("pretrain_model.py"),
        out=PRETRAINED,
        base=CORPUS,
        checkpoints="checkpoints/{corpus}/{tokenizer}/{model}/pretrained",
        options=lambda wc: options("models", wc.model, *keys("models")),
    shell:
        "python {params.scripts}/pretrain_model.py --tokens {params.base}/tokens --tokenizer {params.base}/tokenizer "
        "{params.options} --checkpoints {params.checkpoints} --out {params.out} --log {log}"


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
