# Purpose: what a language model expects along a genome, base by base, and how well that tells its genes.
# Inputs: a pretrained model, config/constraints/{constraint}.yaml
# Outputs: results/{corpus}/{tokenizer}/{model}/constraint/{constraint}.* (three bigWigs, scorecard, figure), and of a
# personal genome {constraint}.against.{reference}.* (what its variants change)


rule track_constraint:
    """Write log p of each base, the entropy and the log-likelihood ratio of the other bases as bigWigs."""
    input:
        preset=lambda wc: preset_file("constraints", wc.constraint),
        genome=lambda wc: genome_files(preset("constraints", wc.constraint)["genome"]),
        model=within(PRETRAINED, MODEL_FILES),
    output:
        log_probability=within(MODEL, "constraint/{constraint}.log_probability.bw"),
        entropy=within(MODEL, "constraint/{constraint}.entropy.bw"),
        llr=within(MODEL, "constraint/{constraint}.llr.bw"),
    log:
        logs(MODEL, "constraint/{constraint}.track_constraint"),
    benchmark:
        benchmarks(MODEL, "constraint/{constraint}.track_constraint")
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        **needs("track_constraint", gpu=min(GPUS, 1)),
    params:
        scripts=SCRIPTS,
        code=fingerprint("track_constraint.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        model=lambda wc, input: folder(input.model[0]),
        options=lambda wc: options("constraints", wc.constraint, *EXPECTING),
    shell:
        r"""
        python {params.scripts:q}/track_constraint.py \
            --genome {params.genome:q} \
            --model {params.model:q} \
            {params.options} \
            --out-log-probability {output.log_probability:q} \
            --out-entropy {output.entropy:q} \
            --out-llr {output.llr:q} \
            --log {log:q}
        """


rule score_constraint:
    """Score the track on parts of genes against matched places between them, beside chains, GC and CpG."""
    input:
        preset=lambda wc: preset_file("constraints", wc.constraint),
        log_probability=within(MODEL, "constraint/{constraint}.log_probability.bw"),
        entropy=within(MODEL, "constraint/{constraint}.entropy.bw"),
        llr=within(MODEL, "constraint/{constraint}.llr.bw"),
        genome=lambda wc: genome_files(preset("constraints", wc.constraint)["genome"]),
        genes=lambda wc: optional("constraints", wc.constraint, "genes"),
    output:
        scorecard=within(MODEL, "constraint/{constraint}.scorecard.json"),
    log:
        logs(MODEL, "constraint/{constraint}.score_constraint"),
    benchmark:
        benchmarks(MODEL, "constraint/{constraint}.score_constraint")
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("score_constraint"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("score_constraint.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        seen_options=lambda wc: seen_options(wc.corpus, wc.model),
        options=lambda wc, input: options(
            "constraints", wc.constraint, "genes", *EXPECTED, genes=input.genes
        ),
    shell:
        r"""
        python {params.scripts:q}/score_constraint.py \
            --log-probability {input.log_probability:q} \
            --entropy {input.entropy:q} \
            --llr {input.llr:q} \
            --genome {params.genome:q} \
            {params.seen_options} \
            {params.options} \
            --out {output.scorecard:q} \
            --log {log:q}
        """


rule compare_constraint:
    """What each variant of a personal genome does to what is expected round it, beside places without any."""
    input:
        preset=lambda wc: preset_file("constraints", wc.constraint),
        preset_of_reference=lambda wc: preset_file("constraints", wc.reference),
        signal=within(MODEL, "constraint/{reference}.log_probability.bw"),
        personal=within(MODEL, "constraint/{constraint}.log_probability.bw"),
        chain=lambda wc: constraint_back(
            wc.constraint, wc.reference, "to_reference.chain"
        ),
        variants=lambda wc: constraint_back(
            wc.constraint, wc.reference, "applied.tsv.gz"
        ),
    output:
        table=within(MODEL, "constraint/{constraint}.against.{reference}.tsv.gz"),
        summary=within(MODEL, "constraint/{constraint}.against.{reference}.json"),
    log:
        logs(MODEL, "constraint/{constraint}.against.{reference}.compare_constraint"),
    benchmark:
        benchmarks(
            MODEL, "constraint/{constraint}.against.{reference}.compare_constraint"
        )
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("compare_constraint"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("compare_constraint.py"),
        window_options=lambda wc: window_options(wc.constraint, wc.reference),
    shell:
        r"""
        python {params.scripts:q}/compare_constraint.py \
            --signal {input.signal:q} \
            --personal {input.personal:q} \
            --chain {input.chain:q} \
            --variants {input.variants:q} \
            {params.window_options} \
            --out {output.table:q} \
            --out-summary {output.summary:q} \
            --log {log:q}
        """


rule draw_constraint:
    """Draw what the track tells apart, its shape round start codons, and a stretch of it above the genes."""
    input:
        preset=lambda wc: preset_file("constraints", wc.constraint),
        log_probability=within(MODEL, "constraint/{constraint}.log_probability.bw"),
        entropy=within(MODEL, "constraint/{constraint}.entropy.bw"),
        scorecard=within(MODEL, "constraint/{constraint}.scorecard.json"),
        genome=lambda wc: genome_files(preset("constraints", wc.constraint)["genome"]),
        genes=lambda wc: optional("constraints", wc.constraint, "genes"),
    output:
        figure=report(
            within(MODEL, "constraint/{constraint}.png"),
            caption="../report/draw_constraint.rst",
            category="3 Scans",
            labels={
                "constraint": "{constraint}",
                "model": "{corpus}/{tokenizer}/{model}",
            },
        ),
    log:
        logs(MODEL, "constraint/{constraint}.draw_constraint"),
    benchmark:
        benchmarks(MODEL, "constraint/{constraint}.draw_constraint")
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        **needs("draw_constraint"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_constraint.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        options=lambda wc, input: options(
            "constraints", wc.constraint, "genes", "max_outside", genes=input.genes
        ),
    shell:
        r"""
        python {params.scripts:q}/draw_constraint.py \
            --log-probability {input.log_probability:q} \
            --entropy {input.entropy:q} \
            --scorecard {input.scorecard:q} \
            --genome {params.genome:q} \
            {params.options} \
            --out {output.figure:q} \
            --log {log:q}
        """
