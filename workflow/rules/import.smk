# Purpose: take a published checkpoint into the chain in place of pretraining, and measure a published classifier.
# Inputs: config/models/{model}.yaml with import, the hub or a local folder
# Outputs: resources/models/{model}/, results/published/own/{model}/pretrained/


rule download_model:
    """Fetch a checkpoint from the hub at one commit; resumed, retried, compared with the first download.

    The preset is no input: another context is no reason to fetch a checkpoint again. What is fetched stands in params.
    """
    output:
        checkpoint=within(FETCHED, "checkpoint.json"),
    log:
        logs(FETCHED, "download_model"),
    benchmark:
        benchmarks(FETCHED, "download_model")
    localrule: True
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        **needs("download_model"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("download_model.py"),
        lock="resources/models.lock",
        options=lambda wc: download_options(wc.model),
    shell:
        r"""
        python {params.scripts:q}/download_model.py \
            {params.options} \
            --lock {params.lock:q} \
            --out {output.checkpoint:q} \
            --log {log:q}
        """


rule import_model:
    """Load a published checkpoint, every weight accounted for, and save it as every model here is saved."""
    input:
        preset=lambda wc: preset_file("models", wc.model),
        checkpoint=lambda wc: checkpoint_files(wc.model),
    output:
        files=within(IMPORTED, MODEL_FILES),
    log:
        logs(IMPORTED, "import_model"),
    benchmark:
        benchmarks(IMPORTED, "import_model")
    priority: 10  # others wait for it
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        **needs("import_model"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("import_model.py"),
        out=lambda wc, output: folder(output[0]),
        checkpoint=lambda wc, input: folder(input.checkpoint[0]),
        options=lambda wc: import_options(wc.model),
    shell:
        r"""
        python {params.scripts:q}/import_model.py \
            --checkpoint {params.checkpoint:q} \
            {params.options} \
            --out {params.out:q} \
            --log {log:q}
        """


rule classify_windows:
    """Measure a published classifier as it is on a target's windows."""
    input:
        windows=within(TARGET, "windows.tsv.gz"),
        model=within(IMPORTED, MODEL_FILES),
    output:
        metrics=within(IMPORTED, "classified/{target}.json"),
        predictions=within(IMPORTED, "classified/{target}.tsv.gz"),
    log:
        logs(IMPORTED, "classified/{target}.classify_windows"),
    benchmark:
        benchmarks(IMPORTED, "classified/{target}.classify_windows")
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        **needs("classify_windows", gpu=min(GPUS, 1)),
    params:
        scripts=SCRIPTS,
        code=fingerprint("classify_windows.py"),
        model=lambda wc, input: folder(input.model[0]),
    shell:
        r"""
        python {params.scripts:q}/classify_windows.py \
            --model {params.model:q} \
            --windows {input.windows:q} \
            --out {output.metrics:q} \
            --out-predictions {output.predictions:q} \
            --log {log:q}
        """
