"""From an address to a genome folder, and reading genomes: formats, downloads, indices, corpora, Markov chains."""
