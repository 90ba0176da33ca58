# Purpose: optimise sequences against a fine-tuned model by a search.
# Inputs: a fine-tuned model, config/designs/{design}.yaml
# Outputs: results/…/seed{seed}/optimised/{design}/


rule optimise_sequence:
    """Search for sequences of a high score, judged by models that took no part."""
    input:
        preset=lambda wc: preset_file("designs", wc.design),
        model=within(FINETUNED, MODEL_FILES),
        genome=lambda wc: target_genome(wc.target),
        baselines=within(BASELINES, "fitted.npz"),
    output:
        files=within(OPTIMISED, OPTIMISED_FILES),
    log:
        logs(OPTIMISED, "optimise_sequence"),
    benchmark:
        benchmarks(OPTIMISED, "optimise_sequence")
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        **needs("optimise_sequence", gpu=min(GPUS, 1)),
    params:
        scripts=SCRIPTS,
        code=fingerprint("optimise_sequence.py"),
        out=lambda wc, output: folder(output[0]),
        model=lambda wc, input: folder(input.model[0]),
        genome=lambda wc, input: folder(input.genome[0]),
        options=lambda wc: options("designs", wc.design, *OPTIMISATION),
    shell:
        r"""
        python {params.scripts:q}/optimise_sequence.py \
            --model {params.model:q} \
            --genome {params.genome:q} \
            --baselines {input.baselines:q} \
            {params.options} \
            --out {params.out:q} \
            --log {log:q}
        """


rule draw_trajectory:
    """Draw the search: score by generation, its control, the judges."""
    input:
        files=within(OPTIMISED, OPTIMISED_FILES),
    output:
        figure=report(
            within(OPTIMISED, "trajectory.png"),
            caption="../report/draw_trajectory.rst",
            category="5 Designs",
            labels={
                "design": "{design}",
                "model": "{corpus}/{tokenizer}/{model} {recipe} seed {seed}",
            },
        ),
    log:
        logs(OPTIMISED, "draw_trajectory"),
    benchmark:
        benchmarks(OPTIMISED, "draw_trajectory")
    localrule: True
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        **needs("draw_trajectory"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_trajectory.py"),
        folder=lambda wc, input: folder(input[0]),
        options=lambda wc: options("designs", wc.design, *DRAWN),
    shell:
        r"""
        python {params.scripts:q}/draw_trajectory.py \
            --folder {params.folder:q} \
            {params.options} \
            --out {output.figure:q} \
            --log {log:q}
        """
