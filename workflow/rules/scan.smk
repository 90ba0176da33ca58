# Purpose: scan a genome with a fine-tuned model, call peaks and score them.
# Inputs: a fine-tuned model, resources/genomes/{genome}/
# Outputs: results/…/seed{seed}/scan/{genome}.*


rule scan_genome:
    """Score a genome window by window; a bigWig, and the scores of shuffled windows."""
    input:
        genome=lambda wc: genome_files(wc.genome),
        model=within(FINETUNED, WEIGHTS),
        preset="config/targets/{target}.yaml",
    output:
        signal=within(FINETUNED, "scan/{genome}.bw"),
        null=within(FINETUNED, "scan/{genome}.null.tsv.gz"),
    log:
        f"logs/{FINETUNED}/scan/{{genome}}.scan_genome.log",
    benchmark:
        f"benchmarks/{FINETUNED}/scan/{{genome}}.scan_genome.tsv"
    priority: 10  # others wait for it
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        mem_mb=lambda wildcards, attempt: 16000 * attempt,
        runtime=lambda wildcards, attempt: 720 * attempt,
        gpu=min(GPUS, 1),
    params:
        scripts=SCRIPTS,
        code=fingerprint("scan_genome.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        model=lambda wc, input: folder(input.model[0]),
        window=lambda wc: window_of(wc.target),
        options=lambda wc: options(
            "targets", wc.target, "stride", "contigs", "null_windows", section="scan"
        ),
    shell:
        "python {params.scripts}/scan_genome.py --genome {params.genome} --model {params.model} --window {params.window} {params.options} "
        "--out-signal {output.signal} --out-null {output.null} --log {log}"


rule call_peaks:
    """Call peaks where the signal exceeds what shuffled sequence gives."""
    input:
        signal=within(FINETUNED, "scan/{genome}.bw"),
        null=within(FINETUNED, "scan/{genome}.null.tsv.gz"),
        preset="config/targets/{target}.yaml",
    output:
        peaks=within(FINETUNED, "scan/{genome}.narrowPeak.gz"),
    log:
        f"logs/{FINETUNED}/scan/{{genome}}.call_peaks.log",
    benchmark:
        f"benchmarks/{FINETUNED}/scan/{{genome}}.call_peaks.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("call_peaks.py"),
        window=lambda wc: window_of(wc.target),
        options=lambda wc: options(
            "targets", wc.target, "fdr", "min_score", section="calling"
        ),
    shell:
        "python {params.scripts}/call_peaks.py --signal {input.signal} --null {input.null} --merge-distance {params.window} {params.options} "
        "--out {output.peaks} --log {log}"


rule score_peaks:
    """Score signal and peaks against held-out truth at natural prevalence, beside the motif."""
    input:
        signal=within(FINETUNED, "scan/{genome}.bw"),
        called=within(FINETUNED, "scan/{genome}.narrowPeak.gz"),
        genome=lambda wc: genome_files(wc.genome),
        truth=lambda wc: list(truth_inputs(wc.genome, wc.target).values()),
    output:
        scorecard=within(FINETUNED, "scan/{genome}.scorecard.json"),
    log:
        f"logs/{FINETUNED}/scan/{{genome}}.score_peaks.log",
    benchmark:
        f"benchmarks/{FINETUNED}/scan/{{genome}}.score_peaks.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 8000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("score_peaks.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        truth=lambda wc: given(truth_inputs(wc.genome, wc.target)),
        window=lambda wc: window_of(wc.target),
        tolerance=lambda wc: presets.value("targets", wc.target, "tolerance"),
    shell:
        "python {params.scripts}/score_peaks.py --signal {input.signal} --called {input.called} --genome {params.genome} {params.truth} "
        "--window {params.window} --tolerance {params.tolerance} --out {output.scorecard} --log {log}"


rule draw_scan:
    """Draw a genome browser view: true peaks, signal, called peaks."""
    input:
        signal=within(FINETUNED, "scan/{genome}.bw"),
        called=within(FINETUNED, "scan/{genome}.narrowPeak.gz"),
        scorecard=within(FINETUNED, "scan/{genome}.scorecard.json"),
        genome=lambda wc: genome_files(wc.genome),
        tracks=lambda wc: list(track_inputs(wc.genome, wc.target).values()),
    output:
        figure=report(
            within(FINETUNED, "scan/{genome}.png"),
            caption="../report/draw_scan.rst",
            category="3 Scans",
            labels={
                "genome": "{genome}",
                "target": "{target}",
                "model": "{corpus}/{tokenizer}/{model} {recipe} seed {seed}",
            },
        ),
    log:
        f"logs/{FINETUNED}/scan/{{genome}}.draw_scan.log",
    benchmark:
        f"benchmarks/{FINETUNED}/scan/{{genome}}.draw_scan.tsv"
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_scan.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        tracks=lambda wc: given(track_inputs(wc.genome, wc.target)),
    shell:
        "python {params.scripts}/draw_scan.py --signal {input.signal} --called {input.called} --scorecard {input.scorecard} "
        "--genome {params.genome} {params.tracks} --out {output.figure} --log {log}"
