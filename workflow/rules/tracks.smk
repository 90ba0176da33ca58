# Purpose: coverage along the genome: cut it into bins, learn it from sequence, measure and draw what was learnt.
# Inputs: tracks of config/targets/{target}.yaml, a network that is built or pretrained
# Outputs: results/tracks/{target}/, results/…/tracks/{target}/{recipe}/seed{seed}/


rule bin_coverage:
    """Cut a genome into long windows, and some tracks into the bins of these."""
    input:
        preset=lambda wc: preset_file("targets", wc.target),
        genome=lambda wc: genome_files(preset("targets", wc.target)["genome"]),
        tracks=lambda wc: named_files(coverage_inputs(wc.target)),
    output:
        files=within(COVERAGE, COVERAGE_FILES),
    log:
        logs(COVERAGE, "bin_coverage"),
    benchmark:
        benchmarks(COVERAGE, "bin_coverage")
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("bin_coverage"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("bin_coverage.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        out=lambda wc, output: folder(output[0]),
        tracks_options=lambda wc, input: coverage_options(wc.target, input.tracks),
        options=lambda wc: options("targets", wc.target, *BINNING),
    shell:
        r"""
        python {params.scripts:q}/bin_coverage.py \
            --genome {params.genome:q} \
            {params.tracks_options} \
            {params.options} \
            --out {params.out:q} \
            --log {log:q}
        """


rule train_tracks:
    """Train a network on the tracks of a target, or go on with a pretrained one; resumes where it was stopped."""
    input:
        preset=lambda wc: preset_file("recipes", wc.recipe),
        coverage=within(COVERAGE, COVERAGE_FILES),
        genome=lambda wc: genome_files(preset("targets", wc.target)["genome"]),
        genomes=lambda wc: genomes_seen(wc.corpus, wc.model),
        origin=lambda wc: origin_inputs(wc.corpus, wc.tokenizer, wc.model),
    output:
        files=within(TRACKED, MODEL_FILES),
        history=within(TRACKED, "history.tsv"),
        predictions=within(TRACKED, "predictions.npz"),
        about=within(TRACKED, "model.json"),
        split=within(TRACKED, "split.json"),
    log:
        logs(TRACKED, "train_tracks"),
    benchmark:
        benchmarks(TRACKED, "train_tracks")
    wildcard_constraints:
        seed=r"\d+",
    conda:
        "../../envs/torch.yaml"
    threads: TORCH_THREADS
    resources:
        **needs("train_tracks", gpu=min(GPUS, 1)),
    params:
        scripts=SCRIPTS,
        code=fingerprint("train_tracks.py"),
        coverage=lambda wc, input: folder(input.coverage[0]),
        genome=lambda wc, input: folder(input.genome[0]),
        out=lambda wc, output: folder(output[0]),
        origin_options=lambda wc, input: origin_options(
            wc.corpus, wc.tokenizer, wc.model, wc.recipe, folder(input.origin[0])
        ),
        seen_options=lambda wc, input: given({"trained_on": folders(input.genomes)}),
        checkpoints=lambda wc, output: checkpoints(folder(output[0])),
        options=lambda wc: options("recipes", wc.recipe, *TRACKING),
    shell:
        r"""
        python {params.scripts:q}/train_tracks.py \
            --coverage-folder {params.coverage:q} \
            --genome {params.genome:q} \
            {params.seen_options} \
            {params.origin_options} \
            {params.options} \
            --seed {wildcards.seed:q} \
            --checkpoints {params.checkpoints:q} \
            --out {params.out:q} \
            --log {log:q}
        """


rule evaluate_tracks:
    """Measure every model of a target on the test bins, beside composition and, where it is known, the truth."""
    input:
        coverage=within(COVERAGE, COVERAGE_FILES),
        genome=lambda wc: genome_files(preset("targets", wc.target)["genome"]),
        predictions=lambda wc: [
            within(folder, "predictions.npz") for folder in tracked(config, wc.target)
        ],
        about=lambda wc: [
            within(folder, "model.json") for folder in tracked(config, wc.target)
        ],
        split=lambda wc: [
            within(folder, "split.json") for folder in tracked(config, wc.target)
        ],
    output:
        table=within(COVERAGE, "evaluation.tsv"),
        summary=within(COVERAGE, "evaluation.json"),
    log:
        logs(COVERAGE, "evaluate_tracks"),
    benchmark:
        benchmarks(COVERAGE, "evaluate_tracks")
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("evaluate_tracks"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("evaluate_tracks.py"),
        coverage=lambda wc, input: folder(input.coverage[0]),
        genome=lambda wc, input: folder(input.genome[0]),
        models=lambda wc, input: folders(input.predictions),
        names=lambda wc: tracked_names(config, wc.target),
    shell:
        r"""
        python {params.scripts:q}/evaluate_tracks.py \
            --coverage-folder {params.coverage:q} \
            --genome {params.genome:q} \
            --models {params.models:q} \
            --names {params.names:q} \
            --out-table {output.table:q} \
            --out-summary {output.summary:q} \
            --log {log:q}
        """


rule draw_tracks:
    """Draw measured coverage above predicted, over a stretch of test windows and bin by bin."""
    input:
        coverage=within(COVERAGE, COVERAGE_FILES),
        predictions=lambda wc: [
            within(folder, "predictions.npz") for folder in tracked(config, wc.target)
        ],
        table=within(COVERAGE, "evaluation.tsv"),
    output:
        figure=report(
            within(COVERAGE, "tracks.png"),
            caption="../report/draw_tracks.rst",
            category="2 Fine-tuning",
            labels={"target": "{target}", "figure": "coverage"},
        ),
    log:
        logs(COVERAGE, "draw_tracks"),
    benchmark:
        benchmarks(COVERAGE, "draw_tracks")
    conda:
        "../../envs/plot.yaml"
    threads: 1
    resources:
        **needs("draw_tracks"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("draw_tracks.py"),
        coverage=lambda wc, input: folder(input.coverage[0]),
        models=lambda wc, input: folders(input.predictions),
        names=lambda wc: tracked_names(config, wc.target),
    shell:
        r"""
        python {params.scripts:q}/draw_tracks.py \
            --coverage-folder {params.coverage:q} \
            --models {params.models:q} \
            --names {params.names:q} \
            --table {input.table:q} \
            --out {output.figure:q} \
            --log {log:q}
        """
