# Purpose: label windows, train baselines, fine-tune and evaluate.
# Inputs: peaks or sequences of config/targets/{target}.yaml, a pretrained model or one that is built
# Outputs: results/targets/{target}/, results/…/finetuned/{target}/{recipe}/seed{seed}/


rule label_windows:
    """Cut labelled windows around peaks, with matched and hard negatives."""
    input:
        preset=lambda wc: preset_file("targets", wc.target),
        genome=lambda wc: target_genome(wc.target, needed=False),
        labels=lambda wc: named_files(target_inputs(wc.target)),
    output:
        windows=within(TARGET, "windows.tsv.gz"),
        summary=within(TARGET, "windows.json"),
    log:
        logs(TARGET, "label_windows"),
    benchmark:
        benchmarks(TARGET, "label_windows")
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("label_windows"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("label_windows.py"),
        genome_options=lambda wc, input: given({"genome": folders(input.genome)}),
        label_options=lambda wc, input: given(target_inputs(wc.target), input.labels),
        negatives_options=lambda wc: negatives_options(wc.target),
        options=lambda wc: options("targets", wc.target, *LABELLING),
    shell:
        r"""
        python {params.scripts:q}/label_windows.py \
            {params.genome_options} \
            {params.label_options} \
            {params.negatives_options} \
            {params.options} \
            --out-windows {output.windows:q} \
            --out-summary {output.summary:q} \
            --log {log:q}
        """


rule audit_homology:
    """Find relatives of held-out windows among the training windows."""
    input:
        windows=within(TARGET, "windows.tsv.gz"),
    output:
        relatives=within(TARGET, "relatives.tsv.gz"),
        summary=within(TARGET, "relatives.json"),
    log:
        logs(TARGET, "audit_homology"),
    benchmark:
        benchmarks(TARGET, "audit_homology")
    conda:
        "../../envs/similarity.yaml"
    threads: 4
    resources:
        **needs("audit_homology"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("audit_homology.py"),
    shell:
        r"""
        python {params.scripts:q}/audit_homology.py \
            --windows {input.windows:q} \
            --threads {threads} \
            --out-relatives {output.relatives:q} \
            --out-summary {output.summary:q} \
            --log {log:q}
        """


rule draw_windows:
    """Draw how well the negatives match the positives."""
    input:
        windows=within(TARGET, "windows.tsv.gz"),
        summary=within(TARGET, "windows.json"),
    output:
        figure=report(
            within(TARGET, "windows.png"),
            caption="../report/draw_windows.rst",
            category="2 Fine-tuning",
            labels={"target": "{target}", "figure": "labelled windows"},
        ),
    log:
        logs(TARGET, "draw_windows"),
    benchmark:
        benchmarks(TARGET, "draw_windows")
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        **needs("draw_windows"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_windows.py"),
    shell:
        r"""
        python {params.scripts:q}/draw_windows.py \
            --windows {input.windows:q} \
            --summary {input.summary:q} \
            --out {output.figure:q} \
            --log {log:q}
        """


rule train_baselines:
    """Fit the baselines and score the windows with them: what a model has to beat."""
    input:
        preset=lambda wc: preset_file("targets", wc.target),
        windows=within(TARGET, "windows.tsv.gz"),
        summary=within(TARGET, "windows.json"),
        motif=lambda wc: optional("targets", wc.target, "motif"),
    output:
        files=within(BASELINES, BASELINE_FILES),
    log:
        logs(BASELINES, "train_baselines"),
    benchmark:
        benchmarks(BASELINES, "train_baselines")
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        **needs("train_baselines", gpu=min(GPUS, 1)),
    params:
        scripts=SCRIPTS,
        code=fingerprint("train_baselines.py"),
        out=lambda wc, output: folder(output[0]),
        options=lambda wc, input: options(
            "targets", wc.target, "motif", *FITTING, motif=input.motif
        ),
        k=lambda wc: presets.value("targets", wc.target, "kmer"),
    shell:
        r"""
        python {params.scripts:q}/train_baselines.py \
            --windows {input.windows:q} \
            --summary {input.summary:q} \
            {params.options} \
            --k {params.k:q} \
            --out {params.out:q} \
            --log {log:q}
        """


rule finetune_model:
    """Fine-tune a model, or train one that is never pretrained, on labelled windows; resumes where it was stopped."""
    input:
        preset=lambda wc: preset_file("recipes", wc.recipe),
        windows=within(TARGET, "windows.tsv.gz"),
        split=within(TARGET, "windows.json"),
        genomes=lambda wc: genomes_seen(wc.corpus, wc.model),
        beside=lambda wc: genome_beside(wc.target, wc.recipe),
        origin=lambda wc: origin_inputs(wc.corpus, wc.tokenizer, wc.model),
    output:
        files=within(FINETUNED, MODEL_FILES),
        history=within(FINETUNED, "history.tsv"),
        predictions=within(FINETUNED, "predictions.tsv.gz"),
        split=within(FINETUNED, "split.json"),
    log:
        logs(FINETUNED, "finetune_model"),
    benchmark:
        benchmarks(FINETUNED, "finetune_model")
    wildcard_constraints:
        seed=r"\d+",
    priority: 10  # others wait for it
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        **needs("finetune_model", gpu=min(GPUS, 1)),
    params:
        scripts=SCRIPTS,
        code=fingerprint("finetune_model.py"),
        out=lambda wc, output: folder(output[0]),
        origin_options=lambda wc, input: origin_options(
            wc.corpus, wc.tokenizer, wc.model, wc.recipe, folder(input.origin[0])
        ),
        seen_options=lambda wc, input: given({"trained_on": folders(input.genomes)}),
        beside_options=lambda wc, input: given({"genome": folders(input.beside)}),
        checkpoints=lambda wc, output: checkpoints(folder(output[0])),
        reading_options=lambda wc: options("targets", wc.target, "strands", "places"),
        options=lambda wc: options("recipes", wc.recipe, *keys("recipes")),
    shell:
        r"""
        python {params.scripts:q}/finetune_model.py \
            --windows {input.windows:q} \
            --split {input.split:q} \
            {params.seen_options} \
            {params.origin_options} \
            {params.beside_options} \
            {params.reading_options} \
            {params.options} \
            --seed {wildcards.seed:q} \
            --checkpoints {params.checkpoints:q} \
            --out {params.out:q} \
            --log {log:q}
        """


rule join_seeds:
    """Make one model of the seeds of a recipe: the mean of what they say, calibrated on validation."""
    input:
        models=lambda wc: each_seed(wc, MODEL_FILES),
        predictions=lambda wc: each_seed(wc, "predictions.tsv.gz"),
        splits=lambda wc: each_seed(wc, "split.json"),
    output:
        files=within(FINETUNED, MODEL_FILES),
        predictions=within(FINETUNED, "predictions.tsv.gz"),
        split=within(FINETUNED, "split.json"),
    log:
        logs(FINETUNED, "join_seeds"),
    benchmark:
        benchmarks(FINETUNED, "join_seeds")
    wildcard_constraints:
        seed=r"\d+(-\d+)+",
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        **needs("join_seeds"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("join_seeds.py"),
        members=lambda wc, input: folders(input.predictions),
        out=lambda wc, output: folder(output[0]),
    shell:
        r"""
        python {params.scripts:q}/join_seeds.py \
            --members {params.members:q} \
            --out {params.out:q} \
            --log {log:q}
        """


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
        logs(FINETUNED, "draw_finetuning"),
    benchmark:
        benchmarks(FINETUNED, "draw_finetuning")
    localrule: True
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        **needs("draw_finetuning"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_training.py"),
        loss_options=lambda wc: loss_options(wc.recipe, wc.target),
    shell:
        r"""
        python {params.scripts:q}/draw_training.py \
            --metrics {input.history:q} \
            {params.loss_options} \
            --out {output.figure:q} \
            --log {log:q}
        """


rule evaluate_model:
    """Measure a fine-tuned model beside the baselines, with intervals."""
    input:
        predictions=within(FINETUNED, "predictions.tsv.gz"),
        baselines=within(BASELINES, BASELINE_FILES),
        relatives=within(TARGET, "relatives.tsv.gz"),
        split=within(FINETUNED, "split.json"),
    output:
        metrics=within(FINETUNED, "metrics.json"),
    log:
        logs(FINETUNED, "evaluate_model"),
    benchmark:
        benchmarks(FINETUNED, "evaluate_model")
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("evaluate_model"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("evaluate_model.py"),
        baselines=lambda wc, input: folder(input.baselines[0]),
    shell:
        r"""
        python {params.scripts:q}/evaluate_model.py \
            --predictions {input.predictions:q} \
            --baselines {params.baselines:q} \
            --relatives {input.relatives:q} \
            --split {input.split:q} \
            --out {output.metrics:q} \
            --log {log:q}
        """


rule draw_evaluation:
    """Draw ROC, precision-recall and reliability curves beside the baselines."""
    input:
        predictions=within(FINETUNED, "predictions.tsv.gz"),
        baselines=within(BASELINES, BASELINE_FILES),
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
        logs(FINETUNED, "draw_evaluation"),
    benchmark:
        benchmarks(FINETUNED, "draw_evaluation")
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        **needs("draw_evaluation"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_evaluation.py"),
        baselines=lambda wc, input: folder(input.baselines[0]),
    shell:
        r"""
        python {params.scripts:q}/draw_evaluation.py \
            --predictions {input.predictions:q} \
            --baselines {params.baselines:q} \
            --metrics {input.metrics:q} \
            --out {output.figure:q} \
            --log {log:q}
        """
