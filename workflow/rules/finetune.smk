# Purpose: label windows, train baselines, fine-tune and evaluate.
# Inputs: peaks or sequences of config/targets/{target}.yaml, a pretrained model
# Outputs: results/targets/{target}/, results/…/finetuned/{target}/{recipe}/seed{seed}/


rule label_windows:
    """Cut labelled windows around peaks, with matched and hard negatives."""
    input:
        preset="config/targets/{target}.yaml",
        genome=lambda wc: genome_files(preset("targets", wc.target)["genome"]),
        labels=lambda wc: list(target_inputs(wc.target).values()),
    output:
        windows="results/targets/{target}/windows.tsv.gz",
        summary="results/targets/{target}/windows.json",
    log:
        "logs/targets/{target}/label_windows.log",
    benchmark:
        "benchmarks/targets/{target}/label_windows.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 8000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("label_windows.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        labels=lambda wc: given(target_inputs(wc.target)),
        options=lambda wc: options("targets", wc.target, *LABELLING),
    shell:
        "python {params.scripts}/label_windows.py --genome {params.genome} {params.labels} {params.options} "
        "--out-windows {output.windows} --out-summary {output.summary} --log {log}"


rule draw_windows:
    """Draw how well the negatives match the positives."""
    input:
        windows="results/targets/{target}/windows.tsv.gz",
        summary="results/targets/{target}/windows.json",
    output:
        figure=report(
            "results/targets/{target}/windows.png",
            caption="../report/draw_windows.rst",
            category="2 Fine-tuning",
            labels={"target": "{target}", "figure": "labelled windows"},
        ),
    log:
        "logs/targets/{target}/draw_windows.log",
    benchmark:
        "benchmarks/targets/{target}/draw_windows.tsv"
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_windows.py"),
    shell:
        "python {params.scripts}/draw_windows.py --windows {input.windows} --summary {input.summary} --out {output.figure} --log {log}"


rule train_baselines:
    """Score the windows by GC, k-mers and the motif: what a model has to beat."""
    input:
        preset="config/targets/{target}.yaml",
        windows="results/targets/{target}/windows.tsv.gz",
    output:
        files=within("results/targets/{target}/baselines", BASELINES),
    log:
        "logs/targets/{target}/train_baselines.log",
    benchmark:
        "benchmarks/targets/{target}/train_baselines.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 8000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("train_baselines.py"),
        out=lambda wc, output: folder(output[0]),
        motif=lambda wc: given({"motif": preset("targets", wc.target).get("motif")}),
        k=lambda wc: presets.value("targets", wc.target, "kmer"),
    shell:
        "python {params.scripts}/train_baselines.py --windows {input.windows} {params.motif} --k {params.k} "
        "--out {params.out} --log {log}"


rule finetune_model:
    """Fine-tune a pretrained model on labelled windows; resumes where it was stopped."""
    input:
        preset="config/recipes/{recipe}.yaml",
        windows="results/targets/{target}/windows.tsv.gz",
        pretrained=within(PRETRAINED, WEIGHTS),
    output:
        files=within(FINETUNED, WEIGHTS),
        history=within(FINETUNED, "history.tsv"),
        predictions=within(FINETUNED, "predictions.tsv.gz"),
    log:
        f"logs/{FINETUNED}/finetune_model.log",
    benchmark:
        f"benchmarks/{FINETUNED}/finetune_model.tsv"
    priority: 10  # others wait for it
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        mem_mb=lambda wildcards, attempt: 16000 * attempt,
        runtime=lambda wildcards, attempt: 480 * attempt,
        gpu=min(GPUS, 1),
    params:
        scripts=SCRIPTS,
        code=fingerprint("finetune_model.py"),
        out=lambda wc, output: folder(output[0]),
        pretrained=lambda wc, input: folder(input.pretrained[0]),
        checkpoints=FINETUNED.replace("results", "checkpoints", 1),
        options=lambda wc: options("recipes", wc.recipe, *keys("recipes")),
    shell:
        "python {params.scripts}/finetune_model.py --windows {input.windows} --pretrained {params.pretrained} {params.options} "
        "--seed {wildcards.seed} --checkpoints {params.checkpoints} --out {params.out} --log {log}"


rule draw_finetuning:
    """Draw training loss and validation AUPRC."""
    input:
        history=within(FINETUNED, "history.tsv"),
    output:
        figure=report(
            within(FINETUNED, "training.png"),
            caption="../report/draw_training.rst",
            category="2 Fine-tuning",
            labels={
                "target": "{target}",
                "model": "{corpus}/{tokenizer}/{model} {recipe} seed {seed}",
                "figure": "learning curve",
            },
        ),
    log:
        f"logs/{FINETUNED}/draw_finetuning.log",
    benchmark:
        f"benchmarks/{FINETUNED}/draw_finetuning.tsv"
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
        "python {params.scripts}/draw_training.py --metrics {input.history} --out {output.figure} --log {log}"


rule evaluate_model:
    """Measure a fine-tuned model beside the baselines, with intervals."""
    input:
        predictions=within(FINETUNED, "predictions.tsv.gz"),
        baselines=within("results/targets/{target}/baselines", BASELINES),
    output:
        metrics=within(FINETUNED, "metrics.json"),
    log:
        f"logs/{FINETUNED}/evaluate_model.log",
    benchmark:
        f"benchmarks/{FINETUNED}/evaluate_model.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("evaluate_model.py"),
        baselines=lambda wc, input: folder(input.baselines[0]),
    shell:
        "python {params.scripts}/evaluate_model.py --predictions {input.predictions} --baselines {params.baselines} "
        "--out {output.metrics} --log {log}"


rule draw_evaluation:
    """Draw ROC, precision-recall and reliability curves beside the baselines."""
    input:
        predictions=within(FINETUNED, "predictions.tsv.gz"),
        baselines=within("results/targets/{target}/baselines", BASELINES),
        metrics=within(FINETUNED, "metrics.json"),
    output:
        figure=report(
            within(FINETUNED, "evaluation.png"),
            caption="../report/draw_evaluation.rst",
            category="2 Fine-tuning",
            labels={
                "target": "{target}",
                "model": "{corpus}/{tokenizer}/{model} {recipe} seed {seed}",
                "figure": "evaluation",
            },
        ),
    log:
        f"logs/{FINETUNED}/draw_evaluation.log",
    benchmark:
        f"benchmarks/{FINETUNED}/draw_evaluation.tsv"
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_evaluation.py"),
        baselines=lambda wc, input: folder(input.baselines[0]),
    shell:
        "python {params.scripts}/draw_evaluation.py --predictions {input.predictions} --baselines {params.baselines} "
        "--metrics {input.metrics} --out {output.figure} --log {log}"
