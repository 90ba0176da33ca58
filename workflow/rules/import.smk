# Purpose: take a published checkpoint into the chain in place of pretraining, and measure a published classifier.
# Inputs: config/models/{model}.yaml with import, the hub or a local folder
# Outputs: resources/models/{model}/, results/published/own/{model}/pretrained/


localrules:
    download_model,


rule download_model:
    """Fetch a checkpoint from the hub at one commit; resumed, retried, compared with the first download.

    The preset is no input: another context is no reason to fetch a checkpoint again. What is fetched stands in params.
    """
    output:
        checkpoint="resources/models/{model}/checkpoint.json",
    log:
        "logs/models/{model}/download_model.log",
    benchmark:
        "benchmarks/models/{model}/download_model.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 240 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("download_model.py"),
        lock="resources/models.lock",
        options=lambda wc: download_options(wc.model),
    shell:
        "python {params.scripts}/download_model.py {params.options} --lock {params.lock} --out {output.checkpoint} --log {log}"


rule import_model:
    """Load a published checkpoint, every weight accounted for, and save it as every model here is saved."""
    input:
        preset="config/models/{model}.yaml",
        checkpoint=lambda wc: checkpoint_files(wc.model),
    output:
        files=within("results/published/own/{model}/pretrained", WEIGHTS),
    log:
        "logs/results/published/own/{model}/import_model.log",
    benchmark:
        "benchmarks/results/published/own/{model}/import_model.tsv"
    priority: 10  # others wait for it
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 16000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("import_model.py"),
        out=lambda wc, output: folder(output[0]),
        checkpoint=lambda wc, input: folder(input.checkpoint[0]),
        options=lambda wc: import_options(wc.model),
    shell:
        "python {params.scripts}/import_model.py --checkpoint {params.checkpoint} {params.options} --out {params.out} --log {log}"


rule classify_windows:
    """Measure a published classifier as it is on a target's windows."""
    input:
        windows="results/targets/{target}/windows.tsv.gz",
        model=within("results/published/own/{model}/pretrained", WEIGHTS),
    output:
        metrics="results/published/own/{model}/pretrained/classified/{target}.json",
        predictions="results/published/own/{model}/pretrained/classified/{target}.tsv.gz",
    log:
        "logs/results/published/own/{model}/classified/{target}/classify_windows.log",
    benchmark:
        "benchmarks/results/published/own/{model}/classified/{target}/classify_windows.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        mem_mb=lambda wildcards, attempt: 16000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
        gpu=min(GPUS, 1),
    params:
        scripts=SCRIPTS,
        code=fingerprint("classify_windows.py"),
        model=lambda wc, input: folder(input.model[0]),
    shell:
        "python {params.scripts}/classify_windows.py --model {params.model} --windows {input.windows} "
        "--out {output.metrics} --out-predictions {output.predictions} --log {log}"
