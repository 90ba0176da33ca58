"""Genomes, genes and variants whose truth is planted, to check every claim against."""
