# Purpose: get a genome and index it.
# Inputs: config/genomes/{genome}.yaml
# Outputs: resources/genomes/{genome}/


rule simulate_genome:
    """Draw a genome with known truth: binding sites, genes, repeats, variants."""
    input:
        preset=lambda wc: preset_file("genomes", wc.genome),
        motif=named("resources/motifs/MA0139.1.meme"),
    output:
        files=within(SIMULATED, SIMULATED_FILES),
    log:
        logs(SIMULATED, "simulate_genome"),
    benchmark:
        benchmarks(SIMULATED, "simulate_genome")
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("simulate_genome"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("simulate_genome.py"),
        out=lambda wc, output: folder(output[0]),
        options=lambda wc: options("genomes", wc.genome, *SIMULATION),
    shell:
        r"""
        python {params.scripts:q}/simulate_genome.py \
            --motif {input.motif:q} \
            {params.options} \
            --out {params.out:q} \
            --log {log:q}
        """


rule download_genome:
    """Fetch a genome over https or ftp; resumed, retried, compared with its checksum or with the first download.

    The preset is no input: other splits are no reason to fetch a genome again. What is fetched stands in the params.
    """
    output:
        fasta=within(DOWNLOADED, "genome"),
    log:
        logs(DOWNLOADED, "download_genome"),
    benchmark:
        benchmarks(DOWNLOADED, "download_genome")
    localrule: True
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("download_genome"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("download_genome.py"),
        lock="resources/genomes.lock",
        url_options=lambda wc: given({"url": genome_address(wc.genome)}),
        options=lambda wc: options("genomes", wc.genome, *FETCHING),
    shell:
        r"""
        python {params.scripts:q}/download_genome.py \
            {params.url_options} \
            {params.options} \
            --lock {params.lock:q} \
            --out {output.fasta:q} \
            --log {log:q}
        """


rule apply_variants:
    """Write a sample's variants into its reference genome: a personal one, and the chain that leads back."""
    input:
        preset=lambda wc: preset_file("genomes", wc.genome),
        genome=lambda wc: genome_files(reference_of(wc.genome)),
        vcf=lambda wc: named(preset("genomes", wc.genome)["vcf"]),
    output:
        files=within(CONSENSUS, CONSENSUS_FILES),
    log:
        logs(CONSENSUS, "apply_variants"),
    benchmark:
        benchmarks(CONSENSUS, "apply_variants")
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("apply_variants"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("apply_variants.py"),
        genome=lambda wc, input: folder(input.genome[0]),
        out=lambda wc, output: folder(output[0]),
        options=lambda wc: options("genomes", wc.genome, *APPLYING),
    shell:
        r"""
        python {params.scripts:q}/apply_variants.py \
            --genome {params.genome:q} \
            --vcf {input.vcf:q} \
            {params.options} \
            --out {params.out:q} \
            --log {log:q}
        """


rule index_genome:
    """Normalise a FASTA to BGZF, index it, and write its sizes, soft-mask and splits."""
    input:
        preset=lambda wc: preset_file("genomes", wc.genome),
        fasta=lambda wc: genome_fasta(wc.genome),
        rename=lambda wc: optional("genomes", wc.genome, "rename"),
        consensus=lambda wc: consensus_facts(wc.genome),
    output:
        files=within(GENOME, GENOME_FILES),
    log:
        logs(GENOME, "index_genome"),
    benchmark:
        benchmarks(GENOME, "index_genome")
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        **needs("index_genome"),
    params:
        scripts=SCRIPTS,
        code=fingerprint("index_genome.py"),
        out=lambda wc, output: folder(output[0]),
        options=lambda wc, input: options(
            "genomes", wc.genome, *INDEXING, rename=input.rename
        ),
        consensus_options=lambda wc, input: given({"consensus": input.consensus}),
    shell:
        r"""
        python {params.scripts:q}/index_genome.py \
            --fasta {input.fasta:q} \
            --name {wildcards.genome:q} \
            {params.options} \
            {params.consensus_options} \
            --out {params.out:q} \
            --log {log:q}
        """
