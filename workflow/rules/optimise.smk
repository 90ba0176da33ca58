# Purpose: optimise sequences against a fine-tuned model by an evolutionary search.
# Inputs: a fine-tuned model, config/designs/{design}.yaml
# Outputs: results/…/seed{seed}/optimised/{design}/


rule optimise_sequence:
    """Evolve sequences towards a high score, judged by models that took no part."""
    input:
        preset="config/designs/{design}.yaml",
        model=within(FINETUNED, WEIGHTS),
        genome=lambda wc: genome_files(preset("targets", wc.target)["genome"]),
        baselines="results/targets/{target}/baselines/kmer.npz",
        motif=lambda wc: preset("targets", wc.target).get("motif", []),
    output:
        files=within(OPTIMISED_BY, OPTIMISED),
    log:
        f"logs/{FINETUNED}/optimised/{{design}}/optimise_sequence.log",
    benchmark:
        f"benchmarks/{FINETUNED}/optimised/{{design}}/optimise_sequence.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 16000 * attempt,
        runtime=lambda wildcards, attempt: 240 * attempt,
        gpu=min(GPUS, 1),
    params:
        scripts=SCRIPTS,
        code=fingerprint("optimise_sequence.py"),
        out=lambda wc, output: folder(output[0]),
        model=lambda wc, input: folder(input.model[0]),
        genome=lambda wc, input: folder(input.genome[0]),
        motif=lambda wc: given({"motif": preset("targets", wc.target).get("motif")}),
        options=lambda wc: options("designs", wc.design, *OPTIMISATION),
    shell:
        "python {params.scripts}/optimise_sequence.py --model {params.model} --genome {params.genome} --baselines {input.baselines} {params.motif} "
        "{params.options} --out {params.out} --log {log}"


rule draw_trajectory:
    """Draw the search: score by generation, its control, the judges."""
    input:
        files=within(OPTIMISED_BY, OPTIMISED),
    output:
        figure=report(
            within(FINETUNED, "optimised/{design}/trajectory.png"),
            caption="../report/draw_trajectory.rst",
            category="5 Designs",
            labels={
                "design": "{design}",
                "model": "{corpus}/{tokenizer}/{model} {recipe} seed {seed}",
            },
        ),
    log:
        f"logs/{FINETUNED}/optimised/{{design}}/draw_trajectory.log",
    benchmark:
        f"benchmarks/{FINETUNED}/optimised/{{design}}/draw_trajectory.tsv"
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_trajectory.py"),
        folder=lambda wc, input: folder(input[0]),
    shell:
        "python {params.scripts}/draw_trajectory.py --folder {params.folder} --out {output.figure} --log {log}"
