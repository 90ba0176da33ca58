# Purpose: scan a genome with a fine-tuned model, call peaks and score them.
# Inputs: a fine-tuned model, resources/genomes/{genome}/
# Outputs: results/targets/{target}/scan/{genome}/ (signal of each baseline),
# results/…/seed{seed}/scan/{genome}.* (signal, null, peaks, calling.json, candidates, scorecard, figure),
# and of a personal genome scan/{genome}.against.{reference}.* (peaks gained, lost and changed, with their variants)


rule scan_share:
    """Score one of several shares of a genome: what `scan: {jobs: …}` of a target spreads over a cluster."""
    input:
        genome=lambda wc: genome_files(wc.genome),
        model=within(FINETUNED, MODEL_FILES),
        preset=lambda wc: preset_file("targets", wc.target),
    output:
        share=temp(within(FINETUNED, "scan/{genome}.share{share}of{shares}.npz")),
    log:
        logs(FINETUNED, "scan/{genome}.share{share}of{shares}.scan_share"),
    benchmark:
        benchmarks(FINETUNED, "scan/{genome}.share{share}of{shares}.scan_share")
    priority: 10  # others wait for it
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        **needs("scan_share", gpu=min(GPUS, 1)),
    params:
        scripts=SCRIPTS,
        code=fingerprint("scan_share.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        model=lambda wc, input: folder(input.model[0]),
        window=lambda wc: window_of(wc.target),
        contigs_options=lambda wc: contigs_options(wc.target, wc.genome),
        options=lambda wc: options(
            "targets", wc.target, "stride", "mode", section="scan"
        ),
        checkpoints=lambda wc, output: checkpoints(output[0]),
    shell:
        r"""
        python {params.scripts:q}/scan_share.py \
            --genome {params.genome:q} \
            --model {params.model:q} \
            --window {params.window:q} \
            {params.contigs_options} \
            {params.options} \
            --share {wildcards.share:q} \
            --shares {wildcards.shares:q} \
            --checkpoints {params.checkpoints:q} \
            --out {output.share:q} \
            --log {log:q}
        """


rule scan_genome:
    """Score a genome window by window; a bigWig, and the scores of shuffled windows and of decoys."""
    input:
        genome=lambda wc: genome_files(wc.genome),
        model=within(FINETUNED, MODEL_FILES),
        preset=lambda wc: preset_file("targets", wc.target),
        shares=lambda wc: scan_shares(wc),
        motif=lambda wc: optional("targets", wc.target, "motif"),
    output:
        signal=within(FINETUNED, "scan/{genome}.bw"),
        null=within(FINETUNED, "scan/{genome}.null.tsv.gz"),
    log:
        logs(FINETUNED, "scan/{genome}.scan_genome"),
    benchmark:
        benchmarks(FINETUNED, "scan/{genome}.scan_genome")
    priority: 10  # others wait for it
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        **needs("scan_genome", gpu=min(GPUS, 1)),
    params:
        scripts=SCRIPTS,
        code=fingerprint("scan_genome.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        model=lambda wc, input: folder(input.model[0]),
        window=lambda wc: window_of(wc.target),
        contigs_options=lambda wc: contigs_options(wc.target, wc.genome),
        options=lambda wc: options(
            "targets", wc.target, "stride", "mode", "null_windows", section="scan"
        ),
        motif_options=lambda wc, input: options(
            "targets", wc.target, "motif", "motif_name", motif=input.motif
        ),
        shares_options=lambda wc, input: given({"shares": input.shares}),
        checkpoints=lambda wc, output: checkpoints(output[0]),
    shell:
        r"""
        python {params.scripts:q}/scan_genome.py \
            --genome {params.genome:q} \
            --model {params.model:q} \
            --window {params.window:q} \
            {params.contigs_options} \
            {params.options} \
            {params.shares_options} \
            {params.motif_options} \
            --checkpoints {params.checkpoints:q} \
            --out-signal {output.signal:q} \
            --out-null {output.null:q} \
            --log {log:q}
        """


rule call_peaks:
    """Call peaks at an error rate that was measured on validation, or against shuffled sequence."""
    input:
        signal=within(FINETUNED, "scan/{genome}.bw"),
        null=within(FINETUNED, "scan/{genome}.null.tsv.gz"),
        genome=lambda wc: genome_files(wc.genome),
        truth=lambda wc: named_files(truth_inputs(wc.genome, wc.target)),
        split=within(FINETUNED, "split.json"),
        home=lambda wc: scan_at_home(wc, config),
        preset=lambda wc: preset_file("targets", wc.target),
    output:
        peaks=within(FINETUNED, "scan/{genome}.narrowPeak.gz"),
        index=within(FINETUNED, "scan/{genome}.narrowPeak.gz.csi"),
        calling=within(FINETUNED, "scan/{genome}.calling.json"),
        candidates=within(FINETUNED, "scan/{genome}.candidates.tsv.gz"),
    log:
        logs(FINETUNED, "scan/{genome}.call_peaks"),
    benchmark:
        benchmarks(FINETUNED, "scan/{genome}.call_peaks")
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("call_peaks"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("call_peaks.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        truth_options=lambda wc, input: given(
            truth_inputs(wc.genome, wc.target), input.truth
        ),
        home_options=lambda wc, input: given({"home": input.home}),
        bound_in=lambda wc: presets.value("targets", wc.target, "bound_in"),
        window=lambda wc: window_of(wc.target),
        tolerance=lambda wc: presets.value("targets", wc.target, "tolerance"),
        max_outside=lambda wc: presets.value("targets", wc.target, "max_outside"),
        options=lambda wc: options(
            "targets", wc.target, "fdr", "min_score", section="calling"
        ),
    shell:
        r"""
        python {params.scripts:q}/call_peaks.py \
            --signal {input.signal:q} \
            --null {input.null:q} \
            --genome {params.genome:q} \
            {params.truth_options} \
            --bound-in {params.bound_in:q} \
            --split {input.split:q} \
            {params.home_options} \
            --merge-distance {params.window:q} \
            --tolerance {params.tolerance:q} \
            --max-outside {params.max_outside:q} \
            {params.options} \
            --out {output.peaks:q} \
            --out-calling {output.calling:q} \
            --out-candidates {output.candidates:q} \
            --log {log:q}
        """


rule scan_baselines:
    """Scan the held-out places with the baselines: once for all models of a target, whose scorecards read it."""
    input:
        genome=lambda wc: genome_files(wc.genome),
        baselines=within(BASELINES, "fitted.npz"),
        split=within(TARGET, "windows.json"),
        preset=lambda wc: preset_file("targets", wc.target),
    output:
        tracks=directory(within(TARGET, "scan/{genome}")),
    log:
        logs(TARGET, "scan/{genome}.scan_baselines"),
    benchmark:
        benchmarks(TARGET, "scan/{genome}.scan_baselines")
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        **needs("scan_baselines", gpu=min(GPUS, 1)),
    params:
        scripts=SCRIPTS,
        code=fingerprint("scan_baselines.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        window=lambda wc: window_of(wc.target),
        contigs_options=lambda wc: contigs_options(wc.target, wc.genome),
        options=lambda wc: options("targets", wc.target, "stride", section="scan"),
    shell:
        r"""
        python {params.scripts:q}/scan_baselines.py \
            --genome {params.genome:q} \
            --baselines {input.baselines:q} \
            --split {input.split:q} \
            {params.contigs_options} \
            --window {params.window:q} \
            {params.options} \
            --out {output.tracks:q} \
            --log {log:q}
        """


rule score_peaks:
    """Score signal and peaks against held-out truth at natural prevalence, beside the baselines."""
    input:
        signal=within(FINETUNED, "scan/{genome}.bw"),
        called=within(FINETUNED, "scan/{genome}.narrowPeak.gz"),
        candidates=within(FINETUNED, "scan/{genome}.candidates.tsv.gz"),
        genome=lambda wc: genome_files(wc.genome),
        truth=lambda wc: named_files(truth_inputs(wc.genome, wc.target)),
        baselines=within(TARGET, "scan/{genome}"),
        split=within(FINETUNED, "split.json"),
        config=within(FINETUNED, "config.json"),
    output:
        scorecard=within(FINETUNED, "scan/{genome}.scorecard.json"),
        bins=within(FINETUNED, "scan/{genome}.bins.tsv.gz"),
    log:
        logs(FINETUNED, "scan/{genome}.score_peaks"),
    benchmark:
        benchmarks(FINETUNED, "scan/{genome}.score_peaks")
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("score_peaks"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("score_peaks.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        truth_options=lambda wc, input: given(
            truth_inputs(wc.genome, wc.target), input.truth
        ),
        window=lambda wc: window_of(wc.target),
        bound_in=lambda wc: presets.value("targets", wc.target, "bound_in"),
        tolerance=lambda wc: presets.value("targets", wc.target, "tolerance"),
        max_outside=lambda wc: presets.value("targets", wc.target, "max_outside"),
    shell:
        r"""
        python {params.scripts:q}/score_peaks.py \
            --signal {input.signal:q} \
            --called {input.called:q} \
            --candidates {input.candidates:q} \
            --genome {params.genome:q} \
            {params.truth_options} \
            --bound-in {params.bound_in:q} \
            --baselines {input.baselines:q} \
            --split {input.split:q} \
            --config {input.config:q} \
            --window {params.window:q} \
            --tolerance {params.tolerance:q} \
            --max-outside {params.max_outside:q} \
            --out {output.scorecard:q} \
            --out-bins {output.bins:q} \
            --log {log:q}
        """


rule compare_peaks:
    """Peaks that a personal genome gains, loses or has at another height, with the variants under them."""
    input:
        signal=within(FINETUNED, "scan/{reference}.bw"),
        calling=within(FINETUNED, "scan/{reference}.calling.json"),
        personal=within(FINETUNED, "scan/{genome}.bw"),
        genome=lambda wc: genome_files(wc.reference),
        chain=lambda wc: leading_back(wc.genome, wc.reference, "to_reference.chain"),
        variants=lambda wc: leading_back(wc.genome, wc.reference, "applied.tsv.gz"),
        split=within(FINETUNED, "split.json"),
        config=within(FINETUNED, "config.json"),
    output:
        table=within(FINETUNED, "scan/{genome}.against.{reference}.tsv"),
        counts=within(FINETUNED, "scan/{genome}.against.{reference}.json"),
    log:
        logs(FINETUNED, "scan/{genome}.against.{reference}.compare_peaks"),
    benchmark:
        benchmarks(FINETUNED, "scan/{genome}.against.{reference}.compare_peaks")
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("compare_peaks"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("compare_peaks.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        window=lambda wc: window_of(wc.target),
    shell:
        r"""
        python {params.scripts:q}/compare_peaks.py \
            --signal {input.signal:q} \
            --calling {input.calling:q} \
            --personal {input.personal:q} \
            --genome {params.genome:q} \
            --chain {input.chain:q} \
            --variants {input.variants:q} \
            --split {input.split:q} \
            --config {input.config:q} \
            --window {params.window:q} \
            --out {output.table:q} \
            --out-counts {output.counts:q} \
            --log {log:q}
        """


rule draw_regions:
    """Draw the best, the worst and some stretch of a scan, the baselines beside the model."""
    input:
        bins=within(FINETUNED, "scan/{genome}.bins.tsv.gz"),
        called=within(FINETUNED, "scan/{genome}.narrowPeak.gz"),
        scorecard=within(FINETUNED, "scan/{genome}.scorecard.json"),
        genome=lambda wc: genome_files(wc.genome),
        tracks=lambda wc: named_files(track_inputs(wc.genome, wc.target)),
    output:
        figure=report(
            within(FINETUNED, "scan/regions/{genome}.png"),
            caption="../report/draw_regions.rst",
            category="3 Scans",
            labels={
                "genome": "{genome}",
                "target": "{target}",
                "model": "{corpus}/{tokenizer}/{model} {recipe} seed {seed}",
                "figure": "best and worst regions",
            },
        ),
    log:
        logs(FINETUNED, "scan/regions/{genome}.draw_regions"),
    benchmark:
        benchmarks(FINETUNED, "scan/regions/{genome}.draw_regions")
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        **needs("draw_regions"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_regions.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        bound_in=lambda wc: presets.value("targets", wc.target, "bound_in"),
        track_options=lambda wc, input: given(
            track_inputs(wc.genome, wc.target), input.tracks
        ),
    shell:
        r"""
        python {params.scripts:q}/draw_regions.py \
            --bins {input.bins:q} \
            --called {input.called:q} \
            --scorecard {input.scorecard:q} \
            --genome {params.genome:q} \
            {params.track_options} \
            --bound-in {params.bound_in:q} \
            --out {output.figure:q} \
            --log {log:q}
        """


rule draw_scan:
    """Draw a genome browser view: true peaks, signal, called peaks."""
    input:
        signal=within(FINETUNED, "scan/{genome}.bw"),
        called=within(FINETUNED, "scan/{genome}.narrowPeak.gz"),
        scorecard=within(FINETUNED, "scan/{genome}.scorecard.json"),
        genome=lambda wc: genome_files(wc.genome),
        tracks=lambda wc: named_files(track_inputs(wc.genome, wc.target)),
    output:
        figure=report(
            within(FINETUNED, "scan/{genome}.png"),
            caption="../report/draw_scan.rst",
            category="3 Scans",
            labels={
                "genome": "{genome}",
                "target": "{target}",
                "model": "{corpus}/{tokenizer}/{model} {recipe} seed {seed}",
                "figure": "overview",
            },
        ),
    log:
        logs(FINETUNED, "scan/{genome}.draw_scan"),
    benchmark:
        benchmarks(FINETUNED, "scan/{genome}.draw_scan")
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        **needs("draw_scan"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_scan.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        bound_in=lambda wc: presets.value("targets", wc.target, "bound_in"),
        track_options=lambda wc, input: given(
            track_inputs(wc.genome, wc.target), input.tracks
        ),
    shell:
        r"""
        python {params.scripts:q}/draw_scan.py \
            --signal {input.signal:q} \
            --called {input.called:q} \
            --scorecard {input.scorecard:q} \
            --genome {params.genome:q} \
            {params.track_options} \
            --bound-in {params.bound_in:q} \
            --out {output.figure:q} \
            --log {log:q}
        """
