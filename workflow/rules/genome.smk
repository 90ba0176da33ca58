# Purpose: get a genome and index it.
# Inputs: config/genomes/{genome}.yaml
# Outputs: resources/genomes/{genome}/


rule simulate_genome:
    """Draw a genome with known truth: binding sites, genes, repeats, variants."""
    input:
        preset="config/genomes/{genome}.yaml",
        motif="resources/motifs/MA0139.1.meme",
    output:
        files=within("resources/genomes/{genome}/simulated", SIMULATED),
    log:
        "logs/genomes/{genome}/simulate_genome.log",
    benchmark:
        "benchmarks/genomes/{genome}/simulate_genome.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("simulate_genome.py"),
        out=lambda wc, output: folder(output[0]),
        options=lambda wc: options("genomes", wc.genome, *SIMULATION),
    shell:
        "python {params.scripts}/simulate_genome.py --motif {input.motif} {params.options} "
        "--out {params.out} --log {log}"


localrules:
    download_genome,


rule download_genome:
    """Fetch a genome over https or ftp; resumed, retried, compared with its checksum or with the first download.

    The preset is no input: other splits are no reason to fetch a genome again. What is fetched stands in the params.
    """
    output:
        fasta="resources/genomes/{genome}/download/genome",
    log:
        "logs/genomes/{genome}/download_genome.log",
    benchmark:
        "benchmarks/genomes/{genome}/download_genome.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("download_genome.py"),
        lock="resources/genomes.lock",
        url=lambda wc: given({"url": genome_address(wc.genome)}),
        options=lambda wc: options("genomes", wc.genome, *FETCHING),
    shell:
        "python {params.scripts}/download_genome.py {params.url} {params.options} --lock {params.lock} "
        "--out {output.fasta} --log {log}"


rule index_genome:
    """Normalise a FASTA to BGZF, index it, and write its sizes, soft-mask and splits."""
    input:
        preset="config/genomes/{genome}.yaml",
        fasta=lambda wc: genome_fasta(wc.genome),
        rename=lambda wc: preset("genomes", wc.genome).get("rename", []),
    output:
        files=within("resources/genomes/{genome}", INDEXED),
    log:
        "logs/genomes/{genome}/index_genome.log",
    benchmark:
        "benchmarks/genomes/{genome}/index_genome.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=lambda wildcards, attempt: 60 * attempt,
    params:
        scripts=SCRIPTS,
        code=fingerprint("index_genome.py"),
        out=lambda wc, output: folder(output[0]),
        options=lambda wc: options("genomes", wc.genome, *INDEXING),
    shell:
        "python {params.scripts}/index_genome.py --fasta {input.fasta} --name {wildcards.genome} {params.options} "
        "--out {params.out} --log {log}"
