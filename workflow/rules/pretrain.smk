# Purpose: pretrain a language model on a token store.
# Inputs: results/{corpus}/{tokenizer}/, config/models/{model}.yaml
# Outputs: results/{corpus}/{tokenizer}/{model}/pretrained/


rule pretrain_model:
    """Pretrain, masked or causal; resumes where it was stopped."""
    input:
        preset=lambda wc: preset_file("models", wc.model),
        tokens=within(TOKENS, TOKENS_FILES),
        tokenizer=within(TOKENIZER, TOKENIZER_FILES),
    output:
        files=within(PRETRAINED, MODEL_FILES),
        metrics=within(PRETRAINED, "metrics.tsv"),
        speed=within(PRETRAINED, "speed.tsv"),
    log:
        logs(PRETRAINED, "pretrain_model"),
    benchmark:
        benchmarks(PRETRAINED, "pretrain_model")
    wildcard_constraints:
        corpus=TRAINED,
    priority: 10  # others wait for it
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        **needs("pretrain_model", gpu=GPUS),  # several serve pretraining alone: nothing else is long enough
    params:
        scripts=SCRIPTS,
        code=fingerprint("pretrain_model.py"),
        out=lambda wc, output: folder(output[0]),
        tokens=lambda wc, input: folder(input.tokens[0]),
        tokenizer=lambda wc, input: folder(input.tokenizer[0]),
        checkpoints=lambda wc, output: checkpoints(folder(output[0])),
        options=lambda wc: pretraining_options(wc.model),
        corpus_options=lambda wc: corpus_options(wc.corpus, "weights", "balance"),
    shell:
        r"""
        gpus={resources.gpu}
        if [ "$gpus" -eq 0 ]; then # on Slurm they may have come by --gres
            gpus=${{DNALM_GPUS:-${{SLURM_GPUS_ON_NODE:-0}}}}
        fi
        if [ "$gpus" -gt 1 ]; then
            launch="torchrun --standalone --nproc-per-node $gpus --"
        else
            launch=python
        fi
        $launch {params.scripts:q}/pretrain_model.py \
            --tokens {params.tokens:q} \
            --tokenizer {params.tokenizer:q} \
            {params.options} \
            {params.corpus_options} \
            --checkpoints {params.checkpoints:q} \
            --out {params.out:q} \
            --log {log:q}
        """


rule draw_pretraining:
    """Draw the learning curve in bits per base."""
    input:
        metrics=within(PRETRAINED, "metrics.tsv"),
    output:
        figure=report(
            within(PRETRAINED, "training.png"),
            caption="../report/draw_training.rst",
            category="1 Pretraining",
            labels={
                "corpus": "{corpus}",
                "tokenizer": "{tokenizer}",
                "model": "{model}",
            },
        ),
    log:
        logs(PRETRAINED, "draw_pretraining"),
    benchmark:
        benchmarks(PRETRAINED, "draw_pretraining")
    localrule: True
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        **needs("draw_pretraining"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_training.py"),
    shell:
        r"""
        python {params.scripts:q}/draw_training.py \
            --metrics {input.metrics:q} \
            --out {output.figure:q} \
            --log {log:q}
        """
