# Purpose: what others open in a genome browser: scans and constraint tracks as bigBed, hubs, IGV sessions, bedGraph,
# probabilities.
# Inputs: a scan or a constraint track with its model, resources/genomes/{genome}/
# Outputs: results/…/scan/{genome}.{bb,hub/,igv.xml,bw.json,bedgraph.gz}, results/…/scan/probability/{genome}.bw,
# results/…/constraint/{constraint}.hub/


rule write_hub:
    """Put a scan into a track hub and an IGV session, its peaks into bigBed; say what its signal is."""
    input:
        signal=within(FINETUNED, "scan/{genome}.bw"),
        called=within(FINETUNED, "scan/{genome}.narrowPeak.gz"),
        calling=within(FINETUNED, "scan/{genome}.calling.json"),
        genome=lambda wc: genome_files(wc.genome),
        genome_preset=lambda wc: preset_file("genomes", wc.genome),
        model=within(FINETUNED, MODEL_FILES),
        truth=lambda wc: named_files(track_truth(wc.genome, wc.target)),
    output:
        peaks=within(FINETUNED, "scan/{genome}.bb"),
        hub=directory(within(FINETUNED, "scan/{genome}.hub")),
        session=within(FINETUNED, "scan/{genome}.igv.xml"),
        about=within(FINETUNED, "scan/{genome}.bw.json"),
    log:
        logs(FINETUNED, "scan/{genome}.write_hub"),
    benchmark:
        benchmarks(FINETUNED, "scan/{genome}.write_hub")
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("write_hub"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("write_hub.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        model=lambda wc, input: folder(input.model[0]),
        run=lambda wc: f"{wc.corpus}/{wc.tokenizer}/{wc.model} {wc.recipe} seed {wc.seed}",
        email=config["hub"]["email"],
        browser_options=lambda wc: browser_options(wc.genome),
        truth_options=lambda wc, input: given(
            track_truth(wc.genome, wc.target), input.truth
        ),
        bound_in=lambda wc: presets.value("targets", wc.target, "bound_in"),
        window=lambda wc: window_of(wc.target),
        options=lambda wc: options("targets", wc.target, "stride", section="scan"),
    shell:
        r"""
        python {params.scripts:q}/write_hub.py \
            --signal {input.signal:q} \
            --called {input.called:q} \
            --calling {input.calling:q} \
            --genome {params.genome:q} \
            --model {params.model:q} \
            --target {wildcards.target:q} \
            --run {params.run:q} \
            --email {params.email:q} \
            {params.browser_options} \
            {params.truth_options} \
            --bound-in {params.bound_in:q} \
            --window {params.window:q} \
            {params.options} \
            --out-peaks {output.peaks:q} \
            --out-hub {output.hub:q} \
            --out-session {output.session:q} \
            --out-about {output.about:q} \
            --log {log:q}
        """


rule write_constraint_hub:
    """Put the three values of a constraint track into a track hub."""
    input:
        preset=lambda wc: preset_file("constraints", wc.constraint),
        log_probability=within(MODEL, "constraint/{constraint}.log_probability.bw"),
        entropy=within(MODEL, "constraint/{constraint}.entropy.bw"),
        llr=within(MODEL, "constraint/{constraint}.llr.bw"),
        genome=lambda wc: genome_files(preset("constraints", wc.constraint)["genome"]),
        genome_preset=lambda wc: preset_file(
            "genomes", preset("constraints", wc.constraint)["genome"]
        ),
        model=within(PRETRAINED, MODEL_FILES),
    output:
        hub=directory(within(MODEL, "constraint/{constraint}.hub")),
    log:
        logs(MODEL, "constraint/{constraint}.write_constraint_hub"),
    benchmark:
        benchmarks(MODEL, "constraint/{constraint}.write_constraint_hub")
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("write_constraint_hub"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("write_constraint_hub.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        model=lambda wc, input: folder(input.model[0]),
        run=lambda wc: f"{wc.corpus}/{wc.tokenizer}/{wc.model}",
        email=config["hub"]["email"],
        browser_options=lambda wc: browser_options(
            preset("constraints", wc.constraint)["genome"]
        ),
    shell:
        r"""
        python {params.scripts:q}/write_constraint_hub.py \
            --log-probability {input.log_probability:q} \
            --entropy {input.entropy:q} \
            --llr {input.llr:q} \
            --genome {params.genome:q} \
            --model {params.model:q} \
            --name {wildcards.constraint:q} \
            --run {params.run:q} \
            --email {params.email:q} \
            {params.browser_options} \
            --out {output.hub:q} \
            --log {log:q}
        """


rule write_bedgraph:
    """Write a scan's signal as text, for who asks for it by its path."""
    input:
        signal=within(FINETUNED, "scan/{genome}.bw"),
    output:
        signal=within(FINETUNED, "scan/{genome}.bedgraph.gz"),
        index=within(FINETUNED, "scan/{genome}.bedgraph.gz.csi"),
    log:
        logs(FINETUNED, "scan/{genome}.write_bedgraph"),
    benchmark:
        benchmarks(FINETUNED, "scan/{genome}.write_bedgraph")
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("write_bedgraph"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("write_bedgraph.py"),
    shell:
        r"""
        python {params.scripts:q}/write_bedgraph.py \
            --signal {input.signal:q} \
            --out {output.signal:q} \
            --log {log:q}
        """


rule write_probability:
    """Write a scan's signal as the probability of a bin, for who asks for it by its path."""
    input:
        signal=within(FINETUNED, "scan/{genome}.bw"),
        scorecard=lambda wc: scorecard_at_home(wc),
    output:
        signal=within(FINETUNED, "scan/probability/{genome}.bw"),
    log:
        logs(FINETUNED, "scan/probability/{genome}.write_probability"),
    benchmark:
        benchmarks(FINETUNED, "scan/probability/{genome}.write_probability")
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("write_probability"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("write_probability.py"),
    shell:
        r"""
        python {params.scripts:q}/write_probability.py \
            --signal {input.signal:q} \
            --scorecard {input.scorecard:q} \
            --out {output.signal:q} \
            --log {log:q}
        """
